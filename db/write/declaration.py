"""Declarations of confidentiality: the words that are to be signed, and the signatures."""
from sqlalchemy import select

from db.engine import Writing
from db.rules.declaration import text_hash
from db.rules.delivery import FactKind
from db.rules.errors import Refused
from db.tables.declaration import Declaration, DeclarationText
from db.write import coverage, participant
from db.write.find import Who, lock


async def own_words(session: Writing, who: Who) -> dict[str, str]:
    """The municipality's own words by language, the newest of each."""
    rows = await session.scalars(select(DeclarationText).where(
        DeclarationText.municipality_id == who.municipality).order_by(DeclarationText.version))
    return {row.language: row.text for row in rows}


async def sign(session: Writing, who: Who, language: str, text: str) -> None:
    """For every participation of the signer's that waits for it, from now on. Refused where none does."""
    plans = [await lock(session, who, key) for key in await participant.plans_awaiting(session, who)]
    waiting = [(plan, part) for plan in plans
               for part in await participant.waiting(session, who, plan, who.person)
               if part.accepted_at is not None]
    if not waiting:
        raise Refused("NOTHING_TO_DECLARE", "hash")
    for plan, part in waiting:
        part.declared_at = plan.changed_at = who.now
        session.add(Declaration(
            municipality_id=who.municipality, plan_id=plan.id, participant_id=part.id, signed_at=who.now,
            language=language, text=text, hash=text_hash(language, text)))
        await coverage.settle(session, who, plan, FactKind.WITHDRAWN)
