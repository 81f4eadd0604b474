"""Opens the database: a reader that only answers, and a writing session that re-grants before it commits."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, AsyncRawCursor, OperationalError
from psycopg.types.numeric import Int8Dumper
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import and_, event, exc, func, select, tuple_, union
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.orm.attributes import get_history

from db.gate.ledger import Key, regrant
from db.tables.consent import Consent, ConsentName
from db.tables.municipality import Municipality
from db.tables.participant import Participant
from db.tables.person import Person
from db.tables.plan import Plan, StatusChange
from db.tables.plan_template import ElementSwitch

FACTS = (Plan, StatusChange, Participant, Consent, ConsentName, Person, Municipality, ElementSwitch)
TABLES = {noun.__table__ for noun in FACTS}
DECIDING: dict[type, tuple[str, ...]] = {  # of these nouns; of the others, every column
    Plan: ("owner_id", "type"), Person: ("birth_date", "address_protection"),
    Municipality: ("consent_age", "reminder_days")}
KINDS = {Person: "person", Municipality: "municipality", ElementSwitch: "switch"}  # the rest is a plan's
READER, WRITER = "hub_reader", "hub_writer"  # database roles that the migrations make
BUSY = (OperationalError, exc.TimeoutError)  # no connection in time, cut off, out of its time, in a deadlock
PREPARED = 100  # one prepared statement takes up to half a megabyte in the backend


def options(role: str, timeout_ms: int) -> str:
    """Times in UTC, text in UTF-8; nothing runs for ever; no just-in-time compiler: here it costs more than
    it saves."""
    return (f"-c jit=off -c TimeZone=UTC -c client_encoding=UTF8 -c role={role}"
            f" -c statement_timeout={timeout_ms}")


async def _prepare(connection: AsyncConnection[Any]) -> None:
    """Integers of one size: the driver sends 5 as smallint, 70000 as integer, and each makes a statement."""
    connection.prepare_threshold, connection.prepared_max = 1, PREPARED
    connection.adapters.register_dumper(int, Int8Dumper)


class Reader:
    """Runs compiled statements; each is one snapshot, so no transaction is opened round it.

    Its database role can select, and insert into the logs, nothing else."""

    def __init__(self, url: str, size: int = 10, timeout_ms: int = 15_000) -> None:
        self.pool = AsyncConnectionPool(
            plain(url), open=False, min_size=1, max_size=size, configure=_prepare,
            kwargs={"autocommit": True, "options": options(READER, timeout_ms)})

    async def open(self) -> None:
        await self.pool.open()

    async def close(self) -> None:
        await self.pool.close()

    @property
    def in_use(self) -> int:
        """Connections."""
        told = self.pool.get_stats()
        return told["pool_size"] - told["pool_available"]

    async def answer(self, sql: str, values: Sequence[Any]) -> list[bytes | None]:
        """The one row of a compiled statement, a JSON text per root field.

        As the bytes that came: to decode and encode them again took a fifth of the server's time."""
        async with self.pool.connection() as connection, AsyncRawCursor(connection) as cursor:
            await cursor.execute(sql, values)
            found = cursor.pgresult
            return [found.get_value(0, n) for n in range(found.nfields)] if found else []

    async def rows(self, sql: str, values: Sequence[Any]) -> list[Any]:
        """The rows of a statement with $1, $2, …; the driver is called directly: the text is compiled."""
        async with self.pool.connection() as connection, AsyncRawCursor(connection) as cursor:
            await cursor.execute(sql, values)
            return await cursor.fetchall()


def plain(url: str) -> str:
    """The address as libpq reads it."""
    return url.replace("postgresql+psycopg://", "postgresql://")


class FactSession(Session):
    """Remembers whose facts change, and re-grants those plans before the transaction commits."""


class Writing(AsyncSession):
    """A transaction's session; `info["now"]` is the moment that it writes down."""
    sync_session_class = FactSession


class Writer:
    """Opens writing sessions, the only ones that commit."""

    def __init__(self, url: str, size: int = 10, timeout_ms: int = 15_000) -> None:
        self.engine: AsyncEngine = create_async_engine(
            plain(url).replace("postgresql://", "postgresql+psycopg://"), pool_size=size, max_overflow=0,
            pool_pre_ping=True,  # a change after a restart of the database must not fail for it
            hide_parameters=True,
            connect_args={"options": options(WRITER, timeout_ms), "prepare_threshold": 3})

    @property
    def in_use(self) -> int:
        """Connections."""
        pool: Any = self.engine.pool
        return int(pool.checkedout())

    def __call__(self, now: datetime) -> Writing:
        return Writing(self.engine, expire_on_commit=False, info={"now": now})

    async def close(self) -> None:
        await self.engine.dispose()


@event.listens_for(FactSession, "after_flush")
def remember(session: Session, *_: Any) -> None:
    """The plans whose facts changed, by key: a row that moved counts for the plan that it left, too."""
    marked = _marked(session)
    for changed in filter(_decides, (*session.new, *session.dirty, *session.deleted)):
        kind = KINDS.get(type(changed), "plan")
        keys = get_history(changed, "plan_id" if hasattr(changed, "plan_id") else "id").sum()
        marked[kind].update((changed.municipality_id, key) for key in keys if key)


def _marked(session: Session) -> dict[str, set[Any]]:
    """The keys of what has changed in this transaction: plans, persons, municipalities, and switches of
    elements."""
    kept: dict[str, set[Any]] = session.info.setdefault(
        "facts", {"plan": set(), "person": set(), "municipality": set(), "switch": set()})
    return kept


def mark(session: Writing, plan: Plan) -> None:
    """Has a plan re-granted though none of its facts has changed: time has, and what it brought is done."""
    session.info["come"] = True
    _marked(session.sync_session)["plan"].add((plan.municipality_id, plan.id))


def _decides(changed: object) -> bool:
    """Whether a fact is in the change: a new telephone number re-grants nothing, and locks no plan."""
    columns = DECIDING.get(type(changed))
    return isinstance(changed, FACTS) and (
        columns is None or any(get_history(changed, column).has_changes() for column in columns))


@event.listens_for(FactSession, "do_orm_execute")
def refuse_bulk(state: ORMExecuteState) -> None:
    """A statement that writes passes `remember` by, so it may not touch facts.

    Nor may text, which can't be read."""
    target = getattr(state.statement, "table", None)
    if not state.is_select and (target is None or target in TABLES):
        raise TypeError(
            f"{'text' if target is None else target}: what decides rights is changed through its objects.")


@event.listens_for(FactSession, "before_commit")
def regrant_changed(session: Session) -> None:
    """In an order that is the same for all, so that two transactions can't wait for each other."""
    session.flush()
    marked: Mapping[str, set[Any]] = session.info.pop("facts", {})
    if not any(marked.values()):
        return
    plans: set[Key] = {*marked["plan"], *_plans_of(session, marked["person"]),
                       *_plans_in(session, marked["municipality"]),
                       *_plans_of_type(session, marked["switch"])}
    for key in sorted(plans):
        regrant(session, key, session.info["now"], come=session.info.get("come", False))
    session.flush()
    done = [f"{kind}:{key}" for kind, keys in {**marked, "plan": plans}.items() for _, key in keys]
    # what the database's trigger asks for
    session.scalar(select(func.set_config("hub.regranted", "|".join(done), True)))


def _plans_of(session: Session, persons: set[tuple[int, UUID]]) -> set[Key]:
    """The plans that persons own or take part in: a birth date or a protected address decides there.

    Another who is adding them to a plan has locked their key by that; this waits until they are in it."""
    if not persons:
        return set()
    person = tuple_(Person.municipality_id, Person.id)
    session.execute(select(Person.id).where(person.in_(persons)).order_by(person).with_for_update())
    owning = select(Plan.municipality_id, Plan.id).where(
        tuple_(Plan.municipality_id, Plan.owner_id).in_(persons))
    taking_part = select(Participant.municipality_id, Participant.plan_id).where(
        tuple_(Participant.municipality_id, Participant.person_id).in_(persons))
    return {(m, p) for m, p in session.execute(union(owning, taking_part))}


def _plans_in(session: Session, municipalities: set[tuple[int, UUID]]) -> set[Key]:
    if not municipalities:
        return set()
    numbers = [number for number, _ in municipalities]
    rows = session.execute(select(Plan.municipality_id, Plan.id).where(
        Plan.municipality_id.in_(numbers), Plan.deleted_at.is_(None)))
    return {(m, p) for m, p in rows}


def _plans_of_type(session: Session, switches: set[tuple[int, UUID]]) -> set[Key]:
    """The plans of the types whose elements were switched.

    One who opens such a plan meanwhile holds the municipality: `write/municipality.held`."""
    if not switches:
        return set()
    rows = session.execute(select(Plan.municipality_id, Plan.id).join(ElementSwitch, and_(
        ElementSwitch.municipality_id == Plan.municipality_id, ElementSwitch.plan_type == Plan.type)).where(
        tuple_(ElementSwitch.municipality_id, ElementSwitch.id).in_(switches), Plan.deleted_at.is_(None)))
    return {(m, p) for m, p in rows}
