"""Acts on the baton: proposed to a successor, taken or declined, or given by those who lead."""
from collections.abc import Mapping
from uuid import UUID

from db.engine import Writing
from db.rules.entry import LINE, Entry
from db.rules.handover import check_answer, check_successor, may_be_given, may_take
from db.rules.post import check_holds_or_leads, check_leads
from db.rules.words import HandoverState, NoticeKind, Role
from db.write import coverage, find, handover, invitation, notice, participant, person, plan as plans
from db.write.find import Found, Who
from db.write.handover import Handover
from db.write.person import Person
from db.write.plan import Plan
from resolvers.act import Done, act, key, touched
from resolvers.context import Context


async def propose_stafettholder(ctx: Context, plan_id: str, person_id: str, reason: str) -> Done:
    """By the holder, or by those who lead; the holder keeps the baton until the successor takes it."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await find.locked(session, who, Plan, key(plan_id, "Plan"), "planId")
        check_holds_or_leads(found.mask, await person.posts(session, who, found.plan.unit_id), "planId")
        why, successor = _typed("reason", reason), await _employee(session, who, person_id)
        await _check(session, who, found.plan, successor)
        made = await handover.propose(session, who, found.plan, successor, why)
        await notice.tell(session, who, found.plan, [successor.id], NoticeKind.BATON_PROPOSED)
        return touched(plan=found.plan, handover=made)
    return await act(ctx, do)


async def replace_stafettholder(ctx: Context, plan_id: str, person_id: str, reason: str) -> Done:
    """By those who lead, where somebody is absent: at once, and without an answer."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await find.locked(session, who, Plan, key(plan_id, "Plan"), "planId")
        check_leads(await person.posts(session, who, found.plan.unit_id), "planId")
        why, successor = _typed("reason", reason), await _employee(session, who, person_id)
        consent = await plans.consent_in_force(session, who, found.plan)
        named = await _named(session, who, found.plan, successor.id, successor.workplace_id)
        parts = await participant.standing(session, who, found.plan, person=successor.id)
        may = may_be_given([part.role for part in parts], in_force=consent is not None, named=named)
        check_successor(found.plan.recorded_status, found.plan.stafettholder_id, successor.id, may_hold=may)
        made, part = await handover.force(session, who, found.plan, successor, why)
        await coverage.tell_holder(session, who, found.plan)
        await invitation.send(session, who, ctx.hub.seal, found.plan, part)
        await notice.tell(session, who, found.plan, [successor.id], NoticeKind.BATON_GIVEN)
        return touched(plan=found.plan, handover=made)
    return await act(ctx, do)


async def accept_stafettholder(ctx: Context, handover_id: str) -> Done:
    """By the one whom it was proposed to; whether they may is asked again, for a consent may have changed."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await _asked(session, who, handover_id)
        plan, before = found.plan, await person.get(session, who, found.row.holder_id)
        await _check(session, who, plan, await person.get(session, who, who.person))
        stays = await _named(session, who, plan, before.id, before.workplace_id)
        await handover.accept(session, who, plan, found.row, stays=stays)
        await coverage.tell_holder(session, who, plan)
        await _tell_proposer(session, who, found)
        return touched(plan=plan, handover=found.row)
    return await act(ctx, do)


async def decline_stafettholder(ctx: Context, handover_id: str, answer: str | None) -> Done:
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await _asked(session, who, handover_id)
        handover.decline(who, found.row, _typed("answer", answer) if answer else None)
        await _tell_proposer(session, who, found)
        return touched(plan=found.plan, handover=found.row)
    return await act(ctx, do)


async def _asked(session: Writing, who: Who, handover_id: str) -> Found[Handover]:
    found = await find.locked(session, who, Handover, key(handover_id, "Handover"), "handoverId")
    check_answer(HandoverState(found.row.state), found.row.successor_id, who.person)
    return found


async def _tell_proposer(session: Writing, who: Who, found: Found[Handover]) -> None:
    proposer = [found.row.by_id] if found.row.by_id else []
    await notice.tell(session, who, found.plan, proposer, NoticeKind.BATON_ANSWERED)


async def _employee(session: Writing, who: Who, person_id: str) -> Person:
    return await person.employee(session, who, key(person_id, "Person"), "personId")


async def _check(session: Writing, who: Who, plan: Plan, successor: Person) -> None:
    """Whether one may take the baton now."""
    parts = await participant.standing(session, who, plan, person=successor.id)
    helping = await participant.active(session, who, plan, Role.PROVIDER, successor.id)
    unit = next((part.unit_id for part in helping), None)
    named = await _named(session, who, plan, successor.id, unit)
    may = bool(helping) and may_take([part.role for part in parts], named=named)
    check_successor(plan.recorded_status, plan.stafettholder_id, successor.id, may_hold=may)


async def _named(session: Writing, who: Who, plan: Plan, one: UUID, unit: UUID | None) -> bool:
    """Whether the consent in force names a person or their service."""
    consent = await plans.consent_in_force(session, who, plan)
    return consent is not None and await participant.named(session, who, consent.id, one, unit)


def _typed(field: str, text: str) -> str:
    typed = Entry()
    clean = typed.needed(field, text, LINE)
    typed.done()
    return clean
