"""Persons: found by identity number, or by name and birth date, or registered; and their posts."""
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, and_, exists, func, literal, or_, select

from db.engine import Writing
from db.rules.errors import Refused
from db.rules.post import Assigned
from db.rules.words import AddressProtection, Channel, Post, Role
from db.seal import Seal, identity_number
from db.tables.log import SearchLog
from db.tables.participant import Participant
from db.tables.person import Assignment, Person, findable, likely
from db.tables.plan import Plan
from db.tables.unit import Unit
from db.write.find import Who

SEALED_AS = "person.identity_number"


@dataclass(frozen=True)
class PersonDraft:
    """A person as somebody types them in; the identity number is checked already."""
    identity_number: str | None
    name: str
    birth_date: date
    mobile: str | None = None
    email: str | None = None
    channel: Channel | None = None  # of notices
    existing: UUID | None = None  # of those who are likely the same, who is meant
    other_than: frozenset[UUID] = frozenset()  # who of them are not
    at: str = field(default="", compare=False)  # where it stands in the input

    @property
    def known_by(self) -> str:
        """The input field that tells who it is."""
        return f"{self.at}.identityNumber" if self.identity_number else f"{self.at}.birthDate"


@dataclass(frozen=True)
class AtWork:
    """How somebody is reached at work."""
    email: str | None = None
    mobile: str | None = None
    telephone: str | None = None


async def by_identity(session: Writing, municipality: int, mark: bytes) -> Person | None:
    return await session.scalar(select(Person).where(
        Person.municipality_id == municipality, Person.identity_mark == mark))


async def found(session: Writing, who: Who, seal: Seal, draft: PersonDraft) -> Sequence[Person]:
    """Whom what is typed in may mean: who has the number; without one, all who are likely the same."""
    if draft.identity_number is not None:
        known = await by_identity(session, who.municipality, seal.mark(draft.identity_number))
        return [known] if known else []
    return (await session.scalars(select(Person).where(
        Person.municipality_id == who.municipality, findable(Person),
        likely(Person, literal(draft.name), literal(draft.birth_date))).order_by(Person.id))).all()


async def one_at_a_time(session: Writing, who: Who, born: Iterable[date]) -> None:
    """Of two who register somebody born on a day the second waits, and sees whom the first has made: no
    constraint can say who is likely the same. In an order that is the same for all, against deadlocks."""
    for day in sorted(set(born)):
        await session.execute(select(func.pg_advisory_xact_lock(
            literal(who.municipality, Integer), literal(day.toordinal(), Integer))))


async def found_or_registered(session: Writing, who: Who, seal: Seal, draft: PersonDraft) -> Person:
    """One person is one record across all plans: one without a number is a new one here, for those who are
    likely the same have been looked at (`found`).

    What is known of somebody is not changed by whoever types in their number."""
    made = Person(
        municipality_id=who.municipality, name=draft.name, birth_date=draft.birth_date,
        mobile=draft.mobile, email=draft.email, channel=draft.channel)
    if draft.identity_number is not None:
        mark = seal.mark(draft.identity_number)
        known = await by_identity(session, who.municipality, mark)
        if known is not None:
            return known
        made.identity_mark, made.identity_sealed = mark, seal.close(draft.identity_number.encode(), SEALED_AS)
    session.add(made)
    await session.flush()
    return made


def set_identity(person: Person, seal: Seal, number: str) -> None:
    """Sealed and marked anew."""
    change(person, {"identity_mark": seal.mark(number),
                    "identity_sealed": seal.close(number.encode(), SEALED_AS)})


async def owner_alone(session: Writing, who: Who, person: Person) -> bool:
    """Whether a plan is round them, and they neither work here nor have been in a plan for another's sake."""
    owns = exists().where(Plan.municipality_id == who.municipality, Plan.owner_id == person.id)
    beside = exists().where(Participant.municipality_id == who.municipality,
                            Participant.person_id == person.id, Participant.role != Role.OWNER)
    posted = exists().where(Assignment.municipality_id == who.municipality, Assignment.person_id == person.id)
    found = await session.scalar(select(and_(owns, ~beside, ~posted)))
    return person.position is None and found is True


async def found_by_id(session: Writing, who: Who, key: UUID, field: str) -> Person:
    """One whom a search may find. Refused NOT_FOUND."""
    person = await session.get(Person, (who.municipality, key))
    if person is None or person.address_protection is not AddressProtection.NONE:
        raise Refused("NOT_FOUND", field)
    return person


def identity_in(sealed: bytes | None, seal: Seal) -> str:
    """For integrations alone. Refused where a person has no number that another system could know them by."""
    if sealed is None:
        raise Refused("NO_IDENTITY_NUMBER", "person")
    return seal.open(sealed, SEALED_AS).decode()


def checked(number: str) -> tuple[str, date]:
    """The number in its eleven digits, and the birth date in it. BadIdentityNumber."""
    known = identity_number(number)
    return known.number, known.birth_date


async def posts(session: Writing, who: Who, unit: UUID | None = None) -> frozenset[Post]:
    """The posts that one holds now: all, or such as reach one unit."""
    rows = await session.execute(select(Assignment.post, Assignment.unit_id, Assignment.group_id).where(
        Assignment.municipality_id == who.municipality, Assignment.person_id == who.person,
        Assignment.since <= who.now, or_(Assignment.until.is_(None), Assignment.until > who.now)))
    group = await session.scalar(select(Unit.group_id).where(
        Unit.municipality_id == who.municipality, Unit.id == unit))
    return frozenset(one.post for one in [Assigned(*row) for row in rows]
                     if unit is None or one.reaches(unit, group))


async def local_administrators(session: Writing, who: Who, unit: UUID) -> frozenset[UUID]:
    """Those whose post reaches a unit, now."""
    group = await session.scalar(select(Unit.group_id).where(
        Unit.municipality_id == who.municipality, Unit.id == unit))
    rows = await session.execute(select(
        Assignment.person_id, Assignment.post, Assignment.unit_id, Assignment.group_id).where(
        Assignment.municipality_id == who.municipality, Assignment.post == Post.LOCAL_ADMINISTRATOR,
        Assignment.since <= who.now, or_(Assignment.until.is_(None), Assignment.until > who.now)))
    return frozenset(person for person, post, of_unit, of_group in rows
                     if Assigned(post, of_unit, of_group).reaches(unit, group))


async def employee(session: Writing, who: Who, key: UUID, field: str) -> Person:
    """One with a position in the municipality; no search finds others by id. Refused NOT_FOUND.

    Nor does one find whose address is protected: to tell of them here would tell that they are there."""
    person = await session.get(Person, (who.municipality, key))
    if person is None or person.position is None:
        raise Refused("NOT_FOUND", field)
    if person.address_protection is not AddressProtection.NONE and person.id != who.person:
        raise Refused("NOT_FOUND", field)
    return person


async def log_look_up(session: Writing, who: Who, found: list[UUID], what: str) -> None:
    """A look-up of one who is typed in is a search, written down whatever comes of it; the number is not."""
    session.add(SearchLog(
        municipality_id=who.municipality, person_id=who.person, at=who.now, sought=what, found=found))


async def get(session: Writing, who: Who, key: UUID) -> Person:
    return await session.get_one(Person, (who.municipality, key))


async def locked(session: Writing, who: Who, key: UUID) -> Person:
    """The person, until the transaction ends, as they are now."""
    return await session.get_one(Person, (who.municipality, key), with_for_update={"key_share": True},
                                 populate_existing=True)


def change(person: Person, values: Mapping[str, Any]) -> None:
    """Sets what is given and counts the version up."""
    for name, value in values.items():
        setattr(person, name, value)
    person.version += 1


async def join(session: Writing, who: Who) -> None:
    """The one who acts is known to the hub from now on: what they are added to needs no invitation. Not one
    in whose name a system acts, who has not signed in."""
    if who.here is not None:
        person = await get(session, who, who.here)
        person.joined_at = person.joined_at or who.now
        await session.flush()


async def employ(session: Writing, person: Person, position: str, unit: UUID, at_work: AtWork) -> None:
    """Position and workplace, which all who can search see, and how they are reached there."""
    person.position, person.workplace_id = position, unit
    person.work_email, person.work_mobile = at_work.email, at_work.mobile
    person.work_telephone = at_work.telephone
    await session.flush()


def assign(session: Writing, who: Who, person: UUID, post: Post, unit: UUID | None = None,
           group: UUID | None = None) -> None:
    """A post outside plans, from now on: in a unit, a group, or the whole municipality."""
    session.add(Assignment(municipality_id=who.municipality, person_id=person, post=post,
                           unit_id=unit, group_id=group, since=who.now))
