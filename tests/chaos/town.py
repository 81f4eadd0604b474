"""Plans that five services take part in, what is to be told to each, and their versions for two archives."""
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import UUID

from db.engine import Writer
from db.rules.delivery import FactKind
from db.rules.rights import ARCHIVE_BY_CUSTOM
from db.rules.words import ArchiveTrigger, PlanType, Role
from db.seal import Seal, synthetic
from db.seeds.parts import PARTS, Town, build, found, signed
from db.tables.delivery import Delivery
from db.tables.unit import Unit
from db.write import coverage, delivery, participant, person, plan
from db.write.consent import NameDraft
from db.write.find import Who, transaction

# unit → its system, and who takes part for it beside the stafettholder
UNITS = {"Nordmo skole": ("soap", None), "Nordmo helsestasjon": ("fhir", "nurse"),
         "PPT Nordmo": ("webhook", "former"), "Solbakken barnehage": ("vendor", "stranger"),
         "Familieteamet": ("manual", "admin")}


async def founded(writer: Writer, seal: Seal) -> Town:
    """A municipality with a fagsystem of its own in each unit."""
    town = await build(writer, seal, datetime.now(UTC))
    async with transaction(writer, datetime.now(UTC)) as session:
        for unit, (system, _) in UNITS.items():
            (await session.get_one(Unit, (town.municipality, town.units[unit]))).fagsystem = system
    return town


@dataclass(frozen=True)
class Size:
    plans: int
    facts: int  # of each plan, to each service
    versions: int  # of each plan, to each archive


async def ordered(writer: Writer, seal: Seal, town: Town, size: Size, archives: Iterable[str] = ()) -> None:
    """So many plans, and all that is to be told of each."""
    who = Who(town.municipality, town.persons["stafettholder"], datetime.now(UTC) - timedelta(days=1))
    for n in range(size.plans):
        key = await opened(writer, seal, who, town, n)
        async with transaction(writer, who.now) as session:
            about = await found(session, who, key)
            for unit, (system, _) in UNITS.items():
                for _ in range(size.facts - 1):
                    await delivery.order(session, who, about, Delivery(
                        target=system, kind=FactKind.CORRECTED, unit_id=town.units[unit]))
            for archive, version in product(archives, range(1, size.versions + 1)):
                await delivery.order(session, who, about, Delivery(
                    target=archive, kind=FactKind.ARCHIVED, trigger=ArchiveTrigger.BY_HAND, version=version,
                    elements=int(ARCHIVE_BY_CUSTOM)))


async def opened(writer: Writer, seal: Seal, who: Who, town: Town, n: int) -> UUID:
    """A plan of a child of its own, in force, with somebody of every unit in it."""
    born, guardian = date(2014, 1, 1) + timedelta(days=n), town.persons["guardian1"]
    providers = {part: town.units[unit] for unit, (_, part) in UNITS.items() if part}
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
        await coverage.settle(session, who, about, FactKind.WITHDRAWN)
    return made.id
