"""One plan with all that is below it, its ledger made by the rule itself."""
import random
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from db.rules.delivery import DeliveryState, FactKind
from db.rules.grant import Part, PlanFacts, grants
from db.rules.rights import Right
from db.rules.words import CloseReason, PlanStatus, PlanType, Role
from tests.bench.fill.consent import CONSENT_AGE, Consenting
from tests.bench.fill.course import DAY, course
from tests.bench.fill.people import UNITS, Child, People
from tests.bench.fill.rows import Rows
from tests.bench.fill.work import LONG, work

SIZES = range(1, 2 * UNITS, 2)  # of units: the first has a plan or two, the last some 250
TYPES = {PlanType.STAFETTLOGG: 88, PlanType.INDIVIDUAL_PLAN: 9, PlanType.INDIVIDUAL_EDUCATION_PLAN: 3}
REASONS = {CloseReason.GOALS_REACHED: 70, CloseReason.MOVED_AWAY: 20, CloseReason.OTHER: 10}


class Filling:
    """One plan being made."""

    def __init__(self, rows: Rows, rnd: random.Random, people: People, now: datetime) -> None:
        self.rows, self.rnd, self.people, self.now = rows, rnd, people, now
        self.course = course(rnd, now)

    def plan(self, n: int) -> None:
        child, guardians = self.people.children[n], self.people.guardians[2 * n:2 * n + 2]
        holder, level = self.rnd.choice(self.people.teachers), self.rnd.randrange(1, 4)
        closed = self.course.ended if self.course.status is PlanStatus.CLOSED else None
        self.type = self.rnd.choices(list(TYPES), list(TYPES.values()))[0]
        self.key = self.rows.add(
            "plan", owner_id=child.id, unit_id=self.rnd.choices(self.people.units, SIZES)[0],
            stafettholder_id=holder, type=self.type,
            short_name=f"P{n}", recorded_status=self.course.status, level=level,
            start_date=self.course.opened.date(), end_date=closed and closed.date(),
            next_evaluation_date=self.now.date() + 40 * DAY, changed_at=self.course.in_force,
            protected=child.protected)
        self.history(holder, level)
        parts = [self.part(*who) for who in self.taking_part(child.id, guardians, holder)]
        work(self.add, self.rnd, parts, self.course.in_force + 20 * DAY, self.now.date() + 30 * DAY)
        self.deliveries()
        self.ledger(child, guardians, tuple(part for _, part in parts))

    def add(self, table: str, **values: Any) -> UUID:
        return self.rows.add(table, plan_id=self.key, **values)

    def history(self, holder: UUID, level: int) -> None:
        self.add(
            "overview", version=2, presentation=f"Går i {level}. klasse. Liker fotball og å tegne. {LONG}",
            initiative=f"Kontaktlærer tok initiativ. {LONG}", strengths=f"God til å hjelpe andre. {LONG}",
            challenges=f"Strever med å komme i gang. {LONG}", own_voice="Jeg vil ha flere å leke med.")
        for since, status in self.course.statuses():
            reason = self.rnd.choices(list(REASONS), list(REASONS.values()))[0]
            self.add("status_change", status=status, since=since, by_id=holder,
                     reason=reason if status is PlanStatus.CLOSED else None)
        self.add("level_change", level=1, since=self.course.opened, reason="Første møte")
        self.add("level_change", level=level, since=self.course.in_force, reason="Flere tjenester er med")

    def taking_part(self, owner: UUID, guardians: tuple[UUID, ...], holder: UUID) -> list[tuple[UUID, Role]]:
        """Eight, two of them nurses."""
        called = (*self.rnd.sample(self.people.nurses, 2), *self.rnd.sample(self.people.providers, 2))
        return [(owner, Role.OWNER), *((guardian, Role.GUARDIAN) for guardian in guardians),
                (holder, Role.STAFETTHOLDER), *((provider, Role.PROVIDER) for provider in called)]

    def part(self, person: UUID, role: Role) -> tuple[UUID, Part]:
        """The row, and what the rule asks of it. Some providers have done theirs."""
        called = role is Role.PROVIDER
        unit = self.rnd.choice(self.people.units) if called or role is Role.STAFETTHOLDER else None
        since = self.course.in_force if called else self.course.opened
        until = since + 50 * DAY if called and self.rnd.random() < 0.03 else None
        row = self.add("participant", person_id=person, unit_id=unit, role=role, since=since, until=until,
                       accepted_at=since, responsibility="Følger opp avtalen hver uke" if unit else None)
        return row, Part(person, role, unit, since, since, until)

    def deliveries(self) -> None:
        """Told once, archived once."""
        at = self.course.in_force
        for kind, target in ((FactKind.OPENED, "fagsystem"), (FactKind.ARCHIVED, "archive")):
            self.add("delivery", target=target, seq=1, kind=kind, state=DeliveryState.CONFIRMED,
                     ordered_at=at, attempt_count=1, confirmed_at=at + DAY)

    def ledger(self, child: Child, guardians: tuple[UUID, ...], parts: tuple[Part, ...]) -> None:
        consents = Consenting(self.add, self.rnd, self.course).consents(child, guardians, parts)
        statuses, at = tuple(self.course.statuses()), self.course.in_force.astimezone(UTC)
        for grant in grants(PlanFacts(child.born, CONSENT_AGE, child.protected, statuses, parts, consents,
                                      self.type)):
            said = grant.decision
            self.add("access_grant", person_id=grant.person, mask=int(Right(said.mask)),
                     valid_from=grant.since, valid_until=grant.until, because=said.because,
                     withheld=said.withheld, consent_id=said.consent, absent=int(said.absent), recorded_at=at)
