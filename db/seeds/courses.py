"""How plans go: from the draft that waits to the plan that was closed and opened again."""
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto
from random import Random
from uuid import UUID

from db.rules.grant import OSLO
from db.rules.rights import NOTHING
from db.rules.words import AddressProtection, CloseReason, PlanType
from db.seeds.acts import Acts, Paper
from db.seeds.home import Employee, Service
from db.seeds.parts import HELD_BACK
from db.seeds.texts import Story, Subject, forms
from db.seeds.work import AT_ONCE, People, Work
from db.write.consent import NameDraft, TextDraft

FORM_RENEWED = 200  # days ago: the second version of the stafettlogg's form
YEAR = 365
FIRST, LATER = slice(AT_ONCE), slice(AT_ONCE, None)  # of a story's goals


class Kin(Enum):
    """How the owner is related to that of the plan before in the list."""
    NONE = auto()
    SIBLING = auto()
    SAME = auto()


@dataclass(frozen=True)
class Case:
    """One plan of the town; days count back from now, but for `left` and `birthday_in`."""
    course: "Course"
    story: str
    age: int
    service: Service
    level: int = 2
    opened: int = 100
    ended: int = 30  # the last turn, where the course has one
    left: int = 200  # days that the consent in force still has
    type: PlanType = PlanType.STAFETTLOGG
    reason: CloseReason = CloseReason.GOALS_REACHED
    guardians: int = 2
    kin: Kin = Kin.NONE
    birthday_in: int | None = None  # days until the owner is a year older
    protection: AddressProtection = AddressProtection.NONE
    restricted: bool = False  # the consent holds something back from the first whom it names
    whole_services: bool = False  # it names services, not persons
    employee_of: Service | None = None  # where one of the guardians works


class Calendar:
    """Moments before `now`: on weekdays, in working hours, each later than the one before."""

    def __init__(self, now: datetime, random: Random) -> None:
        self.now, self.random = now, random
        self.last = datetime.min.replace(tzinfo=now.tzinfo)

    def __call__(self, days_ago: int) -> datetime:
        draw = self.random.randint
        moment = (self.now - timedelta(days=days_ago)).replace(
            hour=draw(7, 13), minute=draw(0, 59), second=draw(0, 59), microsecond=0)
        moment -= timedelta(days=max(0, moment.weekday() - 4))
        self.last = max(moment, self.last + timedelta(minutes=7))
        return self.last


@dataclass(frozen=True)
class Life:
    """One plan that has been opened, its people, and the calendar its acts stand in."""
    case: Case
    acts: Acts
    people: People
    family: tuple[UUID, ...]  # the guardians; where there are none, the owner alone
    story: Story
    name: str
    born: date
    at: Calendar

    async def asked(self, days_ago: int, left: int) -> tuple[Paper, list[UUID]]:
        """A consent that is sent: the paper, and who must sign it, the first guardian first."""
        paper, signers = await self.acts.ask(
            self.at(days_ago), self.until(left), self.form(days_ago), self.names())
        family = dict.fromkeys((*self.family, self.people.owner))
        return paper, [signer for signer in family if signer in signers]

    async def agreed(self, days_ago: int, left: int, joining: Sequence[Employee] = ()) -> Paper:
        """A consent that all have signed, each a day after the other."""
        paper, signers = await self.asked(days_ago, left)
        for n, signer in enumerate(signers, start=1):
            await self.acts.sign(self.at(days_ago - n), signer, paper, joining)
        return paper

    async def begun(self, left: int) -> Paper:
        """Agreed on from the start, and everybody takes part."""
        return await self.agreed(self.case.opened - 1, left, self.people.providers)

    async def worked(self, start: int, end: int | datetime, aims: slice = slice(None), *,
                     finish: bool = False) -> datetime:
        """From so many days ago to so many, or to a moment, which is given back: the next act's."""
        begin = self.at(start)
        stop = self.at(end) if isinstance(end, int) else end
        story = Story(self.story.overview, self.story.aims[aims])
        subject = Subject(self.name.partition(" ")[0], self.born, begin.date())
        random, talk = self.at.random, self.acts.home.book.helped
        unsaid = random.sample(talk, len(talk))
        await Work(self.acts, self.people, story, subject, random, unsaid, begin, stop, finish).done()
        return stop

    def until(self, left: int) -> date:
        """The last day of a consent that holds for so many days more, in Norway."""
        return self.at.now.astimezone(OSLO).date() + timedelta(days=left)

    def form(self, days_ago: int) -> tuple[TextDraft, ...]:
        """In every language that it had then: the first one had the municipality's own."""
        home, kind = self.acts.home, self.case.type
        if kind is PlanType.STAFETTLOGG and days_ago > FORM_RENEWED:
            return (TextDraft(home.language, home.first_form),)
        return tuple(TextDraft(language, by_kind[kind].text)
                     for language, by_kind in forms().items() if kind in by_kind)

    def names(self) -> tuple[NameDraft, ...]:
        """Whom the consent names; to the stafettholder it tells whereabouts where an address is protected."""
        case, providers = self.case, self.people.providers
        if case.whole_services:
            return tuple(NameDraft(None, unit) for unit in dict.fromkeys(p.unit for p in providers))
        protected = case.protection is not AddressProtection.NONE
        holder = (NameDraft(self.people.holder.person, None, whereabouts=True),) if protected else ()
        return (*holder, *(NameDraft(p.person, None, HELD_BACK if p.person in self.people.silent else NOTHING)
                           for p in providers))

    @property
    def today(self) -> datetime:
        return self.at.now - timedelta(hours=1)


Course = Callable[[Life], Awaitable[object]]


async def drafted(_: Life) -> None:
    """Opened, and no more."""


async def formed(life: Life) -> None:
    """With a consent that is being written."""
    until = life.until(life.case.left)
    await life.acts.draft(life.at(life.case.opened), until, life.form(0), life.names())


async def asked(life: Life) -> None:
    """Nobody has signed yet."""
    await life.asked(life.case.opened - 1, life.case.left)


async def half_signed(life: Life) -> None:
    paper, signers = await life.asked(life.case.opened - 1, life.case.left)
    await life.acts.sign(life.at(life.case.opened - 2), signers[0], paper)


async def declined(life: Life) -> None:
    """By the last who was to sign."""
    paper, signers = await life.asked(life.case.opened - 1, life.case.left)
    for signer in signers[:-1]:
        await life.acts.sign(life.at(life.case.opened - 2), signer, paper)
    await life.acts.decline(life.at(life.case.opened - 3), signers[-1], paper)


async def dropped(life: Life) -> None:
    """Declined, and closed."""
    await declined(life)
    await life.acts.close(life.at(life.case.ended), life.case.reason)


async def active(life: Life) -> None:
    await life.begun(life.case.left)
    await life.worked(life.case.opened - 7, life.today)


async def archived(life: Life) -> None:
    """Active, and archived after a meeting."""
    await active(life)
    await life.acts.archive(life.at(life.case.ended))


async def left(life: Life) -> None:
    """Active, but one who took part has left."""
    await life.begun(life.case.left)
    leaves = await life.worked(life.case.opened - 7, life.case.ended)
    await life.acts.leave(leaves, life.people.providers[-1])


async def renewed(life: Life) -> None:
    """A second consent has replaced the first, before that ran out."""
    await life.begun(10 - life.case.ended)
    await life.worked(life.case.opened - 7, life.case.ended + 1, FIRST)
    await life.agreed(life.case.ended, life.case.left)
    await life.worked(life.case.ended - 5, life.today, LATER)


async def renewing(life: Life) -> None:
    """The consent in force still holds, and the next waits for a signature."""
    await life.begun(life.case.left)
    await life.worked(life.case.opened - 7, life.today)
    paper, signers = await life.asked(life.case.ended, life.case.left + YEAR)
    await life.acts.sign(life.at(life.case.ended - 1), signers[0], paper)


async def ran_out(life: Life) -> None:
    paper = await life.begun(-life.case.ended)
    await life.worked(life.case.opened - 7, paper.closes)
    await life.acts.run_out(paper)


async def just_ran_out(life: Life) -> None:
    """Last midnight: what follows from it for the fagsystemer has not been ordered yet."""
    paper = await life.begun(-1)
    await life.worked(life.case.opened - 7, paper.closes)


async def asked_again(life: Life) -> None:
    """Run out, opened again, and the new consent waits for its last signature."""
    paper = await life.begun(-life.case.ended - 20)
    await life.worked(life.case.opened - 7, paper.closes)
    await life.acts.run_out(paper)
    await life.acts.reopen(life.at(life.case.ended))
    paper, signers = await life.asked(life.case.ended - 1, YEAR)
    for signer in signers[:-1]:
        await life.acts.sign(life.at(life.case.ended - 2), signer, paper)


async def withdrawn(life: Life) -> None:
    paper = await life.begun(life.case.left)
    ends = await life.worked(life.case.opened - 7, life.case.ended)
    await life.acts.withdraw(ends, life.family[0], paper)


async def returned(life: Life) -> None:
    """Withdrawn, and agreed on anew."""
    paper = await life.begun(life.case.left)
    ends = await life.worked(life.case.opened - 7, life.case.ended + 20, FIRST)
    await life.acts.withdraw(ends, life.family[0], paper)
    await life.acts.reopen(life.at(life.case.ended + 10))
    await life.agreed(life.case.ended, life.case.left)
    await life.worked(life.case.ended - 5, life.today, LATER)


async def closed(life: Life) -> None:
    """For any reason; after a withdrawal where that is the reason."""
    if life.case.reason is CloseReason.CONSENT_WITHDRAWN:
        await withdrawn(life)
        await life.acts.close(life.at(life.case.ended - 6), life.case.reason)
        return
    await life.begun(life.case.left)
    ends = await life.worked(life.case.opened - 7, life.case.ended,
                             finish=life.case.reason is CloseReason.GOALS_REACHED)
    await life.acts.close(ends, life.case.reason)


async def reopened(life: Life) -> None:
    """Closed, and taken up again under the consent that still held."""
    await life.begun(life.case.left)
    ends = await life.worked(life.case.opened - 7, life.case.ended + 40, FIRST, finish=True)
    await life.acts.close(ends, life.case.reason)
    await life.acts.reopen(life.at(life.case.ended))
    await life.worked(life.case.ended - 1, life.today, LATER)
