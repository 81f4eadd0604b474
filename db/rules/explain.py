"""What somebody may with an element of a plan, how long and why; and what a consent would open if signed."""
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from db.rules.grant import (
    ConsentFacts,
    Decision,
    Grant,
    Part,
    PlanFacts,
    closed_because,
    consent_at,
    grants,
    status_at,
)
from db.rules.rights import ADMINISTRATIVE, Element, Right
from db.rules.words import AccessLevel, AccessReason, PlanStatus, Role


@dataclass(frozen=True)
class ElementAccess:
    """One person's access to one element; `until`: when it ends by what is known, None: no end is known."""
    element: Element
    level: AccessLevel
    until: datetime | None
    reason: AccessReason


def access(decided: Sequence[Grant], element: Element, at: datetime) -> ElementAccess:
    """What one person's rows of the ledger say; `tables.grant.ElementAccess` says the same in SQL."""
    holding = next((row for row in decided if row.lasts(at)), None)
    decision = holding.decision if holding else Decision()
    mask = decision.mask
    if not mask & element.read:
        why = AccessReason.NOT_IN_TYPE if decision.absent & element.read else decision.withheld
        return ElementAccess(element, AccessLevel.NONE, None, why)
    by_role = element in ADMINISTRATIVE and mask & Right.ADMINISTRATION_WRITE
    level = AccessLevel.WRITE if mask & element.write else AccessLevel.READ
    held = element.write if mask & element.write else element.read
    return ElementAccess(element, level, _ends(decided, held, at),
                         AccessReason.ROLE if by_role else decision.because)


def _ends(decided: Sequence[Grant], right: Right, at: datetime) -> datetime | None:
    """The end of the rows that hold a right without a gap between them."""
    end: datetime | None = at
    for row in sorted(decided, key=lambda g: g.since):
        if end is not None and row.since <= end and row.decision.mask & right:
            end = row.until if row.until is None else max(end, row.until)
    return end and end.astimezone(UTC)


def why_closed(facts: PlanFacts, person: UUID, element: Element, at: datetime) -> AccessReason:
    """Why an element is closed to one who may nothing: by the plan's type, which does not have it, by their
    part in the plan, or for want of a consent."""
    if facts.lacks(at) & element.read:
        return AccessReason.NOT_IN_TYPE
    parts = [part for part in facts.parts if part.person == person and part.lasts(at)]
    if parts and not any(part.opens(at) for part in parts):
        return AccessReason.INVITED
    if all(part.role is Role.OWNER for part in parts):
        return AccessReason.ROLE
    if consent_at(facts, at) and status_at(facts, at) is PlanStatus.ACTIVE:
        return AccessReason.NO_CONSENT
    return closed_because(facts, at)


def if_signed(facts: PlanFacts, consent: ConsentFacts, opens: datetime) -> PlanFacts:
    """The plan's facts, had all signed a form that opens at that moment: it takes the place of the others."""
    signed = replace(consent, sent=consent.sent or opens, opened=opens)
    others = [c if c.opens is None or c.closes <= opens else replace(c, superseded=opens)
              for c in facts.consents if c.id != consent.id]
    closed = status_at(facts, opens) is PlanStatus.CLOSED
    begins = () if closed else ((opens, PlanStatus.ACTIVE),)
    past = tuple(status for status in facts.statuses if status[0] <= opens)
    return replace(facts, statuses=past + begins, consents=(*others, signed))


def joined(facts: PlanFacts, consent: ConsentFacts, workplaces: dict[UUID, UUID | None],
           at: datetime) -> PlanFacts:
    """With everyone who is invited, and everyone whom the consent names: who works somewhere as a provider,
    services as if they were one person, and others as next of kin."""
    here = {part.person for part in facts.parts if part.lasts(at)}
    named = [(name.person, workplaces.get(name.person)) if name.person else (name.unit, name.unit)
             for name in consent.named]
    more = [Part(who, Role.PROVIDER if unit else Role.NEXT_OF_KIN, unit, at, at)
            for who, unit in named if who and who not in here]
    invited = [replace(part, accepted=part.accepted or at, declared=part.declared or at)
               for part in facts.parts]
    return replace(facts, parts=(*invited, *dict.fromkeys(more)))


def preview(facts: PlanFacts, consent: ConsentFacts, workplaces: dict[UUID, UUID | None],
            opens: datetime) -> dict[Part, tuple[ElementAccess, ...]]:
    """What each part then gives with each element: all who take part, and all whom the consent names."""
    then = joined(if_signed(facts, consent, opens), consent, workplaces, opens)
    decided = grants(then)
    return {part: tuple(access([g for g in decided if g.person == part.person], element, opens)
                        for element in Element)
            for part in then.parts if part.lasts(opens)}
