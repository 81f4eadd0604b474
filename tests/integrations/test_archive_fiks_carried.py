"""Fiks Arkiv over a real RabbitMQ: what is sent arrives valid, and what is answered is heard and kept."""
import asyncio
import logging
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Queue
from threading import Event, Thread
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import pytest

from integrations.archive.fiks import listener
from integrations.archive.fiks.carrier import Carrier, Integration
from integrations.archive.fiks.listener import Listener
from integrations.archive.fiks.target import Accounts, FiksArchive
from integrations.keys import Organisation
from integrations.listening import listening
from integrations.oauth import Maskinporten, Tokens
from integrations.target import (
    ArchiveTrigger,
    DeliveryError,
    DeliveryFault,
    Listening,
    PlanVersion,
    Receipt,
    Sending,
    Target,
)
from integrations.wire import Line
from tests.support.asking import NOW, Asking
from tests.support.changing import done
from tests.support.fiksarkiv import OPPRETT, Archive, Headers
from tests.support.fiksio import FiksIO, carrier
from tests.support.organisation import Holder, holder
from tests.support.posting import Post
from tests.support.rabbitmq import Broker, broker
from tests.support.receipts import entry, failed, folder, receipt, refusal
from tests.support.tls import certificate

FACT, FAULT = UUID("0192f0c1-0000-7000-8000-000000000001"), "0192f0c1-2b3c-7d4e-8f50-123456789abc"
OWNER, IDENTITY_NUMBER, TTL = "Sára Šaŋŋa Sørås", "04431799999", timedelta(hours=24)
AGAIN = TTL + timedelta(minutes=5)
SENT = Receipt(confirmed=False, code="sendt", again=AGAIN)
MOTTATT = replace(SENT, code="mottatt")
VERSION = PlanVersion(
    fact_id=FACT, plan_key=UUID(int=7), version=3,
    plan={"type": "STAFETTLOGG", "shortName": "SS", "owner": {"name": OWNER}, "goals": []},
    language="nb", archived_at=datetime(2025, 11, 22, 23, 29, tzinfo=UTC), archived_by="Tone Lærer",
    trigger=ArchiveTrigger.BY_HAND, identity_number=IDENTITY_NUMBER, municipality_number="9999",
    municipality_name="Fjellvik kommune", municipality_organisation_number="999999999",
    unit_name="Fjellvik skole", protected=False)
Said = tuple[UUID, Receipt | DeliveryError]


@dataclass
class Holders:
    hub: Holder
    archive: Holder
    stranger: Holder
    organisation: Holder


@pytest.fixture(scope="session")
def holders(tmp_path_factory: pytest.TempPathFactory) -> Holders:
    place = tmp_path_factory.mktemp("holders")
    return Holders(*(holder(place, name) for name in ("hub", "archive", "stranger", "organisation")))


@pytest.fixture(scope="session")
def carried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FiksIO, Broker]]:
    place = tmp_path_factory.mktemp("fiksio")
    pem = certificate(place)
    with carrier(pem) as fiks, broker(place, pem, f"{fiks.url}/auth") as started:
        fiks.port = started.port
        yield fiks, started


@dataclass
class Road:
    """From the hub to an archive and back; `said`: what was heard, in order."""
    fiks: FiksIO
    archive: Archive
    target: FiksArchive
    said: Queue[Said] = field(default_factory=Queue)
    unwritten: int = 0  # how often what is heard can't be written down, before it can
    tries: int = 0

    def heard(self, fact_id: UUID, said: Receipt | DeliveryError) -> None:
        self.tries += 1
        if self.tries <= self.unwritten:
            raise ConnectionError(IDENTITY_NUMBER)
        self.said.put((fact_id, said))

    def deliver(self, fact_id: UUID = FACT, body: bytes | None = None) -> Receipt:
        return self.target.deliver(body or self.target.render(VERSION), Sending(fact_id))

    def next(self) -> Receipt | DeliveryError:
        fact_id, said = self.said.get(timeout=20)
        assert fact_id == FACT
        return said

    def fault(self) -> tuple[DeliveryFault, str]:
        said = self.next()
        assert isinstance(said, DeliveryError)
        return said.fault, said.message

    @contextmanager
    def listening(self) -> Iterator[None]:
        stop = Event()
        thread = Thread(target=self.target.listen, args=(self.heard, stop))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            asked = monotonic()
            thread.join()
        assert monotonic() - asked < 10, "it stops when it is told to"


@pytest.fixture
def road(carried: tuple[FiksIO, Broker], holders: Holders, monkeypatch: pytest.MonkeyPatch) -> Iterator[Road]:
    monkeypatch.setattr(listener, "PAUSES", (0.1,))
    monkeypatch.setattr(listener, "HELD", (1,) * 30)
    fiks, started = carried
    fiks.says.clear()
    hub = fiks.opened(holders.hub, holders.organisation)
    archive = fiks.opened(holders.archive, holders.organisation)
    organisation = Organisation(holders.organisation.key, holders.organisation.certificate)
    line = Line(tls=ssl.create_default_context(cafile=str(fiks.pem)))
    maskinporten = Maskinporten(
        fiks.url + "/", "client-id", "ks:fiks", organisation.key, certificate=organisation.certificate)
    ours = Carrier(fiks.url, Integration(hub.integration, hub.password), Tokens(maskinporten), 10)
    target = FiksArchive(
        "archive", Accounts(hub.id, archive.id, (holders.hub.key,), (holders.archive.certificate,)),
        organisation, ours, Listener(f"amqps://127.0.0.1:{started.port}", hub.id, ours, line), TTL)
    there = Archive(fiks, archive, hub, holders.archive)
    with there.open():
        yield Road(fiks, there, target)
    assert fiks.waiting(archive) == 0


def test_a_version_arrives_whole_and_is_confirmed_by_its_receipt(
        road: Road, caplog: pytest.LogCaptureFixture) -> None:
    target: Target = road.target
    assert isinstance(target, Listening)
    caplog.set_level(logging.DEBUG)
    steps: list[dict[str, str]] = []
    with road.listening():
        sending = Sending(FACT, keep=lambda kept: steps.append(dict(kept)))
        assert target.deliver(target.render(VERSION), sending) == SENT, "the carrier's word proves nothing"
        assert road.next() == MOTTATT
        assert road.next() == Receipt(confirmed=True, reference="2026/17-3", code="Opprettet")
    assert list(road.archive.kept) == [str(FACT)]
    assert [list(kept) for kept in steps] == [["melding_id"]]
    assert road.fiks.waiting(road.archive.hub) == 0, "all is acknowledged"
    told = caplog.text + str(road.fiks.sent[-1])
    assert not [secret for secret in (IDENTITY_NUMBER, OWNER, "integration-password", *road.fiks.tokens)
                if secret in told]


def silent(archive: Archive, headers: Headers) -> None:
    """The archive keeps what it got, and its receipt is lost."""


def test_after_a_lost_receipt_the_same_is_sent_again_and_there_already(road: Road) -> None:
    road.archive.says = [silent]
    body = road.target.render(VERSION)
    with road.listening():
        first, again = Sending(FACT), Sending(FACT)
        road.target.deliver(body, first)
        road.target.deliver(body, again)
        assert road.next() == MOTTATT
        assert road.next() == Receipt(confirmed=True, reference="2026/17-3", code="Eksisterende")
    assert len(road.archive.kept) == 1
    one, other = road.fiks.bodies[-2:]
    assert one != other, "enveloped anew; the archive has compared the content"
    assert first.steps["melding_id"] != again.steps["melding_id"]


def answering(kind: str, told: bytes) -> Callable[[Archive, Headers], None]:
    def answer(archive: Archive, headers: Headers) -> None:
        archive.answer(headers, kind, told)
    return answer


@pytest.mark.parametrize("parts, message", [
    ((failed("mappe", FAULT),), f"The archive did not take the case folder (its fault {FAULT})."),
    ((folder(), failed("registrering", FAULT)),
     f"The archive did not take the entry (its fault {FAULT}). The case folder stands.")])
def test_half_a_receipt_is_told(road: Road, parts: tuple[str, ...], message: str) -> None:
    road.archive.says = [answering(f"{OPPRETT}.kvittering", receipt(*parts))]
    with road.listening():
        road.deliver()
        assert road.fault() == (DeliveryFault.PERMANENT, message)


@pytest.mark.parametrize("kind, fault", [
    ("serverfeil", DeliveryFault.RETRYABLE), ("ugyldigforespoersel", DeliveryFault.PERMANENT)])
def test_the_archives_refusal_is_told(road: Road, kind: str, fault: DeliveryFault) -> None:
    answer = refusal(kind, FAULT, OWNER)
    road.archive.says = [answering(f"no.ks.fiks.arkiv.v1.feilmelding.{kind}", answer)]
    with road.listening():
        road.deliver()
        assert road.fault()[0] is fault


def test_what_can_not_be_written_down_is_held_and_handed_on_again(road: Road) -> None:
    road.archive.says = [answering(f"{OPPRETT}.kvittering", receipt(folder(), entry()))]
    road.unwritten = 2
    with road.listening():
        road.deliver()
        assert road.next() == Receipt(confirmed=True, reference="2026/17-3", code="Opprettet")
    assert road.tries == 3
    assert road.fiks.waiting(road.archive.hub) == 0


def test_what_was_not_written_down_is_delivered_anew(road: Road) -> None:
    road.archive.says = [answering(f"{OPPRETT}.kvittering", receipt(folder(), entry()))]
    road.unwritten = 10_000
    with road.listening():
        road.deliver()
        while not road.tries:
            Event().wait(0.05)
    assert (road.said.empty(), road.fiks.waiting(road.archive.hub)) == (True, 1)
    road.unwritten = 0
    with road.listening():
        assert road.next() == Receipt(confirmed=True, reference="2026/17-3", code="Opprettet")
    assert road.fiks.waiting(road.archive.hub) == 0


def test_a_connection_that_breaks_is_made_anew(road: Road, carried: tuple[FiksIO, Broker]) -> None:
    with road.listening():
        road.deliver()
        assert road.next() == MOTTATT
        carried[1].control("close_all_user_connections", str(road.archive.hub.integration), "a test of ours")
        assert isinstance(road.next(), Receipt), "delivered again, if it was on its way"
        road.deliver()
        while road.next() != Receipt(confirmed=True, reference="2026/17-3", code="Eksisterende"):
            pass


def test_an_answer_for_another_key_is_told_as_a_matter_of_keys(road: Road, holders: Holders) -> None:
    def shut(archive: Archive, headers: Headers) -> None:
        archive.answer(headers, f"{OPPRETT}.kvittering", receipt(folder(), entry()), holders.stranger)
    road.archive.says = [shut]
    with road.listening():
        road.deliver()
        assert road.fault() == (DeliveryFault.AUTH, "The archive's answer is not for our account's keys.")
    assert road.fiks.waiting(road.archive.hub) == 0


def test_an_answer_that_a_stranger_has_signed_is_not_believed(road: Road, holders: Holders) -> None:
    road.archive.signer = holders.stranger
    road.archive.says = [answering(f"{OPPRETT}.kvittering", receipt(folder(), entry()))]
    with road.listening():
        road.deliver()
        assert road.fault() == (DeliveryFault.AUTH, "The archive's answer is not signed as it must be.")
        road.target.accounts = replace(road.target.accounts, signers=())
        road.deliver()
        assert road.next() == MOTTATT, "where none is named, the carrier's word for the sender is enough"


def test_an_answer_says_by_either_header_what_it_is_to(road: Road) -> None:
    def by_the_other(archive: Archive, headers: Headers) -> None:
        archive.answer(headers, f"{OPPRETT}.mottatt", klientMeldingId=str(FACT))
    road.archive.says = [by_the_other]
    with road.listening():
        road.deliver()
        assert road.next() == MOTTATT


def test_the_carriers_own_answer_sends_it_again(road: Road) -> None:
    other = uuid4()
    with road.listening():
        for kind in ("tidsavbrudd", "serverfeil.v1"):
            road.fiks.publish(road.archive.hub, f"no.ks.fiks.kvittering.{kind}", other, b"of no use", uuid4(),
                              klientMeldingId=str(FACT))
            assert road.fault()[0] is DeliveryFault.RETRYABLE


def test_what_is_no_answer_to_us_is_logged_and_acknowledged(
        road: Road, caplog: pytest.LogCaptureFixture) -> None:
    about, ours = {"klientKorrelasjonsId": str(FACT)}, road.archive.account.id
    strange = [road.fiks.publish(road.archive.hub, f"{OPPRETT}.mottatt", uuid4(), b"", None, **about),
               road.fiks.publish(road.archive.hub, f"{OPPRETT}.mottatt", ours, b"", uuid4()),
               road.fiks.publish(road.archive.hub, IDENTITY_NUMBER, ours, b"", None, **about)]
    with road.listening():
        road.fiks.publish(road.archive.hub, f"{OPPRETT}.mottatt", ours, b"", None, **about)
        assert road.next() == MOTTATT
    assert road.said.empty()
    assert [str(one) in caplog.text for one in strange] == [True] * 3
    assert IDENTITY_NUMBER not in caplog.text
    assert road.fiks.waiting(road.archive.hub) == 0


@pytest.mark.parametrize("path, status, fault", [
    ("/token", 400, DeliveryFault.AUTH), ("/token", 503, DeliveryFault.RETRYABLE),
    ("/offentligNokkel", 404, DeliveryFault.RETRYABLE), ("/offentligNokkel", 200, DeliveryFault.RETRYABLE),
    ("/send", 401, DeliveryFault.AUTH), ("/send", 403, DeliveryFault.AUTH),
    ("/send", 400, DeliveryFault.PERMANENT), ("/send", 429, DeliveryFault.RETRYABLE),
    ("/send", 500, DeliveryFault.RETRYABLE), ("/send", 200, DeliveryFault.RETRYABLE)])
def test_each_fault_on_the_way_has_its_kind(road: Road, path: str, status: int, fault: DeliveryFault) -> None:
    road.fiks.says[path] = [(status, IDENTITY_NUMBER.encode())]
    with pytest.raises(DeliveryError) as refused:
        road.deliver()
    assert refused.value.fault is fault
    assert refused.value.message.startswith("Maskinporten: " if path == "/token" else "Fiks IO: ")
    assert IDENTITY_NUMBER not in refused.value.message


def test_a_token_is_kept_until_shortly_before_it_ends(road: Road) -> None:
    road.archive.says = [silent] * 4
    for lasts, tokens in ((119, 1), (10, 2)):
        road.target.carrier.tokens._kept = ("", 0)
        road.fiks.lasts, before = lasts, len(road.fiks.tokens)
        road.deliver()
        road.fiks.lasts = 119
        road.deliver()
        assert len(road.fiks.tokens) - before == tokens + (lasts == 10), "before it is looked up, and to send"


def test_a_body_that_is_none_is_never_sent(road: Road) -> None:
    with pytest.raises(DeliveryError) as refused:
        road.deliver(body=b"no container")
    assert refused.value.fault is DeliveryFault.PERMANENT


def test_check_is_silent_when_all_is_well(road: Road) -> None:
    assert road.target.check() == []


def test_check_tells_what_is_wrong_without_sending(
        road: Road, holders: Holders, tmp_path: Path) -> None:
    sent, hub, archive = len(road.fiks.sent), road.archive.hub, road.archive.account
    archive.status = {"gyldigMottaker": True, "antallKonsumenter": 0}
    assert road.target.check() == ["Nobody listens at the archive's account now."]
    archive.status, hub.status = {"gyldigMottaker": False}, {"gyldigAvsender": False}
    hub.holder = holders.stranger
    assert road.target.check() == [
        "account_keys: none fits the public key that our account shows, so answers stay shut.",
        "Our account may not send.", "The archive's account may not receive."]
    archive.holder = holder(tmp_path, "old", days=-1)
    assert road.target.check() == ["The archive's public key is not valid now."]
    road.target.carrier.tokens._kept = ("", 0)
    road.fiks.says["/token"] = [(400, b"")]
    assert road.target.check() == ["Maskinporten: it refuses the client, its key or its scope"]
    assert len(road.fiks.sent) == sent


def test_check_tells_that_there_is_no_queue(road: Road) -> None:
    road.target.listener = replace(road.target.listener, account=uuid4())
    assert road.target.check() == ["The queue of our account can't be read."]


async def confirmed(post: Post) -> dict[str, Any]:
    while (told := (await post.said("archive"))[0])["state"] != "CONFIRMED":
        await asyncio.sleep(0.05)
    return told


async def test_a_plan_is_archived_by_the_worker_and_again_after_a_lost_receipt(
        road: Road, own_town: Asking) -> None:
    post, road.archive.says = Post(own_town), [silent]
    post.worker = replace(post.worker, targets={"fagsystem": post.fagsystem, "archive": road.target})
    await done(own_town, "stafettholder", "archivePlan", planId=f"Plan:{own_town.town.plan}", elements=None)
    async with listening(post.worker):
        await post.go()
        waiting = (await post.said("archive"))[0]
        assert (waiting["state"], waiting["nextAttemptAt"]) == ("ACCEPTED", (NOW + AGAIN).isoformat())
        own_town.now += AGAIN
        await post.go()
        told = await asyncio.wait_for(confirmed(post), 20)
    assert (told["reference"], told["attemptCount"]) == ("2026/17-3", 2)
    assert told["attempts"][-1]["answer"] == "Eksisterende"
    assert list(road.archive.kept) == [told["id"].removeprefix("Delivery:")]
