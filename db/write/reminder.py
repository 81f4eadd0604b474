"""Reminders: told when the clock comes to them, late where it was late, and never twice."""
from sqlalchemy.dialects.postgresql import insert

from db.engine import Writing
from db.gate.ledger import facts_of
from db.rules import reminder as rules
from db.tables.plan import Plan
from db.tables.reminder import Reminder
from db.write import notice
from db.write.find import Who
from db.write.plan import municipality


async def remind(session: Writing, who: Who, plan: Plan) -> None:
    """Tells what is due and was not told before; of one thing once, however many mornings were missed."""
    home, key = await municipality(session, who.municipality), (who.municipality, plan.id)
    facts = await session.run_sync(facts_of, key)
    due = [one for one in rules.reminders(facts, home.reminder_days) if one.due <= who.now < one.ends]
    new = {(one.about, one.ends, one.owner) for one in due if await _first(session, who, plan, one)}
    for about, _, to_owner in sorted(new):
        told = [plan.stafettholder_id, *([plan.owner_id] if to_owner else [])]
        await notice.tell(session, who, plan, told, about)


async def _first(session: Writing, who: Who, plan: Plan, one: rules.Reminder) -> bool:
    """Writes it down; whether nobody had."""
    made = insert(Reminder).values(municipality_id=who.municipality, plan_id=plan.id, about=one.about,
                                   due_at=one.due, told_at=who.now)
    return await session.scalar(made.on_conflict_do_nothing().returning(Reminder.id)) is not None
