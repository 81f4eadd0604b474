"""The practice receiver's records as a newcomer sees them: a page of HTML, and the same as data."""
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from integrations.fagsystem.records import Fact

PAGE = Template(Path(__file__).with_name("practice.html").read_text("utf-8"))
HEAD = ("Person", "Stafettlogg", "Since", "Until", "Contact", "Unit", "Last told")
EMPTY = '<p class="empty">Nothing has arrived yet. When a plan becomes active in the hub, it shows here.</p>'


def page(facts: list[Fact]) -> str:
    """The whole page; every value escaped."""
    head = "".join(f"<th>{name}</th>" for name in HEAD)
    rows = "".join(_row(fact) for fact in facts)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return PAGE.substitute(records=table if facts else EMPTY)


def masked(fact: Fact) -> dict[str, Any]:
    """The fact as it may be shown without signing in: the identity number without its last five digits."""
    person = fact["person"]
    return {**fact, "person": {**person, "value": person["value"][:6] + "*****"}}


def _row(fact: Fact) -> str:
    contact = fact.get("contact", {})
    plan = _badge("has", "has one") if fact["hasPlan"] else _badge("ended", "ended")
    mark = _badge("protected", "protected address") if fact["protected"] else ""
    cells = (
        escape(masked(fact)["person"]["value"]) + mark,
        f'{plan}<small><a href="{escape(fact["hubUrl"])}" rel="noreferrer">open in the hub</a></small>',
        escape(fact["since"]),
        escape(fact.get("closedOn", "")),
        _lines(contact.get("name", ""), *(contact.get(key, "") for key in ("role", "unit", "phone"))),
        _lines(fact["unitOrganisationNumber"], f"municipality {fact['municipalityNumber']}"),
        _lines(fact["kind"], f"no. {fact['seq']}", fact["occurredAt"]),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _lines(first: str, *rest: str) -> str:
    return escape(first) + "".join(f"<small>{escape(text)}</small>" for text in rest if text)


def _badge(kind: str, text: str) -> str:
    return f' <span class="badge {kind}">{text}</span>'
