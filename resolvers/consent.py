"""Acts on a consent: send, decline, withdraw. Each finds, decides by the rule, writes, tells."""
from collections.abc import Collection, Mapping
from uuid import UUID

from db.engine import Writing
from db.rules import consent as rules
from db.rules.delivery import FactKind
from db.rules.plan import check_write, when_sent, when_withdrawn
from db.rules.rights import Right
from db.rules.words import NoticeKind, Role
from db.write import consent as consents, coverage, find, notice, participant, person, plan as plans
from db.write.consent import Consent
from db.write.find import Found, Who
from db.write.plan import Plan
from resolvers.act import Done, act, key, touched
from resolvers.context import Context


async def send_consent(ctx: Context, consent_id: str) -> Done:
    """To those who must sign, by the owner's age on the day."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await found_consent(session, who, consent_id)
        check_write(found.mask, Right.CONSENT_WRITE, "consentId")
        rules.check_send(consents.times(found.row), who.now)
        status = when_sent(await plans.status_now(session, who, found.plan))
        required = await signers(session, who, found)
        consents.send(session, who, found.row, required)
        plans.set_status(session, who, found.plan, status)
        await notice.tell(session, who, found.plan, required, NoticeKind.CONSENT_TO_SIGN)
        return touched(plan=found.plan, consent=found.row)
    return await act(ctx, do)


async def signers(session: Writing, who: Who, found: Found[Consent]) -> frozenset[UUID]:
    municipality = await plans.municipality(session, who.municipality)
    guardians = [p.person_id for p in await participant.standing(session, who, found.plan, Role.GUARDIAN)]
    owner = await person.get(session, who, found.plan.owner_id)
    return rules.signers(owner.id, owner.birth_date, guardians, who.now, municipality.consent_age,
                         guardians_too=municipality.guardians_sign_too)


async def decline_consent(ctx: Context, consent_id: str, person_id: str | None) -> Done:
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await found_consent(session, who, consent_id)
        signatures = await consents.signatures(session, who, found.row)
        by = _word_of(who, found, person_id, signatures)
        rules.check_awaited(consents.times(found.row), {p: s.signed_at for p, s in signatures.items()},
                            by, who.now)
        consents.decline(who, found.row, by)
        told = {found.plan.stafettholder_id, by}
        await notice.tell(session, who, found.plan, told, NoticeKind.CONSENT_DECLINED)
        return touched(plan=found.plan, consent=found.row)
    return await act(ctx, do)


async def withdraw_consent(ctx: Context, consent_id: str, person_id: str | None) -> Done:
    """Ends the consent now: from the commit on no provider reads anything, and the fagsystemer are told."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await found_consent(session, who, consent_id)
        signatures = await consents.signatures(session, who, found.row)
        required = {*signatures, *await signers(session, who, found)}
        by = _word_of(who, found, person_id, required)
        rules.check_withdraw(consents.times(found.row), required, by, who.now)
        in_force = found.row.opened_at is not None and found.row.opened_at <= who.now
        await consents.withdraw(session, who, found.row, by, others=in_force)
        if in_force:
            plans.set_status(session, who, found.plan, when_withdrawn(found.plan.recorded_status))
            await coverage.settle(session, who, found.plan, FactKind.WITHDRAWN)
        others = {found.plan.stafettholder_id, *required}
        await notice.tell(session, who, found.plan, others, NoticeKind.CONSENT_WITHDRAWN)
        return touched(plan=found.plan, consent=found.row)
    return await act(ctx, do)


def _word_of(who: Who, found: Found[Consent], person_id: str | None, signers: Collection[UUID]) -> UUID:
    """Whose word it is: one's own; or a signer's, who has told the stafettholder outside the hub."""
    if person_id is None:
        return who.person
    check_write(found.mask, Right.CONSENT_WRITE, "consentId")
    signer = key(person_id, "Person")
    rules.check_meant(signer, signers)
    return signer


async def tell_holder(session: Writing, who: Who, plan: Plan, about: NoticeKind) -> None:
    await notice.tell(session, who, plan, [plan.stafettholder_id], about)


async def found_consent(session: Writing, who: Who, consent_id: str) -> Found[Consent]:
    return await find.locked(session, who, Consent, key(consent_id, "Consent"), "consentId")
