"""Acts on participants: added under the consent in force, changed, and ended."""
from collections.abc import Mapping
from uuid import UUID

from db.engine import Writing
from db.rules.delivery import FactKind
from db.rules.entry import TEXT, Entry
from db.rules.errors import Refused
from db.rules.plan import check_add, check_before_consent, check_end, check_guardian, check_lasts, check_write
from db.rules.rights import Right
from db.rules.words import Role
from db.write import (
    consent as consents,
    coverage,
    find,
    invitation,
    participant as participants,
    person,
    plan as plans,
)
from db.write.find import Found, Who
from db.write.participant import Participant
from db.write.person import Person
from db.write.plan import Plan
from resolvers.act import Done, act, key, touched
from resolvers.context import Context
from resolvers.person import PersonEntry, drafted, look_up, registered
from resolvers.plan import writable


async def add_participant(ctx: Context, plan_id: str, person_id: str, role: Role,
                          responsibility: str | None) -> Done:
    """Adds one whom the consent in force names: an employee, in the unit where they work, whose system is
    told when they have joined; or, by name, next of kin and others, who have no unit in it."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await writable(session, who, plan_id, Right.PARTICIPANTS_WRITE)
        typed = Entry()
        text = typed.text("responsibility", responsibility, TEXT)
        typed.done()
        consent = await plans.consent_in_force(session, who, found.plan)
        added = await _known(session, who, person_id, consent.id if consent else None)
        unit = None if role is Role.NEXT_OF_KIN else added.workplace_id
        named = consent is not None and await participants.named(session, who, consent.id, added.id, unit)
        here = await participants.standing(session, who, found.plan, person=added.id)
        check_add(role, in_force=consent is not None, named=named, taking_part=bool(here))
        made = await participants.add(session, who, found.plan, added.id, role, unit, text)
        await invitation.send(session, who, ctx.hub.seal, found.plan, made)
        await coverage.settle(session, who, found.plan, FactKind.WITHDRAWN)
        return touched(plan=found.plan, participant=made)
    return await act(ctx, do)


async def _known(session: Writing, who: Who, person_id: str, consent: UUID | None) -> Person:
    """An employee, or one whom the consent in force names in person: others are not there."""
    wanted = key(person_id, "Person")
    if consent is not None and await participants.named(session, who, consent, wanted, None):
        return await person.get(session, who, wanted)
    return await person.employee(session, who, wanted, "personId")


async def add_guardian(ctx: Context, plan_id: str, entry: PersonEntry) -> Done:
    """Adds one with parental responsibility, before the first form goes out."""
    typed = Entry()
    try:
        draft = drafted(typed, "person", entry, ctx.now)
        typed.done()
    except Refused as refused:
        return Done(problems=refused.problems)

    async def allowed(session: Writing, who: Who) -> Plan:
        found = await writable(session, who, plan_id, Right.PARTICIPANTS_WRITE)
        check_before_consent(sent=await consents.any_sent(session, who, found.plan), field="planId")
        return found.plan

    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        plan = await allowed(session, who)
        (guardian,) = await registered(ctx, session, who, [draft])
        here = {p.person_id for p in await participants.standing(session, who, plan)}
        check_guardian(guardian.birth_date, who.now, draft.known_by, taking_part=guardian.id in here)
        made = await participants.add(session, who, plan, guardian.id, Role.GUARDIAN)
        await invitation.send(session, who, ctx.hub.seal, plan, made)
        return touched(plan=plan, participant=made)

    looked = await look_up(ctx, [draft], "addGuardian", allowed)
    return looked if looked.problems else await act(ctx, do)


async def update_participant(ctx: Context, participant_id: str, version: int,
                             responsibility: str) -> Done:
    """What somebody answers for, as it is told inside the plan alone."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await _found(session, who, participant_id)
        find.check_version(found.row, version)
        typed = Entry()
        text = typed.text("responsibility", responsibility, TEXT)
        typed.done()
        participants.set_responsibility(who, found.plan, found.row, text or None)
        return touched(plan=found.plan, participant=found.row)
    return await act(ctx, do)


async def end_participant(ctx: Context, participant_id: str) -> Done:
    """Ends a participation now."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await _found(session, who, participant_id)
        check_end(found.row.role, sent=await consents.any_sent(session, who, found.plan))
        participants.end(who, found.plan, found.row)
        await coverage.settle(session, who, found.plan, FactKind.WITHDRAWN)
        return touched(plan=found.plan, participant=found.row)
    return await act(ctx, do)


async def _found(session: Writing, who: Who, participant_id: str) -> Found[Participant]:
    """One whose part has not ended."""
    found = await find.locked(session, who, Participant, key(participant_id, "Participant"), "participantId")
    check_write(found.mask, Right.PARTICIPANTS_WRITE, "participantId")
    check_lasts(found.row.until, who.now)
    return found
