"""What a mapping may name: the elements of HarStafettlogg's PlanFact, by their names with dots between."""
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product
from typing import Any, Final, Literal
from uuid import UUID

from integrations.fagsystem.fact import elements
from integrations.fagsystem.soap.mapping import OPERATIONS
from integrations.target import Contact, FactKind, PlanFact

Sort = Literal["as it is", "text", "day", "moment", "one of few", "number of a body"]
FIELDS: Final[Mapping[str, Sort]] = {
    "factId": "as it is", "planRef": "as it is", "seq": "as it is", "hubUrl": "as it is",
    "person.value": "as it is",
    "contact.role": "text", "contact.unit": "text", "contact.name": "text", "contact.phone": "text",
    "occurredAt": "moment", "since": "day", "closedOn": "day",
    "kind": "one of few", "hasPlan": "one of few", "protected": "one of few", "person.system": "one of few",
    "municipalityNumber": "number of a body", "unitOrganisationNumber": "number of a body",
}
EXAMPLE: Final = PlanFact(
    fact_id=UUID(int=(1 << 128) - 1), plan_ref=UUID(int=1), seq=2_000_000_000, kind=FactKind.OPENED,
    occurred_at=datetime(2026, 12, 24, 22, 30, tzinfo=UTC), has_plan=True, since=date(2026, 3, 2),
    closed_on=None, identity_number="15861490049", municipality_number="4601",
    unit_organisation_number="987654321", contact=None, hub_url=f"https://hub.example.no/{'x' * 76}",
    protected=False)
LONGEST = Contact("Æ" * 200, "Ø" * 200, "Å" * 200, "+479000000000000")
SHORTEST = Contact("A", "B", None, None)


def flat(told: Mapping[str, Any], above: str = "") -> dict[str, str]:
    """The elements as texts, as XML Schema writes them, by name; what is not there is left out."""
    named: dict[str, str] = {}
    for name, value in told.items():
        if isinstance(value, Mapping):
            named |= flat(value, f"{above}{name}.")
        else:
            named[above + name] = str(value).lower() if isinstance(value, bool) else str(value)
    return named


def examples(kind: FactKind, known: Mapping[str, Sequence[str]]) -> Iterator[dict[str, str]]:
    """Facts of the kind, invented, with all that can be there and not: the longest texts, and none. A fact
    that ends something has a last day, and nobody to call. `known`: all values to be tried of some fields."""
    ended = OPERATIONS[kind] == "end"
    contacts = (None,) if ended else (None, SHORTEST, LONGEST)
    for contact, protected, number in product(contacts, (False, True), ("15861490049", "55861490032")):
        fact = flat(elements(replace(
            EXAMPLE, kind=kind, has_plan=not ended, closed_on=date(2026, 12, 24) if ended else None,
            contact=contact, protected=protected, identity_number=number)))
        for turn in range(max(map(len, known.values()), default=1)):
            yield fact | {field: values[turn % len(values)] for field, values in known.items()}
