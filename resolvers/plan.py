"""Acts on plans: opened, closed, reopened, archived, and their overview."""
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from db.engine import Writing
from db.rules.archive import named
from db.rules.delivery import FactKind
from db.rules.entry import LINE, TEXT, Entry, spelled
from db.rules.errors import Refused
from db.rules.grant import OSLO, birthday
from db.rules.plan import check_create, check_follows, check_guardian, check_level, check_write, close, reopen
from db.rules.plan_template import check_has
from db.rules.rights import Element, Right
from db.rules.words import ArchiveTrigger, CloseReason, PlanType, Post
from db.write import coverage, delivery, find, goal, invitation, person, plan as plans, plan_template
from db.write.find import Found, Who
from db.write.person import PersonDraft
from db.write.plan import Plan, PlanDraft
from resolvers.act import Done, act, key, touched
from resolvers.context import Context
from resolvers.person import PersonEntry, drafted, look_up, registered

MOST_GUARDIANS = 10


@dataclass(frozen=True)
class PlanEntry:
    """A new plan as typed in."""
    type: PlanType
    unit_id: str
    owner: PersonEntry
    guardians: tuple[PersonEntry, ...]
    stafettholder_id: str | None
    short_name: str | None
    level: int
    start_date: date | None
    next_evaluation_date: date | None


async def nothing(session: Writing, who: Who, plan: Plan) -> None:
    """A new plan is as it was typed in."""


@dataclass(frozen=True)
class Beside:
    """What comes with a new plan: what its look-up is called, who is looked up beside its family, and what is
    done in the same transaction."""
    what: str = "createPlan"
    looked_up: tuple[PersonDraft, ...] = ()
    then: Callable[[Writing, Who, Plan], Awaitable[None]] = nothing


async def create_plan(ctx: Context, entry: PlanEntry, beside: Beside = Beside()) -> Done:
    """Opens a plan for a person who has none."""
    try:
        drafts = _drafts(ctx, entry)
    except Refused as refused:
        return Done(problems=refused.problems)

    async def allowed(session: Writing, who: Who) -> None:
        check_create(await person.posts(session, who, key(entry.unit_id, "Unit")))

    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        owner, *guardians = await registered(ctx, session, who, drafts)
        if entry.type is PlanType.STAFETTLOGG and await plans.running(session, who, owner.id):
            raise Refused("PLAN_EXISTS", drafts[0].known_by)
        holder = await _holder(session, who, entry)
        for draft, guardian in zip(drafts[1:], guardians, strict=True):
            check_guardian(guardian.birth_date, who.now, draft.known_by,
                           taking_part=guardian.id in (owner.id, holder, who.person))
        await person.join(session, who)
        made = await plans.create(session, who, PlanDraft(
            entry.type, await _unit(session, who, entry), owner.id,
            (entry.short_name or "").strip() or "".join(part[0] for part in owner.name.split()),
            tuple(dict.fromkeys(g.id for g in guardians)), holder, entry.level,
            entry.start_date or who.now.astimezone(OSLO).date(), entry.next_evaluation_date))
        await beside.then(session, who, made)
        await invitation.send_all(session, who, ctx.hub.seal, made)
        return touched(plan=made)

    looked = await look_up(ctx, [*drafts, *beside.looked_up], beside.what, allowed)
    return looked if looked.problems else await act(ctx, do)


def _drafts(ctx: Context, entry: PlanEntry) -> list[PersonDraft]:
    """The owner, then the guardians, checked; every fault of the input at once."""
    typed = Entry()
    if len(entry.guardians) > MOST_GUARDIANS:
        raise Refused("TOO_MANY", "guardians", most=MOST_GUARDIANS)
    owner = drafted(typed, "owner", entry.owner, ctx.now)
    guardians = [drafted(typed, f"guardians.{n}", given, ctx.now) for n, given in enumerate(entry.guardians)]
    typed.text("shortName", entry.short_name, LINE)
    if not 0 <= entry.level <= 3:
        typed.refuse("BAD_LEVEL", "level")
    typed.order("nextEvaluationDate", entry.start_date, entry.next_evaluation_date)
    if ctx.now >= birthday(owner.birth_date, 18):
        _reachable(typed, "owner", [owner])
    elif guardians:
        _reachable(typed, "guardians", guardians)
    else:
        typed.refuse("GUARDIAN_MISSING", "guardians")
    typed.done()
    return [owner, *guardians]


def _reachable(typed: Entry, field: str, people: Iterable[PersonDraft]) -> None:
    """A mobile or an e-mail of one of them (domain.md §4)."""
    if not any(one.mobile or one.email for one in people):
        typed.refuse("CONTACT_MISSING", field)


async def _unit(session: Writing, who: Who, entry: PlanEntry) -> UUID:
    unit = await plans.unit(session, who, key(entry.unit_id, "Unit"))
    if unit is None:
        raise Refused("NOT_FOUND", "unitId")
    return unit.id


async def _holder(session: Writing, who: Who, entry: PlanEntry) -> UUID:
    """Who holds the baton first: the one who opens the plan, unless another employee is named."""
    if entry.stafettholder_id is None:
        return who.person
    return (await person.employee(session, who, key(entry.stafettholder_id, "Person"), "stafettholderId")).id


async def update_overview(ctx: Context, plan_id: str, version: int, values: Mapping[str, str | None]) -> Done:
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await writable(session, who, plan_id, Right.OVERVIEW_WRITE)
        overview = await goal.overview(session, found.plan)
        find.check_version(overview, version)
        typed = Entry()
        clean = {name: typed.text(spelled(name), text, TEXT) or None for name, text in values.items()}
        typed.done()
        goal.change(who, found.plan, overview, clean)
        return touched(plan=found.plan, overview=overview)
    return await act(ctx, do)


async def change_level(ctx: Context, plan_id: str, level: int, reason: str) -> Done:
    """By the stafettholder, while they read what it is about; the history keeps when and why."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await writable(session, who, plan_id, Right.ADMINISTRATION_WRITE)
        check_write(found.mask, Right.OVERVIEW_READ, "planId")
        typed = Entry()
        why = typed.needed("reason", reason, TEXT)
        typed.done()
        check_level(found.plan.level, level)
        plans.set_level(session, who, found.plan, level, why)
        return touched(plan=found.plan)
    return await act(ctx, do)


async def close_plan(ctx: Context, plan_id: str, reason: CloseReason, successor_id: str | None) -> Done:
    """Rights close now, and a version for the archive is ordered; the fagsystemer are told when it is there:
    `db/write/attempt.finish`."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await writable(session, who, plan_id, Right.ADMINISTRATION_WRITE)
        closed = close(found.plan.recorded_status)
        following = key(successor_id, "Plan") if successor_id else None
        fits = following is not None and await plans.follows(session, who, found.plan, following)
        check_follows(reason, named=following is not None, fits=fits)
        plans.set_status(session, who, found.plan, closed, reason)
        found.plan.successor_id = following
        ordered = await delivery.order_archive(session, who, found.plan, ArchiveTrigger.CLOSING)
        if ordered is None:
            raise Refused("NO_ARCHIVE", "planId")
        return touched(plan=found.plan)
    return await act(ctx, do)


async def reopen_plan(ctx: Context, plan_id: str) -> Done:
    """By the stafettholder, or by a local administrator, who sees no more of the plan for it."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await find.locked(session, who, Plan, key(plan_id, "Plan"), "planId")
        if Post.LOCAL_ADMINISTRATOR not in await person.posts(session, who, found.plan.unit_id):
            check_write(found.mask, Right.ADMINISTRATION_WRITE, "planId")
        running = await plans.running(session, who, found.plan.owner_id)
        if found.plan.type is PlanType.STAFETTLOGG and running not in (None, found.plan.id):
            raise Refused("CANT_REOPEN", "planId")  # that there is another is not told here
        before = await plans.status_now(session, who, found.plan)
        consent = await plans.consent_in_force(session, who, found.plan)
        plans.set_status(session, who, found.plan, reopen(before, in_force=consent is not None))
        await coverage.settle(session, who, found.plan, FactKind.CLOSED)
        return touched(plan=found.plan)
    return await act(ctx, do)


async def archive_plan(ctx: Context, plan_id: str, elements: Sequence[Element] | None, *,
                       after_meeting: bool) -> Done:
    """Orders a version for the archive, of the elements that are named or of those chosen for the type."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await writable(session, who, plan_id, Right.ADMINISTRATION_WRITE)
        lacked = await plan_template.lacks(session, who.municipality, found.plan.type, who.now)
        check_has({f"elements.{n}": element for n, element in enumerate(elements or ())}, lacked)
        trigger = ArchiveTrigger.AFTER_MEETING if after_meeting else ArchiveTrigger.BY_HAND
        made = await delivery.order_archive(
            session, who, found.plan, trigger, None if elements is None else named(elements))
        if made is None:
            raise Refused("NO_ARCHIVE", "planId")
        return touched(plan=found.plan, delivery=made)
    return await act(ctx, do)


async def writable(session: Writing, who: Who, plan_id: str, needed: Right,
                   field: str = "planId") -> Found[Plan]:
    """The plan, locked, if the viewer may write what is `needed` there."""
    found = await find.locked(session, who, Plan, key(plan_id, "Plan"), field)
    check_write(found.mask, needed, field)
    return found
