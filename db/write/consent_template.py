"""Consent templates: published in versions, each a form in all its languages, and never altered."""
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from db.engine import Writing
from db.rules.words import PlanType
from db.tables.consent_template import ConsentTemplate, newest
from db.write.find import Who


@dataclass(frozen=True)
class TemplateDraft:
    """The form in one language, BCP 47."""
    language: str
    title: str
    text: str


async def publish(session: Writing, who: Who, plan_type: PlanType,
                  texts: Sequence[TemplateDraft]) -> list[ConsentTemplate]:
    """The next version, in use from now on; the municipality is held, so that no two take one number."""
    last = await session.scalar(select(func.max(ConsentTemplate.version)).where(
        ConsentTemplate.municipality_id == who.municipality, ConsentTemplate.plan_type == plan_type))
    made = [ConsentTemplate(
        municipality_id=who.municipality, plan_type=plan_type, language=t.language, version=(last or 0) + 1,
        title=t.title, text=t.text, published_at=who.now, by_id=who.by) for t in texts]
    session.add_all(made)
    await session.flush()
    return made


async def form(session: Writing, who: Who, key: UUID) -> Sequence[ConsentTemplate]:
    """The form that a template is of, in every language there is; none where there is a newer version."""
    chosen = await session.get(ConsentTemplate, (who.municipality, key))
    if chosen is None:
        return ()
    used = await in_use(session, who, chosen.plan_type)
    return used if chosen in used else ()


async def in_use(session: Writing, who: Who, plan_type: PlanType) -> Sequence[ConsentTemplate]:
    """The newest form for plans of a type, in every language there is."""
    return (await session.scalars(select(ConsentTemplate).where(
        ConsentTemplate.municipality_id == who.municipality, ConsentTemplate.plan_type == plan_type,
        newest(ConsentTemplate)).order_by(ConsentTemplate.language))).all()
