"""A town with much in it: plans in every state, ties and gaps in every order, texts that break code."""
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from db.rules.delivery import DeliveryFault, DeliveryState
from db.rules.words import ArchiveTrigger, Arena, CloseReason, PlanStatus, PlanType, Role, WorkStatus
from db.seal import synthetic
from db.seeds.parts import Town, found, signed
from db.tables.delivery import Delivery, DeliveryAttempt
from db.write import delivery, goal, participant, person, plan
from db.write.consent import NameDraft
from db.write.find import Who, transaction
from db.write.person import PersonDraft
from db.write.plan import PlanDraft
from tests.support.asking import DAY, NOW, SEAL, Asking, opened_town
from tests.support.embedded import Server, name_of


@dataclass(frozen=True)
class Child:
    """The owner of one more plan; `left`: days that the consent lasts, `archived`: days ago;
    None: there is no consent, it was never archived."""
    name: str
    short_name: str
    level: int
    left: int | None = None
    archived: int | None = None
    closed: bool = False
    type: PlanType = PlanType.STAFETTLOGG


CHILDREN = (
    Child("Åse Ærlig", "ÅÆ", 0, left=20, archived=3),
    Child("Bo Prosent 100%", "B%", 3, left=20),
    Child("Bo Under_strek", "B_", 1, archived=3),
    Child("Ida \"Sitat\" O'Neil", "IO", 2, left=-5),
    Child("Ida \\ Skråstrek", "IO", 2, left=-5, archived=40, closed=True),
    Child("Zoë Łukasz", "ZŁ", 0, type=PlanType.INDIVIDUAL_PLAN),
    Child("Zoë Łukasz", "ZŁ", 1, left=200, type=PlanType.INDIVIDUAL_PLAN),
)
GOALS = (  # in order of place: title, arena, days to the deadline, status
    ("Bli trygg", Arena.HOME, 30, WorkStatus.OPEN),
    ("Bli trygg", Arena.SCHOOL, None, WorkStatus.DONE),
    ("«Anførsel» \"quoted\" \\ back ' ; -- $1 %s", Arena.SCHOOL, 30, WorkStatus.CANCELLED),
    ("Linje\nskift og\ttab <b>&amp;</b>", Arena.PARTNER, 10, WorkStatus.OPEN),
    ("Čáhci 👩‍👧 ٣ Ω", Arena.HOME, None, WorkStatus.OPEN),
)


async def busy_database(postgres: Server, template: tuple[str, Town]) -> str:
    """The name of one with all of it added, to copy."""
    async def built(url: str) -> None:
        async with opened_town(url, template[1]) as asking:
            await filled(asking)
    made, _ = await postgres.once("busy", built, name_of(template[0]))
    return name_of(made)


@asynccontextmanager
async def busy_town(postgres: Server, template: tuple[str, Town]) -> AsyncIterator[Asking]:
    """A copy of the town with all of it added."""
    url = postgres.fresh(await busy_database(postgres, template))
    async with opened_town(url, template[1]) as asking:
        yield asking
    postgres.drop(url)


async def filled(asking: Asking) -> None:
    await more_goals(asking)
    for n, child in enumerate(CHILDREN):
        await opened(asking, child, n, "stafettholder", "guardian1")
    await opened(asking, Child("Ukjent Nabo", "UN", 2, left=100), len(CHILDREN), "stranger", "nurse")
    await attempted(asking)
    await was_read(asking)


def who(asking: Asking, part: str, now: datetime = NOW) -> Who:
    return Who(asking.town.municipality, asking.town.persons[part], now)


async def more_goals(asking: Asking) -> None:
    """The last goal has three activities and comments of its own, the one before has nothing below it."""
    holder = who(asking, "stafettholder", NOW - 9 * DAY)
    async with transaction(asking.writer, holder.now) as session:
        about = await found(session, holder, asking.town.plan)
        responsible = (await participant.active(session, holder, about, Role.STAFETTHOLDER))[0]
        *_, last = [await goal.create_goal(session, holder, about, {
            "title": title, "arena": arena, "status": status, "deadline": later(days)})
            for title, arena, days, status in GOALS]
        for arena, days in ((Arena.SCHOOL, 5), (Arena.HOME, None), (Arena.SCHOOL, 5)):
            await goal.create_activity(session, holder, about, last, {
                "title": "Ringe hjem", "arena": arena, "status": WorkStatus.OPEN, "deadline": later(days),
                "responsible_id": responsible.id if days else None})
        for part in ("guardian1", "nurse", "guardian1"):
            await goal.add_comment(session, who(asking, part, holder.now), about, last, f"Sagt av {part}.")


def later(days: int | None) -> date | None:
    return None if days is None else (NOW + days * DAY).date()


async def opened(asking: Asking, child: Child, n: int, holder: str, guardian: str) -> UUID:
    """One more plan, held by one part of the cast, with another as guardian."""
    acting = who(asking, holder, NOW - (100 - n // 2) * DAY)  # two and two are changed at the same moment
    async with transaction(asking.writer, acting.now) as session:
        born = date(2016, 1, 1 + n)
        draft = PersonDraft(synthetic(born, 0), child.name, born)
        owner = await person.found_or_registered(session, acting, SEAL, draft)
        made = await plan.create(session, acting, PlanDraft(
            child.type, asking.town.units["Nordmo skole"], owner.id, child.short_name,
            (asking.town.persons[guardian],), acting.person, child.level, acting.now.date()))
    if child.left is not None:
        await signed(asking.writer, acting, made.id, frozenset({asking.town.persons[guardian]}),
                     (NameDraft(acting.person, None),), NOW + child.left * DAY)
    async with transaction(asking.writer, acting.now) as session:
        about = await found(session, acting, made.id)
        if child.archived is not None:
            order = await delivery.order_archive(session, acting, about, ArchiveTrigger.BY_HAND)
            assert order is not None
            order.state, order.confirmed_at = DeliveryState.CONFIRMED, NOW - child.archived * DAY
        if child.closed:
            plan.set_status(session, acting, about, PlanStatus.CLOSED, CloseReason.MOVED_AWAY)
    return made.id


async def attempted(asking: Asking) -> None:
    """The first delivery of the plan was tried twice and lies dead."""
    holder = who(asking, "stafettholder")
    async with transaction(asking.writer, NOW) as session:
        first = select(Delivery).where(Delivery.plan_id == asking.town.plan).order_by(Delivery.id).limit(1)
        tried = (await session.scalars(first)).one()
        tried.state, tried.attempt_count = DeliveryState.DEAD, 2
        session.add_all(DeliveryAttempt(
            municipality_id=holder.municipality, plan_id=tried.plan_id, delivery_id=tried.id, number=number,
            started_at=NOW - number * DAY, milliseconds=number * 250, fault=fault, answer=answer)
            for number, fault, answer in ((1, DeliveryFault.RETRYABLE, "503"),
                                          (2, DeliveryFault.PERMANENT, None)))


async def was_read(asking: Asking) -> None:
    """Entries of the access log, two at the same moment."""
    question = "query($id: ID!) { plan(id: $id) { overview { strengths } goals { title } } }"
    for hours, part in ((30, "nurse"), (30, "stafettholder"), (20, "guardian2"), (5, "nurse")):
        asking.now = NOW - timedelta(hours=hours)
        await asking.told(part, question, id=asking.id("Plan", asking.town.plan))
    asking.now = NOW
