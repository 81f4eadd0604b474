"""From an order to the receipt: the worker, the steps that it keeps, and an archive over GeoIntegrasjon."""
from collections.abc import Iterator
from dataclasses import replace

import pytest

from integrations.target import Target
from tests.support.asking import DAY, Asking
from tests.support.changing import done, rows
from tests.support.filed import target
from tests.support.geointegrasjon import OFFICIAL, described, serving
from tests.support.noark import Archive, status
from tests.support.posting import Post

STEPS = "select state, steps, body_sealed is null from delivery where target = 'archive' order by seq"


@pytest.fixture
def archive() -> Iterator[Archive]:
    with serving(Archive(), described(OFFICIAL.is_dir())) as started:
        yield started


@pytest.fixture
def post(own_town: Asking, archive: Archive) -> Post:
    made = Post(own_town)
    targets: dict[str, Target] = {"fagsystem": made.fagsystem, "archive": target(archive)}
    made.worker = replace(made.worker, targets=targets)
    return made


async def act(post: Post, change: str, **given: str | None) -> None:
    await done(post.town, "stafettholder", change, planId=f"Plan:{post.town.town.plan}", **given)


async def test_an_attempt_goes_on_where_the_one_before_it_stopped(post: Post, archive: Archive) -> None:
    await act(post, "archivePlan")
    archive.fails = {"NyDokument": "OperationalFault"}
    await post.go()
    assert rows(post.town, STEPS) == [("ORDERED", {"case": "S1", "entry": "J1"}, False)]
    archive.fails, post.town.now = {}, post.town.now + DAY
    await post.go()
    (version,) = await post.said("archive")
    assert (version["state"], version["reference"]) == ("CONFIRMED", "2026/1-1 (S1, J1, D1)")
    assert [one["fault"] for one in version["attempts"]] == ["RETRYABLE", None]
    assert rows(post.town, STEPS)[0][2], "what was sent is dropped"
    assert (len(archive.cases), len(archive.entries), len(archive.documents)) == (1, 1, 1)


async def test_the_case_is_closed_and_reopened_with_the_plan(post: Post, archive: Archive) -> None:
    told = []
    for change, given in ("closePlan", {"reason": "GOALS_REACHED"}), ("reopenPlan", {}), ("archivePlan", {}):
        await act(post, change, **given)
        post.town.now += DAY
        await post.go()
        told.append(status(archive.cases[0], "saksstatus"))
    assert told == ["F", "F", "B"]
    assert (len(archive.cases), len(archive.entries)) == (1, 2)
