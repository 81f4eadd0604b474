"""A fagsystem to practise on: it keeps, fails or breaks off, which administrators see; about nobody real."""
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from db.rules.target import IN_A_ROW
from integrations.fagsystem.practice.target import BROKEN, BUSY, MISSING, REAL, SEVERAL, PracticeFagsystem
from integrations.preview import masked
from integrations.reconcile import reconcile
from integrations.registry import BadTargets, targets
from integrations.target import (
    DeliveryError,
    DeliveryFault,
    FactKind,
    Order,
    PlanFact,
    RecordState,
    Sending,
    Told,
)
from integrations.tasks import look_after
from tests.support.asking import DAY, Asking
from tests.support.changing import done, rows
from tests.support.facts import OWNER, a_plan, following, life
from tests.support.posting import Post

WITHDRAW = "mutation($id: ID!) { withdrawConsent(consentId: $id) { errors { code } } }"
SHOWN = "{ targets { name failures restingUntil fault alerts { kind } } }"
RECORDS = "select record from delivery where state = 'CONFIRMED' and kind = 'OPENED' order by seq"


@pytest.fixture
def post(own_town: Asking) -> Post:
    return Post(own_town)


def does(post: Post, folder: Path, what: str) -> PracticeFagsystem:
    """The town's fagsystem from now on, as the file has it after SIGHUP."""
    folder.mkdir(exist_ok=True)
    file = folder.parent / "targets.toml"
    file.write_text(f'[fagsystem]\nkind = "fagsystem/practice"\nfolder = "{folder}"\ndoes = "{what}"\n'
                    "synthetic = true", "utf-8")
    made = targets(file)["fagsystem"]
    assert isinstance(made, PracticeFagsystem)
    post.worker = replace(post.worker, targets={"fagsystem": made, "archive": post.archive})
    return made


def deliver(target: PracticeFagsystem, fact: PlanFact) -> str | None:
    return target.deliver(target.render(fact), Sending(fact.fact_id)).code


def refused(target: PracticeFagsystem, fact: PlanFact) -> tuple[DeliveryFault, str]:
    with pytest.raises(DeliveryError) as refusal:
        deliver(target, fact)
    return refusal.value.fault, refusal.value.message


async def states(post: Post) -> list[str]:
    """Of what went out."""
    return [one["state"] for one in await post.said() if one["state"] != "CANCELLED"]


async def shown(post: Post) -> dict[str, object]:
    await look_after(post.worker)
    (found,) = [target for target in (await post.town.told("admin", SHOWN))["targets"]
                if target["name"] == "fagsystem"]
    return dict(found)


async def test_one_that_keeps_has_a_file_for_each_plan_and_is_compared_at_night(
        post: Post, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    does(post, folder, "keeps")
    assert (await shown(post))["fault"] is None
    await post.go()
    assert await states(post) == ["CONFIRMED", "CONFIRMED"]
    first, second = folder.iterdir()
    assert OWNER not in first.name
    await reconcile(post.worker)
    assert rows(post.town, RECORDS) == [("SAME",), ("SAME",)]
    lost = second.read_bytes()
    second.unlink()
    post.town.now += DAY
    await reconcile(post.worker)
    assert sorted(rows(post.town, RECORDS)) == [("MISSING",), ("SAME",)]
    await done(post.town, "admin", "retryDeliveries", filter={"record": "MISSING"})
    await post.go()
    assert {file.name for file in folder.iterdir()} == {first.name, second.name}
    assert second.read_bytes() == lost


async def test_one_that_fails_rests_is_alerted_of_and_takes_all_once_it_keeps(
        post: Post, tmp_path: Path) -> None:
    does(post, tmp_path / "kept", "fails")
    for _ in range(IN_A_ROW):
        await post.go()
        post.town.now += DAY
    post.town.now -= DAY
    target = await shown(post)
    assert (target["fault"], target["failures"]) == (BUSY, IN_A_ROW)
    assert target["restingUntil"]
    assert {"kind": "TARGET_FAILS"} in target["alerts"]  # type: ignore[operator]
    first = (await post.said())[0]
    assert {(each["fault"], each["answer"]) for each in first["attempts"]} == {("RETRYABLE", BUSY)}
    assert list((tmp_path / "kept").iterdir()) == []
    does(post, tmp_path / "kept", "keeps")
    post.town.now += DAY
    await done(post.town, "admin", "retryDeliveries", filter={"target": "fagsystem"})
    await post.go()
    assert await states(post) == ["CONFIRMED", "CONFIRMED"]


async def test_one_that_breaks_off_has_each_fact_once_and_of_an_end_a_person_must_look(
        post: Post, tmp_path: Path) -> None:
    target = does(post, tmp_path / "kept", "breaks")
    for _ in range(2):
        await post.go()
        post.town.now += timedelta(minutes=10)
    await post.go()
    assert await states(post) == ["CONFIRMED", "CONFIRMED"]
    first = (await post.said())[0]
    assert [(each["fault"], each["answer"]) for each in first["attempts"]] == [
        ("RETRYABLE", BROKEN), (None, "DUPLICATE")]
    await post.town.told("guardian1", WITHDRAW, id=f"Consent:{post.town.town.consent}")
    for _ in range(2):
        await post.go()
        post.town.now += timedelta(minutes=10)
    waits = [one for one in await post.said() if one["state"] == "REJECTED"]
    assert {(one["kind"], one["attempts"][-1]["fault"], one["attempts"][-1]["answer"]) for one in waits} == {
        ("WITHDRAWN", "AMBIGUOUS", SEVERAL)}
    await done(post.town, "leader", "retryDelivery", deliveryId=waits[0]["id"])
    await post.go()
    assert await states(post) == ["CONFIRMED"] * 3 + ["ORDERED"], "what it held back goes on"
    for _ in range(2):
        post.town.now += timedelta(minutes=10)
        await post.go()
    assert sorted(len(facts) for facts in target.records.plans.values()) == [2, 2], "each once"


def test_facts_are_kept_by_the_contract_whichever_worker_brings_them(tmp_path: Path) -> None:
    one, other = (PracticeFagsystem("practice", tmp_path, "keeps") for _ in range(2))
    opened, handed_over, *rest = life()
    assert refused(one, handed_over) == (DeliveryFault.PERMANENT, "practice: refused, NOT_REGISTERED")
    assert [deliver(one, opened), deliver(other, opened), deliver(other, handed_over)] == [
        "CONFIRMED", "DUPLICATE", "CONFIRMED"]
    assert [deliver(target, fact) for target, fact in zip((one, other) * 2, rest, strict=True)] == [
        "CONFIRMED"] * len(rest)
    late = following(opened, FactKind.CORRECTED)
    assert refused(one, late) == (DeliveryFault.PERMANENT, "practice: refused, OUT_OF_ORDER")
    last = Told(opened.plan_ref, opened.plan_ref, rest[-1].seq, has_plan=False, version=None, sha256=None,
                reference=None)
    assert one.compare(last) is RecordState.SAME
    assert one.compare(replace(last, seq=1)) is RecordState.DIFFERENT


@pytest.mark.parametrize("what", ["keeps", "fails", "breaks"])
def test_of_somebody_real_nothing_is_written(what: str, tmp_path: Path) -> None:
    target = PracticeFagsystem("practice", tmp_path, what)  # type: ignore[arg-type]
    nobodys = OWNER[:2] + "06" + OWNER[4:]  # whose check digits are wrong
    assert refused(target, a_plan(identity_number=nobodys)) == (DeliveryFault.PERMANENT, REAL)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("month", ["46", "71", "86"])
def test_every_test_series_is_taken(month: str, tmp_path: Path) -> None:
    target, number = PracticeFagsystem("practice", tmp_path, "keeps"), OWNER[:2] + month + OWNER[4:]
    assert deliver(target, a_plan(identity_number=number)) == "CONFIRMED"


def test_a_folder_that_is_not_there_is_told_and_tried_again(tmp_path: Path) -> None:
    target = PracticeFagsystem("practice", tmp_path / "gone", "keeps")
    assert target.check() == [MISSING]
    assert refused(target, a_plan())[0] is DeliveryFault.RETRYABLE
    with pytest.raises(DeliveryError, match=MISSING):
        target.compare(Told(a_plan().plan_ref, a_plan().plan_ref, 1, has_plan=True, version=None, sha256=None,
                            reference=None))


def test_what_would_be_sent_can_be_shown_about_nobody(tmp_path: Path) -> None:
    order: Order = masked(a_plan())
    assert isinstance(order, PlanFact)
    assert OWNER.encode() not in PracticeFagsystem("practice", tmp_path, "keeps").render(order)


@pytest.mark.parametrize("said, told", [
    ("", "synthetic: say true; it is for invented persons alone"),
    ("synthetic = false", "synthetic: say true; it is for invented persons alone")])
def test_its_table_must_say_that_nobody_is_real(said: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "targets.toml"
    table = f'[p]\nkind = "fagsystem/practice"\nfolder = "{tmp_path}"\ndoes = "keeps"\n{said}'
    file.write_text(table, "utf-8")
    with pytest.raises(BadTargets, match=rf"\[p\] {told}"):
        targets(file)
