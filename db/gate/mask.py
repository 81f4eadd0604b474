"""The viewer's rights in each plan, now: the ledger's row, or the shell for the leader of the plan's unit."""
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Subquery, and_, func, literal_column, or_, select, union_all
from sqlalchemy.orm import aliased

from db.rules.rights import LEADER
from db.rules.words import Post
from db.tables.grant import AccessGrant
from db.tables.held import Asking
from db.tables.person import Assignment
from db.tables.plan import Plan
from db.tables.unit import Unit

SHELL = literal_column(str(int(LEADER)), BigInteger)


def visible_plans(asking: Asking, name: str) -> Subquery:
    """One row (plan_id, mask) for each plan that the viewer has any business with; other plans do not exist."""
    ledger = select(AccessGrant.plan_id, AccessGrant.mask).where(
        AccessGrant.municipality_id == asking.municipality, AccessGrant.person_id == asking.viewer,
        AccessGrant.superseded_at.is_(None), AccessGrant.valid_from <= asking.now,
        or_(AccessGrant.valid_until.is_(None), AccessGrant.valid_until > asking.now))
    rights = union_all(ledger, _led(asking)).subquery(f"{name}r")
    return (select(rights.c.plan_id, func.bit_or(rights.c.mask).label("mask")).group_by(rights.c.plan_id)
            .subquery(name))


def _led(asking: Asking) -> Any:
    """The plans of the units, groups or municipality that the viewer leads."""
    plan, unit, post = aliased(Plan), aliased(Unit), aliased(Assignment)
    return select(plan.id, SHELL).select_from(post).join(unit, and_(
        unit.municipality_id == post.municipality_id,
        or_(and_(post.post == _text(Post.UNIT_ADMINISTRATOR), unit.id == post.unit_id),
            and_(post.post == _text(Post.GROUP_ADMINISTRATOR), unit.group_id == post.group_id),
            and_(post.post == _text(Post.LOCAL_ADMINISTRATOR), post.unit_id.is_(None), post.group_id.is_(None))))).join(
        plan, and_(plan.municipality_id == unit.municipality_id, plan.unit_id == unit.id)).where(
        held_now(post, asking))


def held_now(post: Any, asking: Asking) -> ColumnElement[bool]:
    """Whether a post outside plans is the viewer's, now."""
    return and_(post.municipality_id == asking.municipality, post.person_id == asking.viewer, post.since <= asking.now,
                or_(post.until.is_(None), post.until > asking.now))


def _text(post: Post) -> ColumnElement[str]:
    return literal_column(f"'{post}'")
