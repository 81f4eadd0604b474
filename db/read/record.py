"""What the fagsystem of a unit may know of a person when it asks by itself, and the log of it."""
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    Boolean,
    DateTime,
    LargeBinary,
    SmallInteger,
    Text,
    Uuid,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from db.engine import Reader
from db.gate.coverage import holding, taking_part
from db.read.compile import DIALECT
from db.read.page import NOBODY
from db.rules.words import LogAction, PlanStatus, Role, SystemAct
from db.tables.consent import Consent
from db.tables.delivery import Delivery
from db.tables.held import Asking
from db.tables.log import AccessLog
from db.tables.municipality import Municipality
from db.tables.participant import Participant
from db.tables.person import Person
from db.tables.plan import Plan, StatusChange
from db.tables.system import SystemRequest
from db.tables.unit import Unit

NONE = literal_column(f"'{NOBODY}'::uuid", Uuid)
ASKING = Asking(bindparam("municipality", type_=SmallInteger), NONE,
                bindparam("now", type_=DateTime(timezone=True)), literal_column("0", BigInteger))
MARK, ORGANISATION = bindparam("mark", type_=LargeBinary), bindparam("organisation", type_=Text)
PLAN, UNIT = bindparam("plan", type_=Uuid), bindparam("unit", type_=Uuid)
Made = tuple[str, tuple[tuple[str, Any], ...]]  # the text, and its binds in order: the name, and a constant
owner, holder, workplace, part = aliased(Person), aliased(Person), aliased(Unit), aliased(Participant)


class Part(NamedTuple):
    """That a unit with the asking organisation's number takes part in a plan."""
    plan: UUID
    unit: UUID
    fagsystem: str | None


class Known(NamedTuple):
    """One plan round the person, as one unit with the asking organisation's number takes part in it."""
    plan: UUID
    unit: UUID
    since: date
    protected: bool
    identity_sealed: bytes
    unit_organisation_number: str
    unit_name: str
    fagsystem: str | None
    name: str  # the stafettholder, as they are at work
    position: str | None
    work_mobile: str | None
    hides_mobile: bool
    workplace: str | None
    updated_at: datetime


async def parts(reader: Reader, asked: dict[str, Any]) -> list[Part]:
    """All, of all persons, for nobody to be told as they are. `asked`: municipality, now, organisation."""
    sql, binds = _parted()
    return [Part(*row) for row in await reader.rows(sql, [asked.get(*bind) for bind in binds])]


async def known(reader: Reader, asked: dict[str, Any]) -> list[Known]:
    """`asked`: municipality, now, organisation, supplier, and the person's mark; or a plan and a unit.

    One statement, whoever is asked about: it finds, and writes down the request and of whom was told."""
    sql, binds = _statement("mark" in asked)
    return [Known(*row) for row in await reader.rows(sql, [asked.get(*bind) for bind in binds])]


async def note(reader: Reader, asked: dict[str, Any], act: SystemAct, *, allowed: bool) -> None:
    """Writes down a request that is not, or not yet, looked up. `asked`: all but the mark."""
    values = asked | {"act": act, "allowed": allowed}
    sql, binds = _note()
    await reader.rows(sql, [values.get(*bind) for bind in binds])


@cache
def _parted() -> Made:
    return _made(_parts())


@cache
def _statement(by_mark: bool) -> Made:
    whom = owner.identity_mark == MARK if by_mark else and_(Plan.id == PLAN, Unit.id == UNIT)
    found = _found().where(whom).cte("found")
    answered = select(func.count()).select_from(found).scalar_subquery()
    act = literal_column(f"'{SystemAct.HAS_STAFETTLOGG}'", Text)
    requested = _request(act, literal_column("true"), answered).cte("requested")
    shown = select(*(found.c[name] for name in Known._fields)).order_by(found.c.plan, found.c.unit)
    return _made(shown.add_cte(_logged(found), requested))


@cache
def _note() -> Made:
    act, allowed = bindparam("act", type_=Text), bindparam("allowed", type_=Boolean)
    return _made(_request(act, allowed, literal_column("null::integer")))


def _made(statement: Any) -> Made:
    made = statement.compile(dialect=DIALECT)
    return made.string, tuple((name, made.params[name]) for name in made.positiontup or ())


def _parts() -> Any:
    """The municipality's own number names no unit: it would answer for all of them."""
    home = Municipality
    return (taking_part(Plan.id, ASKING).with_only_columns(
        Plan.id.label("plan"), Unit.id.label("unit"), Unit.fagsystem)
            .join(home, home.municipality_id == Unit.municipality_id)
            .join(Plan, Plan.municipality_id == Unit.municipality_id)
            .where(Unit.organisation_number == ORGANISATION, home.organisation_number != ORGANISATION,
                   Plan.recorded_status == PlanStatus.ACTIVE)
            .distinct())


def _found() -> Any:
    """One without an identity number is known to no service."""
    told = _parts().with_only_columns(
        Plan.id.label("plan"), Unit.id.label("unit"), Plan.start_date.label("since"), Plan.protected,
        owner.identity_sealed, Unit.organisation_number.label("unit_organisation_number"),
        Unit.name.label("unit_name"), Unit.fagsystem, holder.name, holder.position, holder.work_mobile,
        holder.hides_mobile, workplace.name.label("workplace"), _updated().label("updated_at"),
        _consent().label("consent"))
    return (told.join(owner, and_(owner.municipality_id == Plan.municipality_id, owner.id == Plan.owner_id))
            .join(holder, and_(holder.municipality_id == Plan.municipality_id,
                               holder.id == Plan.stafettholder_id))
            .outerjoin(workplace, and_(workplace.municipality_id == holder.municipality_id,
                                       workplace.id == holder.workplace_id))
            .where(owner.identity_sealed.is_not(None)))


def _consent() -> Any:
    """The one in force: through it, the unit may know."""
    return select(Consent.id).where(holding(Plan.id, ASKING)).limit(1).scalar_subquery()


def _updated() -> Any:
    """When what is told last became what it is: the plan's status, its consent, its stafettholder, the unit's
    own part; or, by what its fagsystem was told, the person's number."""
    here = and_(part.municipality_id == Plan.municipality_id, part.plan_id == Plan.id, part.until.is_(None))
    begun = func.greatest(part.since, part.accepted_at, part.declared_at)
    return func.greatest(
        select(func.max(StatusChange.since)).where(
            StatusChange.municipality_id == Plan.municipality_id,
            StatusChange.plan_id == Plan.id).scalar_subquery(),
        select(func.max(Consent.opened_at)).where(holding(Plan.id, ASKING)).scalar_subquery(),
        select(func.max(begun)).where(
            here, or_(part.role == Role.STAFETTHOLDER, part.unit_id == Unit.id)).scalar_subquery(),
        select(func.max(Delivery.ordered_at)).where(
            Delivery.municipality_id == Plan.municipality_id, Delivery.plan_id == Plan.id,
            Delivery.unit_id == Unit.id).scalar_subquery())


def _logged(found: CTE) -> CTE:
    """For the family: which unit's fagsystem was told, through which consent; once an hour."""
    rows = select(ASKING.municipality, found.c.plan, NONE, found.c.unit, found.c.consent,
                  func.date_trunc(literal_column("'hour'"), ASKING.now), literal_column("0"),
                  literal_column(f"'{LogAction.ASK}'", Text), ASKING.now)
    columns = ("municipality_id", "plan_id", "person_id", "unit_id", "consent_id", "hour", "elements",
               "action", "at")
    return (insert(AccessLog).from_select(columns, rows, include_defaults=False).on_conflict_do_nothing()
            .returning(AccessLog.plan_id).cte("logged"))


def _request(act: Any, allowed: Any, answered: Any) -> Any:
    """For local administrators: that somebody asked, and nothing of whom."""
    row = select(ASKING.municipality, ASKING.now, act, ORGANISATION, bindparam("supplier", type_=Text),
                 allowed, answered)
    columns = ("municipality_id", "at", "act", "organisation_number", "supplier_number", "allowed",
               "answered")
    return insert(SystemRequest).from_select(columns, row, include_defaults=False).returning(SystemRequest.id)
