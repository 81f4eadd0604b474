"""The work in a plan: goals agreed at meetings, activities that somebody answers for, and how it went."""
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from db.rules.plan import check_write
from db.rules.rights import Right
from db.rules.words import WorkStatus
from db.seeds.acts import Acts, Turn
from db.seeds.home import Employee
from db.seeds.texts import Aim, Story, Subject, Task
from db.tables.goal import Activity, Goal
from db.tables.plan import Plan
from db.write import find, goal, participant
from db.write.find import Who, transaction

AT_ONCE = 2  # goals of the first meeting
LAST_MEETING, BEFORE_THE_END = 0.7, timedelta(days=14)  # so far into the stretch, and no later
OUTCOMES = {WorkStatus.DONE: 75, WorkStatus.CANCELLED: 12, WorkStatus.OPEN: 13}  # in a hundred; OPEN: overdue
HEARD = 0.45  # how often the family has something to say


@dataclass(frozen=True)
class People:
    """Who takes part; `silent`: those from whom the consent holds the comments back."""
    owner: UUID
    guardian: UUID | None
    holder: Employee
    providers: Sequence[Employee]
    silent: frozenset[UUID]

    def answering(self, task: Task) -> UUID:
        """The stafettholder where nobody else can."""
        unit = self.holder.unit
        able = {"FAMILY": [self.guardian or self.owner], "OWNER": [self.owner],
                "COLLEAGUE": [p.person for p in self.providers if p.unit == unit],
                "SERVICE": [p.person for p in self.providers if p.unit != unit]}
        return next(iter(able.get(task.by, [])), self.holder.person)

    def works_here(self, person: UUID) -> bool:
        return any(person == p.person for p in (self.holder, *self.providers))


@dataclass(frozen=True)
class Step:
    """One act of the work, and the right that it takes."""
    at: datetime
    by: UUID
    needed: Right
    do: Callable[[Turn], Awaitable[None]]


@dataclass(frozen=True)
class Work:
    """A stretch of work between two moments, told in `story`; `finish`: everything is done by the end."""
    acts: Acts
    people: People
    story: Story
    subject: Subject
    random: Random
    unsaid: list[str]  # what the family may say, each thing once
    start: datetime
    end: datetime
    finish: bool = False
    doing: dict[Task, Activity] = field(default_factory=dict)

    async def done(self) -> None:
        """One transaction for all of it, since none of these acts changes anybody's rights.

        Each person's rights are asked for once, at the last of their acts: nobody gains any on the way."""
        steps = sorted((step for step in self._steps() if step.at < self.end), key=lambda step: step.at)
        home, plan = self.acts.home, self.acts.plan
        last = {step.by: Who(home.number, step.by, step.at) for step in steps}
        async with transaction(home.writer, self.start) as session:
            found = {by: await find.locked(session, who, Plan, plan, "planId") for by, who in last.items()}
            for step in steps:
                check_write(found[step.by].mask, step.needed, "planId")
                await step.do(Turn(session, replace(last[step.by], now=step.at), found[step.by].plan))

    def _steps(self) -> Iterator[Step]:
        yield Step(self.start, self.people.holder.person, Right.OVERVIEW_WRITE, self._overview)
        for n, aim in enumerate(self.story.aims):
            later = LAST_MEETING * max(0, n + 1 - AT_ONCE) / max(1, len(self.story.aims) - AT_ONCE)
            meeting = workday(self.start + later * (self.end - self.start))
            if n < AT_ONCE or meeting < self.end - BEFORE_THE_END:
                yield from self._aim(aim, meeting)

    async def _overview(self, now: Turn) -> None:
        about = await goal.overview(now.session, now.plan)
        goal.change(now.who, now.plan, about, {
            part: self.subject(text) for part, text in self.story.overview.items()})

    def _aim(self, aim: Aim, meeting: datetime) -> Iterator[Step]:
        made: list[Goal] = []

        async def agree(now: Turn) -> None:
            made.append(await self._agreed(now, aim))

        async def end(now: Turn) -> None:
            goal.change(now.who, now.plan, made[0], {
                "status": WorkStatus.DONE if WorkStatus.DONE in statuses else WorkStatus.CANCELLED})

        holder = self.people.holder.person
        yield Step(meeting, holder, Right.GOALS_WRITE, agree)
        ends = [self._ended(task, meeting) for task in aim.tasks]
        for task, (status, at) in zip(aim.tasks, ends, strict=True):
            yield from self._followed(task, status, at, meeting)
        statuses = {status for status, _ in ends}
        if WorkStatus.OPEN not in statuses:
            last = max(at for _, at in ends) + timedelta(hours=1)
            yield Step(last, holder, Right.GOALS_WRITE, end)

    async def _agreed(self, now: Turn, aim: Aim) -> Goal:
        """The goal with its activities; their deadlines come before its own, the next evaluation."""
        day, weeks = now.who.now.date(), max(task.weeks for task in aim.tasks)
        made = await goal.create_goal(now.session, now.who, now.plan, {
            "title": self.subject(aim.title), "arena": aim.arena, "description": self.subject(aim.why),
            "deadline": day + timedelta(weeks=weeks + 2), "status": WorkStatus.OPEN})
        part = {p.person_id: p.id for p in await participant.active(now.session, now.who, now.plan)}
        for task in aim.tasks:
            self.doing[task] = await goal.create_activity(now.session, now.who, now.plan, made, {
                "title": self.subject(task.title), "arena": aim.arena, "description": self.subject(task.how),
                "responsible_id": part[self.people.answering(task)],
                "deadline": day + timedelta(weeks=task.weeks), "status": WorkStatus.OPEN})
        return made

    def _ended(self, task: Task, meeting: datetime) -> tuple[WorkStatus, datetime]:
        """What came of an activity, and when; OPEN: it goes on, or it is overdue."""
        (status,) = self.random.choices(list(OUTCOMES), list(OUTCOMES.values()))
        early = timedelta(days=self.random.randint(1, 8), minutes=self.random.randint(0, 90))
        at = workday(meeting + timedelta(weeks=task.weeks) - early)
        if self.finish:
            return WorkStatus.DONE, min(at, self.end - timedelta(hours=3) - early / 8)
        return (status, at) if at < self.end else (WorkStatus.OPEN, at)

    def _followed(self, task: Task, status: WorkStatus, at: datetime, meeting: datetime) -> Iterator[Step]:
        """What is said of an activity, and its new status."""
        answering, holder = self.people.answering(task), self.people.holder.person
        guardian = self.people.guardian
        if status is WorkStatus.DONE:
            yield self._comment(at, holder if answering in self.people.silent else answering, task, task.told)
        elif status is WorkStatus.CANCELLED:
            yield self._comment(at, holder, task, self.random.choice(self.acts.home.book.hard))
        if status is not WorkStatus.OPEN:
            mover = answering if self.people.works_here(answering) else holder
            yield Step(at + timedelta(minutes=10), mover, Right.ACTIVITIES_WRITE, self._moved(task, status))
        heard = status is not WorkStatus.CANCELLED and self.random.random() < HEARD
        if guardian and guardian != answering and heard and self.unsaid:
            after = at + timedelta(days=1) if status is WorkStatus.DONE else meeting + timedelta(days=16)
            yield self._comment(after, guardian, task, self.unsaid.pop())

    def _comment(self, at: datetime, by: UUID, task: Task, text: str) -> Step:
        async def say(now: Turn) -> None:
            await goal.add_comment(now.session, now.who, now.plan, self.doing[task], self.subject(text))
        return Step(at, by, Right.COMMENTS_WRITE, say)

    def _moved(self, task: Task, status: WorkStatus) -> Callable[[Turn], Awaitable[None]]:
        async def move(now: Turn) -> None:
            goal.change(now.who, now.plan, self.doing[task], {"status": status})
        return move


def workday(moment: datetime) -> datetime:
    """The moment, or on Monday where it falls on a weekend."""
    return moment + timedelta(days=7 - moment.weekday() if moment.weekday() > 4 else 0)
