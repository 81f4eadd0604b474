"""Who may do what in a plan, from when to when and why: consent law written as a calendar (domain.md §5)."""
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import reduce
from operator import or_
from uuid import UUID
from zoneinfo import ZoneInfo

from db.rules.plan_template import Switch, lacking
from db.rules.rights import ADMINISTRATION, FAMILY, FAMILY_READS, KIN, NOTHING, PROVIDER, STAFETTHOLDER, Right
from db.rules.words import AccessReason, PlanStatus, PlanType, Role

OSLO = ZoneInfo("Europe/Oslo")


@dataclass(frozen=True)
class Part:
    """One person's part in the plan, for a while; `until` None means until the plan is deleted.

    `accepted`: when they accepted the invitation, None while they have not; `declares`: whether they must
    declare confidentiality besides."""
    person: UUID
    role: Role
    unit: UUID | None
    since: datetime
    accepted: datetime | None
    until: datetime | None = None
    declares: bool = False
    declared: datetime | None = None

    def lasts(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)

    def opens(self, at: datetime) -> bool:
        """Whether it can open anything: before all this has come it is an invitation (domain.md §4)."""
        awaited = (self.accepted, self.declared) if self.declares else (self.accepted,)
        return self.lasts(at) and all(come is not None and come <= at for come in awaited)


@dataclass(frozen=True)
class Named:
    """Whom a consent names, a person or a whole service; what it holds back; whether it tells whereabouts."""
    person: UUID | None
    unit: UUID | None
    held_back: Right = NOTHING
    whereabouts: bool = False

    def covers(self, part: Part) -> bool:
        return part.person == self.person or (self.unit is not None and part.unit == self.unit)


@dataclass(frozen=True)
class ConsentFacts:
    """One version of the consent; `opened`: all had signed and its period began, None if that never came."""
    id: UUID
    sent: datetime | None
    opened: datetime | None
    valid_until: datetime
    withdrawn: datetime | None = None
    superseded: datetime | None = None
    declined: datetime | None = None
    named: tuple[Named, ...] = ()

    @property
    def opens(self) -> datetime | None:
        """When it begins to hold; never, where it was withdrawn or replaced before it could."""
        return self.opened if self.opened and self.opened < self.closes else None

    @property
    def closes(self) -> datetime:
        return min(end for end in (self.valid_until, self.withdrawn, self.superseded) if end)

    def awaits(self, at: datetime) -> bool:
        """Whether signatures are still waited for."""
        ends = min(end for end in (self.valid_until, self.opened, self.declined, self.withdrawn) if end)
        return self.sent is not None and self.sent <= at < ends

    def names(self, part: Part) -> list[Named]:
        """All that it says of one person's part."""
        return [name for name in self.named if name.covers(part)]


@dataclass(frozen=True)
class PlanFacts:
    """All that decides rights in one plan; statuses in order of time: closing leaves the past alone."""
    born: date
    consent_age: int
    protected: bool  # somebody in the plan has a protected address
    statuses: tuple[tuple[datetime, PlanStatus], ...]
    parts: tuple[Part, ...]
    consents: tuple[ConsentFacts, ...]
    type: PlanType
    switches: tuple[Switch, ...] = ()  # of the type's elements, in order of time

    def lacks(self, at: datetime) -> Right:
        """The rights to what plans of its type do not have."""
        return lacking(self.type, self.switches, at)


@dataclass(frozen=True)
class Decision:
    """What one person may at one moment, why that is open, why the rest is not, and by which consent.

    `absent`: what is closed to all, for the plan's type does not have it."""
    mask: Right = NOTHING
    because: AccessReason = AccessReason.ROLE
    withheld: AccessReason = AccessReason.ROLE
    consent: UUID | None = None
    absent: Right = NOTHING


@dataclass(frozen=True)
class Grant:
    """A decision for an interval, since ≤ t < until."""
    person: UUID
    decision: Decision
    since: datetime
    until: datetime | None

    def lasts(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


def birthday(born: date, age: int) -> datetime:
    """Midnight in Norway when the age is reached: for 29 February, on 1 March in a year without it."""
    try:
        day = born.replace(year=born.year + age)
    except ValueError:
        day = date(born.year + age, 3, 1)
    return datetime.combine(day, time(), OSLO)


def status_at(facts: PlanFacts, at: datetime) -> PlanStatus | None:
    return next((status for since, status in reversed(facts.statuses) if since <= at), None)


def latest_at(facts: PlanFacts, at: datetime) -> ConsentFacts | None:
    """The consent that opened last, whether it has closed since or not."""
    opened = [c for c in facts.consents if c.opens and c.opens <= at]
    return max(opened, key=lambda c: (c.opens, c.id), default=None)


def consent_at(facts: PlanFacts, at: datetime) -> ConsentFacts | None:
    """The consent in force: the last that opened, unless it has closed. An older one never wakes again."""
    latest = latest_at(facts, at)
    return latest if latest and at < latest.closes else None


def closed_because(facts: PlanFacts, at: datetime) -> AccessReason:
    """Why content is closed to those who need a consent."""
    latest = latest_at(facts, at)
    if status_at(facts, at) is PlanStatus.CLOSED or consent_at(facts, at):
        return AccessReason.PLAN_PASSIVE
    if latest and latest.withdrawn == latest.closes:
        return AccessReason.WITHDRAWN
    if any(c.awaits(at) for c in facts.consents):
        return AccessReason.AWAITING_SIGNATURE
    return AccessReason.EXPIRED if latest else AccessReason.NO_CONSENT


def role_gives(role: Role, facts: PlanFacts, at: datetime, *, running: bool) -> Right:
    """What a part opens by itself: the family reads always, and writes while the plan runs under consent."""
    match role:
        case Role.OWNER if at >= birthday(facts.born, facts.consent_age):
            return FAMILY if running else FAMILY_READS
        case Role.GUARDIAN if at < birthday(facts.born, 18):
            return FAMILY if running else FAMILY_READS
        case Role.STAFETTHOLDER:
            return ADMINISTRATION
        case _:
            return NOTHING


def consent_adds(part: Part, consent: ConsentFacts, facts: PlanFacts) -> Right:
    """What a consent opens while the plan runs, to the holder and whom it names, less what it holds back.

    A holder whom it does not name must have held the baton when the family was asked. An adult's guardians
    are next of kin, and only by a consent that the owner was old enough to sign. What the type got after the
    family was asked is in no consent until the next: they could not hold it back."""
    names = consent.names(part)
    known = consent.sent is not None and part.since <= consent.sent
    owners_own = consent.sent is not None and consent.sent >= birthday(facts.born, facts.consent_age)
    later = facts.lacks(consent.sent) if consent.sent else NOTHING
    kept = ~reduce(or_, (name.held_back for name in names), later)
    match part.role:
        case Role.STAFETTHOLDER if names or known:
            return STAFETTHOLDER & kept
        case Role.PROVIDER if names:
            return PROVIDER & kept
        case Role.NEXT_OF_KIN if names:
            return KIN & kept
        case Role.GUARDIAN if names and owners_own:
            return KIN & kept
        case _:
            return NOTHING


def open_to(part: Part, facts: PlanFacts, at: datetime) -> tuple[Right, Right]:
    """What one part gives at one moment: by the role alone, and by consent besides."""
    consent = consent_at(facts, at)
    running = consent if status_at(facts, at) is PlanStatus.ACTIVE else None
    by_role = role_gives(part.role, facts, at, running=running is not None)
    by_consent = consent_adds(part, running, facts) if running else NOTHING
    told = consent is not None and any(name.whereabouts for name in consent.names(part))
    return _with_whereabouts(by_role, facts, told=told), _with_whereabouts(by_consent, facts, told=told)


def _with_whereabouts(rights: Right, facts: PlanFacts, *, told: bool) -> Right:
    """Where an address is protected, whereabouts are only for those whom the consent names for them."""
    if told:
        return rights | Right.PROTECTED if rights else NOTHING
    return rights & ~Right.WHEREABOUTS if facts.protected else rights


def decide(facts: PlanFacts, person: UUID, at: datetime) -> Decision:
    """Everything one person may do at one moment, all their parts together."""
    by_role, by_consent, absent = NOTHING, NOTHING, facts.lacks(at)
    for part in facts.parts:
        if part.person == person and part.opens(at):
            role, more = open_to(part, facts, at)
            by_role, by_consent = by_role | role & ~absent, by_consent | more & ~absent
    if by_consent & ~by_role:
        consent = consent_at(facts, at)
        return Decision(by_role | by_consent, AccessReason.CONSENT, AccessReason.NO_CONSENT,
                        consent.id if consent else None, absent)
    closed = closed_because(facts, at) if by_role & Right.ADMINISTRATION_WRITE else AccessReason.ROLE
    return Decision(by_role, AccessReason.ROLE, closed, absent=absent)


def moments(facts: PlanFacts) -> Iterator[datetime | None]:
    """Every moment at which somebody's rights, or the reason for them, may change."""
    yield from (birthday(facts.born, age) for age in (facts.consent_age, 18))
    yield from (since for since, _ in facts.statuses)
    yield from (switch.since for switch in facts.switches)
    for part in facts.parts:
        yield from (part.since, part.until, part.accepted, part.declared)
    for consent in facts.consents:
        yield from (consent.sent, consent.opened, consent.declined)
        yield from (consent.valid_until, consent.withdrawn, consent.superseded)


def grants(facts: PlanFacts) -> tuple[Grant, ...]:
    """The decision for all time: intervals that never overlap for one person; none where nothing is open."""
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
