"""From an active plan to a record in a fagsystem of each kind, and to its end: through the worker."""
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from db.seeds.parts import PARTS
from integrations.reconcile import reconcile
from integrations.registry import targets
from integrations.target import Target
from integrations.tasks import look_after
from tests.support.asking import DAY, Asking
from tests.support.changing import rows
from tests.support.edge import Call, Said, edge
from tests.support.posting import Post
from tests.support.receiving import SYSTEMS, WEBHOOK, System
from tests.support.webhooks import SECRET

WITHDRAW = "mutation($id: ID!) { withdrawConsent(consentId: $id) { errors { code } } }"
HELD = """select id, unit_id, kind from delivery where target = 'fagsystem' and state = 'CONFIRMED'
  order by seq"""


@pytest.fixture(params=SYSTEMS)
def system(request: pytest.FixtureRequest, tmp_path: Path) -> System:
    return SYSTEMS[request.param](tmp_path)


class Line:
    """To the system; `cut`: the next answer breaks off, whatever has been done."""

    def __init__(self, system: System) -> None:
        self.system, self.cut, self.calls = system, False, list[Call]()

    def answer(self, call: Call) -> Said:
        self.calls.append(call)
        said, self.cut, cut = self.system.answer(call), False, self.cut
        return replace(said, whole=not cut)


@pytest.fixture
def line(system: System) -> Line:
    return Line(system)


@pytest.fixture
def post(own_town: Asking, line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    monkeypatch.setenv(WEBHOOK, SECRET)
    made, file = Post(own_town), tmp_path / "targets.toml"
    with edge(line.answer) as url:
        file.write_text(line.system.table("fagsystem", url), "utf-8")
        told: dict[str, Target] = {**targets(file), "archive": made.archive}
        made.worker = replace(made.worker, targets=told)
        yield made


async def test_a_record_is_made_once_though_an_answer_is_lost_and_ended_when_consent_is(
        post: Post, line: Line) -> None:
    line.cut = True
    await post.go()
    first = (await post.said())[0]
    assert (first["state"], first["attempts"][0]["fault"]) == ("ORDERED", "RETRYABLE")
    assert len([*line.system.kept()]) == 1, "it was taken all the same"
    post.town.now += DAY
    await post.go()
    opened = [one for one in await post.said() if one["state"] == "CONFIRMED"]
    assert [one["kind"] for one in opened] == ["OPENED", "OPENED"]
    await post.town.told("guardian1", WITHDRAW, id=f"Consent:{post.town.town.consent}")
    await post.go()
    units = {fact: (unit, kind) for fact, unit, kind in rows(post.town, HELD)}
    kept = [units[fact] for fact in line.system.kept()]
    assert len(kept) == len({*kept}) == 4
    for unit in {unit for unit, _ in kept}:
        assert [kind for of, kind in kept if of == unit] == ["OPENED", "WITHDRAWN"]


async def test_one_who_is_not_known_there_waits_for_a_person(post: Post, line: Line) -> None:
    line.system.unknown.add(PARTS["owner"].identity_number)
    await post.go()
    first = (await post.said())[0]
    assert (first["state"], first["attempts"][0]["fault"]) == ("REJECTED", "UNKNOWN_PERSON")
    assert len(line.calls) == 1, "nothing of the plan passes it"


async def test_what_has_been_lost_there_is_found_at_night(post: Post, line: Line) -> None:
    await look_after(post.worker)
    await post.go()
    expected = "MISSING" if line.system.lose() else None  # which can't be asked
    await reconcile(post.worker)
    asked = "select record from delivery where state = 'CONFIRMED' and kind = 'OPENED' order by seq"
    assert rows(post.town, asked) == [("SAME" if expected else None,), (expected,)]
