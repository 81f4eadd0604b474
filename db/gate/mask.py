"""The viewer's rights in each plan, now: the ledger's row, or the shell for the leader of the plan's unit."""
from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Subquery,
    Uuid,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from db.rules.post import LEADS
from db.rules.rights import LEADER, LEADER_OF_HIDDEN, Right
from db.rules.words import Post
from db.tables.grant import AccessGrant
from db.tables.held import Asking, Row
from db.tables.person import Assignment
from db.tables.plan import Plan
from db.tables.unit import Unit

SHELL = literal_column(str(int(LEADER)), BigInteger)
DELETION = literal_column(str(int(Right.DELETION)), BigInteger)
LOCAL: ColumnElement[str] = literal_column(f"'{Post.LOCAL_ADMINISTRATOR}'")
SHELL_OF_HIDDEN = literal_column(str(int(LEADER_OF_HIDDEN)), BigInteger)


def visible_plans(asking: Asking, name: str) -> Subquery:
    """One row (plan_id, mask) for each plan that the viewer has business with; other plans do not exist."""
    rights = union_all(_granted(asking, f"{name}g"), _led(asking, name)).subquery(f"{name}r")
    plan_id = literal_column(f"{name}r.plan_id", Uuid)
    mask = func.bit_or(literal_column(f"{name}r.mask", BigInteger))
    return (select(plan_id.label("plan_id"), mask.label("mask"))
            .select_from(rights).group_by(plan_id).subquery(name))


def _granted(asking: Asking, name: str) -> Any:
    """The ledger's rows for the viewer, now."""
    row, ledger = Row(AccessGrant, name), AccessGrant.__table__.alias(name)
    return select(row.plan_id.label("plan_id"), row.mask.label("mask")).select_from(ledger).where(
        row.municipality_id == asking.municipality, row.person_id == asking.viewer,
        row.superseded_at.is_(None), row.valid_from <= asking.now,
        or_(row.valid_until.is_(None), row.valid_until > asking.now))


def _led(asking: Asking, name: str) -> Any:
    """The plans of the units, groups or municipality that the viewer leads; no tombstones."""
    plan, unit, post = Row(Plan, f"{name}p"), Row(Unit, f"{name}u"), Row(Assignment, f"{name}a")
    reached = or_(unit.id == post.unit_id, unit.group_id == post.group_id,
                  and_(post.unit_id.is_(None), post.group_id.is_(None)))
    to_unit = and_(unit.municipality_id == post.municipality_id, reached)
    to_plan = and_(plan.municipality_id == unit.municipality_id, plan.unit_id == unit.id)
    source = (Assignment.__table__.alias(f"{name}a").join(Unit.__table__.alias(f"{name}u"), to_unit)
              .join(Plan.__table__.alias(f"{name}p"), to_plan))
    shell = case((plan.protected, SHELL_OF_HIDDEN), else_=SHELL)
    decides = case((post.post == LOCAL, DELETION), else_=literal_column("0", BigInteger))
    return select(plan.id, shell.bitwise_or(decides)).select_from(source).where(
        held_now(post, asking, LEADS), plan.deleted_at.is_(None))


def held_now(post: Any, asking: Asking, kinds: Collection[Post]) -> ColumnElement[bool]:
    """Whether a post outside plans is the viewer's, now, and of these kinds."""
    return and_(post.municipality_id == asking.municipality, post.person_id == asking.viewer,
                post.post.in_([literal_column(f"'{kind}'") for kind in sorted(kinds)]),
                post.since <= asking.now, or_(post.until.is_(None), post.until > asking.now))
