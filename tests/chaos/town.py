"""Plans that five services take part in, and what is to be told to each of them."""
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from db.engine import Writer
from db.rules.delivery import FactKind
from db.rules.words import PlanType, Role
from db.seal import Seal, synthetic
from db.seeds.parts import PARTS, Town, build, found, signed
from db.tables.delivery import Delivery
from db.tables.unit import Unit
from db.write import delivery, participant, person, plan
from db.write.consent import NameDraft
from db.write.find import Who, transaction

UNITS = {"Nordmo skole": None, "Nordmo helsestasjon": "nurse", "PPT Nordmo": "former",
         "Solbakken barnehage": "stranger", "Familieteamet": "analyst"}  # unit → who takes part for it


async def founded(writer: Writer, seal: Seal) -> Town:
    """A municipality with a fagsystem of its own in each unit."""
    town = await build(writer, seal, datetime.now(UTC))
    async with transaction(writer, datetime.now(UTC)) as session:
        for n, unit in enumerate(UNITS):
            (await session.get_one(Unit, (town.municipality, town.units[unit]))).fagsystem = f"system{n}"
    return town


async def ordered(writer: Writer, seal: Seal, town: Town, plans: int, facts: int) -> None:
    """So many plans, each of which tells every service so many facts."""
    who = Who(town.municipality, town.persons["stafettholder"], datetime.now(UTC) - timedelta(days=1))
    for n in range(plans):
        key = await opened(writer, seal, who, town, n)
        async with transaction(writer, who.now) as session:
            about = await found(session, who, key)
            for target, unit in enumerate(UNITS):
                for _ in range(facts - 1):
                    await delivery.order(session, who, about, Delivery(
                        target=f"system{target}", kind=FactKind.CORRECTED, unit_id=town.units[unit]))


async def opened(writer: Writer, seal: Seal, who: Who, town: Town, n: int) -> UUID:
    """A plan of a child of its own, in force, with somebody of every unit in it."""
    born, guardian = date(2014, 1, 1) + timedelta(days=n), town.persons["guardian1"]
    providers = {part: town.units[unit] for unit, part in UNITS.items() if part}
    async with transaction(writer, who.now) as session:
        child = person.PersonDraft(synthetic(born, 0), f"Barn {n}", born)
        owner = await person.found_or_registered(session, who, seal, child)
        made = await plan.create(session, who, plan.PlanDraft(
            PlanType.STAFETTLOGG, town.units["Nordmo skole"], owner.id, f"B{n}", (guardian,),
            who.person, 1, date(2026, 1, 1)))
    names = tuple(NameDraft(town.persons[part], None) for part in providers)
    await signed(writer, who, made.id, frozenset({guardian}), names, who.now + timedelta(days=360))
    async with transaction(writer, who.now) as session:
        about = await found(session, who, made.id)
        for part, unit in providers.items():
            assert PARTS[part].position
            await participant.add(session, who, about, town.persons[part], Role.PROVIDER, unit, "Følger opp")
        await delivery.settle(session, who, about, FactKind.WITHDRAWN)
    return made.id
