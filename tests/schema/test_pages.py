"""Pages of a list join without gap or repeat, in every order and both directions, as Relay's spec has it."""
import base64
import json
from dataclasses import dataclass
from typing import Any

import pytest

from schema.errors import BAD_USER_INPUT
from schema.words import AccessLogOrder, DeliveryOrder, PlanOrder
from tests.support.asking import Asking
from tests.support.said import asked, refusal

PAGE = """{ totalCount edges { cursor node { id } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"""
NOBODY = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Listed:
    """A list, who asks for it, and in which order."""
    name: str
    part: str
    order: str

    async def page(self, asking: Asking, **args: Any) -> dict[str, Any]:
        """One page; `args` as variables."""
        variables = {"id": asking.id("Plan", asking.town.plan), **args}
        told = await asking.told(self.part, self.query(), log=False, **variables)
        page: dict[str, Any] = told["plan"]["accessLog"] if self.name == "accessLog" else told[self.name]
        return page

    def query(self) -> str:
        size = "first: $first, after: $after, last: $last, before: $before"
        page = f"{self.name}({size}, orderBy: {self.order}) {PAGE}"
        given = "$first: Int, $after: String, $last: Int, $before: String"
        if self.name == "accessLog":
            return f"query($id: ID!, {given}) {{ plan(id: $id) {{ {page} }} }}"
        return f"query({given}) {{ {page} }}"


LISTS = [
    *(Listed("plans", part, order.name) for part in ("guardian1", "stafettholder") for order in PlanOrder),
    *(Listed("deliveries", "stafettholder", order.name) for order in DeliveryOrder),
    *(Listed("accessLog", "guardian1", order.name) for order in AccessLogOrder)]


def ids(page: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in page["edges"]]


@pytest.mark.parametrize("listed", LISTS, ids=str)
@pytest.mark.parametrize("size", (1, 3))
async def test_pages_read_forwards_join_to_the_whole(busy: Asking, listed: Listed, size: int) -> None:
    whole, joined, after = ids(await listed.page(busy, first=100)), list[str](), None
    while len(joined) < len(whole):
        page = await listed.page(busy, first=size, after=after)
        joined += ids(page)
        info, cursors = page["pageInfo"], [edge["cursor"] for edge in page["edges"]]
        assert (info["hasPreviousPage"], info["hasNextPage"]) == (after is not None, len(joined) < len(whole))
        assert (info["startCursor"], info["endCursor"]) == (cursors[0], cursors[-1])
        after = info["endCursor"]
    assert joined == whole
    assert len(whole) >= 4


@pytest.mark.parametrize("listed", LISTS, ids=str)
@pytest.mark.parametrize("size", (1, 3))
async def test_pages_read_backwards_join_to_the_whole(busy: Asking, listed: Listed, size: int) -> None:
    whole, joined, before = ids(await listed.page(busy, last=100)), list[str](), None
    while len(joined) < len(whole):
        page = await listed.page(busy, last=size, before=before)
        joined = ids(page) + joined
        info = page["pageInfo"]
        assert (info["hasPreviousPage"], info["hasNextPage"]) == (
            len(joined) < len(whole), before is not None)
        before = info["startCursor"]
    assert joined == whole == ids(await listed.page(busy, first=100))


async def test_a_page_lies_between_two_cursors(busy: Asking) -> None:
    plans = Listed("plans", "guardian1", "LEVEL_DESC")
    whole = (await plans.page(busy, first=100))["edges"]
    between = {"after": whole[1]["cursor"], "before": whole[5]["cursor"]}
    assert ids(await plans.page(busy, **between)) == [edge["node"]["id"] for edge in whole[2:5]]
    assert ids(await plans.page(busy, last=2, **between)) == [edge["node"]["id"] for edge in whole[3:5]]


async def test_a_list_says_how_many_there_are_whatever_the_page_shows(busy: Asking) -> None:
    plans = Listed("plans", "guardian1", "SHORT_NAME")
    first = await plans.page(busy, first=2)
    rest = await plans.page(busy, after=first["pageInfo"]["endCursor"])
    nothing = await plans.page(busy, first=0)
    assert [page["totalCount"] for page in (first, rest, nothing)] == [8, 8, 8]


async def test_a_page_of_nothing_says_whether_there_is_more(busy: Asking) -> None:
    plans = Listed("plans", "guardian1", "CREATED")
    nothing = {"hasNextPage": True, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    assert (await plans.page(busy, first=0)) == {"totalCount": 8, "edges": [], "pageInfo": nothing}
    end = (await plans.page(busy, first=100))["pageInfo"]["endCursor"]
    assert (await plans.page(busy, first=5, after=end))["pageInfo"] == {
        **nothing, "hasNextPage": False, "hasPreviousPage": True}


async def test_what_is_withheld_comes_last_in_an_order_by_it(busy: Asking) -> None:
    question = "{ plans(orderBy: LEVEL_DESC) { edges { node { level } } } }"
    told = await busy.told("stafettholder", question, log=False)
    assert [edge["node"]["level"] for edge in told["plans"]["edges"]] == [3, 2, 1, 0, None, None, None, None]


async def test_a_place_whose_row_is_gone_is_still_a_place(busy: Asking) -> None:
    plans = Listed("plans", "guardian1", "SHORT_NAME")
    gone, behind_all_io = cursor("short_name", "IP", NOBODY), cursor("short_name", "IO", "f" * 32)
    (found,) = ids(await plans.page(busy, first=1, after=gone))
    assert [found] == ids(await plans.page(busy, first=1, after=behind_all_io))


def cursor(*said: Any) -> str:
    return base64.b64encode(json.dumps(said).encode()).decode()


@pytest.mark.parametrize("order, forged", [
    *(("LEVEL_DESC", text) for text in (
        "", "x", "é", "====", cursor(), cursor("level_desc", "2"), cursor("level_desc", "2", NOBODY, 1),
        cursor("level_desc", 2, NOBODY), cursor("level_desc", "two", NOBODY),
        cursor("level_desc", "9" * 30, NOBODY), cursor("level_desc", "2", "x"), cursor("level_desc", "2", 7),
        cursor("level_desc", float("inf"), NOBODY), cursor("level", "2", NOBODY),
        cursor("id_desc", NOBODY, NOBODY), base64.b64encode(b"[" * 100_000).decode())),
    *(("SHORT_NAME", cursor("short_name", key, NOBODY)) for key in ("NUL\0", "half \ud800", ["x"], True)),
    *(("CHANGED_AT_DESC", cursor("changed_at_desc", key, NOBODY))
      for key in ("yesterday", "2026-13-01 00:00:00+00")),
    ("CREATED", cursor("id", "not a key", NOBODY)),
    ("CREATED_DESC", cursor("id", NOBODY, NOBODY))], ids=lambda value: str(value)[:40])
@pytest.mark.parametrize("argument", ("after", "before"))
async def test_a_forged_cursor_or_one_of_another_order_is_refused(
        busy: Asking, order: str, forged: str, argument: str) -> None:
    question = Listed("plans", "guardian1", order).query()
    code, sentence = refusal(await asked(busy, question, {argument: forged}))
    assert (code, "must be a cursor" in sentence) == (BAD_USER_INPUT, True)


@pytest.mark.parametrize("arguments", (
    "first: -1", "first: 101", "last: -1", "last: 101", "first: 1, last: 1", "first: 0, last: 0"))
@pytest.mark.parametrize("asked", (
    "plans({}) {{ totalCount }}", 'plan(id: "{id}") {{ accessLog({}) {{ totalCount }} }}'))
async def test_a_page_of_no_size_is_refused(busy: Asking, asked: str, arguments: str) -> None:
    question = asked.format(arguments, id=busy.id("Plan", busy.town.plan))
    answer = await busy.answer("guardian1", f"{{ viewer {{ id }} {question} }}")
    assert (answer.data, answer.started, len(answer.errors)) == (None, False, 1)
    assert answer.errors[0]["extensions"] == {"code": BAD_USER_INPUT}
    assert answer.errors[0]["message"] == "Ask for 0 to 100 rows, by “first” or by “last”, not both."


@pytest.mark.parametrize("asked", ("goals", "participants"))
@pytest.mark.parametrize("first", (-1, 101))
async def test_a_plain_list_takes_no_other_sizes(busy: Asking, asked: str, first: int) -> None:
    question = f"query($id: ID!, $first: Int) {{ plan(id: $id) {{ {asked}(first: $first) {{ id }} }} }}"
    answer = await busy.answer("guardian1", question, id=busy.id("Plan", busy.town.plan), first=first)
    assert (answer.started, answer.errors[0]["extensions"]["code"]) == (False, BAD_USER_INPUT)
    told = await busy.told("guardian1", question, id=busy.id("Plan", busy.town.plan), first=0, log=False)
    assert told["plan"][asked] == []


async def test_no_size_is_the_usual_one_and_null_is_no_size(busy: Asking) -> None:
    question = """query($n: Int) {
      plans(first: $n, last: null, after: null, orderBy: null) { edges { node { id } } } }"""
    assert (await busy.told("guardian1", question, n=None)) == (await busy.told("guardian1", question))
    assert len((await busy.told("guardian1", question))["plans"]["edges"]) == 8
