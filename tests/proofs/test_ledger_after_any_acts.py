"""Whatever people do, while hours and years pass: the ledger is the rule and the law, and its past stays."""
import asyncio
import os
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import ColumnElement, and_, select

from db.rules.declaration import text_hash
from db.rules.grant import Grant, decide
from db.rules.words import AddressProtection, HandoverState, Role
from db.seal import synthetic
from db.seeds.parts import PARTS, Town
from db.tables.consent import ConsentSignature, ConsentText
from db.tables.grant import AccessGrant
from db.tables.handover import Handover
from db.tables.municipality import Municipality
from db.tables.participant import Participant
from db.tables.person import Person
from db.tables.plan import Plan
from db.write.clock import tick
from integrations.words import say
from tests.support.asking import SEAL, Asking
from tests.support.embedded import Server, name_of
from tests.support.law import in_force, law, names_in, status
from tests.support.ledger import Ledger, ledgers
from tests.support.papers import uploaded
from tests.support.posting import Post

LIVES = int(os.environ.get("LIVES", "8"))  # `make proofs`: 150
CREATE = """mutation($input: CreatePlanInput!) {
  createPlan(input: $input) { plan { id owner { id } } errors { code } } }"""
DRAFT = """mutation($input: DraftConsentInput!) {
  draftConsent(input: $input) { consent { id } errors { code } } }"""
SEND = "mutation($id: ID!) { sendConsent(consentId: $id) { errors { code } } }"
SIGN = """mutation($id: ID!, $hash: String!) {
  signConsent(input: {consentId: $id, method: DEMO_BANKID, hash: $hash}) { errors { code } } }"""
ON_PAPER = """mutation($input: SignConsentOnPaperInput!) {
  signConsentOnPaper(input: $input) { errors { code } } }"""
DECLINE = "mutation($id: ID!) { declineConsent(consentId: $id) { errors { code } } }"
WITHDRAW = """mutation($id: ID!, $of: ID) {
  withdrawConsent(consentId: $id, personId: $of) { errors { code } } }"""
ADD = "mutation($input: AddParticipantInput!) { addParticipant(input: $input) { errors { code } } }"
ADD_GUARDIAN = "mutation($input: AddGuardianInput!) { addGuardian(input: $input) { errors { code } } }"
INVITE = """mutation($plan: ID!, $person: ID!) {
  inviteParticipant(planId: $plan, personId: $person) { errors { code } } }"""
ACCEPT = "mutation($code: String!) { acceptInvitation(code: $code) { errors { code } } }"
DECLARE = "mutation($hash: String!) { signDeclaration(hash: $hash) { errors { code } } }"
END = "mutation($id: ID!) { endParticipant(participantId: $id) { errors { code } } }"
OFFER = "mutation($input: HandoverInput!) { proposeStafettholder(input: $input) { errors { code } } }"
TAKE = "mutation($id: ID!) { acceptStafettholder(handoverId: $id) { errors { code } } }"
FORCE = "mutation($input: HandoverInput!) { replaceStafettholder(input: $input) { errors { code } } }"
MOVE = """mutation($plan: ID!, $unit: ID!) {
  movePlan(planId: $plan, unitId: $unit, reason: "R", withoutConsent: true) { errors { code } } }"""
CLOSE = "mutation($id: ID!) { closePlan(planId: $id, reason: OTHER) { errors { code } } }"
SWITCH = "mutation($input: SwitchElementInput!) { switchElement(input: $input) { errors { code } } }"
REOPEN = "mutation($id: ID!) { reopenPlan(planId: $id) { errors { code } } }"
ASK = 'mutation($id: ID!) { requestDeletion(planId: $id, reason: "R") { errors { code } } }'
DELETE = "mutation($id: ID!) { deletePlan(planId: $id) { errors { code } } }"
DOORS = """query($cast: ID!, $child: ID!) {
  cast: plan(id: $cast) { ...shown } child: plan(id: $child) { ...shown } }
fragment shown on Plan {
  id status unit { id } goals { id } participants { id } consents { id state }
  accessLog { totalCount } deliveries { id } }"""
SHOWN_BY = {"unit": "WHEREABOUTS", "goals": "GOALS_READ", "participants": "PARTICIPANTS_READ",
            "consents": "CONSENT_READ", "accessLog": "ACCESS_LOG_READ", "deliveries": "DELIVERIES"}

BORN = [date(2018, 5, 4), date(2011, 12, 1), date(2010, 12, 1),
        date(2008, 12, 1), date(2008, 2, 29), date(1996, 3, 1)]
EMPLOYEES = ["stafettholder", "nurse", "former", "stranger", "leader"]
EVERYBODY = [*EMPLOYEES, "guardian1", "guardian2", "child", "owner", "admin", "analyst"]
WATCHED = ["stafettholder", "nurse", "stranger", "guardian1", "child"]

which, of_plan = st.sampled_from([0, 0, 0, 1, 2]), st.integers(0, 1)  # consents, the newest first; plans
employees, usually = st.sampled_from(EMPLOYEES), st.sampled_from([True, True, False])
names = st.lists(st.fixed_dictionaries({
    "person": st.sampled_from([*EMPLOYEES, "guardian1", "child", None]), "whereabouts": st.booleans(),
    "restrictions": st.lists(st.fixed_dictionaries({
        "element": st.sampled_from(["GOALS", "PARTICIPANTS", "COMMENTS", "CALENDAR"]),
        "level": st.sampled_from(["NONE", "READ"])}), max_size=1)}), max_size=3)
begins, days = st.none() | st.integers(0, 40), st.integers(0, 720)  # from when, for how long
Name = dict[str, Any]


def anybody(*rightly: str) -> st.SearchStrategy[str]:
    """Those who may, four times of five, and everybody else."""
    return st.sampled_from([*rightly * (4 * len(EVERYBODY) // len(rightly)), *EVERYBODY])


def typed(part: str) -> dict[str, str]:
    """One of the cast as somebody types them in."""
    given = PARTS[part]
    return {"name": given.name, "identityNumber": given.identity_number, "mobile": "+4740000000"}


class Years(RuleBasedStateMachine):
    """The cast's plan, and one of a child of any age. People act through GraphQL, and are often refused."""
    made: ClassVar[Counter[str]] = Counter()  # what was not refused
    runner: asyncio.Runner
    server: Server
    template: tuple[str, Town]

    def __init__(self) -> None:
        super().__init__()
        url, town = self.template
        self.asking = Asking(self.server.fresh(name_of(url)))
        self.asking.town = replace(town, persons=dict(town.persons))
        self.runner.run(self.asking.open())
        self.plans = [town.plan]
        self.consents = [f"Consent:{town.consent}"]
        self.post, self.gone = Post(self.asking), set[UUID]()
        self.seen: dict[datetime, dict[UUID, list[Grant]]] = {}

    def teardown(self) -> None:
        self.runner.run(self.asking.close())
        self.server.drop(self.asking.url)

    def act(self, by: str, query: str, **variables: Any) -> Any:
        ((change, payload),) = self.runner.run(self.asking.told(by, query, **variables)).items()
        self.made[change] += not payload["errors"]
        return payload

    def rows(self, *columns: Any, where: ColumnElement[bool] | None = None) -> list[Any]:
        asked = select(*columns) if where is None else select(*columns).where(where)

        async def read() -> list[Any]:
            async with self.asking.writer(self.asking.now) as session:
                return list((await session.execute(asked)).all())
        return self.runner.run(read())

    def change(self, noun: type[Person | Municipality], key: UUID, **values: object) -> None:
        """What no act does yet: another system will."""
        async def write() -> None:
            async with self.asking.writer(self.asking.now) as session, session.begin():
                row = await session.get(noun, (self.asking.town.municipality, key))
                for name, value in values.items() if row else ():  # a child goes with their only plan
                    setattr(row, name, value)
        self.runner.run(write())

    def person(self, part: str) -> str:
        return f"Person:{self.asking.town.persons[part]}"

    def a_plan(self, number: int) -> str:
        return f"Plan:{self.plans[number % len(self.plans)]}"

    def a_consent(self, number: int) -> str:
        """The last is 0."""
        return self.consents[-1 - number % len(self.consents)]

    @initialize(born=st.sampled_from(BORN), named=names, days=days, accepts=st.booleans())
    def a_plan_is_opened_under_a_consent(
            self, born: date, named: list[Name], days: int, accepts: bool) -> None:
        opened = self.act("stafettholder", CREATE, input={
            "unitId": f"Unit:{self.asking.town.units['Nordmo skole']}",
            "owner": {"name": "Bo Vik", "identityNumber": synthetic(born, 3), "mobile": "+4740000000"},
            "guardians": [typed("guardian1"), typed("guardian2")]})
        self.plans.append(UUID(opened["plan"]["id"].removeprefix("Plan:")))
        self.asking.town.persons["child"] = UUID(opened["plan"]["owner"]["id"].removeprefix("Person:"))
        self.change(Person, self.asking.town.persons["stranger"], joined_at=None)  # as the child has not
        ((home,),) = self.rows(Municipality.id)
        self.change(Municipality, home, sms="sms")
        if accepts:
            self.one_accepts_or_another_tries_to("child", "child", declares=False)
        self.a_consent_is_given_and_those_come_whom_it_names(1, named, None, days)

    @rule(number=of_plan, by=anybody("stafettholder"), named=names, begins=begins, days=days)
    def a_consent_is_drafted(
            self, number: int, by: str, named: list[Name], begins: int | None, days: int) -> None:
        today = self.asking.now.date()
        drafted = self.act(by, DRAFT, input={
            "planId": self.a_plan(number), "texts": [{"language": "NB", "text": "Ja."}],
            "names": [self.name(each) for each in named],
            "validFrom": None if begins is None else str(today + timedelta(days=begins)),
            "validUntil": str(today + timedelta(days=days + (begins or 0)))})
        if drafted["consent"]:
            self.consents.append(drafted["consent"]["id"])

    def name(self, drawn: Name) -> Name:
        clinic = f"Unit:{self.asking.town.units['Nordmo helsestasjon']}"
        who = {"personId": self.person(drawn["person"])} if drawn["person"] else {"unitId": clinic}
        return {"restrictions": drawn["restrictions"], "whereabouts": drawn["whereabouts"], **who}

    @rule(consent=which, by=anybody("stafettholder"))
    def it_is_sent(self, consent: int, by: str) -> None:
        self.act(by, SEND, id=self.a_consent(consent))

    @rule(consent=which, by=anybody("guardian1", "guardian2", "child"))
    def one_signs(self, consent: int, by: str) -> None:
        self.signed(self.a_consent(consent), by)

    def signed(self, consent: str, by: str) -> None:
        self.act(by, SIGN, id=consent, hash=self.hash(consent))

    def hash(self, consent: str) -> str:
        of = ConsentText.consent_id == UUID(consent.removeprefix("Consent:"))
        return next((str(form) for (form,) in self.rows(ConsentText.hash, where=of)), "of no plan any more")

    @rule(consent=which, by=anybody("stafettholder"), signer=anybody("guardian1", "guardian2", "child"))
    def one_has_signed_on_paper(self, consent: int, by: str, signer: str) -> None:
        form = self.a_consent(consent)
        self.act(by, ON_PAPER, input={
            "consentId": form, "personId": self.person(signer), "hash": self.hash(form),
            "signedOn": str(self.asking.now.date()), "paper": self.runner.run(uploaded(self.asking, by))})

    @rule(consent=which)
    def all_sign(self, consent: int) -> None:
        key = UUID(self.a_consent(consent).removeprefix("Consent:"))
        parts = {person: part for part, person in self.asking.town.persons.items()}
        for (signer,) in self.rows(ConsentSignature.person_id, where=ConsentSignature.consent_id == key):
            self.signed(self.a_consent(consent), parts[signer])

    @rule(number=of_plan, named=names, begins=begins, days=days)
    def a_consent_is_asked_for(self, number: int, named: list[Name], begins: int | None, days: int) -> None:
        self.a_consent_is_drafted(number, "stafettholder", named, begins, days)
        self.it_is_sent(0, "stafettholder")

    @rule(number=of_plan, named=names, begins=begins, days=days)
    def a_consent_is_given_and_those_come_whom_it_names(
            self, number: int, named: list[Name], begins: int | None, days: int) -> None:
        self.a_consent_is_asked_for(number, named, begins, days)
        self.all_sign(0)
        for each in named:
            self.one_comes(number, "stafettholder", each["person"] or "nurse", "PROVIDER")

    @rule(consent=which, by=anybody("guardian1", "guardian2", "child"))
    def one_declines(self, consent: int, by: str) -> None:
        self.act(by, DECLINE, id=self.a_consent(consent))

    @rule(consent=which, by=anybody("guardian1", "guardian2", "child"))
    def one_withdraws(self, consent: int, by: str) -> None:
        self.act(by, WITHDRAW, id=self.a_consent(consent))

    @rule(consent=which, by=anybody("stafettholder"), of=anybody("guardian1", "guardian2", "child"))
    def one_withdraws_by_word_of_mouth(self, consent: int, by: str, of: str) -> None:
        self.act(by, WITHDRAW, id=self.a_consent(consent), of=self.person(of))

    @rule(number=of_plan, by=anybody("stafettholder"), who=employees,
          role=st.sampled_from(["PROVIDER", "GUARDIAN", "NEXT_OF_KIN"]))
    def one_comes(self, number: int, by: str, who: str, role: str) -> None:
        self.act(by, ADD, input={"planId": self.a_plan(number), "personId": self.person(who), "role": role})

    @rule(number=of_plan, by=anybody("stafettholder"), who=st.sampled_from(["analyst", "nurse", "guardian1"]))
    def a_guardian_comes(self, number: int, by: str, who: str) -> None:
        self.act(by, ADD_GUARDIAN, input={"planId": self.a_plan(number), "person": typed(who)})

    @rule(number=st.integers(0, 9), by=anybody("stafettholder"))
    def one_goes(self, number: int, by: str) -> None:
        parts = sorted(self.rows(Participant.id))
        if parts:
            self.act(by, END, id=f"Participant:{parts[number % len(parts)].id}")

    @rule(number=of_plan, by=anybody("stafettholder", "leader"), who=st.sampled_from(["child", "stranger"]))
    def one_is_invited_again(self, number: int, by: str, who: str) -> None:
        self.act(by, INVITE, plan=self.a_plan(number), person=self.person(who))

    @rule(who=st.sampled_from(["child", "stranger"]), by=anybody("child", "stranger"), declares=st.booleans())
    def one_accepts_or_another_tries_to(self, who: str, by: str, declares: bool) -> None:
        theirs = Participant.person_id == self.asking.town.persons[who]
        for key, number in self.rows(Participant.id, Participant.link_number, where=theirs):
            self.act(by, ACCEPT, code=SEAL.invitation_code(key, number))
        if declares:
            self.act(by, DECLARE, hash=text_hash("nb", say("declaration.text", "nb")))

    def baton(self, number: int, to: str) -> dict[str, str]:
        return {"planId": self.a_plan(number), "personId": self.person(to), "reason": "R"}

    @rule(number=of_plan, by=anybody("stafettholder", "leader"), to=employees)
    def the_baton_is_offered_and_taken(self, number: int, by: str, to: str) -> None:
        self.act(by, OFFER, input=self.baton(number, to))
        for (key,) in self.rows(Handover.id, where=Handover.state == HandoverState.PROPOSED):
            self.act(to, TAKE, id=f"Handover:{key}")

    @rule(number=of_plan, by=anybody("admin", "leader"), to=employees)
    def the_baton_is_forced(self, number: int, by: str, to: str) -> None:
        self.act(by, FORCE, input=self.baton(number, to))

    @rule(number=of_plan, by=anybody("stafettholder", "admin"),
          unit=st.sampled_from(["Nordmo skole", "Nordmo helsestasjon"]))
    def the_plan_moves(self, number: int, by: str, unit: str) -> None:
        self.act(by, MOVE, plan=self.a_plan(number), unit=f"Unit:{self.asking.town.units[unit]}")

    @rule(number=of_plan, by=anybody("stafettholder"))
    def the_plan_closes(self, number: int, by: str) -> None:
        self.act(by, CLOSE, id=self.a_plan(number))

    @rule(number=of_plan, by=anybody("stafettholder", "admin"))
    def the_plan_is_reopened(self, number: int, by: str) -> None:
        self.act(by, REOPEN, id=self.a_plan(number))

    @rule(number=of_plan, by=anybody("guardian1", "child"), closes=usually, heard=usually,
          tried=anybody("admin"))
    def its_deletion_is_asked_for_and_tried(
            self, number: int, by: str, closes: bool, heard: bool, tried: str) -> None:
        plan = self.a_plan(number)
        if closes:
            self.act("stafettholder", CLOSE, id=plan)
        self.act(by, ASK, id=plan)
        for _ in range(2 * heard):  # what the archive answers has the services told
            self.runner.run(self.post.go())
        if not self.act(tried, DELETE, id=plan)["errors"]:
            self.gone.add(UUID(plan.removeprefix("Plan:")))

    @rule(who=st.sampled_from(["child", "guardian1", "nurse"]), protection=st.sampled_from(AddressProtection))
    def an_address_is_protected_or_no_longer(self, who: str, protection: AddressProtection) -> None:
        self.change(Person, self.asking.town.persons[who], address_protection=protection)

    @rule(born=st.sampled_from(BORN))
    def a_birth_date_is_put_right(self, born: date) -> None:
        self.change(Person, self.asking.town.persons["child"], birth_date=born)

    @rule(age=st.sampled_from([15, 16]))
    def the_municipality_sets_the_consent_age(self, age: int) -> None:
        ((key,),) = self.rows(Municipality.id)
        self.change(Municipality, key, consent_age=age)

    @rule(by=anybody("admin"), element=st.sampled_from(["MAPPING", "CALENDAR", "GOALS"]), on=st.booleans())
    def an_element_is_switched(self, by: str, element: str, on: bool) -> None:
        self.act(by, SWITCH, input={"planType": "STAFETTLOGG", "element": element, "on": on})

    @rule(hours=st.sampled_from([1, 30, 40 * 24, 200 * 24, 400 * 24]))
    def time_passes(self, hours: int) -> None:
        self.asking.now += timedelta(hours=hours)

    @rule(short_of=st.sampled_from([timedelta(0), timedelta(microseconds=1)]))
    def the_clock_turns_something(self, short_of: timedelta) -> None:
        """To the next moment that the ledger knows of, or the last before it."""
        now = self.asking.now
        kept = [grant for each in self.ledgers().values() for grant in each.kept]
        turns = [at for grant in kept for at in (grant.since, grant.until)]
        self.asking.now = min((at - short_of for at in turns if at and at - short_of > now), default=now)

    @rule()
    def the_clock_is_looked_at(self) -> None:
        self.runner.run(tick(self.asking.writer, self.asking.now))

    def ledgers(self) -> dict[UUID, Ledger]:
        return self.runner.run(ledgers(self.asking, [plan for plan in self.plans if plan not in self.gone]))

    @invariant()
    def the_ledger_is_the_rule_and_the_law_its_past_stays_and_people_see_just_that(self) -> None:
        now, found = self.asking.now, self.ledgers()
        for plan, each in found.items():
            assert each.kept == each.calendar
            for person in self.asking.town.persons.values():
                decided = decide(each.facts, person, now)
                told = [grant.decision for grant in each.said(now) if grant.person == person]
                assert told == ([decided] if decided.mask else [])
                assert names_in(decided.mask) == law(each.facts, person, now)
            for at, before in self.seen.items():
                assert at == now or each.said(at) == before.get(plan, [])
        self.seen[now] = {plan: each.said(now) for plan, each in found.items()}
        for part in WATCHED:
            self.sees(part, [found.get(plan) for plan in self.plans])

    @invariant()
    def there_is_one_holder(self) -> None:
        held = and_(Participant.role == Role.STAFETTHOLDER, Participant.until.is_(None))
        holders = sorted(map(tuple, self.rows(Participant.plan_id, Participant.person_id, where=held)))
        there = Plan.deleted_at.is_(None)
        assert holders == sorted(map(tuple, self.rows(Plan.id, Plan.stafettholder_id, where=there)))

    @invariant()
    def a_plan_that_is_deleted_is_granted_to_nobody_and_is_there_for_nobody(self) -> None:
        standing = and_(AccessGrant.plan_id.in_(self.gone), AccessGrant.superseded_at.is_(None))
        assert self.rows(AccessGrant.id, where=standing) == []
        for part, plan in product(EVERYBODY, self.gone):
            told = self.asking.told(part, "query($id: ID!) { plan(id: $id) { id } }", id=f"Plan:{plan}")
            assert self.runner.run(told) == {"plan": None}

    def sees(self, part: str, found: list[Ledger | None]) -> None:
        """What each plan shows to one without a post: neither less nor more than the law says."""
        now, person = self.asking.now, self.asking.town.persons[part]
        asked = self.asking.told(part, DOORS, cast=self.a_plan(0), child=self.a_plan(1))
        for shown, each in zip(self.runner.run(asked).values(), found, strict=True):
            may = law(each.facts, person, now) if each else frozenset()
            assert (shown is not None) == ("SHELL" in may)
            for field, right in SHOWN_BY.items():
                assert ((shown or {}).get(field) is not None) == (right in may)
            if each and shown is not None and shown["consents"] is not None:
                holds = in_force(each.facts, now)
                assert [c["id"] for c in shown["consents"] if c["state"] == "IN_FORCE"] == [
                    f"Consent:{c.id}" for c in (holds,) if c]
                recorded = status(each.facts, now)
                assert shown["status"] == ("PASSIVE" if recorded == "ACTIVE" and not holds else recorded)


def test_the_ledger_is_the_law_whatever_people_do_and_however_time_passes(
        postgres: Server, template: tuple[str, Town]) -> None:
    with asyncio.Runner() as runner:
        Years.runner, Years.server, Years.template = runner, postgres, template
        run_state_machine_as_test(Years, settings=settings(
            max_examples=LIVES, stateful_step_count=15, deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.reuse, Phase.generate)))  # fifteen acts are read faster than they are made fewer
    assert all(Years.made[change] for change in ("draftConsent", "sendConsent", "signConsent")), Years.made
