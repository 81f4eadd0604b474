"""The compiled answer is the answer of GraphQL's specification: graphql-core's own executor says the same."""
import json
from collections.abc import AsyncIterator
from typing import Any

import orjson
import psycopg
import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies as st
from psycopg.rows import dict_row

from db.seeds.parts import Town
from db.tables import Base
from schema.errors import TOO_LARGE
from tests.support.asking import Asking
from tests.support.busy import busy_town
from tests.support.documents import documents
from tests.support.embedded import Server
from tests.support.oracle import SDL, Oracle, seen_by, stored_name, walk

PARTS = ("guardian1", "stafettholder")  # one sees the access log, the other the deliveries; both all the rest


@pytest.fixture(scope="module")
async def busy(postgres: Server, template: tuple[str, Town]) -> AsyncIterator[Asking]:
    async with busy_town(postgres, template) as asking:
        yield asking


@pytest.fixture(scope="module")
async def oracles(busy: Asking) -> dict[str, Oracle]:
    return {part: await seen_by(busy, part) for part in PARTS}


@settings(max_examples=60, deadline=None,
          suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(part=st.sampled_from(PARTS), data=st.data())
async def test_a_compiled_answer_is_that_of_the_reference_executor(
        busy: Asking, oracles: dict[str, Oracle], part: str, data: st.DataObject) -> None:
    document = data.draw(documents(SDL, oracles[part].ids))
    for variables in document.variables:  # the same document again, with values of the same shape or another
        answer = await busy.answer(part, document.text, log=False, **variables)
        assume(not any(error["extensions"]["code"] == TOO_LARGE for error in answer.errors))
        reference = oracles[part].answer(document.text, variables)
        assert (answer.errors, reference.errors) == ([], None)
        told = orjson.loads(orjson.dumps(answer.data))
        assert json.dumps(told, indent=1) == json.dumps(reference.data, indent=1), variables


async def test_the_objects_that_the_reference_walks_are_the_rows_that_are_stored(
        busy: Asking, oracles: dict[str, Oracle]) -> None:
    stored = {noun.__name__: {f"{noun.__name__}:{row['id']}": row for row in rows(busy, noun)}
              for noun in (mapper.class_ for mapper in Base.registry.mappers)}
    compared = 0
    for row in (row for oracle in oracles.values() for row in walk(oracle.seen) if "id" in row):
        kept = stored[row["__typename"]][row["id"]]
        for name, value in row.items():
            if value is not None and stored_name(name) in kept and name != "id":
                assert value == kept[stored_name(name)], (row["id"], name)
                compared += 1
    assert compared > 500


def rows(asking: Asking, noun: type[Base]) -> list[dict[str, Any]]:
    with psycopg.connect(asking.url, row_factory=dict_row, options="-c TimeZone=UTC") as connection:
        found = connection.execute(f'select row_to_json(t) as row from "{noun.__tablename__}" t').fetchall()
    return [each["row"] for each in found]
