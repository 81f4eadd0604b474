"""Who sees what a unit notes in its own fagsystem: its leader, and who takes part for it under consent."""
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Subquery, and_, literal_column, or_, select, union

from db.rules.delivery import BLOCKED, DONE, ENDING
from db.rules.words import AccessReason, Post, Role
from db.tables.delivery import Delivery
from db.tables.grant import AccessGrant
from db.tables.held import Asking, Row
from db.tables.participant import Participant
from db.tables.person import Assignment
from db.tables.task import Task

OVER = sorted(DONE | BLOCKED)


def shown_to(asking: Asking, name: str) -> Subquery:
    """One row (delivery_id, person_id) for each open task and each person who may see it now.

    The fact is the unit's to hear, as any other's fagsystem hears it (domain.md §9): no view of the plan is
    asked for. An end is for the leader alone, for by then nobody of the unit may be in the plan."""
    return union(_to_leaders(asking), _to_participants(asking)).subquery(name)


def _to_leaders(asking: Asking) -> Select[Any]:
    tasks, task, delivery = _open(asking, "led")
    post, helping = Row(Assignment, "leading"), _helping(asking, "helping")
    covered = select(literal_column("1")).select_from(helping).where(_of(helping, task)).exists()
    leads = and_(post.municipality_id == task.municipality_id, post.unit_id == task.unit_id,
                 post.post == _is(Post.UNIT_ADMINISTRATOR), post.since <= asking.now,
                 or_(post.until.is_(None), post.until > asking.now))
    return select(task.delivery_id.label("delivery_id"), post.person_id.label("person_id")).select_from(
        tasks.join(Assignment.__table__.alias("leading"), leads)).where(or_(_ends(delivery), covered))


def _to_participants(asking: Asking) -> Select[Any]:
    tasks, task, delivery = _open(asking, "shared")
    helping = _helping(asking, "who")
    return select(task.delivery_id.label("delivery_id"), helping.c.person_id).select_from(
        tasks.join(helping, _of(helping, task))).where(~_ends(delivery))


def _open(asking: Asking, name: str) -> tuple[FromClause, Any, Any]:
    """Tasks whose deliveries wait for an answer."""
    task, delivery = Row(Task, name), Row(Delivery, f"{name}d")
    waits = and_(delivery.municipality_id == task.municipality_id, delivery.id == task.delivery_id,
                 task.municipality_id == asking.municipality,
                 delivery.state.not_in([_is(state) for state in OVER]))
    return Task.__table__.alias(name).join(Delivery.__table__.alias(f"{name}d"), waits), task, delivery


def _helping(asking: Asking, name: str) -> Subquery:
    """Who helps in which plan and comes from which unit, to whom the consent in force opens the plan now: as
    the ledger has it."""
    part, ledger = Row(Participant, f"{name}p"), Row(AccessGrant, f"{name}g")
    by_consent = and_(
        ledger.municipality_id == part.municipality_id, ledger.plan_id == part.plan_id,
        ledger.person_id == part.person_id, ledger.superseded_at.is_(None),
        ledger.because == _is(AccessReason.CONSENT), ledger.valid_from <= asking.now,
        or_(ledger.valid_until.is_(None), ledger.valid_until > asking.now))
    there = Participant.__table__.alias(f"{name}p").join(AccessGrant.__table__.alias(f"{name}g"), by_consent)
    columns = (getattr(part, column).label(column) for column in ("plan_id", "unit_id", "person_id"))
    return select(*columns).select_from(there).where(
        part.municipality_id == asking.municipality,
        part.role.in_([_is(role) for role in (Role.PROVIDER, Role.STAFETTHOLDER)]),
        part.since <= asking.now, or_(part.until.is_(None), part.until > asking.now)).subquery(name)


def _of(helping: Any, task: Any) -> ColumnElement[bool]:
    return and_(helping.c.plan_id == task.plan_id, helping.c.unit_id == task.unit_id)


def _ends(delivery: Any) -> ColumnElement[bool]:
    ends: ColumnElement[bool] = delivery.kind.in_([_is(kind) for kind in sorted(ENDING)])
    return ends


def _is(value: str) -> ColumnElement[str]:
    return literal_column(f"'{value}'")
