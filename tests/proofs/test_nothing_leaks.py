"""What you may not see can't change what you see: it is all changed, and every answer stays as it was."""
from collections.abc import Iterable
from typing import Any

import pytest

from db.read.archive import archived
from db.rules.rights import ARCHIVE, CONTENT, Element, Right
from schema.recent import Recent
from schema.root import schema
from tests.support import sabotage
from tests.support.answers import Answers, answers, changed, leaks
from tests.support.changes import AIMED, BESIDE, FAMILY, NEVER_WAS, all_changes, document
from tests.support.coverage import askable, asked
from tests.support.crowd import VIEWERS, AskingCrowd
from tests.support.questions import Question, golden
from tests.support.samples import samples
from tests.support.theirs import unseen
from tests.support.trial import Trial

Questions = dict[str, Question]
Aim = tuple[str, str, str]  # a change, the noun of the id that it is given, and its arguments
LOGGED = ("guardian1", "guardian2")  # see the access log, and in it what they have just asked
COUNTING = ("leader", "group leader", "admin", "analyst")  # are told counts, which have a proof of their own
PUBLIC = ("units", "unit ", "municipality", "consentTemplate",
          "node Unit", "node Municipality", "node ConsentTemplate")
SOME = 16  # rows that a document of changes names, from all over the table


@pytest.fixture(scope="session")
async def questions(asking: AskingCrowd) -> Questions:
    return golden(await samples(asking))


def test_the_questions_leave_nothing_out(questions: Questions) -> None:
    assert askable() - asked(question.text for question in questions.values()) == set()


@pytest.mark.parametrize("part", VIEWERS)
async def test_what_is_withheld_changes_no_answer(trial: Trial, questions: Questions, part: str) -> None:
    if part in COUNTING:
        questions = {name: q for name, q in questions.items() if not name.startswith("statistics")}
    if part in LOGGED:
        await answers(trial, part, questions)  # is written down now, and within the hour no more is
    before = await answers(trial, part, questions)
    assert trial.scramble(part) > 200
    assert leaks(before, await answers(trial, part, questions)) == []


@pytest.mark.parametrize("elements", [
    ARCHIVE, (ARCHIVE & ~CONTENT) | Element.GOALS.read, (ARCHIVE & ~CONTENT) | Element.ACCESS_LOG.read])
async def test_the_archive_is_given_what_was_chosen_alone(trial: Trial, elements: Right) -> None:
    async def given() -> Any:
        return await archived(trial.reader, trial.town.municipality, trial.now, trial.town.plan, elements)
    before = await given()
    trial.scramble("fagsystem", archive=(trial.town.plan, int(elements)))
    assert changed(before, await given(), "plan") == []


async def test_what_was_changed_is_seen_by_those_who_may(trial: Trial, questions: Questions) -> None:
    """Between them; but not what is open to all, and the plans of others. A page that is one id changes where
    a copy's, which is random, comes before it."""
    parts = ("stafettholder", "guardian1")
    before = {part: await answers(trial, part, questions) for part in parts}
    trial.scramble("stranger")
    after = {part: await answers(trial, part, questions) for part in parts}
    same = {name for name in questions if all(before[p][name] == after[p][name] for p in parts)}
    assert {name for name in same - {"plan.participants pages 0"} if not name.startswith(PUBLIC)} == {
        "plan 2", "plan 3", "plan 4", "statistics 0", "verifyConsent 0", "declarationToSign 0",
        # are the local administrator's
        "targets 0", "targets pages 0", "deliveriesPreview 0", "overdueArchiving pages 0", "node Target 0",
        "node Alert 0", "node Reconciliation 0", "previewDelivery 0",
        "systemRequests pages 0", "node SystemRequest 0", "hasStafettlogg 0",
        "systemOptions 0"}


@pytest.mark.parametrize("broken", sabotage.ALL)
async def test_a_broken_gate_is_noticed(trial: Trial, questions: Questions, broken: str) -> None:
    how = sabotage.ALL[broken]
    few = {broken: questions.get(how.question, Question(how.question))}

    async def told() -> Answers:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(schema, "statements", Recent(1))
            how.done(patch)
            return await answers(trial, how.part, few)
    before = await told()
    trial.scramble(how.part)
    assert leaks(before, await told()) != []


async def given_away(own: AskingCrowd, part: str, some: Iterable[Aim]) -> list[str]:
    """Rows that are not there for the viewer, but which a change tells from one that never was."""
    some, told = list(some), []
    hidden = unseen(own.url, own.viewer(part), own.now, {noun for _, noun, _ in some})
    for change, noun, arguments in some:
        keys = [NEVER_WAS, *hidden[noun][::len(hidden[noun]) // SOME + 1]]
        said = await own.told(part, document(change, arguments, [f"{noun}:{key}" for key in keys]))
        told += [f"{change} {noun}:{key}" for n, key in enumerate(keys) if said[f"a{n}"] != said["a0"]]
    return told


@pytest.mark.parametrize("part", ["nurse", "leader", "stranger", "neighbour"])
async def test_changing_what_is_not_yours_is_changing_what_never_was(own: AskingCrowd, part: str) -> None:
    assert all_changes() == set(AIMED)
    aimed = ((change, noun, arguments) for change, (noun, arguments) in AIMED.items() if noun)
    assert await given_away(own, part, aimed) == []


async def test_naming_what_is_not_yours_is_naming_what_never_was(own: AskingCrowd) -> None:
    plan, school = f"Plan:{own.town.plan}", f"Unit:{own.town.units['Nordmo skole']}"
    told = await own.told("stafettholder", "query($id: ID!) { plan(id: $id) { goals { id } } }", id=plan)
    beside = ((change, noun, arguments.format(
        plan=plan, unit=school, goal=told["plan"]["goals"][0]["id"], family=FAMILY,
        consent=f"Consent:{own.town.consent}")) for noun, change, arguments in BESIDE.values())
    assert await given_away(own, "stafettholder", beside) == []
