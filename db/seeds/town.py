"""The demo town: two municipalities, their people, and plans in every state, written as the API would."""
from asyncio import TaskGroup
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import select

from db.engine import Writer
from db.rules.grant import OSLO
from db.rules.words import PlanType, Post
from db.seal import Seal
from db.seeds import cases
from db.seeds.acts import Acts
from db.seeds.courses import Case, Life
from db.seeds.home import Employee, Home, Service, hired, staffed
from db.seeds.names import Strangers
from db.seeds.opening import opened
from db.seeds.parts import DAY, HELD_BACK, NORDMO, PARTS, Part, Place, Targets, Town, build, municipality
from db.seeds.texts import book, forms
from db.tables.consent_template import ConsentTemplate
from db.tables.municipality import Municipality
from db.write import person
from db.write.consent import NameDraft, TextDraft
from db.write.find import NOBODY, Who, transaction
from db.write.person import PersonDraft

SEED = 1814
BOTH = Part("Ragnhild Sol", date(1986, 10, 3))
GRANDMOTHER = Part("Turid Nordmo", date(1955, 6, 7))  # of Kim; has been invited, and has not answered
FOUNDED = timedelta(days=400)  # before now, as in parts
VESTVIK = Place(
    "Vestvik", "nn",
    {"Fjordglytt barnehage": "Barnehagar", "Vestvik skule": "Skular", "Vestvik helsestasjon": "Helse",
     "PPT Vestvik": "Oppvekst", "Vestvik barnevern": "Oppvekst"},
    "Samtykke til stafettlogg",
    "Eg samtykkjer til at dei som er nemnde her, kan dele opplysningar i stafettloggen for å gje barnet eit "
    "heilskapleg tilbod. Samtykket kan når som helst trekkjast tilbake.")
NORDMO_UNITS = ("Solbakken barnehage", "Nordmo skole", "Nordmo helsestasjon", "PPT Nordmo", "Familieteamet")
ADMINISTRATOR, ANALYST = "BTI-koordinator", "Analytikar"


async def is_empty(writer: Writer, now: datetime) -> bool:
    """Whether nobody has founded anything here; only then may `seed` be called."""
    async with writer(now) as session:
        return await session.scalar(select(Municipality.id).limit(1)) is None


async def seed(writer: Writer, seal: Seal, now: datetime, targets: Targets) -> None:
    """Nordmo, number 1, in bokmål, with the cast and the plan of `owner`; and Vestvik, number 2, in nynorsk.

    All that happens lies before `now`; the names are those of targets. The same but for ids at every call."""
    town = await build(writer, seal, now, targets=targets)
    units = await municipality(writer, now - FOUNDED, 2, targets, VESTVIK)
    async with TaskGroup() as both:  # at the same time: each waits for the database more than it works
        both.create_task(lived(await nordmo(writer, seal, now, town), cases.NORDMO))
        both.create_task(lived(await vestvik(writer, seal, now, units), cases.VESTVIK))


async def nordmo(writer: Writer, seal: Seal, now: datetime, town: Town) -> Home:
    """Who of the cast works there is at hand for other plans, too."""
    units = {service: town.units[name] for service, name in zip(Service, NORDMO_UNITS, strict=True)}
    teacher = Employee(town.persons["stafettholder"], Service.SCHOOL, units[Service.SCHOOL])
    nurse = Employee(town.persons["nurse"], Service.CLINIC, units[Service.CLINIC])
    home = Home(writer, seal, now, 1, "nb", NORDMO.text, book("nb"), strangers(1), units,
                {Service.SCHOOL: (teacher,)}, {Service.SCHOOL: (teacher,), Service.CLINIC: (nurse,)})
    who = Who(1, NOBODY, now - FOUNDED)
    async with transaction(writer, who.now) as session:
        await hired(session, who, home, Service.CLINIC, "Helsesykepleier", of_both("+4740000101"))
    await templates(home)
    await grandmother_invited(home, town)
    return await staffed(home, now - FOUNDED, frozenset({Service.SCHOOL}))


async def grandmother_invited(home: Home, town: Town) -> None:
    """To the plan of `owner`, under a consent that names her beside the nurse."""
    acts, at = Acts(home, town.plan, town.persons["stafettholder"]), home.now - 20 * DAY
    async with transaction(home.writer, at) as session:
        kin = await person.found_or_registered(session, Who(1, acts.holder, at), home.seal, PersonDraft(
            GRANDMOTHER.identity_number, GRANDMOTHER.name, GRANDMOTHER.born, "+4740000102"))
    names = (NameDraft(town.persons["nurse"], None, HELD_BACK), NameDraft(kin.id, None))
    until = (home.now + 65 * DAY).astimezone(OSLO).date()
    paper, signers = await acts.ask(at, until, (TextDraft(home.language, NORDMO.text),), names)
    for n, signer in enumerate(sorted(signers), start=1):
        await acts.sign(at + n * DAY, signer, paper)
    await acts.invite(at + 5 * DAY, kin.id)


def of_both(mobile: str) -> PersonDraft:
    """Who signs in must say in which municipality: X-Municipality."""
    return PersonDraft(BOTH.identity_number, BOTH.name, BOTH.born, mobile, "both@example.no")


async def vestvik(writer: Writer, seal: Seal, now: datetime, units: dict[str, UUID]) -> Home:
    """One of its nurses works in Nordmo, too, by the same number; neither record knows of the other."""
    kinds = dict(zip(Service, units.values(), strict=True))
    home = Home(writer, seal, now, 2, "nn", VESTVIK.text, book("nn"), strangers(2), kinds, {}, {})
    who = Who(2, NOBODY, now - FOUNDED)
    async with transaction(writer, who.now) as session:
        nurse = await hired(session, who, home, Service.CLINIC, "Helsesjukepleiar", of_both("+4740000100"))
        for position, post in ((ADMINISTRATOR, Post.LOCAL_ADMINISTRATOR), (ANALYST, Post.ANALYST)):
            employee = await hired(session, who, home, Service.FAMILY, position)
            person.assign(session, who, employee.person, post)
    await templates(home)
    return await staffed(replace(home, colleagues={Service.CLINIC: (nurse,)}), who.now)


def strangers(number: int) -> Strangers:
    """Other people in each municipality, so that no number comes twice."""
    random = Random(f"{SEED} {number}")  # noqa: S311  no secret
    return Strangers(random, number, {part.born for part in (*PARTS.values(), BOTH, GRANDMOTHER)})


async def templates(home: Home) -> None:
    """In all languages; that of the stafettlogg has a first version before the one in use."""
    async with transaction(home.writer, home.now - FOUNDED) as session:
        for language, place in (("nb", NORDMO), ("nn", VESTVIK)):
            if language != home.language:  # its own was there from the start
                session.add(ConsentTemplate(
                    municipality_id=home.number, plan_type=PlanType.STAFETTLOGG, language=language, version=1,
                    title=place.title, text=place.text, published_at=home.now - FOUNDED))
        session.add_all(ConsentTemplate(
            municipality_id=home.number, plan_type=kind, language=language,
            version=2 if kind is PlanType.STAFETTLOGG else 1, title=form.title, text=form.text,
            published_at=home.now - FOUNDED + (timedelta(1) if kind is PlanType.STAFETTLOGG else timedelta()))
            for language, by_kind in forms().items() for kind, form in by_kind.items())


async def lived(home: Home, plans: tuple[Case, ...]) -> None:
    """Each plan's life from its first day to now; it draws for itself, so that a new one changes no other."""
    before: Life | None = None
    for n, case in enumerate(plans):
        random = Random(f"{SEED} {home.number} {n}")  # noqa: S311  no secret
        before = await opened(home, case, random, before)
        await case.course(before)
