"""A plan that is closed for an individual plan names it, to those for whom that one is there."""
from typing import Any

import pytest

from db.seeds.parts import PARTS
from tests.support.changing import done, refused
from tests.support.staged import Staged

FOLLOWED = "query($id: ID!) { plan(id: $id) { followedBy } }"


async def opened(own: Staged, **other: Any) -> str:
    """An individual plan of the cast's owner, with one of the two guardians in it."""
    owner, guardian = ({"identityNumber": PARTS[part].identity_number, "name": "As known",
                        "mobile": "+4740000000"} for part in ("owner", "guardian1"))
    entry = own.new_plan(type="INDIVIDUAL_PLAN", owner=owner, guardians=[guardian], **other)
    await done(own.asking, "stafettholder", "createPlan", **entry)
    return own.plan("KN", 1)


def closing(own: Staged, successor: str) -> dict[str, str]:
    return {"planId": own["plan"], "reason": "INDIVIDUAL_PLAN_OPENED", "successorId": successor}


async def test_who_takes_part_in_both_is_told_which_plan_follows_until_it_is_reopened(own: Staged) -> None:
    following = await opened(own)
    closed = await done(own.asking, "stafettholder", "closePlan", **closing(own, following))
    assert closed["plan"]["status"] == "CLOSED"
    for part, told in (("stafettholder", following), ("guardian1", following), ("guardian2", None),
                       ("leader", None)):
        assert await own.asking.told(part, FOLLOWED, id=own["plan"]) == {"plan": {"followedBy": told}}
    await done(own.asking, "stafettholder", "reopenPlan", planId=own["plan"])
    assert await own.asking.told("guardian1", FOLLOWED, id=own["plan"]) == {"plan": {"followedBy": None}}


async def test_a_plan_that_is_not_there_for_one_is_refused_as_one_that_never_was(own: Staged) -> None:
    hidden = await opened(own, stafettholderId=own.person("nurse"))
    answers = [await refused(own.asking, "stafettholder", "closePlan", **closing(own, plan))
               for plan in (hidden, "Plan:00000000-0000-0000-0000-000000000000")]
    assert answers == [[("NOT_A_SUCCESSOR", "successorId")]] * 2


@pytest.mark.parametrize("how", ["closed", "of another type"])
async def test_only_an_individual_plan_that_runs_can_follow(own: Staged, how: str) -> None:
    following = await opened(own)
    if how == "closed":
        await done(own.asking, "stafettholder", "closePlan", planId=following, reason="OTHER")
        wanted = closing(own, following)
    else:
        wanted = {**closing(own, own["plan"]), "planId": following}
    assert await refused(own.asking, "stafettholder", "closePlan", **wanted) == [
        ("NOT_A_SUCCESSOR", "successorId")]
