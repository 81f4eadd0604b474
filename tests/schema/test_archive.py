"""What versions for the archive hold, who ordered them, and which plans should have been archived."""
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from db.rules.delivery import DeliveryFault
from db.seeds.parts import PARTS, Town
from db.write.archive import come
from integrations.archive.folder.target import FolderArchive
from integrations.target import DeliveryError, PlanVersion
from tests.support.asking import DAY, NOW, Asking
from tests.support.busy import CHILDREN, busy_town
from tests.support.changing import change, done, rows
from tests.support.crowd import VIEWERS
from tests.support.embedded import Server
from tests.support.posting import Post
from tests.support.printed import opened

DECEMBER = datetime(2026, 11, 30, 23, tzinfo=UTC)
OVERDUE = """query($filter: OverdueFilter, $order: OverdueOrder) {
  overdueArchiving(filter: $filter, orderBy: $order) { totalCount edges { node {
    plan type unit reason since version lastArchivedAt } } } }"""
VERSIONS = """query($plan: ID!) { deliveries(filter: {plan: $plan}) { edges { node {
  kind version trigger orderedAt confirmedAt state reference sha256 by { name } } } } }"""
REJECTED = DeliveryError(DeliveryFault.PERMANENT, "no")


@pytest.fixture
def post(own_town: Asking) -> Post:
    return Post(own_town)


async def archived(post: Post, **how: Any) -> PlanVersion:
    """A version that the archive has confirmed."""
    await done(post.town, "stafettholder", "archivePlan", planId=f"Plan:{post.town.town.plan}", **how)
    await post.go()
    *_, last = [order for order in post.archive.orders if isinstance(order, PlanVersion)]
    return last


async def choose(town: Asking, element: str, *, on: bool, of: str = "STAFETTLOGG") -> list[dict[str, Any]]:
    told = await done(town, "admin", "chooseForArchive", planType=of, element=element, on=on)
    (log,) = [t for t in told["municipality"]["planTemplates"] if t["type"] == of]
    elements: list[dict[str, Any]] = log["elements"]
    return elements


async def test_a_version_holds_what_the_municipality_has_chosen_for_the_type(post: Post) -> None:
    plan = (await archived(post)).plan
    assert plan["overview"] and plan["accessLog"] is None
    await choose(post.town, "OVERVIEW", on=False)
    elements = await choose(post.town, "ACCESS_LOG", on=True)
    shown = {e["element"]: (e["archived"], e["archiveOptional"]) for e in elements}
    assert (shown["OVERVIEW"], shown["ACCESS_LOG"]) == ((False, True), (True, True))
    assert (shown["CONSENT"], shown["LIFE_AREAS"], shown["ADMINISTRATION"]) == (
        (True, False), (False, False), (False, False))
    plan = (await archived(post)).plan
    assert plan["overview"] is None and plan["accessLog"]
    assert plan["goals"] and plan["participants"] and plan["consents"]
    await choose(post.town, "OVERVIEW", on=True)
    assert (await archived(post)).plan["overview"]


async def test_the_document_has_the_parts_that_are_chosen_and_no_others(post: Post, tmp_path: Path) -> None:
    archive = FolderArchive("archive", tmp_path)
    post.worker = replace(post.worker, targets={**post.worker.targets, "archive": archive})
    await choose(post.town, "ACCESS_LOG", on=True)
    await done(post.town, "stafettholder", "archivePlan", planId=f"Plan:{post.town.town.plan}")
    await choose(post.town, "OVERVIEW", on=False)
    await done(post.town, "stafettholder", "archivePlan", planId=f"Plan:{post.town.town.plan}")
    await post.go()
    first, second = headings(tmp_path)
    always = {"Mål og tiltak", "Deltakere", "Samtykke", "Logg"}
    assert (first & {"Oversikt", *always}, second & {"Oversikt", *always}) == ({"Oversikt", *always}, always)


def headings(folder: Path) -> Iterator[set[str]]:
    """Of each document, the first version first."""
    for path in sorted(folder.rglob("plan.pdf")):
        with opened(path.read_bytes()).open_outline() as outline:
            yield {item.title for item in outline.root}


async def test_a_choice_leaves_other_types_alone_and_is_written_down_once(own_town: Asking) -> None:
    for _ in range(2):
        elements = await choose(own_town, "LIFE_AREAS", on=True, of="INDIVIDUAL_PLAN")
        assert next(e for e in elements if e["element"] == "LIFE_AREAS")["archived"]
    assert rows(own_town, "select plan_type, element, is_on, by_id from archive_switch") == [
        ("INDIVIDUAL_PLAN", "LIFE_AREAS", True, own_town.town.persons["admin"])]
    (other,) = [e for e in await choose(own_town, "MAPPING", on=True, of="INDIVIDUAL_EDUCATION_PLAN")
                if e["element"] == "LIFE_AREAS"]
    assert not other["archived"]


async def test_a_closing_is_told_by_the_version_that_it_ordered_whatever_is_chosen_later(post: Post) -> None:
    await post.go()
    await done(post.town, "stafettholder", "closePlan", planId=f"Plan:{post.town.town.plan}", reason="OTHER")
    await choose(post.town, "ACCESS_LOG", on=True)
    await post.go()
    await post.go()
    assert [fact.has_plan for fact in post.facts()] == [True, True, False, False]


async def test_a_plan_is_deleted_when_the_archive_has_what_is_chosen_today(post: Post) -> None:
    await post.go()
    plan = {"planId": f"Plan:{post.town.town.plan}"}
    await done(post.town, "stafettholder", "closePlan", **plan, reason="OTHER")
    await done(post.town, "guardian1", "requestDeletion", **plan, reason="Nok nå")
    await choose(post.town, "ACCESS_LOG", on=True)
    for _ in range(2):
        await post.go()
    said = await change(post.town, "admin", "deletePlan", **plan)
    assert [error["code"] for error in said["errors"]] == ["ARCHIVE_FIRST"]
    await archived(post)
    await done(post.town, "admin", "deletePlan", **plan)


async def test_each_version_says_why_when_by_whom_and_where_it_is(post: Post) -> None:
    await archived(post)
    post.town.now += DAY
    await archived(post, afterMeeting=True, elements=["OVERVIEW"])
    plan = f"Plan:{post.town.town.plan}"
    for part in ("stafettholder", "leader", "admin"):
        told = await post.town.told(part, VERSIONS, plan=plan)
        nodes = [edge["node"] for edge in told["deliveries"]["edges"]]
        versions = [node for node in nodes if node["kind"] == "ARCHIVED"]
        assert [(v["version"], v["trigger"]) for v in versions] == [(1, "BY_HAND"), (2, "AFTER_MEETING")]
        assert {(v["state"], v["by"]["name"], v["reference"]) for v in versions} == {
            ("CONFIRMED", "Tone Lie", "theirs")}
        assert all(v["orderedAt"] and v["confirmedAt"] and len(v["sha256"]) == 64 for v in versions)
    assert {(await post.town.told(part, VERSIONS, plan=plan))["deliveries"]["edges"] == []
            for part in ("guardian1", "nurse", "stranger")} == {True}


async def test_whose_deed_a_fact_tells_of_is_not_told_with_it(post: Post) -> None:
    await done(post.town, "guardian2", "withdrawConsent", consentId=f"Consent:{post.town.town.consent}")
    told = await post.town.told("leader", VERSIONS, plan=f"Plan:{post.town.town.plan}")
    facts = [edge["node"] for edge in told["deliveries"]["edges"]]
    assert "WITHDRAWN" in {fact["kind"] for fact in facts}
    assert {fact["by"] is None for fact in facts} == {True}
    assert rows(post.town, "select ordered_by from delivery where seq = (select max(seq) from delivery)") == [
        (post.town.town.persons["guardian2"],)]


@pytest.fixture
async def many(postgres: Server, template: tuple[str, Town]) -> AsyncIterator[Asking]:
    """Plans in every state, on the day after their day; none of those that were due has been seen to."""
    async with busy_town(postgres, template) as town:
        rows(town, "update municipality set archive_dates_since = %s, archive = null returning id", NOW)
        town.now = DECEMBER + DAY
        await come(town.writer, lambda: town.now)
        rows(town, "update municipality set archive = 'archive' returning id")
        yield town


async def overdue(town: Asking, part: str = "admin", order: str = "SINCE",
                  **wanted: Any) -> list[dict[str, Any]]:
    told = (await town.told(part, OVERDUE, filter=wanted, order=order))["overdueArchiving"]
    assert told["totalCount"] == len(told["edges"])
    return [edge["node"] for edge in told["edges"]]


def named(town: Asking, listed: list[dict[str, Any]]) -> set[str]:
    """Their short names, which the list does not tell."""
    names = {f"Plan:{key}": name for key, name in rows(town, "select id, short_name from plan")}
    return {names[node["plan"]] for node in listed}


async def test_what_was_due_is_overdue_until_the_archive_has_confirmed_it(many: Asking) -> None:
    assert named(many, await overdue(many)) == {"B%", "IO", "KN", "UN", "ZŁ"}
    assert {(node["reason"], node["since"]) for node in await overdue(many)} == {
        ("CAMPAIGN", DECEMBER.isoformat())}
    await come(many.writer, lambda: many.now)
    assert len(await overdue(many)) == 5, "what is ordered is not there yet"
    post = Post(many)
    await post.go()
    assert await overdue(many) == []


async def test_a_version_that_waits_for_a_person_comes_before_all(many: Asking) -> None:
    await come(many.writer, lambda: many.now)
    post = Post(many)
    post.archive.says = [REJECTED] * 5
    await post.go()
    assert {node["reason"] for node in await overdue(many)} == {"STOPPED"}
    assert {node["version"] for node in await overdue(many)} == {1}
    await done(many, "admin", "retryDeliveries", filter={"kind": "ARCHIVED"})
    await post.go()
    assert await overdue(many) == []


async def test_a_closing_is_overdue_until_its_own_version_is_there(many: Asking) -> None:
    post = Post(many)
    await come(many.writer, lambda: many.now)
    await post.go()
    many.now += DAY
    await done(many, "stafettholder", "closePlan", planId=f"Plan:{many.town.plan}", reason="OTHER")
    (waiting,) = await overdue(many)
    assert waiting == {
        "plan": f"Plan:{many.town.plan}", "type": "STAFETTLOGG", "version": 2, "reason": "CLOSING",
        "unit": f"Unit:{many.town.units['Nordmo skole']}", "since": many.now.isoformat(),
        "lastArchivedAt": (many.now - DAY).isoformat()}
    await post.go()
    assert await overdue(many) == []


async def test_one_that_is_cancelled_is_overdue_still(many: Asking) -> None:
    await come(many.writer, lambda: many.now)
    ((key,),) = rows(many, "select id from delivery where version is not null and plan_id = %s",
                     many.town.plan)
    await done(many, "admin", "cancelDelivery", deliveryId=f"Delivery:{key}")
    await Post(many).go()
    assert named(many, await overdue(many)) == {"KN"}
    many.now += DAY
    await done(many, "stafettholder", "archivePlan", planId=f"Plan:{many.town.plan}", elements=["GOALS"])
    await Post(many).go()
    assert named(many, await overdue(many)) == {"KN"}, "a version in part is none"
    many.now += DAY
    await done(many, "stafettholder", "archivePlan", planId=f"Plan:{many.town.plan}")
    await Post(many).go()
    assert await overdue(many) == []


async def test_it_can_be_narrowed_and_ordered(many: Asking) -> None:
    assert named(many, await overdue(many, type="INDIVIDUAL_PLAN")) == {"ZŁ"}
    assert await overdue(many, reason=["STOPPED", "CLOSING"]) == []
    assert len(await overdue(many, reason=["CAMPAIGN"])) == 5
    assert await overdue(many, unit=f"Unit:{many.town.units['PPT Nordmo']}") == []
    assert len(await overdue(many, unit=f"Unit:{many.town.units['Nordmo skole']}")) == 5
    falling = await overdue(many, order="SINCE_DESC")
    assert {node["plan"] for node in falling} == {node["plan"] for node in await overdue(many)}


async def test_it_names_nobody_and_is_the_local_administrators_alone(many: Asking) -> None:
    said = await many.bytes("admin", OVERDUE)
    people = {word for name in (*(child.name for child in CHILDREN), *(part.name for part in PARTS.values()))
              for word in name.split()}
    assert [word for word in people if word.encode() in said] == []
    for part in set(VIEWERS) - {"admin"}:
        assert await overdue(many, part) == []


async def test_where_an_address_is_protected_the_unit_is_not_told(many: Asking) -> None:
    rows(many, "update plan set protected = true where id = %s returning id", many.town.plan)
    units = {node["plan"]: node["unit"] for node in await overdue(many)}
    assert units[f"Plan:{many.town.plan}"] is None
    assert named(many, await overdue(many, unit=f"Unit:{many.town.units['Nordmo skole']}")) == {
        "B%", "UN", "ZŁ", "IO"}


async def test_an_administrator_of_one_unit_is_told_of_its_plans(many: Asking) -> None:
    unit = many.town.units["PPT Nordmo"]
    rows(many, "update assignment set unit_id = %s where post = 'LOCAL_ADMINISTRATOR' returning id", unit)
    assert await overdue(many) == []
    rows(many, "update assignment set unit_id = %s where post = 'LOCAL_ADMINISTRATOR' returning id",
         many.town.units["Nordmo skole"])
    assert len(await overdue(many)) == 5
