"""How a plan of the town is opened: its family is found or registered, and its people are chosen."""
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from uuid import UUID

from db.engine import Writing
from db.rules.plan import check_create
from db.rules.words import AddressProtection
from db.seeds.acts import Acts
from db.seeds.courses import Calendar, Case, Kin, Life, closed, dropped
from db.seeds.home import Employee, Home, Service, drafted
from db.seeds.names import Someone
from db.seeds.work import People
from db.write import person, plan
from db.write.find import Who, transaction
from db.write.plan import PlanDraft

ADULT = 18
HIDES, SPEAKS_ENGLISH = 0.12, 0.06  # of the guardians
HELPS = {  # who is asked first when a story needs another service
    "language": Service.GUIDANCE, "play": Service.FAMILY, "transition": Service.SCHOOL,
    "reading": Service.GUIDANCE, "friends": Service.CLINIC, "sleep": Service.CLINIC, "calm": Service.GUIDANCE,
    "homes": Service.FAMILY, "secondary": Service.CLINIC, "absence": Service.FAMILY, "youth": Service.CLINIC,
    "expecting": Service.FAMILY, "coordinated": Service.FAMILY, "adapted": Service.GUIDANCE}


@dataclass(frozen=True)
class Household:
    """The owner, and the guardians in the municipality's records."""
    owner: UUID
    name: str
    born: date
    guardians: tuple[UUID, ...]


async def opened(home: Home, case: Case, random: Random, before: Life | None) -> Life:
    """By one who may, in the service where it is held; `before`: the life before it in the list."""
    at, holder = Calendar(home.now, random), random.choice(home.creators[case.service])
    who = Who(home.number, holder.person, at(case.opened))
    async with transaction(home.writer, who.now) as session:
        check_create(await person.posts(session, who, holder.unit))
        related = before if case.kin is not Kin.NONE else None
        await person.log_look_up(session, who, [*related.family] if related else [], "createPlan")
        family = await household(session, who, home, case, random, related)
        today, initials = who.now.date(), "".join(part[0] for part in family.name.split())
        made = await plan.create(session, who, PlanDraft(
            case.type, holder.unit, family.owner, initials, family.guardians, holder.person, case.level,
            today, evaluation(case, today, home.now.date(), random)))
    providers = tuple(chosen(home, case, holder, random))
    silent = frozenset(p.person for p in providers[:1]) if case.restricted else frozenset()
    guardian = family.guardians[0] if family.guardians and case.age < ADULT else None
    people = People(family.owner, guardian, holder, providers, silent)
    return Life(case, Acts(home, made.id, holder.person), people, family.guardians or (family.owner,),
                home.book.stories[case.story], family.name, family.born, at)


async def household(session: Writing, who: Who, home: Home, case: Case, random: Random,
                    related: Life | None) -> Household:
    """New, or that of a related owner: the same one, or a sibling."""
    if related and case.kin is Kin.SAME:
        return Household(related.people.owner, related.name, related.born, related.family)
    surname = related.name.rpartition(" ")[2] if related else home.strangers.family()
    born = birth_date(home.now.date(), case, random)
    draw = home.strangers.child if case.age < ADULT else home.strangers.adult
    owner = draw(born, surname)
    key = await registered(session, who, home, owner, case.protection)
    if related:
        return Household(key, owner.name, born, related.family)
    guardians = [home.colleagues[case.employee_of][-1].person] if case.employee_of else []
    while len(guardians) < case.guardians:
        surname = surname if random.random() < 0.7 else home.strangers.family()
        one = home.strangers.guardian(born, surname)
        guardians.append(await registered(session, who, home, one, case.protection, random))
    return Household(key, owner.name, born, tuple(guardians))


async def registered(session: Writing, who: Who, home: Home, someone: Someone, protection: AddressProtection,
                     random: Random | None = None) -> UUID:
    """Somebody, with an address that may be protected; some adults hide their mobile, or speak English."""
    made = await person.found_or_registered(session, who, home.seal, drafted(someone))
    made.address_protection, made.joined_at = protection, who.now
    if random and random.random() < HIDES:
        made.hides_mobile = True
    if random and random.random() < SPEAKS_ENGLISH:
        made.language = "en"
    return made.id


def birth_date(today: date, case: Case, random: Random) -> date:
    """Of one who is that old, and a year older in the days that the case says, or in two to eleven months."""
    coming = today + timedelta(days=case.birthday_in or random.randint(60, 330))
    return date(coming.year - case.age - 1, coming.month, min(coming.day, 28))


def evaluation(case: Case, start: date, today: date, random: Random) -> date:
    """The next one, or the last where the plan is closed; some are overdue."""
    if case.course in (closed, dropped):
        return today - timedelta(days=case.ended)
    return max(start + timedelta(weeks=4), today + timedelta(days=random.randint(-12, 70)))


def chosen(home: Home, case: Case, holder: Employee, random: Random) -> list[Employee]:
    """From level 1 a colleague, from level 2 another service, at level 3 two more."""
    if case.level == 0:
        return []
    colleague = random.choice([c for c in home.colleagues[case.service] if c.person != holder.person])
    first = HELPS[case.story]
    rest = [service for service in Service if service not in (first, case.service)]
    others = [first, *random.sample(rest, 2)] if first is not case.service else random.sample(rest, 3)
    services = others[:{1: 0, 2: 1, 3: 3}[case.level]]
    return [colleague, *(random.choice(home.colleagues[service]) for service in services)]
