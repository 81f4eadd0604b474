"""Signs a consent: the signer by a sign-in of their own, or the stafettholder for one who signed on paper."""
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from db.engine import Writing
from db.rules import consent as rules
from db.rules.delivery import FactKind
from db.rules.document import check_signed_on
from db.rules.errors import Refused
from db.rules.plan import check_write, when_opened
from db.rules.rights import Right
from db.rules.signing import Proof, on_paper, proof
from db.rules.words import NoticeKind, SigningMethod
from db.write import consent as consents, coverage, document, invitation, plan as plans
from db.write.consent import Consent, ConsentText
from db.write.document import Paper
from db.write.find import Found, Who
from resolvers.act import Done, act, key, touched
from resolvers.consent import found_consent, signers, tell_holder
from resolvers.context import Context


@dataclass(frozen=True)
class PaperEntry:
    """Who has signed which text on paper, when, and the upload that shows it."""
    consent_id: str
    person_id: str
    hash: str
    signed_on: date
    paper: str


async def sign_consent(ctx: Context, consent_id: str, method: SigningMethod, hash: str) -> Done:  # noqa: A002
    """One required signer signs the text that they have read; the last signature opens the plan."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await found_consent(session, who, consent_id)
        made = proof(method, ctx.viewer.sign_in, who.now, demo=ctx.hub.demo)
        return await _signed(session, who, found, who.person, made, hash)
    return await act(ctx, do)


async def sign_consent_on_paper(ctx: Context, entry: PaperEntry) -> Done:
    """By the stafettholder, for one required signer. It counts from now on, not from the day on the paper."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await found_consent(session, who, entry.consent_id)
        check_write(found.mask, Right.CONSENT_WRITE, "consentId")
        signer, upload = key(entry.person_id, "Person"), key(entry.paper, "Upload")
        rules.check_meant(signer, await consents.signatures(session, who, found.row))
        check_signed_on(entry.signed_on, found.row.sent_at, who.now)
        done = await _signed(session, who, found, signer, on_paper(), entry.hash)
        await invitation.accepted_on_paper(session, who, found.plan, signer)
        await document.attach(session, who, found.row, Paper(signer, entry.signed_on, upload))
        return done
    return await act(ctx, do)


async def _signed(session: Writing, who: Who, found: Found[Consent], signer: UUID, made: Proof,
                  hash: str) -> Mapping[str, str]:  # noqa: A002
    signatures = await consents.signatures(session, who, found.row)
    signed = {person: signature.signed_at for person, signature in signatures.items()}
    opens = rules.sign(consents.times(found.row), signed, signer, who.now, found.row.valid_from)
    consents.sign(who, signatures[signer], await _read(session, who, found.row, hash), made)
    if opens is not None:
        await _opened(session, who, found, signed, opens)
    return touched(plan=found.plan, consent=found.row)


async def _read(session: Writing, who: Who, consent: Consent, hash: str) -> ConsentText:  # noqa: A002
    """The text that the signer has read."""
    for text in await consents.texts(session, who, consent):
        if text.hash == hash:
            return text
    raise Refused("FORM_CHANGED", "hash")


async def _opened(session: Writing, who: Who, found: Found[Consent], signed: Collection[UUID],
                  opens: datetime) -> None:
    """The last signature has come: the consent holds from `opens` on."""
    rules.check_signers(signed, await signers(session, who, found))
    status = when_opened(await plans.status_now(session, who, found.plan), begun=opens <= who.now)
    plans.set_status(session, who, found.plan, status)
    await consents.put_in_force(session, who, found.row, opens)
    await coverage.settle(session, who, found.plan, FactKind.WITHDRAWN)
    await tell_holder(session, who, found.plan, NoticeKind.CONSENT_SIGNED)
