"""What is tried again of many is what may be tried again of one: the statement is held to the rule."""
from datetime import timedelta
from itertools import product

import pytest

from db.rules.delivery import DeliveryState, FactKind, RecordState, check_retry
from db.rules.errors import Refused
from db.write.find import Who, transaction
from db.write.retry import Wanted, retry_many
from tests.support.asking import NOW, Asking
from tests.support.changing import rows

KINDS = [kind for kind in FactKind if kind is not FactKind.NOTICE]  # of which many at once hold none
CASES = [*product(DeliveryState, KINDS, [None, *RecordState])]
CASE = """insert into delivery (municipality_id, plan_id, unit_id, target, seq, state, kind, record,
    ordered_at, attempt_count, next_attempt_at)
  select 1, plan.id, plan.unit_id, 'cases', %s, %s, %s, %s, now(), 1, %s from plan limit 1 returning seq"""
TRIED = "select seq from delivery where target = 'cases' and next_attempt_at is null order by seq"


@pytest.mark.parametrize("waits", [True, False])
async def test_many_are_tried_again_as_one_is(own_town: Asking, *, waits: bool) -> None:
    """But those that are due: they go out by themselves."""
    due = NOW + timedelta(hours=1 if waits else -1)
    for n, case in enumerate(CASES):
        rows(own_town, CASE, n, *case, due)
    who = Who(1, own_town.town.persons["admin"], NOW)
    async with transaction(own_town.writer, NOW) as session:
        count = await retry_many(session, who, Wanted(target="cases"))
    tried = [n for (n,) in rows(own_town, TRIED)]
    going = () if waits else (DeliveryState.ORDERED, DeliveryState.ACCEPTED)
    assert tried == [n for n, case in enumerate(CASES) if case[0] not in going and allowed(*case)]
    assert count == len(tried) > 0


def allowed(state: DeliveryState, kind: FactKind, record: RecordState | None) -> bool:
    try:
        check_retry(state, kind, record)
    except Refused:
        return False
    return True
