"""The rule gives just what the law says, in every situation there is; and the printed table says the same.

The law stands here a second time, by hand and in other words than the rule's, which may be wrong."""
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import product
from pathlib import Path
from uuid import UUID

import pytest

from db.rules.grant import OSLO, ConsentFacts, Named, Part, PlanFacts, decide
from db.rules.plan_template import Switch
from db.rules.rights import LEADER, LEADER_OF_HIDDEN, Element, Right
from db.rules.table import table
from db.rules.words import PlanStatus, PlanType, Role
from tests.support.law import THE_LOG, THE_SHELL, names_in, reading, rights, writing

NOW = datetime(2026, 11, 22, 10, tzinfo=OSLO)
DAY = timedelta(days=1)
THEY, OTHERS, CLINIC, SCHOOL = (UUID(int=n) for n in range(1, 5))
CHILD, YOUNG, ADULT = "under consent age", "consent age to 17", "18 or over"


@dataclass(frozen=True)
class Situation:
    role: str
    consent: str
    status: str
    age: str
    protected: bool  # somebody in the plan has a protected address
    consent_age: int


UNKNOWN = "names others, and was asked for before they came"
IN_FORCE = {  # consents in force: whether it names them, and whether the owner was old enough to sign it
    "names them": (True, True), "names their service": (True, True),
    "names them, signed by guardians alone": (True, False), "names them for whereabouts": (True, True),
    "keeps goals from them": (True, True), "lets them read goals": (True, True),
    "names others": (False, True), "replaced one that named them": (False, True), UNKNOWN: (False, False)}
Clause = Callable[[Situation], bool]


def family(s: Situation) -> bool:
    """The owner who is old enough, and the guardians of one who is not of age."""
    return s.age in {"OWNER": (YOUNG, ADULT), "GUARDIAN": (CHILD, YOUNG)}.get(s.role, ())


def running(s: Situation) -> bool:
    return s.consent in IN_FORCE and s.status == "ACTIVE"


def named(s: Situation) -> bool:
    return running(s) and IN_FORCE[s.consent][0]


def provider(s: Situation) -> bool:
    return s.role == "PROVIDER" and named(s)


def kin(s: Situation) -> bool:
    """Next of kin; from 18 also those who were guardians, if the consent is the owner's own."""
    once_guardian = s.role == "GUARDIAN" and s.age == ADULT
    return named(s) and (s.role == "NEXT_OF_KIN" or (once_guardian and IN_FORCE[s.consent][1]))


def holder(s: Situation) -> bool:
    return s.role == "STAFETTHOLDER"


def known(s: Situation) -> bool:
    """The holder under a consent that names them, or that was asked for when they held the baton."""
    return holder(s) and running(s) and (IN_FORCE[s.consent][0] or s.consent != UNKNOWN)


BY_ROLE: list[tuple[str, Clause, frozenset[str]]] = [
    ("the family reads everything, always, also when passive or closed", family, reading(THE_LOG)),
    ("the access log is visible to owner and guardians", family, reading("ACCESS_LOG")),
    ("the family prints what it reads", family, rights("PRINT")),
    ("the family writes comments, messages and overview while the plan runs",
     lambda s: family(s) and running(s), writing("COMMENTS MESSAGES OVERVIEW")),
    ("the stafettholder administers, with a consent or without", holder,
     reading("PARTICIPANTS CONSENT ADMINISTRATION") | writing("PARTICIPANTS CONSENT ADMINISTRATION")
     | rights("EDIT_PERSON DELIVERIES")),
    ("who reads by role sees the shell", lambda s: family(s) or holder(s), THE_SHELL)]
BY_CONSENT: list[tuple[str, Clause, frozenset[str]]] = [
    ("the stafettholder reads content under a consent that names them or knew them", known,
     reading(THE_LOG)),
    ("the stafettholder writes everything but what the hub writes", known,
     writing(THE_LOG) - writing("TIMELINE")),
    ("the stafettholder prints", known, rights("PRINT")),
    ("a service provider reads all elements", provider, reading(THE_LOG)),
    ("a service provider writes comments, messages, and activities that they answer for", provider,
     writing("COMMENTS MESSAGES ACTIVITIES")),
    ("next of kin read all elements", kin, reading(THE_LOG)),
    ("next of kin write as the family does", kin, writing("COMMENTS MESSAGES OVERVIEW")),
    ("next of kin print what they read", kin, rights("PRINT")),
    ("who reads under consent sees the shell", lambda s: provider(s) or kin(s), THE_SHELL)]
HELD_BACK = {"keeps goals from them": {"GOALS_READ", "GOALS_WRITE"}, "lets them read goals": {"GOALS_WRITE"}}


def law(s: Situation) -> frozenset[str]:
    """The names of all rights that the law gives where a plan has every element, and no others."""
    by_role = {right for _, holds, given in BY_ROLE if holds(s) for right in given}
    by_consent = {right for _, holds, given in BY_CONSENT if holds(s) for right in given}
    opened = frozenset(by_role | (by_consent - HELD_BACK.get(s.consent, set())))
    if s.consent == "names them for whereabouts":
        return opened | rights("PROTECTED") if opened else opened
    return opened - {"WHEREABOUTS"} if s.protected else opened


GOALS = Right.GOALS_READ | Right.GOALS_WRITE
LONG_AGO, LATELY, TOMORROW = NOW - 1500 * DAY, NOW - 30 * DAY, NOW + DAY
NAMED, NAMING_OTHERS = (Named(THEY, None),), (Named(OTHERS, None), Named(None, SCHOOL))
AGREED = ConsentFacts(UUID(int=9), LATELY, LATELY, TOMORROW, named=NAMED)
CONSENTS: dict[str, tuple[ConsentFacts, ...]] = {
    "none": (),
    "draft": (replace(AGREED, sent=None, opened=None),),
    "awaiting signature": (replace(AGREED, opened=None),),
    "to begin tomorrow": (replace(AGREED, opened=TOMORROW, valid_until=TOMORROW + DAY),),
    "declined": (replace(AGREED, opened=None, declined=NOW),),
    "expired": (replace(AGREED, valid_until=NOW),),
    "withdrawn": (replace(AGREED, withdrawn=NOW),),
    "names them": (AGREED,),
    "names their service": (replace(AGREED, named=(Named(None, CLINIC),)),),
    "names them, signed by guardians alone": (replace(AGREED, sent=LONG_AGO),),
    "names them for whereabouts": (replace(AGREED, named=(Named(THEY, None, whereabouts=True),)),),
    "keeps goals from them": (replace(AGREED, named=(Named(THEY, None, GOALS),)),),
    "lets them read goals": (replace(AGREED, named=(Named(THEY, None, Right.GOALS_WRITE),)),),
    "names others": (replace(AGREED, named=NAMING_OTHERS),),
    UNKNOWN: (replace(AGREED, sent=LONG_AGO - DAY, named=NAMING_OTHERS),),
    "replaced one that named them": (
        replace(AGREED, id=UUID(int=8), opened=LONG_AGO, superseded=LATELY),
        replace(AGREED, named=NAMING_OTHERS))}


def born(age: str, consent_age: int) -> date:
    """On the last day of the age, or on its first."""
    today, tomorrow = date(2026, 11, 22), date(2026, 11, 23)
    return {CHILD: tomorrow.replace(year=2026 - consent_age), YOUNG: tomorrow.replace(year=2008),
            ADULT: today.replace(year=2008)}[age]


Template = tuple[PlanType, tuple[Switch, ...]]
LOG, IP, IOP = PlanType
WHOLE: Template = (IP, (Switch(LONG_AGO - 2 * DAY, Element.MAPPING, on=True),))  # every element


def given(s: Situation, template: Template = WHOLE) -> frozenset[str]:
    """What the rule gives."""
    part = Part(THEY, Role(s.role), CLINIC, LONG_AGO, LONG_AGO)
    another = Part(OTHERS, Role.PROVIDER, SCHOOL, LONG_AGO, LONG_AGO)
    statuses = ((LONG_AGO, PlanStatus(s.status)),)
    facts = PlanFacts(born(s.age, s.consent_age), s.consent_age, s.protected, statuses, (part, another),
                      CONSENTS[s.consent], *template)
    return names_in(decide(facts, THEY, NOW).mask)


SITUATIONS = [Situation(*each) for each in product(
    Role, CONSENTS, PlanStatus, (CHILD, YOUNG, ADULT), (False, True), (15, 16))]


@pytest.mark.parametrize("role", Role)
def test_the_rule_gives_just_what_the_law_says_in_every_situation(role: Role) -> None:
    wrong = [(s, sorted(given(s) ^ law(s))) for s in SITUATIONS if s.role == role and given(s) != law(s)]
    assert wrong == []


@pytest.mark.parametrize("clause", [text for text, *_ in (*BY_ROLE, *BY_CONSENT)])
def test_every_clause_of_the_law_applies_somewhere_and_not_everywhere(clause: str) -> None:
    (holds,) = [holds for text, holds, _ in (*BY_ROLE, *BY_CONSENT) if text == clause]
    assert {holds(s) for s in SITUATIONS} == {False, True}


def test_without_a_consent_in_force_content_is_open_to_the_family_alone() -> None:
    """The heart of it, said in one sentence."""
    opened = {(s.role, right) for s in SITUATIONS if not running(s) and not family(s)
              for right in given(s) & reading(THE_LOG)}
    assert opened == {("STAFETTHOLDER", "PARTICIPANTS_READ"), ("STAFETTHOLDER", "CONSENT_READ")}


SOME = "MESSAGES CALENDAR LIFE_AREAS PROFESSIONAL_PLANS DOCUMENTS MAPPING"
LACKED_BY_LOGS = "LIFE_AREAS PROFESSIONAL_PLANS MAPPING"
SWITCHED: list[tuple[Template, str]] = [  # and what plans then lack
    ((LOG, ()), LACKED_BY_LOGS), ((IP, ()), "MAPPING"), ((IOP, ()), "MAPPING"),
    *(((kind, tuple(Switch(LONG_AGO - 2 * DAY, element, on=on) for element in Element)), lacked)
      for kind, on, lacked in (
          (LOG, True, "LIFE_AREAS PROFESSIONAL_PLANS"), (IP, True, ""), (IOP, True, ""), (IP, False, SOME),
          (LOG, False, "LIFE_AREAS PROFESSIONAL_PLANS CALENDAR MAPPING"), (IOP, False, SOME)))]
FEW = [s for s in SITUATIONS if not s.protected and s.consent_age == 15]


@pytest.mark.parametrize("template, lacked", SWITCHED)
def test_what_a_type_lacks_is_closed_to_all_and_nothing_else_is(template: Template, lacked: str) -> None:
    """Switching every element at once: what is fixed stays as it is."""
    gone = reading(lacked) | writing(lacked)
    assert [s for s in FEW if given(s, template) != law(s) - gone] == []


def test_what_a_type_got_after_the_family_was_asked_is_open_to_the_family_alone() -> None:
    late: Template = (LOG, (Switch(NOW - DAY, Element.MAPPING, on=True),))
    opened = {s.role for s in FEW if {"MAPPING_READ", "MAPPING_WRITE"} & given(s, late)}
    assert opened == {"OWNER", "GUARDIAN"}
    assert [s for s in FEW if not family(s)
            and given(s, late) != law(s) - reading(LACKED_BY_LOGS) - writing(LACKED_BY_LOGS)] == []


def test_those_who_lead_see_the_shell_and_no_content() -> None:
    assert names_in(LEADER) == rights("PUBLIC SHELL WHEREABOUTS DELIVERIES")
    assert names_in(LEADER_OF_HIDDEN) == rights("PUBLIC SHELL DELIVERIES")


def test_the_printed_table_is_the_one_in_the_readme() -> None:
    readme = (Path(__file__).parents[2] / "db" / "gate" / "README.md").read_text("utf-8")
    assert table() in readme, "run `hub rights`, and look at the difference before you copy it"
