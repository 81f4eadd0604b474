"""A plan moves to another unit; those who led it there see it no more, those who lead it here do."""
from uuid import UUID

from db.engine import Writing
from db.tables.move import UnitChange
from db.tables.plan import Plan
from db.write.find import Who


def moved(session: Writing, who: Who, plan: Plan, unit: UUID, reason: str | None = None) -> None:
    """Who takes part stays as it is, and so does the consent."""
    plan.unit_id, plan.changed_at = unit, who.now
    session.add(UnitChange(municipality_id=who.municipality, plan_id=plan.id, unit_id=unit, since=who.now,
                           reason=reason, by_id=who.by))
