"""Who may do what in a plan, from when to when and why: consent law written as a calendar (domain.md §5)."""
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from db.rules.rights import ADMINISTRATION, FAMILY, FAMILY_READS, NOTHING, PROVIDER, STAFETTHOLDER, Right
from db.rules.words import AccessReason, PlanStatus, Role

OSLO = ZoneInfo("Europe/Oslo")


@dataclass(frozen=True)
class Part:
    """One person's part in the plan, for a while; `until` None means until the plan is deleted."""
    person: UUID
    role: Role
    unit: UUID | None
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Named:
    """Whom a consent names, a person or a whole service, what it holds back from them, and whether it tells whereabouts."""
    person: UUID | None
    unit: UUID | None
    held_back: Right = NOTHING
    whereabouts: bool = False

    def covers(self, part: Part) -> bool:
        return part.person == self.person or (self.unit is not None and part.unit == self.unit)


@dataclass(frozen=True)
class ConsentFacts:
    """One version of the consent; `opened` is when the last required signature made it hold, None if it never did."""
    id: UUID
    sent: datetime | None
    opened: datetime | None
    valid_until: datetime
    withdrawn: datetime | None = None
    superseded: datetime | None = None
    declined: datetime | None = None
    named: tuple[Named, ...] = ()

    @property
    def closes(self) -> datetime:
        return min(end for end in (self.valid_until, self.withdrawn, self.superseded) if end)

    def awaits(self, at: datetime) -> bool:
        """Whether signatures are still waited for."""
        ended = [end for end in (self.opened, self.declined, self.withdrawn) if end]
        return self.sent is not None and self.sent <= at < min(ended, default=self.valid_until)


@dataclass(frozen=True)
class PlanFacts:
    """All that decides rights in one plan; statuses in the order of their times, so that closing leaves the past alone."""
    born: date
    consent_age: int
    protected: bool  # somebody in the plan has a protected address
    statuses: tuple[tuple[datetime, PlanStatus], ...]
    parts: tuple[Part, ...]
    consents: tuple[ConsentFacts, ...]


@dataclass(frozen=True)
class Decision:
    """What one person may at one moment: why it is open, why the rest is not, and the consent that opens it."""
    mask: Right = NOTHING
    because: AccessReason = AccessReason.ROLE
    withheld: AccessReason = AccessReason.ROLE
    consent: UUID | None = None


@dataclass(frozen=True)
class Grant:
    """A decision for an interval, since ≤ t < until."""
    person: UUID
    decision: Decision
    since: datetime
    until: datetime | None


def birthday(born: date, age: int) -> datetime:
    """Midnight in Norway when the age is reached; one born on 29 February comes of age on 1 March."""
    leap = born.month == 2 and born.day == 29
    day = date(born.year + age, 3, 1) if leap else born.replace(year=born.year + age)
    return datetime.combine(day, time(), OSLO)


def status_at(facts: PlanFacts, at: datetime) -> PlanStatus | None:
    return next((status for since, status in reversed(facts.statuses) if since <= at), None)


def consent_at(facts: PlanFacts, at: datetime) -> ConsentFacts | None:
    """The consent in force: the one that opened last, unless it has closed. An older one never wakes again."""
    opened = [c for c in facts.consents if c.opened and c.opened <= at]
    latest = max(opened, key=lambda c: (c.opened, c.id), default=None)
    return latest if latest and at < latest.closes else None


def closed_because(facts: PlanFacts, at: datetime) -> AccessReason:
    """Why content is closed to those who need a consent."""
    ended = [c for c in facts.consents if c.opened and c.opened <= at and c.closes <= at]
    latest = max(ended, key=lambda c: c.closes, default=None)
    if status_at(facts, at) is PlanStatus.CLOSED:
        return AccessReason.PLAN_PASSIVE
    if latest and latest.withdrawn and latest.closes == latest.withdrawn:
        return AccessReason.WITHDRAWN
    if any(c.awaits(at) for c in facts.consents):
        return AccessReason.AWAITING_SIGNATURE
    if latest:
        return AccessReason.EXPIRED
    return AccessReason.PLAN_PASSIVE if consent_at(facts, at) else AccessReason.NO_CONSENT


def open_to(part: Part, facts: PlanFacts, at: datetime) -> tuple[Right, Right, ConsentFacts | None]:
    """What one part gives at one moment: by role, and by consent; only an active plan is open to more than the family."""
    active = status_at(facts, at) is PlanStatus.ACTIVE
    consent = consent_at(facts, at)
    names = [n for n in consent.named if n.covers(part)] if consent else []
    held_back = Right(0)
    for n in names:
        held_back |= n.held_back
    seen = NOTHING if facts.protected and not any(n.whereabouts for n in names) else Right.WHEREABOUTS
    by_consent = active and consent is not None
    match part.role:
        case Role.OWNER if at >= birthday(facts.born, facts.consent_age):
            role, more = FAMILY if active else FAMILY_READS, NOTHING
        case Role.GUARDIAN if at < birthday(facts.born, 18):
            role, more = FAMILY if active else FAMILY_READS, NOTHING
        case Role.GUARDIAN | Role.NEXT_OF_KIN if by_consent and names:
            role, more = NOTHING, FAMILY & ~held_back
        case Role.STAFETTHOLDER:
            role, more = ADMINISTRATION, STAFETTHOLDER if by_consent else NOTHING
        case Role.PROVIDER if by_consent and names:
            role, more = NOTHING, PROVIDER & ~held_back
        case _:
            role, more = NOTHING, NOTHING
    hidden = Right.WHEREABOUTS & ~seen
    return role & ~hidden, more & ~hidden, consent


def decide(facts: PlanFacts, person: UUID, at: datetime) -> Decision:
    """Everything one person may do at one moment, all their parts together."""
    by_role, by_consent, consent = NOTHING, NOTHING, None
    for part in facts.parts:
        if part.person == person and part.since <= at and (part.until is None or at < part.until):
            role, more, through = open_to(part, facts, at)
            by_role, by_consent = by_role | role, by_consent | more
            consent = through if more else consent
    if not by_role | by_consent:
        return Decision()
    if by_consent & ~by_role:
        return Decision(by_role | by_consent, AccessReason.CONSENT, AccessReason.NO_CONSENT, consent and consent.id)
    closed = closed_because(facts, at) if by_role & Right.ADMINISTRATION_WRITE else AccessReason.ROLE
    return Decision(by_role, AccessReason.ROLE, closed)


def moments(facts: PlanFacts) -> Iterator[datetime | None]:
    """Every moment at which somebody's rights, or the reason for them, may change."""
    yield from (birthday(facts.born, age) for age in (facts.consent_age, 18))
    yield from (since for since, _ in facts.statuses)
    for part in facts.parts:
        yield from (part.since, part.until)
    for consent in facts.consents:
        yield from (consent.sent, consent.opened, consent.declined, consent.closes)


def grants(facts: PlanFacts) -> tuple[Grant, ...]:
    """The decision for all time: intervals that never overlap for one person; no row means no business with the plan."""
    cuts = sorted({m for m in moments(facts) if m})
    out: list[Grant] = []
    for person in sorted({p.person for p in facts.parts}):
        for since, until in zip(cuts, [*cuts[1:], None], strict=True):
            decision, last = decide(facts, person, since), out[-1] if out else None
            if last and (last.person, last.decision, last.until) == (person, decision, since):
                out[-1] = Grant(person, decision, last.since, until)
            elif decision.mask:
                out.append(Grant(person, decision, since, until))
    return tuple(out)
