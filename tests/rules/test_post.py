"""What posts outside plans reach, and what they are for."""
from functools import partial
from itertools import product
from uuid import UUID

import pytest

from db.rules.errors import Refused
from db.rules.post import Assigned, check_holds_or_leads, check_keeps, check_leads, may_count
from db.rules.rights import ADMINISTRATION, NOTHING, PROVIDER
from db.rules.words import Post
from tests.support.refusal import code

SCHOOL, CLINIC, SCHOOLS, HEALTH = (UUID(int=n) for n in range(1, 5))
PLACES = {"the school": (SCHOOL, SCHOOLS), "the clinic": (CLINIC, HEALTH), "the schools": (None, SCHOOLS),
          "health": (None, HEALTH), "the whole": (None, None)}


@pytest.mark.parametrize(("unit", "group", "reached"), [
    (SCHOOL, None, {"the school"}), (None, SCHOOLS, {"the school", "the schools"}),
    (None, None, set(PLACES))])
def test_a_post_reaches_its_place_and_what_lies_below_it(
        unit: UUID | None, group: UUID | None, reached: set[str]) -> None:
    held = Assigned(Post.ANALYST, unit, group)
    assert {name for name, place in PLACES.items() if held.reaches(*place)} == reached
    assert {name for name, place in PLACES.items() if may_count([held], *place)} == reached


@pytest.mark.parametrize(("post", "counts", "leads"), [
    (Post.LOCAL_ADMINISTRATOR, True, True), (Post.GROUP_ADMINISTRATOR, True, True),
    (Post.UNIT_ADMINISTRATOR, True, True), (Post.PLAN_CREATOR, False, False), (Post.ANALYST, True, False)])
def test_what_a_post_is_for(post: Post, counts: bool, leads: bool) -> None:
    assert may_count([Assigned(post, SCHOOL, None)], SCHOOL, SCHOOLS) == counts
    if leads:
        check_leads([post], "planId")
    else:
        with pytest.raises(Refused, match="NOT_ALLOWED"):
            check_leads([post], "planId")


@pytest.mark.parametrize("post", Post)
def test_the_local_administrator_alone_keeps_templates_and_decides_what_is_deleted(post: Post) -> None:
    may = post is Post.LOCAL_ADMINISTRATOR
    assert code(lambda: check_keeps({post}, "planId")) == (None if may else "NOT_ALLOWED")


def test_the_holder_and_those_who_lead_offer_the_baton_and_move_the_plan() -> None:
    may = {(mask, post) for mask, post in product((ADMINISTRATION, PROVIDER, NOTHING), Post)
           if code(partial(check_holds_or_leads, mask, [post], "planId")) is None}
    leading = (Post.UNIT_ADMINISTRATOR, Post.GROUP_ADMINISTRATOR, Post.LOCAL_ADMINISTRATOR)
    assert may == {(ADMINISTRATION, post) for post in Post} | {
        (mask, post) for mask in (PROVIDER, NOTHING) for post in leading}
