"""Finds and locks what an act is about, through the gate: what the viewer may not know of does not exist."""
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Generic, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Select,
    SmallInteger,
    Uuid,
    bindparam,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.exc import IntegrityError

from db.engine import Writing
from db.gate.mask import visible_plans
from db.rules.errors import Refused
from db.rules.rights import Right
from db.tables.grant import AccessGrant
from db.tables.held import Asking, Base
from db.tables.plan import Plan, StatusChange

NOBODY = UUID(int=0)
N = TypeVar("N", bound=Base)
TAKEN = {  # what two at the same time can't both have, and the refusal that the later one gets
    "plan_one_running_stafettlogg": ("PLAN_EXISTS", "owner.identityNumber"),
    "participant_one_stafettholder": ("CONFLICT", "planId"),
    "participant_once": ("ALREADY_PARTICIPANT", "personId"),
    "consent_signature_one_token": ("SIGN_IN_USED", "method"),
    "consent_signature_one_sign_in": ("SIGN_IN_USED", "method"),
    "deletion_request_once": ("ALREADY_ASKED", "planId"),
    "person_municipality_id_identity_mark_key": ("CONFLICT", "identityNumber")}


class Through(NamedTuple):
    """A system that acts for a person: of which unit it is, and the organisation number it signs in by."""
    unit: UUID
    organisation: str


@dataclass
class Who:
    """Who acts, where, and the moment that is written down.

    Once a plan is locked, that is a moment after all that was written of it before."""
    municipality: int
    person: UUID
    now: datetime
    through: Through | None = None

    @property
    def by(self) -> UUID | None:
        """Whose deed it is; None where the clock did it."""
        return None if self.person == NOBODY else self.person

    @property
    def here(self) -> UUID | None:
        """Who has signed in for it themselves; None where the clock or a system did it."""
        return None if self.through else self.by

    @property
    def asking(self) -> Asking:
        return Asking(literal(self.municipality, SmallInteger), literal(self.person, Uuid()),
                      literal(self.now, DateTime(timezone=True)), literal_column("0", BigInteger))


@dataclass(frozen=True)
class Found(Generic[N]):
    """A row, its plan, locked, and what the one who acts may do there."""
    row: N
    plan: Plan
    mask: Right


async def locked(session: Writing, who: Who, noun: type[N], key: UUID, field: str) -> Found[N]:
    """The row and its plan. Refused NOT_FOUND where it is not there, or not for this viewer: both alike.

    Who has no business with a plan never waits for it. The rights that count are read after the lock, at a
    moment after it: who has waited for a withdrawal must see what it closed."""
    plan_key = Plan.id if noun is Plan else noun.plan_id  # type: ignore[attr-defined]
    plan_id = await session.scalar(select(plan_key).where(
        noun.municipality_id == who.municipality, noun.id == key))
    before = await mask_in(session, who, plan_id)
    if plan_id is None or not before & noun.__right__:
        raise Refused("NOT_FOUND", field)
    plan = await lock(session, who, plan_id)
    mask = await mask_in(session, who, plan_id)
    if not mask & noun.__right__ or not await _shown(session, who, noun, key, mask):
        raise Refused("NOT_FOUND", field)
    row = plan if noun is Plan else await session.get_one(
        noun, (who.municipality, key), populate_existing=True)
    return Found(row, plan, mask)  # type: ignore[arg-type]


async def _shown(session: Writing, who: Who, noun: type[Base], key: UUID, mask: Right) -> bool:
    """Whether the rule of its rows shows it, too: a draft is there for those alone who write it."""
    rule = noun.visible(noun, replace(who.asking, mask=literal_column(str(int(mask)), BigInteger)))
    return rule is None or await session.scalar(select(noun.id).where(
        noun.municipality_id == who.municipality, noun.id == key, rule)) is not None


async def mask_in(session: Writing, who: Who, plan_id: UUID | None) -> Right:
    found = await session.scalar(MASK_IN, {
        "municipality": who.municipality, "person": who.person, "now": who.now, "plan": plan_id})
    return Right(found or 0)


def _mask_in() -> Select[Any]:
    visible = visible_plans(ASKING, "visible")
    return select(visible.c.mask).where(visible.c.plan_id == PLAN)


def _written() -> Select[Any]:
    """The latest moment that is written of a plan."""
    granted = select(func.max(AccessGrant.recorded_at)).where(
        AccessGrant.municipality_id == ASKING.municipality, AccessGrant.plan_id == PLAN)
    moved = select(func.max(StatusChange.since)).where(
        StatusChange.municipality_id == ASKING.municipality, StatusChange.plan_id == PLAN)
    return select(func.greatest(granted.scalar_subquery(), moved.scalar_subquery()))


# Built once, for every change and delivery asks them: to build a statement takes as long as to ask.
ASKING: Final = Asking(bindparam("municipality", type_=SmallInteger), bindparam("person", type_=Uuid()),
                       bindparam("now", type_=DateTime(timezone=True)), literal_column("0", BigInteger))
PLAN: Final = bindparam("plan", type_=Uuid())
MASK_IN: Final = _mask_in()
WRITTEN: Final = _written()
LOCKED: Final = select(Plan).where(
    Plan.municipality_id == ASKING.municipality, Plan.id == PLAN).with_for_update(
    key_share=True).execution_options(populate_existing=True)


async def lock(session: Writing, who: Who, plan_id: UUID) -> Plan:
    """The plan, until the transaction ends; from here on it is now, and later than all written of it."""
    plan = await hold(session, who.municipality, plan_id)
    who.now = come(session, await session.scalar(WRITTEN, {
        "municipality": who.municipality, "plan": plan_id}))
    return plan


async def hold(session: Writing, municipality: int, plan_id: UUID) -> Plan:
    """Locked; what was written of it before that is seen by the statement that comes next, not by this."""
    return (await session.scalars(LOCKED, {"municipality": municipality, "plan": plan_id})).one()


def come(session: Writing, written: datetime | None) -> datetime:
    """From here on it is now: not before what is written."""
    clock: Callable[[], datetime] = session.info["clock"]
    now = session.info["now"] = max(clock(), written) if written else clock()
    return now


def check_version(row: object, version: int) -> None:
    """Two people can edit the same thing: the later one must have seen what the earlier one wrote."""
    if row.version != version:  # type: ignore[attr-defined]
        raise Refused("CONFLICT", "version")


@asynccontextmanager
async def transaction(writer: Callable[[datetime], Writing], now: datetime,
                      clock: Callable[[], datetime] | None = None) -> AsyncIterator[Writing]:
    """One act: all of it or nothing. What another was first to take is a refusal, not a fault.

    `clock` says what time it is when a lock has been waited for; without one it stays `now`."""
    try:
        async with writer(now) as session, session.begin():
            session.info["clock"] = clock or (lambda: now)
            yield session
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        if name not in TAKEN:
            raise
        raise Refused(*TAKEN[name]) from None
