"""Whatever people do, and however often a system is away, or its unit takes its time to note by hand: each
holds in the end what the consent in force says it may, and was told it in order; and each that asks by itself
is answered just that (domain.md §9)."""
import asyncio
import os
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from db.rules.delivery import ENDING, DeliveryFault
from db.rules.grant import Part, PlanFacts
from db.seal import synthetic
from db.seeds.parts import PARTS, Town
from db.write.clock import tick
from db.write.delivery import Key
from integrations.target import DeliveryError, Target
from resolvers.context import Client, Context, Viewer
from resolvers.record import records
from tests.support.asking import NOW, SEAL, Asking
from tests.support.changing import arguments, document, rows
from tests.support.embedded import Server, name_of
from tests.support.histories import changed
from tests.support.keeping import Keeping, Mishap, Noted
from tests.support.law import by_consent, has_joined, in_force, is_named, status
from tests.support.ledger import ledgers
from tests.support.posting import Post
from tests.support.tasks import TASKS

HISTORIES = int(os.environ.get("HISTORIES", "5"))  # `make proofs`: 200
SHOWN = {"Consent": "id texts { hash }", "Handover": "id"}
SYSTEMS = {"Nordmo skole": "'school'", "Nordmo helsestasjon": "'clinic'", "PPT Nordmo": "'shared'",
           "Solbakken barnehage": "'shared'", "Familieteamet": "null"}  # in SQL
HELPERS = ["nurse", "former", "stranger", "leader", "admin"]
IN_ORDER = re.compile(r"((OPENED )((HOLDER_CHANGED|CORRECTED) )*((WITHDRAWN|CLOSED) |$))*")
helpers, units = st.sampled_from(HELPERS), st.sampled_from([PARTS[helper].unit for helper in HELPERS])
names = st.lists(st.tuples(helpers, st.booleans(), st.booleans()), max_size=4, unique_by=lambda n: n[0])
BEGINNING = [("nurse", False, True), ("stranger", True, False), ("former", False, False),
             ("leader", True, False)]  # whom, or whose service, and whether something is held back
mishaps = st.lists(st.sampled_from([None, *Mishap]), max_size=3)
days, which, whom = st.integers(1, 60), st.integers(0, 3), st.sampled_from(["stafettholder", *HELPERS])
ACTS: list[tuple[int, str, dict[str, st.SearchStrategy[Any]]]] = [  # how often, and with what
    (4, "the_clinic_notes_by_hand_what_waits", {}),
    (9, "the_worker_comes_by", {"school": mishaps, "others": mishaps, "away": st.booleans()}),
    (2, "a_consent_is_given_and_those_come_whom_it_names", {"named": names, "days": days}),
    (1, "a_consent_is_asked_for", {"named": names, "days": days}), (1, "both_sign", {}),
    (2, "one_withdraws", {"who": st.sampled_from(["guardian1", "guardian2"])}),
    (3, "one_comes", {"who": helpers}), (2, "one_accepts", {"who": st.just("stranger")}),
    (3, "one_goes", {"who": which}),
    (3, "the_baton_is_offered_and_taken", {"to": which}), (3, "the_baton_is_forced", {"to": whom}),
    (1, "the_plan_moves", {"unit": units}), (2, "the_plan_closes", {}), (3, "the_plan_is_reopened", {}),
    (2, "the_number_is_put_right", {"nth": st.integers(1, 99)}),
    (2, "time_passes", {"hours": st.sampled_from([1, 12, 20 * 24, 70 * 24])}),
    (1, "the_clock_is_looked_at", {}),
    (1, "all_is_told_and_each_holds_what_it_may", {})]
acts = st.sampled_from([(act, given) for often, act, given in ACTS for _ in range(often)]).flatmap(
    lambda act: st.tuples(st.just(act[0]), st.fixed_dictionaries(act[1])))


class History:
    """The cast's plan; its services' systems hear of it by a worker that comes by when it comes by."""
    made: ClassVar[Counter[str]] = Counter()  # what was not refused
    told: ClassVar[Counter[str]] = Counter()
    answered: ClassVar[Counter[bool]] = Counter()
    runner: asyncio.Runner
    server: Server
    template: tuple[str, Town]
    begins: datetime = NOW

    def __init__(self) -> None:
        url, town = self.template
        self.asking = Asking(self.server.fresh(name_of(url)))
        self.asking.town, self.asking.now = town, self.begins
        self.runner.run(self.asking.open())
        self.number = PARTS["owner"].identity_number
        self.forms = list[dict[str, Any]]()
        self.services: dict[str, tuple[UUID, str]] = {organisation: (unit, target) for (
            organisation, unit, target) in rows(self.asking, """
            select organisation_number, id, fagsystem from unit where fagsystem is not null""")}
        self.units: dict[str, UUID] = dict(rows(self.asking, "select organisation_number, id from unit"))
        self.post = Post(self.asking)
        self.clinic = Noted("clinic", lambda: self.asking.now)
        self.systems = {"clinic": self.clinic, **{name: Keeping(name, lambda: self.asking.now)
                                                  for name in ("school", "shared")}}
        targets: dict[str, Target] = {"archive": self.post.archive, **self.systems}
        self.post.worker = replace(self.post.worker, targets=targets)

    def close(self) -> str:
        """The address of what it leaves."""
        self.runner.run(self.asking.close())
        return self.asking.url

    def act(self, by: str, name: str, **given: Any) -> Any:
        self.asking.now += timedelta(minutes=1)
        told = self.runner.run(self.asking.told(by, document(name, SHOWN), **arguments(name, given)))
        self.made[name] += not told[name]["errors"]
        return told[name]

    @property
    def plan(self) -> str:
        return f"Plan:{self.asking.town.plan}"

    def person(self, part: str) -> str:
        return f"Person:{self.asking.town.persons[part]}"

    def unit(self, name: str) -> str:
        return f"Unit:{self.asking.town.units[name]}"

    def a_consent_is_asked_for(self, named: list[tuple[str, bool, bool]], days: int) -> None:
        def name(part: str, whole: bool, restricted: bool) -> dict[str, Any]:
            who = {"unitId": self.unit(PARTS[part].unit or "")} if whole else {"personId": self.person(part)}
            return {**who, "restrictions": [{"element": "GOALS", "level": "NONE"}] if restricted else []}
        until = (self.asking.now + timedelta(days=days)).date()
        drafted = self.act("stafettholder", "draftConsent", planId=self.plan, validUntil=str(until),
                           texts=[{"language": "NB", "text": "Ja."}], names=[name(*each) for each in named])
        if drafted["consent"]:
            self.forms.append(drafted["consent"])
            self.act(self.holder(), "sendConsent", consentId=drafted["consent"]["id"])

    def both_sign(self) -> None:
        for by in ("guardian1", "guardian2") if self.forms else ():
            form = self.forms[-1]
            self.act(by, "signConsent", consentId=form["id"], method="DEMO_BANKID",
                     hash=form["texts"][0]["hash"])

    def a_consent_is_given_and_those_come_whom_it_names(
            self, named: list[tuple[str, bool, bool]], days: int) -> None:
        self.a_consent_is_asked_for(named, days)
        self.both_sign()
        for part, _, _ in named:
            self.one_comes(part)

    def one_withdraws(self, who: str) -> None:
        for (key,) in rows(self.asking, "select id from consent order by id desc limit 2"):
            self.act(who, "withdrawConsent", consentId=f"Consent:{key}")

    def one_comes(self, who: str) -> None:
        self.act(self.holder(), "addParticipant", planId=self.plan, personId=self.person(who),
                 role="PROVIDER")

    def one_accepts(self, who: str) -> None:
        """The invitation, where they have not joined."""
        for key, number in rows(self.asking, "select id, link_number from participant where person_id = %s",
                                self.asking.town.persons[who]):
            self.act(who, "acceptInvitation", code=SEAL.invitation_code(key, number))

    def one_goes(self, who: int) -> None:
        for key, _ in self.helping(who):
            self.act(self.holder(), "endParticipant", participantId=f"Participant:{key}")

    def the_baton_is_offered_and_taken(self, to: int) -> None:
        for _, part in self.helping(to):
            offered = self.act(self.holder(), "proposeStafettholder", planId=self.plan,
                               personId=self.person(part), reason="R")
            if offered["handover"]:
                self.act(part, "acceptStafettholder", handoverId=offered["handover"]["id"])

    def helping(self, number: int) -> list[tuple[UUID, str]]:
        """One of those who help, where anybody does: the participation, and who it is."""
        found = rows(self.asking, """select id, person_id from participant
            where until is null and role = 'PROVIDER' order by id""")
        chosen = found[number % len(found):][:1] if found else []
        return [(key, self.part(person)) for key, person in chosen]

    def part(self, person: UUID) -> str:
        return next(part for part, key in self.asking.town.persons.items() if key == person)

    def holder(self) -> str:
        ((key,),) = rows(self.asking, "select stafettholder_id from plan")
        return self.part(key)

    def the_baton_is_forced(self, to: str) -> None:
        self.act("admin", "replaceStafettholder", planId=self.plan, personId=self.person(to), reason="R")

    def the_plan_moves(self, unit: str) -> None:
        self.act("admin", "movePlan", planId=self.plan, unitId=self.unit(unit), reason="R",
                 withoutConsent=True)

    def the_plan_closes(self) -> None:
        self.act(self.holder(), "closePlan", planId=self.plan, reason="OTHER")

    def the_plan_is_reopened(self) -> None:
        self.act("admin", "reopenPlan", planId=self.plan)

    def the_number_is_put_right(self, nth: int) -> None:
        number = synthetic(PARTS["owner"].born, nth)
        done = self.act("admin", "correctIdentityNumber", personId=self.person("owner"), reason="R",
                        identityNumber=number)
        self.number = self.number if done["errors"] else number

    def time_passes(self, hours: int) -> None:
        self.asking.now += timedelta(hours=hours)

    def the_clock_is_looked_at(self) -> None:
        self.runner.run(tick(self.asking.writer, self.asking.now))

    def the_worker_comes_by(self, school: list[Mishap | None], others: list[Mishap | None],
                            away: bool) -> None:
        """`away`: the archive."""
        for system in self.systems.values():
            system.mishaps = list(school if system.name == "school" else others)
        self.post.archive.says = [DeliveryError(DeliveryFault.RETRYABLE, "away")] * away
        before = {name: len(system.tried) for name, system in self.systems.items()}
        self.runner.run(self.post.worker.work(Key(1, self.asking.town.plan, "clinic")))  # whoever waits there
        self.runner.run(self.post.go())
        facts = self.facts()
        now = [each for name, system in self.systems.items() for each in system.tried[before[name]:]]
        for at, fact in now:
            self.told[fact["kind"]] += 1
            unit, _ = self.services[fact["unitOrganisationNumber"]]
            assert not fact["hasPlan"] or may_know(unit, facts, at)

    def the_clinic_notes_by_hand_what_waits(self) -> None:
        """One after the other, for each lets the next come; and only what the clinic may know now."""
        while tasks := self.runner.run(self.asking.told("analyst", TASKS))["fagsystemTasks"]["edges"]:
            (task,) = (edge["node"] for edge in tasks)
            unit = UUID(task["unitId"].removeprefix("Unit:"))
            assert task["kind"] in ENDING or may_know(unit, self.facts(), self.asking.now)
            self.clinic.note(task)
            assert not self.act("analyst", "confirmDelivery", deliveryId=task["deliveryId"])["errors"]
            self.runner.run(self.post.worker.work(Key(1, self.asking.town.plan, "clinic")))

    def all_is_told_and_each_holds_what_it_may(self) -> None:
        for _ in range(30):
            self.the_clock_is_looked_at()
            self.the_worker_comes_by([], [], away=False)
            self.the_clinic_notes_by_hand_what_waits()
            if not rows(self.asking, "select from delivery where state not in ('CONFIRMED', 'CANCELLED')"):
                break
            self.time_passes(6)
        facts, ((holder,),) = self.facts(), rows(
            self.asking, "select h.name from plan p join person h on h.id = p.stafettholder_id")
        runs = status(facts, self.asking.now) == "ACTIVE"
        for system in self.systems.values():
            held = {record["unitOrganisationNumber"]: (record["contact"]["name"], record["person"]["value"])
                    for record in system.records.values() if record["hasPlan"]}
            assert held == {
                organisation: (holder, self.number) for organisation, (unit, target) in self.services.items()
                if target == system.name and runs and may_know(unit, facts, self.asking.now)}
            told = list(dict.fromkeys((fact["seq"], fact["factId"]) for _, fact in system.tried))
            assert told == sorted(told) and len({seq for seq, _ in told}) == len(told)
            for organisation in self.services:
                kinds = "".join(f"{fact['kind']} " for fact in system.facts(organisation))
                assert IN_ORDER.fullmatch(kinds), kinds

    def each_that_asks_is_answered_what_it_may(self) -> None:
        """At this very moment, whatever it has been told; with a fagsystem that is told, or without."""
        facts, at = self.facts(), self.asking.now
        holder = PARTS[self.holder()].name
        for organisation, unit in self.units.items():
            client = Client(organisation, asks=True)
            viewer = Viewer(self.asking.town.municipality, None, "nb", client=client)
            told = self.runner.run(records(Context(self.asking.hub, viewer, at, "nb"), self.number))
            may = status(facts, at) == "ACTIVE" and may_know(unit, facts, at)
            assert [(one.unit_organisation_number, one.contact and one.contact.name) for one in told] == (
                [(organisation, holder)] if may else [])
            self.answered[may] += 1

    def facts(self) -> PlanFacts:
        found = self.runner.run(ledgers(self.asking, [self.asking.town.plan]))
        return found[self.asking.town.plan].facts


def may_know(unit: UUID, facts: PlanFacts, at: datetime) -> bool:
    """Whether a unit has a participant under the consent in force (domain.md §9)."""
    return any(part.unit == unit and is_under_consent(part, facts, at) for part in facts.parts)


def is_under_consent(part: Part, facts: PlanFacts, at: datetime) -> bool:
    """Who helps, and to whom the consent in force opens something."""
    consent = in_force(facts, at)
    if consent is None or part.role not in ("STAFETTHOLDER", "PROVIDER") or not has_joined(part, at):
        return False
    lasts = part.since <= at and (part.until is None or at < part.until)
    named = any(is_named(part, each) for each in consent.named)
    return lasts and bool(by_consent(part, consent, facts, named=named))


@pytest.fixture
def begun(postgres: Server, template: tuple[str, Town]) -> Iterator[None]:
    """Four systems have been told of the plan, or will be when the worker comes by."""
    url = postgres.fresh(name_of(template[0]))
    changed(url, f"update person set joined_at = null where id = '{template[1].persons['stranger']}'",
            *(f"update unit set fagsystem = {system} where name = '{unit}'"
              for unit, system in SYSTEMS.items()),
            f"""insert into assignment (municipality_id, person_id, unit_id, post, since)
            select 1, '{template[1].persons['analyst']}', id, 'UNIT_ADMINISTRATOR', now() - interval '9 years'
            from unit where fagsystem = 'clinic'""",
            "update delivery d set target = u.fagsystem from unit u where u.id = d.unit_id")
    with asyncio.Runner() as runner:
        History.runner, History.server, History.template = runner, postgres, (url, template[1])
        first = History()
        first.a_consent_is_given_and_those_come_whom_it_names(BEGINNING, 60)
        History.template, History.begins = (first.close(), template[1]), first.asking.now
        yield


@contextmanager
def lived(postgres: Server) -> Iterator[History]:
    """In the end all is told, and each holds what it may."""
    history = History()
    try:
        yield history
        history.all_is_told_and_each_holds_what_it_may()
    finally:
        postgres.drop(history.close())


@pytest.mark.usefixtures("begun")
def test_each_system_holds_what_the_consent_in_force_says_it_may(postgres: Server) -> None:
    @settings(max_examples=HISTORIES, deadline=None, suppress_health_check=list(HealthCheck),
              phases=(Phase.reuse, Phase.generate))  # as in test_ledger_after_any_acts
    @given(st.lists(acts, min_size=12, max_size=20))
    def live(acts: list[tuple[str, dict[str, Any]]]) -> None:
        with lived(postgres) as history:
            for act, given in acts:
                getattr(history, act)(**given)
                history.each_that_asks_is_answered_what_it_may()
    live()
    assert History.told["OPENED"] and History.made["confirmDelivery"], History.made
    assert all(History.answered[may] for may in (True, False))


EVENTS: dict[str, Callable[[History], None]] = {
    "one joins": lambda history: history.one_comes("leader"),
    "one leaves": lambda history: history.one_goes(0),
    "something is held back": lambda history: history.a_consent_is_given_and_those_come_whom_it_names(
        [("nurse", False, True), ("former", True, True)], 30),
    "a consent is withdrawn": lambda history: history.one_withdraws("guardian1"),
    "a consent runs out": lambda history: history.time_passes(70 * 24),
    "the plan is closed": History.the_plan_closes,
    "the plan is reopened": History.the_plan_is_reopened,
    "the plan moves": lambda history: history.the_plan_moves("Nordmo helsestasjon"),
    "another holds the baton": lambda history: history.the_baton_is_forced("nurse"),
    "the number is put right": lambda history: history.the_number_is_put_right(7)}
TOGETHER = [*product(EVENTS, EVENTS, (True, False))]
PAIRS = int(os.environ.get("PAIRS", "8"))  # `make proofs`: all


@pytest.mark.usefixtures("begun")
def test_whatever_comes_after_whatever_whether_it_was_told_between_or_not(postgres: Server) -> None:
    for first, then, between in random.sample(TOGETHER, min(PAIRS, len(TOGETHER))):
        try:
            together(postgres, EVENTS[first], EVENTS[then], between=between)
        except AssertionError as wrong:
            wrong.add_note(f"{first}, then {then}; told between: {between}")
            raise


def together(postgres: Server, first: Callable[[History], None], then: Callable[[History], None], *,
             between: bool) -> None:
    with lived(postgres) as history:
        history.the_worker_comes_by([], [], away=False)
        history.the_clinic_notes_by_hand_what_waits()
        first(history)
        if between:
            history.the_clock_is_looked_at()
            history.the_worker_comes_by([], [], away=False)
        then(history)
        history.each_that_asks_is_answered_what_it_may()
