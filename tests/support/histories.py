"""A municipality of units and posts, and plans with random pasts, copied into the tables."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg import sql
from uuid_utils.compat import uuid7

from db.engine import plain
from db.rules.grant import OSLO
from db.rules.words import AddressProtection, CloseReason, PlanStatus, PlanType, Post
from db.seeds.parts import Town

S = PlanStatus
NEXT = {S.DRAFT: (S.AWAITING_CONSENT,), S.AWAITING_CONSENT: (S.ACTIVE, S.ACTIVE, S.PASSIVE, S.CLOSED),
        S.ACTIVE: (S.PASSIVE, S.CLOSED, S.CLOSED), S.PASSIVE: (S.ACTIVE, S.AWAITING_CONSENT, S.CLOSED),
        S.CLOSED: (S.AWAITING_CONSENT, S.ACTIVE)}
MIDNIGHTS = [datetime(year, month, 1, tzinfo=zone)
             for year in (2024, 2025, 2026) for month in (1, 7) for zone in (OSLO, UTC)]
FIRST, LAST = datetime(2023, 9, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)


class Status(NamedTuple):
    """A row of status_change."""
    since: datetime
    status: PlanStatus
    reason: CloseReason | None = None


class Level(NamedTuple):
    """A row of level_change."""
    since: datetime
    level: int


@dataclass(frozen=True)
class Past:
    """What happened to one plan, in the order that it was written down."""
    unit: UUID
    type: PlanType
    statuses: Sequence[Status]
    levels: Sequence[Level]


def invented(rnd: Random, unit: UUID) -> Past:
    """A plan that rests, is closed and reopened by chance, by a third at the turn of a half-year."""
    opened, *later = _moments(rnd, rnd.randint(1, 7))
    statuses = [Status(opened, S.DRAFT)]
    for since in later:
        status = rnd.choice(NEXT[statuses[-1].status])
        why = rnd.choice((*CloseReason, None)) if status is S.CLOSED else None
        statuses.append(Status(since, status, why))
    raised = [opened, *(since for since in _moments(rnd, rnd.randint(0, 3)) if since >= opened)]
    return Past(unit, rnd.choices(tuple(PlanType), (8, 3, 1))[0], statuses,
                [Level(since, rnd.randint(0, 3)) for since in raised])


def _moments(rnd: Random, count: int) -> list[datetime]:
    def moment() -> datetime:
        if rnd.random() < 1 / 3:
            return rnd.choice(MIDNIGHTS).astimezone(UTC) + rnd.choice((-TICK, timedelta(), TICK))
        return FIRST + rnd.random() * (LAST - FIRST)
    return sorted(moment() for _ in range(count))


def founded(url: str, number: int, groups: Mapping[str, int],
            posts: Mapping[str, tuple[Post, str | None]]) -> Town:
    """A municipality with so many units in each group, "schools 1" and on, and who holds which post where."""
    rows = _Rows(number)
    rows.add("municipality", number=f"{4000 + number}", organisation_number=f"88888888{number}",
             name="Tellevik", language="nb", consent_age=15, guardians_sign_too=True,
             consent_days=365, threshold=5)
    places = {group: rows.add("unit_group", name=group) for group in groups}
    units = {f"{group} {n}": rows.add("unit", group_id=places[group], name=group, organisation_number=f"{n}")
             for group, count in groups.items() for n in range(1, count + 1)}
    persons = {part: rows.add("person", name=part, birth_date=date(1980, 1, 1), hides_mobile=False,
                              address_protection=AddressProtection.NONE) for part in posts}
    for part, (post, where) in posts.items():
        rows.add("assignment", person_id=persons[part], post=post, unit_id=units.get(where or ""),
                 group_id=places.get(where or ""), since=FIRST)
    rows.copy(url)
    return Town(number, persons, units | places, UUID(int=0), UUID(int=0))


def lived(url: str, municipality: int, pasts: Sequence[Past]) -> None:
    """Writes the plans down and nothing round them, for counts need no person and no ledger."""
    rows = _Rows(municipality)
    for past in pasts:
        first, last = past.statuses[0], past.statuses[-1]
        plan = rows.add(
            "plan", owner_id=uuid7(), unit_id=past.unit, stafettholder_id=uuid7(), type=past.type,
            short_name="X", recorded_status=last.status, level=past.levels[-1].level,
            start_date=first.since.date(), changed_at=last.since, protected=False)
        for status in past.statuses:
            rows.add("status_change", plan_id=plan, **status._asdict())
        for level in past.levels:
            rows.add("level_change", plan_id=plan, **level._asdict())
    rows.copy(url)


def at(year: int, month: int, day: int = 1) -> datetime:
    """A midnight in Norway."""
    return datetime(year, month, day, tzinfo=OSLO)


def changed(url: str, *statements: str) -> None:
    """By statements that no trigger and no foreign key minds."""
    with psycopg.connect(plain(url)) as connection:
        for statement in ("set session_replication_role = replica", *statements):
            connection.execute(statement.encode())


class _Rows:
    """Rows on their way to the tables of one municipality, past triggers and foreign keys."""

    def __init__(self, municipality: int) -> None:
        self.municipality = municipality
        self.tables: dict[str, list[dict[str, Any]]] = {}

    def add(self, table: str, **values: Any) -> UUID:
        key = uuid7()
        self.tables.setdefault(table, []).append({"municipality_id": self.municipality, "id": key, **values})
        return key

    def copy(self, url: str) -> None:
        with psycopg.connect(plain(url)) as connection, connection.cursor() as cursor:
            cursor.execute("set session_replication_role = replica")
            for table, rows in self.tables.items():
                columns = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
                statement = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), columns)
                with cursor.copy(statement) as into:
                    for row in rows:
                        into.write_row(tuple(row.values()))

