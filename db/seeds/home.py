"""A municipality as its plans need it: services, the people who work there, and the posts that they hold."""
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from db.engine import Writer, Writing
from db.rules.words import Post
from db.seal import Seal
from db.seeds.names import Someone, Strangers, at_work
from db.seeds.texts import Book
from db.tables.unit import Unit
from db.write import person
from db.write.find import NOBODY, Who, transaction
from db.write.person import PersonDraft


class Service(StrEnum):
    """What kind of unit; each municipality has one of each. FAMILY: family team or child welfare."""
    KINDERGARTEN = "KINDERGARTEN"
    SCHOOL = "SCHOOL"
    CLINIC = "CLINIC"
    GUIDANCE = "GUIDANCE"  # *PPT*
    FAMILY = "FAMILY"


@dataclass(frozen=True)
class Employee:
    """One who can hold the baton or take part, and from where."""
    person: UUID
    service: Service
    unit: UUID


Staff = Mapping[Service, tuple[Employee, ...]]


@dataclass(frozen=True)
class Home:
    """One municipality and all that is at hand there; `creators` may open plans, `colleagues` take part."""
    writer: Writer
    seal: Seal
    now: datetime
    number: int
    language: str
    first_form: str  # the text of the first version of the stafettlogg's consent form
    book: Book
    strangers: Strangers
    units: Mapping[Service, UUID]
    creators: Staff
    colleagues: Staff


POSITIONS = {  # the leader, two who open plans, and others
    "nb": {
        Service.KINDERGARTEN: ("Styrer", "Pedagogisk leder", "Barnehagelærer", "Spesialpedagog", "Assistent"),
        Service.SCHOOL: ("Rektor", "Kontaktlærer", "Sosiallærer", "Spesialpedagog", "Miljøterapeut"),
        Service.CLINIC: ("Avdelingsleder", "Helsesykepleier", "Jordmor", "Fysioterapeut", "Psykolog"),
        Service.GUIDANCE: ("PPT-leder", "PP-rådgiver", "PP-rådgiver", "Logoped", "Konsulent"),
        Service.FAMILY: ("Teamleder", "Familieterapeut", "Familieveileder", "Miljøterapeut", "Ungdomslos")},
    "nn": {
        Service.KINDERGARTEN: ("Styrar", "Pedagogisk leiar", "Barnehagelærar", "Spesialpedagog", "Assistent"),
        Service.SCHOOL: ("Rektor", "Kontaktlærar", "Sosiallærar", "Spesialpedagog", "Miljøterapeut"),
        Service.CLINIC: ("Avdelingsleiar", "Helsesjukepleiar", "Jordmor", "Fysioterapeut", "Psykolog"),
        Service.GUIDANCE: ("PPT-leiar", "PP-rådgjevar", "PP-rådgjevar", "Logoped", "Konsulent"),
        Service.FAMILY: (
            "Barnevernsleiar", "Barnevernspedagog", "Familierettleiar", "Miljøterapeut", "Ungdomslos")},
}


async def staffed(home: Home, since: datetime, led: frozenset[Service] = frozenset()) -> Home:
    """With employees in every service since that moment; those in `led` have a leader already."""
    creators, colleagues = dict(home.creators), dict(home.colleagues)
    who = Who(home.number, NOBODY, since)
    async with transaction(home.writer, since) as session:
        for service, positions in POSITIONS[home.language].items():
            people = [await hired(session, who, home, service, position)
                      for position in positions[1 if service in led else 0:]]
            if service not in led:
                leader = people.pop(0)
                person.assign(session, who, leader.person, Post.UNIT_ADMINISTRATOR, leader.unit)
                if service is Service.GUIDANCE:  # and of its whole group
                    unit = await session.get_one(Unit, (home.number, leader.unit))
                    person.assign(session, who, leader.person, Post.GROUP_ADMINISTRATOR, group=unit.group_id)
            for opens in people[:2]:
                person.assign(session, who, opens.person, Post.PLAN_CREATOR, opens.unit)
            creators[service] = (*creators.get(service, ()), *people[:2])
            colleagues[service] = (*colleagues.get(service, ()), *people)
    return replace(home, creators=creators, colleagues=colleagues)


async def hired(session: Writing, who: Who, home: Home, service: Service, position: str,
                given: PersonDraft | None = None) -> Employee:
    """Somebody new, unless one is given."""
    draft = given or drafted(home.strangers.employee(home.now.date()))
    made = await person.found_or_registered(session, who, home.seal, draft)
    made.joined_at = who.now
    work = at_work(made.email or "", made.mobile or "")
    await person.employ(session, made, position, home.units[service], work)
    return Employee(made.id, service, home.units[service])


def drafted(someone: Someone) -> PersonDraft:
    return PersonDraft(someone.identity_number, someone.name, someone.born, someone.mobile, someone.email)
