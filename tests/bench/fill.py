"""Fills one municipality: 10,000 plans round 60,000 persons, the ledger made by the rule itself and copied in."""
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from uuid_utils.compat import uuid7

from db.rules.consent import Form, form_hash, signers
from db.rules.delivery import DeliveryState, FactKind
from db.rules.grant import ConsentFacts, Named, Part, PlanFacts, grants
from db.rules.rights import NOTHING, Element, Right
from db.rules.words import (
    AddressProtection,
    Arena,
    CloseReason,
    PlanStatus,
    PlanType,
    Post,
    Role,
    SigningMethod,
    WorkStatus,
)
from db.seal import Seal
from db.settings import Settings

PLANS, PERSONS, UNITS, GROUPS = 10_000, 60_000, 80, 4
NURSES, TEACHERS, PROVIDERS = 250, 2_000, 4_000  # some 80 plans each, 5, and 5
MUNICIPALITY, CONSENT_AGE, BATCH = 1, 15, 500
NUMBERS = 90_000_000_000  # eleven digits that are nobody's: no month is 00
DAY = timedelta(days=1)
COMMENTS, ACTIVITIES = Element.COMMENTS.read | Element.COMMENTS.write, Element.ACTIVITIES.read | Element.ACTIVITIES.write
CONSENT = "Jeg samtykker til at de som er nevnt her, kan dele opplysninger i stafettloggen for å gi barnet et helhetlig tilbud. " * 4
LONG = "Avtalt på møtet med foresatte og skolen, og gjort kjent for alle som er med i stafettloggen. " * 2
SAID = "Det går fremover: tre av fem dager denne uken gikk som avtalt, og vi fortsetter til neste møte."


class Rows:
    """Rows on their way to their tables."""

    def __init__(self) -> None:
        self.tables: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)

    def add(self, table: str, **values: Any) -> UUID:
        row = {"municipality_id": MUNICIPALITY, "id": uuid7(), **values}
        self.tables[table].append(row)
        return UUID(str(row["id"]))

    def copy(self, connection: psycopg.Connection) -> None:
        """Empties itself into the database."""
        for table, rows in self.tables.items():
            columns = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
            into = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), columns)
            with connection.cursor() as cursor, cursor.copy(into) as copy:
                for row in rows:
                    copy.write_row(tuple(row.values()))
        self.tables.clear()


@dataclass(frozen=True)
class People:
    """Who can be given a part: ids, by what they are."""
    units: tuple[UUID, ...]
    nurses: tuple[UUID, ...]
    teachers: tuple[UUID, ...]
    providers: tuple[UUID, ...]
    children: tuple[tuple[UUID, date, bool], ...]  # with birth date, and whether their address is protected
    guardians: tuple[UUID, ...]


@dataclass(frozen=True)
class Course:
    """When what happened to one plan."""
    opened: datetime
    status: PlanStatus
    ended: datetime | None
    renewed: datetime | None

    @property
    def in_force(self) -> datetime:
        return self.opened + 3 * DAY

    def statuses(self) -> Iterator[tuple[datetime, PlanStatus]]:
        yield self.opened, PlanStatus.DRAFT
        yield self.opened + DAY, PlanStatus.AWAITING_CONSENT
        if self.status is not PlanStatus.AWAITING_CONSENT:
            yield self.in_force, PlanStatus.ACTIVE
        if self.ended:
            yield self.ended, self.status


def fill(url: str, settings: Settings, now: datetime) -> None:
    """Into empty, migrated tables. Triggers and foreign keys are passed by: the rows are right as they are made."""
    seal = Seal.from_text(settings.seal_keys.get_secret_value(), settings.lookup_key.get_secret_value())
    rnd, rows = random.Random(1), Rows()
    with psycopg.connect(url) as connection:
        connection.execute("set session_replication_role = replica")
        people = populate(rows, rnd, seal, now)
        for n in range(PLANS):
            Filling(rows, rnd, people, now).plan(n)
            if n % BATCH == BATCH - 1:
                rows.copy(connection)
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum analyze")


def populate(rows: Rows, rnd: random.Random, seal: Seal, now: datetime) -> People:
    """Units, all persons, and who leads; those who are in no plan come last."""
    rows.add("municipality", number="3201", organisation_number="999999991", name="Nordmo", language="nb",
             consent_age=CONSENT_AGE, guardians_sign_too=True, consent_days=365, threshold=5)
    groups = [rows.add("unit_group", name=f"Gruppe {n}") for n in range(GROUPS)]
    units = tuple(rows.add("unit", group_id=groups[n % GROUPS], name=f"Enhet {n}", organisation_number=f"9740{n:05}",
                           fagsystem="fagsystem") for n in range(UNITS))
    numbers = iter(range(PERSONS))

    def persons(count: int, position: str | None = None) -> tuple[UUID, ...]:
        return tuple(person(rows, rnd, seal, next(numbers), position, rnd.choice(units)) for _ in range(count))

    nurses, teachers = persons(NURSES, "Helsesykepleier"), persons(TEACHERS, "Kontaktlærer")
    providers, leaders = persons(PROVIDERS, "PP-rådgiver"), persons(UNITS + 2, "Leder")
    guardians = persons(2 * PLANS)
    children = tuple((person(rows, rnd, seal, next(numbers), None, None, born, protected=protected), born, protected)
                     for born, protected in ((now.date() - rnd.randrange(400, 6_200) * DAY, rnd.random() < 0.005)
                                             for _ in range(PLANS)))
    persons(PERSONS - NURSES - TEACHERS - PROVIDERS - len(leaders) - 3 * PLANS)
    posts = [*((Post.UNIT_ADMINISTRATOR, unit) for unit in units), (Post.LOCAL_ADMINISTRATOR, None), (Post.ANALYST, None)]
    for leader, (post, unit) in zip(leaders, posts, strict=True):
        rows.add("assignment", person_id=leader, unit_id=unit, post=post, since=now - 1_000 * DAY)
    return People(units, nurses, teachers, providers, children, guardians)


def person(rows: Rows, rnd: random.Random, seal: Seal, n: int, position: str | None, workplace: UUID | None,
           born: date | None = None, *, protected: bool = False) -> UUID:
    name = f"Person nummer {n}"
    number = identity_number(name)
    return rows.add(
        "person", identity_sealed=seal.close(number.encode(), "person.identity_number"), identity_mark=seal.mark(number),
        name=name, birth_date=born or date(1960, 1, 1) + rnd.randrange(14_000) * DAY,
        email=f"person{n}@example.no", mobile=f"+47400{n:05}", hides_mobile=rnd.random() < 0.15, position=position,
        workplace_id=workplace if position else None,
        address_protection=AddressProtection.CONFIDENTIAL if protected else AddressProtection.NONE)


def identity_number(name: str) -> str:
    """What the person of that name signs in with."""
    return str(NUMBERS + int(name.rpartition(" ")[2]))


def course(rnd: random.Random, now: datetime) -> Course:
    """Most plans are active, the older half of them under a renewed consent; the rest has ended or not begun."""
    status = rnd.choices((PlanStatus.ACTIVE, PlanStatus.PASSIVE, PlanStatus.CLOSED, PlanStatus.AWAITING_CONSENT), (85, 5, 7, 3))[0]
    if status is PlanStatus.AWAITING_CONSENT:
        return Course(now - 2 * DAY, status, None, None)
    opened = now - timedelta(days=rnd.randrange(90, 660), minutes=rnd.randrange(1_440))
    renewed = opened + 350 * DAY if now - opened > 351 * DAY else None
    ended = None if status is PlanStatus.ACTIVE else now - timedelta(days=rnd.randrange(1, 60))
    return Course(opened, status, ended, renewed if ended is None or renewed is None or renewed < ended else None)


class Filling:
    """One plan being made."""

    def __init__(self, rows: Rows, rnd: random.Random, people: People, now: datetime) -> None:
        self.rows, self.rnd, self.people, self.now = rows, rnd, people, now
        self.course = course(rnd, now)

    def plan(self, n: int) -> None:
        """The plan with all that is below it, the ledger last."""
        owner, born, protected = self.people.children[n]
        guardians = self.people.guardians[2 * n:2 * n + 2]
        holder, level = self.rnd.choice(self.people.teachers), self.rnd.randrange(1, 4)
        self.key = self.rows.add(
            "plan", owner_id=owner, unit_id=self.rnd.choice(self.people.units), stafettholder_id=holder,
            type=PlanType.STAFETTLOGG, short_name=f"P{n}", recorded_status=self.course.status, level=level,
            start_date=self.course.opened.date(), end_date=self.course.ended and self.course.ended.date()
            if self.course.status is PlanStatus.CLOSED else None,
            next_evaluation_date=self.now.date() + 40 * DAY, changed_at=self.course.in_force,
            protected=protected)
        self.history(holder, level)
        parts = self.parts(owner, guardians, holder)
        consents = self.consents(parts, signers(owner, born, guardians, self.course.opened, CONSENT_AGE, guardians_too=True),
                                 protected=protected)
        self.work(parts)
        self.deliveries()
        self.ledger(PlanFacts(born, CONSENT_AGE, protected, tuple(self.course.statuses()), tuple(p for _, p in parts), consents))

    def add(self, table: str, **values: Any) -> UUID:
        return self.rows.add(table, plan_id=self.key, **values)

    def history(self, holder: UUID, level: int) -> None:
        self.add("overview", presentation=f"Går i {level}. klasse. Liker fotball og å tegne. {LONG}", version=2,
                 initiative=f"Kontaktlærer tok initiativ. {LONG}", strengths=f"God til å hjelpe andre. {LONG}",
                 challenges=f"Strever med å komme i gang. {LONG}", own_voice="Jeg vil ha flere å leke med.")
        for since, status in self.course.statuses():
            self.add("status_change", status=status, since=since, by_id=holder,
                     reason=CloseReason.GOALS_REACHED if status is PlanStatus.CLOSED else None)
        self.add("level_change", level=1, since=self.course.opened, reason="Første møte")
        self.add("level_change", level=level, since=self.course.in_force, reason="Flere tjenester er med")

    def parts(self, owner: UUID, guardians: tuple[UUID, ...], holder: UUID) -> list[tuple[UUID, Part]]:
        """Eight participants, two of them nurses: row and what the rule asks of it."""
        choose, people = self.rnd.sample, self.people
        early = [(owner, Role.OWNER), *((g, Role.GUARDIAN) for g in guardians), (holder, Role.STAFETTHOLDER)]
        later = [(p, Role.PROVIDER) for p in (*choose(people.nurses, 2), *choose(people.providers, 2))]
        since = [*((*who, self.course.opened) for who in early), *((*who, self.course.in_force) for who in later)]
        return [self.part(*who) for who in since]

    def part(self, person: UUID, role: Role, since: datetime) -> tuple[UUID, Part]:
        unit = self.rnd.choice(self.people.units) if role in (Role.PROVIDER, Role.STAFETTHOLDER) else None
        row = self.add("participant", person_id=person, unit_id=unit, role=role, since=since,
                       responsibility="Følger opp avtalen hver uke" if unit else None)
        return row, Part(person, role, unit, since)

    def consents(self, parts: list[tuple[UUID, Part]], required: frozenset[UUID], *, protected: bool) -> tuple[ConsentFacts, ...]:
        """The first year's, and the one that took its place; half of those who must be named are held back from something."""
        providers = [p.person for _, p in parts if p.role is Role.PROVIDER]
        named = tuple(Named(p, None, self.rnd.choice((NOTHING, NOTHING, NOTHING, COMMENTS, ACTIVITIES)),
                            protected and self.rnd.random() < 0.5) for p in providers)
        sent = [self.course.opened + DAY, *([self.course.renewed] if self.course.renewed else [])]
        waits = self.course.status is PlanStatus.AWAITING_CONSENT
        return tuple(self.consent(at, None if waits else at + 2 * DAY, sent[n + 1] + 2 * DAY if n + 1 < len(sent) else None,
                                  named, required) for n, at in enumerate(sent))

    def consent(self, sent: datetime, opened: datetime | None, superseded: datetime | None, named: tuple[Named, ...],
                required: frozenset[UUID]) -> ConsentFacts:
        until, withdrawn = sent + 365 * DAY, self.course.ended if self.course.status is PlanStatus.PASSIVE and not superseded else None
        said = form_hash(Form(CONSENT, "nb", sent, until, tuple(
            (name.person, int(name.held_back), name.whereabouts) for name in named if name.person)))
        key = self.add("consent", text=CONSENT, language="nb", hash=said, valid_from=sent, valid_until=until,
                       sent_at=sent, opened_at=opened, withdrawn_at=withdrawn, superseded_at=superseded)
        for signer in sorted(required):
            self.add("consent_signature", consent_id=key, person_id=signer, signed_at=opened,
                     method=opened and SigningMethod.BANKID, hash=opened and said,
                     transaction=opened and f"txn-{self.rnd.randrange(10**9)}")
        for name in named:
            self.add("consent_name", consent_id=key, person_id=name.person, held_back=int(name.held_back),
                     whereabouts=name.whereabouts)
        return ConsentFacts(key, sent, opened, until, withdrawn, superseded, None, named)

    def work(self, parts: list[tuple[UUID, Part]]) -> None:
        """Four goals of three activities; a comment on each goal, six on activities."""
        due = self.now.date() + 30 * DAY
        for g in range(4):
            goal = self.add("goal", position=g, arena=Arena.SCHOOL, title=f"Lese {g + 10} minutter hver dag, hjemme og på skolen",
                            description=LONG, deadline=due, status=WorkStatus.OPEN, version=1)
            self.comment(parts, goal_id=goal, activity_id=None)
            for a in range(3):
                activity = self.add(
                    "activity", goal_id=goal, responsible_id=parts[3 + (g + a) % 5][0], position=a, arena=Arena.HOME,
                    title=f"Følge opp lesingen hver uke, trinn {a}", description=LONG, deadline=due,
                    status=WorkStatus.DONE if a == 0 else WorkStatus.OPEN, version=1)
                if (g * 3 + a) % 2:
                    self.comment(parts, goal_id=None, activity_id=activity)

    def comment(self, parts: list[tuple[UUID, Part]], **on: UUID | None) -> None:
        self.add("comment", **on, author_id=self.rnd.choice(parts[1:])[1].person, body=SAID, created_at=self.course.in_force + 20 * DAY)

    def deliveries(self) -> None:
        """Told once, archived once."""
        for seq, (kind, target) in enumerate(((FactKind.OPENED, "fagsystem"), (FactKind.ARCHIVED, "archive"))):
            self.add("delivery", target=target, seq=seq + 1, kind=kind, state=DeliveryState.CONFIRMED,
                     ordered_at=self.course.in_force, attempt_count=1, confirmed_at=self.course.in_force + DAY)

    def ledger(self, facts: PlanFacts) -> None:
        for grant in grants(facts):
            self.add("access_grant", person_id=grant.person, mask=int(Right(grant.decision.mask)), valid_from=grant.since,
                     valid_until=grant.until, because=grant.decision.because, withheld=grant.decision.withheld,
                     consent_id=grant.decision.consent, recorded_at=self.course.in_force.astimezone(UTC))
