"""The parts that tests and demo share: synthetic people with fixed numbers, their units, and a plan."""
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from db.engine import Writer, Writing
from db.rules.delivery import FactKind
from db.rules.rights import Element
from db.rules.signing import Proof
from db.rules.words import Arena, PlanStatus, PlanType, Post, Role, SigningMethod, WorkStatus
from db.seal import Seal, synthetic
from db.seeds.names import at_work
from db.tables.consent_template import ConsentTemplate
from db.tables.municipality import Municipality
from db.tables.plan import Plan
from db.tables.unit import Unit, UnitGroup
from db.write import consent, coverage, goal, participant, person, plan
from db.write.consent import ConsentDraft, NameDraft, TextDraft
from db.write.find import NOBODY, Who, transaction
from db.write.person import PersonDraft
from db.write.plan import PlanDraft

DAY = timedelta(days=1)
HELD_BACK = (Element.COMMENTS.read | Element.COMMENTS.write | Element.OVERVIEW.write | Element.CALENDAR.read
             | Element.CALENDAR.write)


@dataclass(frozen=True)
class Part:
    """One of the cast: with a position, an employee."""
    name: str
    born: date
    position: str | None = None
    unit: str | None = None

    @property
    def identity_number(self) -> str:
        return synthetic(self.born, 0)


PARTS = {
    "owner": Part("Kim Nordmo", date(2018, 5, 4)),
    "guardian1": Part("Ada Nordmo", date(1985, 3, 2)),
    "guardian2": Part("Per Nordmo", date(1983, 11, 20)),
    "stafettholder": Part("Tone Lie", date(1979, 6, 1), "Kontaktlærer", "Nordmo skole"),
    "nurse": Part("Siv Berg", date(1988, 9, 14), "Helsesykepleier", "Nordmo helsestasjon"),
    "former": Part("Jan Moe", date(1975, 1, 30), "PP-rådgiver", "PPT Nordmo"),
    "leader": Part("Liv Dahl", date(1970, 2, 8), "Rektor", "Nordmo skole"),
    "stranger": Part("Odd Haug", date(1990, 7, 7), "Barnehagelærer", "Solbakken barnehage"),
    "admin": Part("Eva Lund", date(1972, 12, 24), "BTI-koordinator", "Familieteamet"),
    "analyst": Part("Nils Vik", date(1981, 4, 17), "Analytiker", "Familieteamet"),
}
UNITS = {  # unit → its group
    "Nordmo skole": "Skoler", "Solbakken barnehage": "Barnehager", "Nordmo helsestasjon": "Helse",
    "PPT Nordmo": "Oppvekst", "Familieteamet": "Oppvekst"}
TEXT = ("Jeg samtykker til at de som er nevnt her, kan dele opplysninger i stafettloggen for å gi barnet et "
        "helhetlig tilbud. Samtykket kan når som helst trekkes tilbake.")


@dataclass(frozen=True)
class Place:
    """A municipality to found: its language, its units with their groups, and its first consent template; the
    unit that notes in its fagsystem by hand, if one does."""
    name: str
    language: str
    units: Mapping[str, str]
    title: str
    text: str
    by_hand: str | None = None


@dataclass(frozen=True)
class Targets:
    """The names of those that a municipality's deliveries go to; notices by SMS and e-mail alike."""
    fagsystem: str | None = None
    archive: str | None = None
    notices: str | None = None
    by_hand: str | None = None


WHOLE = 99_999  # the number of the municipality itself among its units
NORDMO = Place("Nordmo", "nb", UNITS, "Samtykke til stafettlogg", TEXT, "Nordmo skole")
NOWHERE = Targets()


@dataclass
class Town:
    """The ids of what was made, by part and by unit."""
    municipality: int
    persons: dict[str, UUID]
    units: dict[str, UUID]
    plan: UUID
    consent: UUID


async def build(writer: Writer, seal: Seal, now: datetime, *, number: int = 1,
                targets: Targets = NOWHERE) -> Town:
    """A municipality with the whole cast, and `owner`'s plan: opened 300 days ago, in force for 65 more."""
    units = await municipality(writer, now - 400 * DAY, number, targets)
    persons = await cast(writer, seal, Who(number, NOBODY, now - 400 * DAY), units)
    return await opened(writer, Who(number, persons["stafettholder"], now - 300 * DAY), persons, units, now)


def organisation(municipality: int, n: int) -> str:
    """Of the series for synthetic organisations, 31 and seven digits. A number names one unit of one
    municipality: a system client signs in by it alone."""
    return f"31{municipality:02}{n:05}"


async def municipality(writer: Writer, now: datetime, number: int, targets: Targets,
                       place: Place = NORDMO) -> dict[str, UUID]:
    """The municipality with its units; their ids by name."""
    async with transaction(writer, now) as session:
        session.add(Municipality(
            municipality_id=number, number=f"{9900 + number}", name=place.name, language=place.language,
            organisation_number=organisation(number, WHOLE), archive=targets.archive,
            sms=targets.notices, email=targets.notices))
        await session.flush()
        groups = {name: UnitGroup(municipality_id=number, name=name)
                  for name in dict.fromkeys(place.units.values())}
        session.add_all(groups.values())
        await session.flush()
        systems = {place.by_hand: targets.by_hand or targets.fagsystem}
        units = {name: Unit(municipality_id=number, name=name, group_id=groups[group].id,
                            fagsystem=systems.get(name, targets.fagsystem),
                            organisation_number=organisation(number, n))
                 for n, (name, group) in enumerate(place.units.items())}
        session.add_all(units.values())
        session.add(ConsentTemplate(
            municipality_id=number, plan_type=PlanType.STAFETTLOGG, language=place.language, version=1,
            title=place.title, text=place.text, published_at=now))
    return {name: unit.id for name, unit in units.items()}


async def cast(writer: Writer, seal: Seal, who: Who, units: dict[str, UUID]) -> dict[str, UUID]:
    persons: dict[str, UUID] = {}
    async with transaction(writer, who.now) as session:
        for n, (part, given) in enumerate(PARTS.items()):
            mobile, email = f"+47400000{n:02}", f"{part}@example.no"
            made = await person.found_or_registered(session, who, seal, PersonDraft(
                given.identity_number, given.name, given.born, mobile, email))
            made.joined_at = who.now
            if given.position and given.unit:
                await person.employ(
                    session, made, given.position, units[given.unit], at_work(email, mobile))
            persons[part] = made.id
        school = units["Nordmo skole"]
        person.assign(session, who, persons["stafettholder"], Post.PLAN_CREATOR, school)
        person.assign(session, who, persons["leader"], Post.UNIT_ADMINISTRATOR, school)
        person.assign(session, who, persons["admin"], Post.LOCAL_ADMINISTRATOR)
        person.assign(session, who, persons["analyst"], Post.ANALYST)
    return persons


async def opened(writer: Writer, who: Who, persons: dict[str, UUID], units: dict[str, UUID],
                 now: datetime) -> Town:
    """Under a first consent with `former`; since 200 days under one without them, with `nurse` held back."""
    async with transaction(writer, who.now) as session:
        made = await plan.create(session, who, PlanDraft(
            PlanType.STAFETTLOGG, units["Nordmo skole"], persons["owner"], "KN",
            (persons["guardian1"], persons["guardian2"]), who.person, 2, who.now.date(),
            (now + 30 * DAY).date()))
    guardians = frozenset({persons["guardian1"], persons["guardian2"]})
    first = (NameDraft(persons["nurse"], None, HELD_BACK), NameDraft(persons["former"], None))
    await signed(writer, who, made.id, guardians, first, now + 65 * DAY)
    async with transaction(writer, who.now + DAY) as session:
        later = Who(who.municipality, who.person, who.now + DAY)
        for part in ("nurse", "former"):
            await participant.add(session, later, await found(session, later, made.id), persons[part],
                            Role.PROVIDER, units[PARTS[part].unit or ""], "Følger opp")
        await coverage.settle(session, later, await found(session, later, made.id), FactKind.WITHDRAWN)
    await content(writer, Who(who.municipality, who.person, who.now + 2 * DAY), made.id, persons)
    newer = Who(who.municipality, who.person, now - 200 * DAY)
    agreed = await signed(writer, newer, made.id, guardians, first[:1], now + 65 * DAY)
    return Town(who.municipality, persons, units, made.id, agreed)


async def found(session: Writing, who: Who, key: UUID) -> Plan:
    return await session.get_one(Plan, (who.municipality, key))


async def signed(writer: Writer, who: Who, plan_id: UUID, signers: frozenset[UUID],
                 names: tuple[NameDraft, ...], until: datetime) -> UUID:
    """A consent that is drafted, sent, and signed by all at once."""
    async with transaction(writer, who.now) as session:
        about = await found(session, who, plan_id)
        form = ConsentDraft((TextDraft("nb", TEXT),), who.now, until, names)
        made = await consent.draft(session, who, about, form)
        consent.send(session, who, made, signers)
        await session.flush()
        (text,) = await consent.texts(session, who, made)
        for signer, signature in (await consent.signatures(session, who, made)).items():
            consent.sign(Who(who.municipality, signer, who.now), signature, text,
                         Proof(SigningMethod.DEMO_BANKID, "demo-seed"))
        await consent.put_in_force(session, who, made, who.now)
        plan.set_status(session, who, about, PlanStatus.ACTIVE)
        await coverage.settle(session, who, about, FactKind.WITHDRAWN)
    return made.id


async def content(writer: Writer, who: Who, plan_id: UUID, persons: dict[str, UUID]) -> None:
    async with transaction(writer, who.now) as session:
        about = await found(session, who, plan_id)
        goal.change(who, about, await goal.overview(session, about), {
            "presentation": "Kim er åtte år og går i 3. klasse. Liker fotball og å tegne.",
            "initiative": "Kontaktlærer tok initiativ etter en samtale med foresatte.",
            "strengths": "God til å hjelpe andre.", "challenges": "Strever med å komme i gang med lekser.",
            "own_voice": "Jeg vil ha flere å leke med."})
        nurse = next(p for p in await participant.active(session, who, about)
                     if p.person_id == persons["nurse"])
        holder = next(p for p in await participant.active(session, who, about)
                      if p.role is Role.STAFETTHOLDER)
        aims = (("Lese 15 minutter hver dag", holder), ("Sove bedre om natta", nurse))
        for n, (title, answers) in enumerate(aims):
            made = await goal.create_goal(session, who, about, {
                "title": title, "arena": Arena.HOME, "description": "Avtalt med Kim og foreldrene.",
                "deadline": (who.now + (400 + n) * DAY).date(), "status": WorkStatus.OPEN})
            doing = await goal.create_activity(session, who, about, made, {
                "title": "Følge opp hver uke", "arena": Arena.SCHOOL, "responsible_id": answers.id,
                "deadline": (who.now + (390 - n) * DAY).date(), "status": WorkStatus.OPEN})
            await goal.add_comment(session, who, about, doing, "Det går fremover.")
