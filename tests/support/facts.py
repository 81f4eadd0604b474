"""A plan's facts as they are told to a fagsystem."""
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from integrations.target import Contact, FactKind, PlanFact

OWNER = "15861490049"  # the synthetic series: 80 is added to the month
D_NUMBER = "55861490032"  # and 40 to the day
OPENED = PlanFact(
    fact_id=UUID("01980000-0000-7000-8000-000000000001"),
    plan_ref=UUID("01980000-0000-7000-8000-000000000002"),
    seq=1, kind=FactKind.OPENED, occurred_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    has_plan=True, since=date(2026, 3, 2), closed_on=None,
    identity_number=OWNER, municipality_number="4601", unit_organisation_number="987654321",
    contact=Contact("Kari Ødegård", "stafettholder", "Solbakken skole & SFO", "+47 900 00 000"),
    hub_url="https://hub.example", protected=False)


def a_plan(**changes: Any) -> PlanFact:
    """The first fact of a plan that no other test knows."""
    return replace(OPENED, fact_id=uuid4(), plan_ref=uuid4(), **changes)


def following(fact: PlanFact, kind: FactKind, **changes: Any) -> PlanFact:
    return replace(fact, fact_id=uuid4(), seq=fact.seq + 1, kind=kind, **changes)


def life() -> list[PlanFact]:
    """Of a plan from its opening to where nothing more may be told, every kind of fact in it."""
    opened = a_plan()
    handed_over = following(opened, FactKind.HOLDER_CHANGED, contact=None)
    corrected = following(handed_over, FactKind.CORRECTED, identity_number=D_NUMBER)
    closed = following(corrected, FactKind.CLOSED, has_plan=False, closed_on=date(2026, 6, 19))
    again = following(closed, FactKind.OPENED, has_plan=True, closed_on=None)
    withdrawn = following(again, FactKind.WITHDRAWN, has_plan=False, closed_on=date(2026, 6, 30))
    return [opened, handed_over, corrected, closed, again, withdrawn]
