"""Notices on the road to people: who is told what and how, what holds none back, and that nothing is told."""
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Text, select

from db.engine import plain
from db.rules.delivery import DeliveryFault
from db.rules.words import Channel, NoticeKind
from db.seeds.parts import PARTS
from db.tables import Base
from db.tables.municipality import Municipality
from db.tables.person import Person
from db.write import notice
from db.write.delivery import Key
from db.write.due import due
from db.write.find import NOBODY, Who, lock, transaction
from integrations.notice.folder.target import FolderNotices
from integrations.target import DeliveryError, Notice
from integrations.words import LANGUAGES, say
from integrations.worker import Worker
from tests.support.asking import DAY, NOW, SEAL, Asking
from tests.support.receiver import Receiver

NOTICES = """{ deliveries(filter: {kind: NOTICE}, orderBy: ORDERED_AT) { edges { node {
  id notice channel state reason sha256 recipient { name } attempts { fault answer } } } } }"""
PEOPLE = ("guardian1", "guardian2", "stafettholder")
HUB = "https://hub.example"
REACHED_BY = {"person.email", "person.mobile", "person.work_email", "person.work_mobile", "person.language",
              "delivery.target", "municipality.language", "municipality.sms", "municipality.email"}


class Office:
    """A town whose notices go by SMS and e-mail, and the worker that sends them."""

    def __init__(self, town: Asking) -> None:
        self.town, self.sms, self.email = town, Receiver("sms"), Receiver("email")
        self.worker = Worker(town.reader, town.writer, SEAL, {"sms": self.sms, "email": self.email},
                             lambda: town.now, HUB, timedelta(seconds=60))

    async def tell(self, *parts: str, about: NoticeKind = NoticeKind.CONSENT_TO_SIGN) -> None:
        async with transaction(self.town.writer, self.town.now) as session:
            who = Who(1, NOBODY, self.town.now)
            plan = await lock(session, who, self.town.town.plan)
            await notice.tell(session, who, plan, [self.town.town.persons[part] for part in parts], about)

    async def go(self) -> None:
        async with self.town.writer(self.town.now) as session:
            keys = [key for key in await due(session, self.town.now) if key.recipient]
        for key in keys:
            await self.worker.work(key)

    async def change(self, part: str, **values: object) -> None:
        async with transaction(self.town.writer, self.town.now) as session:
            person = await session.get_one(Person, (1, self.town.town.persons[part]))
            for name, value in values.items():
                setattr(person, name, value)

    async def kept(self, part: str = "stafettholder") -> list[dict[str, Any]]:
        told = await self.town.told(part, NOTICES)
        return [edge["node"] for edge in told["deliveries"]["edges"]]

    def sent(self, receiver: Receiver) -> list[Notice]:
        return [order for order in receiver.orders if isinstance(order, Notice)]


@asynccontextmanager
async def carried(town: Asking, sms: str | None, email: str | None) -> AsyncIterator[None]:
    async with transaction(town.writer, NOW) as session:
        home = (await session.scalars(select(Municipality).where(Municipality.municipality_id == 1))).one()
        home.sms, home.email = sms, email
    yield


@pytest.fixture
async def office(own_town: Asking) -> AsyncIterator[Office]:
    async with carried(own_town, "sms", "email"):
        yield Office(own_town)


async def test_each_is_told_by_the_channel_of_their_own_in_their_own_language(office: Office) -> None:
    await office.change("guardian2", channel=Channel.EMAIL, language="en")
    await office.change("stafettholder", mobile=None, work_mobile=None, language="nn")
    await office.tell(*PEOPLE)
    await office.go()
    (ada,), mailed = office.sent(office.sms), office.sent(office.email)
    assert (ada.address, ada.language) == ("+4740000001", "nb")
    assert {(each.address, each.language) for each in mailed} == {
        ("guardian2@example.no", "en"), ("stafettholder@arbeid.example.no", "nn")}
    assert ada.text == ("Et samtykke venter på underskriften din.\n\nLogg inn for å se det: https://hub.example"
                        "\n\nMeldingen er sendt automatisk og kan ikke besvares.")
    assert {d["state"] for d in await office.kept()} == {"CONFIRMED"}


async def test_nobody_is_told_where_nothing_reaches_them(office: Office) -> None:
    await office.change("guardian1", mobile=None, email=None)
    await office.tell("guardian1")
    assert await office.kept() == []
    async with carried(office.town, None, None):
        await office.tell("guardian2")
    assert await office.kept() == []


async def test_a_dead_telephone_holds_up_nobody_else_and_not_even_the_next_notice(office: Office) -> None:
    office.sms.says = [DeliveryError(DeliveryFault.PERMANENT, "no")]
    await office.tell("guardian1")
    await office.go()
    await office.tell("guardian1", "guardian2", about=NoticeKind.CONSENT_WITHDRAWN)
    office.sms.says = [DeliveryError(DeliveryFault.RETRYABLE, "busy", timedelta(minutes=5))]
    await office.go()
    assert sorted((d["notice"], d["state"]) for d in await office.kept()) == [
        ("CONSENT_TO_SIGN", "REJECTED"), ("CONSENT_WITHDRAWN", "CONFIRMED"), ("CONSENT_WITHDRAWN", "ORDERED")]
    async with office.town.writer(NOW) as session:
        assert Key(1, office.town.town.plan, "fagsystem") in await due(session, NOW), "an order of their own"
    office.town.now = NOW + timedelta(hours=1)
    await office.go()
    assert [d["state"] for d in await office.kept()].count("CONFIRMED") == 2


async def test_who_has_no_business_with_the_plan_any_more_is_told_nothing(office: Office) -> None:
    await office.tell("nurse", "guardian1")
    await office.town.told("guardian1", """mutation($id: ID!) {
        withdrawConsent(consentId: $id) { errors { code } } }""", id=f"Consent:{office.town.town.consent}")
    await office.go()
    assert [(d["recipient"]["name"], d["state"], d["reason"]) for d in await office.kept()
            if d["notice"] == "CONSENT_TO_SIGN"] == [
        ("Ada Nordmo", "CONFIRMED", None), ("Siv Berg", "CANCELLED", "NO_BUSINESS")]


@pytest.mark.parametrize("change", [{"mobile": None}, {"channel": Channel.EMAIL}])
async def test_an_address_that_is_no_longer_theirs_is_not_used(
        office: Office, change: dict[str, Any]) -> None:
    office.sms.says = [DeliveryError(DeliveryFault.RETRYABLE, "busy")]
    await office.tell("guardian1")
    await office.go()
    await office.change("guardian1", **change)
    office.town.now = NOW + DAY
    await office.go()
    assert [(d["state"], d["reason"]) for d in await office.kept()] == [("CANCELLED", "NO_ADDRESS")]
    assert len(office.sms.bodies) == 1


async def test_a_number_that_has_changed_is_read_at_the_moment_of_sending(office: Office) -> None:
    office.sms.says = [DeliveryError(DeliveryFault.RETRYABLE, "busy")]
    await office.tell("guardian1")
    await office.go()
    await office.change("guardian1", mobile="+4799999999")
    office.town.now = NOW + DAY
    await office.go()
    first, again = office.sent(office.sms)
    assert (first.address, again.address, first.fact_id) == ("+4740000001", "+4799999999", again.fact_id)


async def test_those_who_lead_do_not_see_notices_nor_touch_them(office: Office) -> None:
    office.sms.says = [DeliveryError(DeliveryFault.PERMANENT, "no")]
    await office.tell("guardian1")
    await office.go()
    (rejected,) = await office.kept()
    retry = "mutation($id: ID!) { retryDelivery(deliveryId: $id) { errors { code } delivery { state } } }"
    for part in ("leader", "admin", "guardian1", "nurse"):
        assert await office.kept(part) == []
        assert await office.town.refused(part, retry, id=rejected["id"]) == ["NOT_FOUND"]
    assert await office.town.refused("stafettholder", retry, id=rejected["id"]) == []
    await office.go()
    assert [d["state"] for d in await office.kept()] == ["CONFIRMED"]


def test_every_sort_of_news_has_a_sentence_without_places_to_fill() -> None:
    texts = [say(f"notice.{kind}", language, alert=say("alert.TARGET_FAILS", language, target="archive"))
             for kind in NoticeKind for language in LANGUAGES]
    assert len(set(texts)) == len(texts)
    assert [text for text in texts if "{" in text] == []


async def test_nothing_that_is_known_of_anybody_leaves_with_a_notice(
        own_town: Asking, tmp_path: Path) -> None:
    """Every text in every table is marked, and every byte that is sent or kept of a notice looked through."""
    async with carried(own_town, "notices", "notices"):
        office = Office(own_town)
    office.worker.targets["notices"] = FolderNotices("notices", tmp_path)  # type: ignore[index]
    await office.change("guardian2", channel=Channel.EMAIL)
    marked = marks(own_town.url)
    kinds = [kind for kind in NoticeKind if kind not in notice.TO_THE_INVITED]  # these: test_invitation.py
    for about in kinds:
        await office.tell(*PEOPLE, about=about)
    await office.go()
    sent = [file.read_text("utf-8") for file in sorted(tmp_path.iterdir())]  # noqa: ASYNC240
    assert len(sent) == 3 * len(kinds)
    told = "\n".join(re.sub(r"^(To: .*|\+47[0-9]+)$", "", text, flags=re.MULTILINE) for text in sent)
    left = {*marked, *(str(key) for key in _ids(own_town.url))}
    assert [secret for secret in left if secret in told] == []
    kept = str(await own_town.reader.rows(
        "select d::text, a::text from delivery d left join delivery_attempt a on a.delivery_id = d.id "
        "where d.kind = 'NOTICE'", []))
    assert [secret for secret in marked if secret in kept] == []
    assert not re.search(r"\+47|example\.no", kept)


def marks(url: str) -> list[str]:
    """A value of its own in every column of text, but where people are reached and what says how; and what
    else tells who somebody is."""
    with psycopg.connect(plain(url)) as connection:
        connection.execute("set session_replication_role = replica")
        for column in (c for table in Base.metadata.tables.values() for c in table.columns):
            if type(column.type) is Text and str(column) not in REACHED_BY:
                connection.execute(f"update {column.table} set {column.name} = 'planted-{column}'")
        born = [str(day) for (day,) in connection.execute("select birth_date from person")]
    return ["planted", *born, *(part.identity_number for part in PARTS.values())]


def _ids(url: str) -> list[UUID]:
    """Of persons, plans and units."""
    with psycopg.connect(plain(url)) as connection:
        return [key for (key,) in connection.execute(
            "select id from person union all select id from plan union all select id from unit")]
