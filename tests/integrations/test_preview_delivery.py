"""A dry run: what would be sent, as its target puts it together, about nobody."""
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from lxml import etree

from db.engine import plain
from db.read.archive import QUESTION, camel
from db.rules.delivery import DeliveryFault
from db.rules.words import Channel, NoticeKind
from integrations.archive.folder.target import FolderArchive
from integrations.fagsystem.soap.contract import NAMESPACE, breach
from integrations.fagsystem.soap.target import SoapFagsystem
from integrations.notice.sms.target import SmsGateway
from integrations.preview import SAID, masked
from integrations.registry import targets
from integrations.sign_in import SignIn
from integrations.soap import Endpoint, opened
from integrations.target import UNKNOWN, DeliveryError, Notice, PlanVersion, Target
from tests.integrations.test_notices import Office, carried
from tests.support.asking import NOW, Asking
from tests.support.changing import done, rows
from tests.support.fagsystems import TEMPURI, merknad, table
from tests.support.filed import VERSION
from tests.support.posting import Post

PREVIEW = """query($id: ID!) { previewDelivery(deliveryId: $id) {
  reason fault answer parts { name mediaType text } } }"""
WITHDRAW = "mutation($id: ID!) { withdrawConsent(consentId: $id) { errors { code } } }"
# Long enough to be somebody's and nobody else's
PERSONAL = """select name from person union select mobile from person union select work_mobile from person
  union select email from person union select work_email from person union select title from goal
  union select description from goal union select title from activity union select body from comment
  union select presentation from overview union select short_name from plan union select name from unit
  union select unit.organisation_number from unit"""


@pytest.fixture
async def post(own_town: Asking, tmp_path: Path) -> Post:
    made = Post(own_town)
    targets: dict[str, Target] = {
        "fagsystem": SoapFagsystem("fagsystem", Endpoint("https://fagsystem.example")),
        "archive": FolderArchive("archive", tmp_path)}
    own_town.hub = replace(own_town.hub, targets=targets, url="https://hub.example")
    await done(own_town, "stafettholder", "archivePlan", planId=f"Plan:{own_town.town.plan}")
    return made


async def preview(town: Asking, part: str, key: str) -> dict[str, Any]:
    return (await town.told(part, PREVIEW, id=key))["previewDelivery"]  # type: ignore[no-any-return]


async def ids(post: Post, target: str) -> list[str]:
    return [delivery["id"] for delivery in await post.said(target)]


def personal(town: Asking) -> set[str]:
    with psycopg.connect(plain(town.url)) as connection:
        return {text for (text,) in connection.execute(PERSONAL) if text and len(text) > 3}


async def test_a_fact_is_shown_as_the_message_that_is_sent(post: Post) -> None:
    (key, *_) = await ids(post, "fagsystem")
    shown = await preview(post.town, "admin", key)
    (part,) = shown["parts"]
    assert (shown["reason"], shown["fault"], part["mediaType"]) == (None, None, "text/xml")
    _, message = opened(part["text"].encode())
    assert (message.tag, breach(message)) == (f"{{{NAMESPACE}}}register", None)
    fact = {etree.QName(node).localname: node.text for node in message.iter()}
    assert (fact["system"], fact["value"]) == ("urn:oid:2.16.578.1.12.4.1.4.1", "0" * 11)
    assert (fact["kind"], fact["hasPlan"], fact["factId"]) == ("OPENED", "true", key.partition(":")[2])
    assert [fact[name] for name in ("name", "phone", "role", "unit")] == ["***", "0" * 8, "***", "***"]


async def test_a_fact_for_a_vendor_is_shown_in_the_vendor_s_own_message(post: Post, tmp_path: Path) -> None:
    file = tmp_path / "targets.toml"
    file.write_text(table("http://127.0.0.1/"), "utf-8")
    nordlys = targets(file)["nordlys"]
    post.town.hub = replace(post.town.hub, targets={"fagsystem": nordlys})
    (key, *_) = await ids(post, "fagsystem")
    (part,) = (await preview(post.town, "leader", key))["parts"]
    _, message = opened(part["text"].encode())
    merknad().schema.assertValid(message)
    assert message.tag == f"{{{TEMPURI}}}RegistrerMerknad"
    assert message.findtext(".//{*}Fodselsnummer") == "0" * 11
    assert "***" in (message.findtext(".//{*}Tekst") or "")
    assert {text for text in personal(post.town) if text in part["text"]} == set()


async def test_what_signs_us_in_is_not_shown(post: Post) -> None:
    endpoint = Endpoint("https://fagsystem.example", SignIn("username_token", "hub", "hemmelig"))
    post.town.hub = replace(post.town.hub, targets={"fagsystem": SoapFagsystem("fagsystem", endpoint)})
    (key, *_) = await ids(post, "fagsystem")
    shown = await preview(post.town, "admin", key)
    assert shown["parts"] and "hemmelig" not in str(shown)


async def test_a_version_is_shown_as_the_files_that_the_archive_gets(post: Post) -> None:
    (key,) = await ids(post, "archive")
    files = {part["name"].rpartition("/")[2]: part for part in (
        await preview(post.town, "leader", key))["parts"]}
    assert files.keys() == {"plan.pdf", "arkivmelding.xml", "SHA256SUMS"}
    assert (files["plan.pdf"]["mediaType"], files["plan.pdf"]["text"]) == ("application/pdf", None)
    message = etree.fromstring(files["arkivmelding.xml"]["text"].encode())
    assert message.findtext(".//{*}klasseID") == "0" * 11 and message.findtext(".//{*}partNavn") == "***"


@pytest.mark.parametrize("part", ["admin", "leader"])
async def test_nothing_personal_is_in_it(post: Post, part: str) -> None:
    known = personal(post.town)
    for target in ("fagsystem", "archive"):
        for key in await ids(post, target):
            shown = await preview(post.town, part, key)
            assert shown["parts"] or shown["reason"]
            told = "\n".join(part["text"] or "" for part in shown["parts"])
            assert {text for text in known if text in told} == set()


@pytest.mark.parametrize("part", ["stafettholder", "guardian1", "owner", "nurse", "analyst", "stranger"])
async def test_who_does_not_answer_for_deliveries_sees_none(post: Post, part: str) -> None:
    for key in [*await ids(post, "fagsystem"), *await ids(post, "archive"), "Delivery:x", "Plan:1"]:
        assert await preview(post.town, part, key) is None


async def test_what_would_not_go_out_says_why(post: Post) -> None:
    (first, *_) = await ids(post, "fagsystem")
    await post.town.told("guardian1", WITHDRAW, id=f"Consent:{post.town.town.consent}")
    assert await preview(post.town, "admin", first) == {
        "reason": "CONSENT_ENDED", "fault": None, "answer": None, "parts": []}
    await post.go()
    assert await preview(post.town, "admin", first) is None, "it is done"


async def test_what_can_not_be_put_together_says_why(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    (first, *_), (archived,) = await ids(post, "fagsystem"), await ids(post, "archive")

    def render(order: object) -> bytes:
        raise DeliveryError(DeliveryFault.PERMANENT, "no")
    monkeypatch.setattr(post.town.hub.targets["fagsystem"], "render", render)
    shown = await preview(post.town, "admin", first)
    assert (shown["fault"], shown["answer"], shown["parts"]) == ("PERMANENT", "no", [])
    post.town.hub = replace(post.town.hub, targets={})
    assert (await preview(post.town, "admin", archived))["answer"] == UNKNOWN


async def test_a_notice_is_shown_to_those_alone_who_see_notices(own_town: Asking) -> None:
    async with carried(own_town, "sms", None):
        office = Office(own_town)
        own_town.hub = replace(own_town.hub, url="https://hub.example", targets={
            "sms": SmsGateway("sms", "https://sms.example")})
        await office.tell("guardian1", about=NoticeKind.CONSENT_TO_SIGN)
        ((key,),) = rows(own_town, "select id from delivery where recipient_id is not null")
        (part,) = (await preview(own_town, "stafettholder", f"Delivery:{key}"))["parts"]
        assert json.loads(part["text"])["to"] == "+4700000000"
        assert await preview(own_town, "leader", f"Delivery:{key}") is None


def test_a_link_that_lets_in_is_not_shown() -> None:
    notice = Notice(UUID(int=1), Channel.EMAIL, "kari@example.no", "nb", NOW, "Noe nytt",
                    "Du er invitert.\n\nLogg inn: https://hub.example/#invitation=Zm9v-_x\n\nHilsen")
    shown = masked(notice)
    assert isinstance(shown, Notice)
    assert (shown.address, shown.text) == (
        "masked@example.invalid",
        "Du er invitert.\n\nLogg inn: https://hub.example/#invitation=***\n\nHilsen")


def test_what_is_typed_is_replaced_whatever_it_looks_like_and_protection_is_not_told() -> None:
    plan = {"type": "STAFETTLOGG", "status": "ACTIVE", "shortName": "KARI", "startDate": "2026-01-01",
            "owner": {"name": "2014-05-04", "birthDate": "2014-05-04"},
            "goals": [{"title": "VOLD", "status": "OPEN", "comments": [{"body": "2026-11-29T10:00:00Z"}]}]}
    shown = masked(replace(VERSION, plan=plan, protected=True))
    assert isinstance(shown, PlanVersion)
    assert (shown.protected, shown.plan) == (False, {
        "type": "STAFETTLOGG", "status": "ACTIVE", "shortName": "***", "startDate": "2026-01-01",
        "owner": {"name": "***", "birthDate": None},
        "goals": [{"title": "***", "status": "OPEN", "comments": [{"body": "***"}]}]})


def test_all_that_the_archive_is_told_is_known_to_be_typed_in_or_not() -> None:
    """A field that is added is replaced until somebody says that nobody types it in."""
    assert {camel(name) for name in fields(QUESTION[1])} >= SAID


def fields(shape: Mapping[str, Any]) -> Iterator[str]:
    for name, below in shape.items():
        yield name
        yield from fields(below[1]) if below else ()
