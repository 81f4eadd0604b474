"""What happens in one plan: each act found through the gate, decided by the rule, written as by the API."""
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from db.engine import Writing
from db.rules import consent as rules, plan as moves
from db.rules.delivery import FactKind
from db.rules.plan import check_add, check_write
from db.rules.rights import Right
from db.rules.signing import Proof
from db.rules.words import ArchiveTrigger, CloseReason, Role, SigningMethod
from db.seeds.home import Employee, Home
from db.tables.consent import Consent
from db.tables.plan import Plan
from db.write import consent, coverage, delivery, find, invitation, participant, person, plan
from db.write.consent import ConsentDraft, NameDraft, TextDraft
from db.write.find import NOBODY, Found, Who, transaction


@dataclass(frozen=True)
class Turn:
    """What one person does at one moment."""
    session: Writing
    who: Who
    plan: Plan


@dataclass(frozen=True)
class Paper:
    """A consent, and when it runs out if nothing ends it before."""
    id: UUID
    closes: datetime


@dataclass(frozen=True)
class Acts:
    """The doors to one plan. Whoever does not have the right at the moment is refused, as everywhere."""
    home: Home
    plan: UUID
    holder: UUID

    @asynccontextmanager
    async def turn(self, by: UUID, at: datetime, needed: Right) -> AsyncIterator[Turn]:
        who = Who(self.home.number, by, at)
        async with transaction(self.home.writer, at) as session:
            found = await find.locked(session, who, Plan, self.plan, "planId")
            check_write(found.mask, needed, "planId")
            yield Turn(session, who, found.plan)

    @asynccontextmanager
    async def about(self, by: UUID, at: datetime, paper: Paper) -> AsyncIterator[tuple[Turn, Found[Consent]]]:
        """A turn about one consent."""
        who = Who(self.home.number, by, at)
        async with transaction(self.home.writer, at) as session:
            found = await find.locked(session, who, Consent, paper.id, "consentId")
            yield Turn(session, who, found.plan), found

    async def draft(self, at: datetime, until: date, texts: tuple[TextDraft, ...],
                    names: tuple[NameDraft, ...]) -> None:
        async with self.turn(self.holder, at, Right.CONSENT_WRITE) as now:
            await self._drafted(now, until, texts, names)

    async def ask(self, at: datetime, until: date, texts: tuple[TextDraft, ...],
                  names: tuple[NameDraft, ...]) -> tuple[Paper, frozenset[UUID]]:
        """Drafted and sent at once, to those who must sign on that day."""
        async with self.turn(self.holder, at, Right.CONSENT_WRITE) as now:
            made = await self._drafted(now, until, texts, names)
            rules.check_send(consent.times(made), at)
            status, signers = moves.when_sent(now.plan.recorded_status), await self._signers(now)
            consent.send(now.session, now.who, made, signers)
            plan.set_status(now.session, now.who, now.plan, status)
            return Paper(made.id, made.valid_until), signers

    async def _drafted(self, now: Turn, until: date, texts: tuple[TextDraft, ...],
                       names: tuple[NameDraft, ...]) -> Consent:
        days = (await plan.municipality(now.session, self.home.number)).consent_days
        opens, closes = rules.period(None, until, now.who.now, days)
        return await consent.draft(now.session, now.who, now.plan, ConsentDraft(texts, opens, closes, names))

    async def _signers(self, now: Turn) -> frozenset[UUID]:
        home = await plan.municipality(now.session, self.home.number)
        guardians = await participant.standing(now.session, now.who, now.plan, Role.GUARDIAN)
        owner = await person.get(now.session, now.who, now.plan.owner_id)
        return rules.signers(owner.id, owner.birth_date, [p.person_id for p in guardians], now.who.now,
                             home.consent_age, guardians_too=home.guardians_sign_too)

    async def sign(self, at: datetime, by: UUID, paper: Paper, joining: Sequence[Employee] = ()) -> None:
        """`joining`: whom the stafettholder adds in the same meeting, if this opens the plan."""
        async with self.about(by, at, paper) as (now, found):
            signatures = await consent.signatures(now.session, now.who, found.row)
            signed = {signer: signature.signed_at for signer, signature in signatures.items()}
            opens = rules.sign(consent.times(found.row), signed, by, at, found.row.valid_from)
            texts = {text.language: text for text in await consent.texts(now.session, now.who, found.row)}
            consent.sign(now.who, signatures[by], texts[self.home.language],
                         Proof(SigningMethod.DEMO_BANKID, "demo-seed"))
            if opens is not None:
                status = moves.when_opened(now.plan.recorded_status, begun=opens <= at)
                plan.set_status(now.session, now.who, now.plan, status)
                await consent.put_in_force(now.session, now.who, found.row, opens)
                await self._joined(Turn(now.session, replace(now.who, person=self.holder), now.plan), joining)

    async def decline(self, at: datetime, by: UUID, paper: Paper) -> None:
        async with self.about(by, at, paper) as (now, found):
            signatures = await consent.signatures(now.session, now.who, found.row)
            signed = {signer: signature.signed_at for signer, signature in signatures.items()}
            rules.check_awaited(consent.times(found.row), signed, by, at)
            consent.decline(now.who, found.row, by)

    async def withdraw(self, at: datetime, by: UUID, paper: Paper) -> None:
        async with self.about(by, at, paper) as (now, found):
            required = (await consent.signatures(now.session, now.who, found.row)).keys()
            rules.check_withdraw(consent.times(found.row), required, by, at)
            await consent.withdraw(now.session, now.who, found.row, by, others=True)
            plan.set_status(now.session, now.who, now.plan, moves.when_withdrawn(now.plan.recorded_status))
            await coverage.settle(now.session, now.who, now.plan, FactKind.WITHDRAWN)

    async def run_out(self, paper: Paper) -> None:
        """What the clock does when a consent ends."""
        who = Who(self.home.number, NOBODY, paper.closes)
        async with transaction(self.home.writer, who.now) as session:
            resting = await session.get_one(Plan, (who.municipality, self.plan))
            plan.set_status(session, who, resting, moves.by_clock(resting.recorded_status, in_force=False))
            await coverage.settle(session, who, resting, FactKind.WITHDRAWN)

    async def _joined(self, now: Turn, employees: Sequence[Employee]) -> None:
        """They take part, if the consent in force names them; their services' fagsystemer are told."""
        form = await plan.consent_in_force(now.session, now.who, now.plan)
        for one in employees:
            named = form is not None and await participant.named(
                now.session, now.who, form.id, one.person, one.unit)
            here = await participant.standing(now.session, now.who, now.plan, person=one.person)
            check_add(Role.PROVIDER, in_force=form is not None, named=named, taking_part=bool(here))
            await participant.add(now.session, now.who, now.plan, one.person, Role.PROVIDER, one.unit,
                            self.home.book.responsibility[one.service])
        await coverage.settle(now.session, now.who, now.plan, FactKind.WITHDRAWN)

    async def invite(self, at: datetime, key: UUID) -> None:
        """Next of kin, whom the consent in force names, and who has not joined."""
        async with self.turn(self.holder, at, Right.PARTICIPANTS_WRITE) as now:
            form = await plan.consent_in_force(now.session, now.who, now.plan)
            named = form is not None and await participant.named(now.session, now.who, form.id, key, None)
            check_add(Role.NEXT_OF_KIN, in_force=form is not None, named=named, taking_part=False)
            made = await participant.add(now.session, now.who, now.plan, key, Role.NEXT_OF_KIN)
            await invitation.send(now.session, now.who, self.home.seal, now.plan, made)

    async def leave(self, at: datetime, employee: Employee) -> None:
        async with self.turn(self.holder, at, Right.PARTICIPANTS_WRITE) as now:
            (leaving,) = [p for p in await participant.active(now.session, now.who, now.plan, Role.PROVIDER)
                          if p.person_id == employee.person]
            participant.end(now.who, now.plan, leaving)
            await coverage.settle(now.session, now.who, now.plan, FactKind.WITHDRAWN)

    async def archive(self, at: datetime) -> None:
        async with self.turn(self.holder, at, Right.ADMINISTRATION_WRITE) as now:
            await delivery.order_archive(now.session, now.who, now.plan, ArchiveTrigger.AFTER_MEETING)

    async def close(self, at: datetime, reason: CloseReason) -> None:
        async with self.turn(self.holder, at, Right.ADMINISTRATION_WRITE) as now:
            plan.set_status(now.session, now.who, now.plan, moves.close(now.plan.recorded_status), reason)
            await delivery.order_archive(now.session, now.who, now.plan, ArchiveTrigger.CLOSING)

    async def reopen(self, at: datetime) -> None:
        async with self.turn(self.holder, at, Right.ADMINISTRATION_WRITE) as now:
            in_force = await plan.consent_in_force(now.session, now.who, now.plan) is not None
            status = moves.reopen(now.plan.recorded_status, in_force=in_force)
            plan.set_status(now.session, now.who, now.plan, status)
            await coverage.settle(now.session, now.who, now.plan, FactKind.CLOSED)
