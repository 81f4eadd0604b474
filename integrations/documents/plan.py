"""A plan version as PDF/A-2a: the same version gives the same bytes, on every machine."""
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from integrations.documents.content import sections, title_facts
from integrations.documents.fonts import FAMILIES, fonts
from integrations.documents.text import one_line, printable
from integrations.documents.wording import LOCALES, Wording
from integrations.target import PlanVersion

TEMPLATE = Path(__file__).with_suffix(".typ")


def pdf(version: PlanVersion) -> bytes:
    """The document of `version`: PDF/A-2a (ISO 19005-2, PRONOM fmt/476) and PDF/UA-1, no attachments."""
    return printed(_document(version), version.archived_at)


def printed(document: dict[str, Any], at: datetime) -> bytes:
    """A document as plan.typ lays it out: PDF/A-2a and PDF/UA-1, the same bytes for the same moment.

    Whatever people typed comes out as they typed it; what none of our fonts draws is shown as U+FFFD."""
    return typst.compile(
        TEMPLATE, root=TEMPLATE.parent, format="pdf", pdf_standards=["a-2a", "ua-1"],
        font_paths=fonts(), ignore_system_fonts=True, timestamp=int(at.timestamp()),
        sys_inputs={"document": json.dumps(_drawable(document))})  # data, never markup


def content_checksum(plan: Mapping[str, Any]) -> str:
    """Hexadecimal SHA-256 of the plan as JSON in UTF-8, keys sorted, no spaces (the form of RFC 8785)."""
    text = json.dumps(plan, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _document(version: PlanVersion) -> dict[str, Any]:
    """Everything plan.typ prints, in words."""
    words = Wording(version.language)
    plan = _without_whereabouts(version.plan) if version.protected else version.plan
    kind = one_line(words.code("type", plan.get("type")) or words.label("plan"), 60)
    short_name = one_line(plan.get("shortName") or "", 60)
    return {
        "fonts": list(FAMILIES), "language": version.language if version.language in LOCALES else "nb",
        "title": f"{kind} {short_name}".strip() or str(version.plan_key),  # without one it is no PDF/UA
        "kind": kind, "shortName": short_name,
        "municipality": one_line(version.municipality_name, 80), "exempt": words.label("exempt"),
        "protected": words.label("protected") if version.protected else None,
        "facts": title_facts(plan, words), "sections": sections(plan, words),
        "archived": words.label("archived", when=words.clock(version.archived_at),
                                name=one_line(version.archived_by, 60)),
        "identity": words.label("identity", plan=version.plan_key, version=version.version),
        "checksum": words.label("checksum", digest=content_checksum(plan)), "of": words.label("of"),
    }


def _without_whereabouts(plan: Mapping[str, Any]) -> dict[str, Any]:
    """`plan` without its unit, the participants' workplaces and the services that a consent names: they tell
    where a hidden child is by day."""
    people, consents = plan.get("participants"), plan.get("consents")
    return {**plan, "unit": None, "participants": people and [
        {**one, "person": one.get("person") and {**one["person"], "workplace": None}} for one in people],
        "consents": consents and [
            {**one, "names": one.get("names") and [{**name, "unit": None} for name in one["names"]]}
            for one in consents]}


def _drawable(value: Any) -> Any:
    """`value` with every text in it as our fonts can draw it."""
    match value:
        case str():
            return printable(value)
        case list():
            return [_drawable(item) for item in value]
        case dict():
            return {key: _drawable(item) for key, item in value.items()}
        case _:
            return value
