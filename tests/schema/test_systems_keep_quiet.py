"""The number of whom a system asks about, or opens a plan for, is in no address, log, message or cache."""
import json
import logging
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import pytest

from db.seeds.parts import PARTS
from schema.root import schema
from tests.support.asking import Asking
from tests.support.changing import rows
from tests.support.systems import HAS, SCHOOL, Vendor, refused, vendor

KIM = PARTS["owner"].identity_number
SPACED = f"{KIM[:6]} {KIM[6:]}"
CREATE = """mutation($creator: String!, $child: String!) { createPlanFromSystem(input: {
  unitId: "Unit:x", planCreatorIdentityNumber: $creator, owner: {identityNumber: $child, name: "N"}
  }) { errors { code } } }"""


@pytest.fixture
async def system(own_town: Asking) -> AsyncIterator[Vendor]:
    async with vendor(own_town) as client:
        yield client


ADDRESSES: dict[str, dict[str, str]] = {
    "in the variables": {"query": HAS, "variables": json.dumps({"n": KIM})},
    "under an alias": {"query": HAS.replace("hasStafettlogg", "a: hasStafettlogg"),
                       "variables": json.dumps({"n": KIM})},
    "in a fragment": {"query": "query($n: String!) { ...A } fragment A on Query { "
                               "hasStafettlogg(identityNumber: $n) { since } }",
                      "variables": json.dumps({"n": KIM})},
    "beside another question": {"query": HAS.replace("{ has", "{ units { id } has"),
                                "variables": json.dumps({"n": KIM})}}


@pytest.mark.parametrize("case", ADDRESSES)
async def test_a_person_is_asked_about_by_post_alone(own_town: Asking, system: Vendor, case: str) -> None:
    headers = system.headers()
    answer = await system.http.get(f"/graphql?{urlencode(ADDRESSES[case])}", headers=headers)
    assert refused(answer) == (405, "METHOD_NOT_ALLOWED")
    assert (answer.headers["allow"], answer.headers["cache-control"]) == ("POST", "no-store")
    assert rows(own_town, "select id from system_request") == []


WRITTEN: dict[str, str] = {
    "as it is": f'{{ hasStafettlogg(identityNumber: "{KIM}") {{ since }} }}',
    "spaced": f'{{ hasStafettlogg(identityNumber: "{SPACED}") {{ since }} }}',
    "as a default": HAS.replace("$n: String!", f'$n: String = "{KIM}"'),
    "in a comment": f"{HAS}\n# {KIM}",
    "in a change": CREATE.replace(", $child: String!", "").replace("$child", f'"{KIM}"')}


@pytest.mark.parametrize("case", WRITTEN)
async def test_a_number_in_the_document_is_refused_and_not_kept(
        own_town: Asking, system: Vendor, case: str) -> None:
    answer = await system.post(WRITTEN[case], {"n": KIM, "creator": "x"})
    assert refused(answer) == (400, "BAD_USER_INPUT")
    assert KIM not in answer.text and SPACED not in answer.text
    assert not [key for key in schema.documents.kept if KIM in str(key) or SPACED in str(key)]
    assert rows(own_town, "select id from system_request") == []


@pytest.mark.parametrize("number", [int(KIM), [KIM], {"n": KIM}, KIM + "x", SPACED + "1"])
async def test_no_message_repeats_a_number(system: Vendor, number: Any) -> None:
    answer = await system.post(HAS, {"n": number})
    assert answer.status_code == 400
    assert KIM not in answer.text and SPACED not in answer.text


async def test_nothing_that_is_asked_is_logged_or_kept(
        own_town: Asking, system: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    creator = PARTS["stafettholder"].identity_number
    system.organisation = SCHOOL
    assert await system.has(KIM)
    await system.post(HAS, {"n": KIM + "x"})
    await system.post(CREATE, {"creator": creator, "child": KIM})
    school = f"Unit:{own_town.town.units['Nordmo skole']}"
    await system.post(CREATE.replace("Unit:x", school), {"creator": creator, "child": KIM})
    told = "\n".join(f"{record.getMessage()} {record.args} {record.exc_text}" for record in caplog.records)
    kept = str([*schema.documents.kept, *schema.statements.kept])
    for number in (KIM, SPACED, creator):
        assert number not in told and number not in kept
    for (name,) in rows(own_town, "select tablename from pg_tables where schemaname = 'public'"):
        assert not rows(own_town, f'select 1 from "{name}" t where t::text like %s limit 1', f"%{KIM}%"), name
