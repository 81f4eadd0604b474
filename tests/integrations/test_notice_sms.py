"""Notices by SMS, to a gateway that is served and to bad ones, and as files."""
import asyncio
import socket
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from integrations.notice.folder.target import FolderNotices
from integrations.notice.letter import number
from integrations.notice.sms.target import SmsGateway
from integrations.target import Channel, DeliveryError, DeliveryFault, Notice, Receipt, Sending
from tests.support.hub import Loopback

PLANTED, TOKEN = "40 00 00 07", "planted-token"
NOTICE = Notice(UUID(int=7), Channel.SMS, PLANTED, "nb", datetime(2026, 3, 2, 9, tzinfo=UTC),
                "Noe nytt", "Et samtykke venter på underskriften din.")


class Gateway:
    """Sends each id once; says otherwise what the test tells it to say."""

    def __init__(self, says: Response | None = None, wait: float = 0) -> None:
        self.says, self.wait, self.asked = says, wait, list[tuple[dict[str, str], dict[str, str]]]()

    async def answer(self, request: Request) -> Response:
        said = await request.json()
        self.asked.append((dict(request.headers), said))
        await asyncio.sleep(self.wait)
        return self.says or JSONResponse({"id": said["id"], "reference": "SM-1"})


@asynccontextmanager
async def served(gateway: Gateway, patience: float = 3) -> AsyncIterator[SmsGateway]:
    async with Loopback(Starlette(routes=[Route("/sms", gateway.answer, methods=["POST"])])).up() as url:
        yield SmsGateway("sms", f"{url}/sms", TOKEN, patience)


def told(target: SmsGateway, notice: Notice = NOTICE) -> Receipt:
    return target.deliver(target.render(notice), Sending(notice.fact_id))


async def failure(target: SmsGateway) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await asyncio.to_thread(told, target)
    for secret in (PLANTED, "40000007", TOKEN):
        assert secret not in "".join(traceback.format_exception(caught.value))
    return caught.value


async def test_a_notice_arrives_with_the_same_id_at_every_attempt() -> None:
    gateway = Gateway()
    async with served(gateway) as target:
        first, again = [await asyncio.to_thread(told, target) for _ in range(2)]
        assert await asyncio.to_thread(target.check) == []
    assert first == again == Receipt(confirmed=True, reference="SM-1", code="200")
    (headers, said), repeat = gateway.asked
    assert said == repeat[1] == {"id": str(NOTICE.fact_id), "to": "+4740000007", "text": NOTICE.text}
    assert headers["idempotency-key"] == repeat[0]["idempotency-key"] == str(NOTICE.fact_id)
    assert headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("says, fault", [
    (PlainTextResponse(PLANTED, 401), DeliveryFault.AUTH), (PlainTextResponse("", 403), DeliveryFault.AUTH),
    (PlainTextResponse(f"no {PLANTED}", 400), DeliveryFault.PERMANENT),
    (PlainTextResponse("", 410), DeliveryFault.GONE),
    (PlainTextResponse("", 429, {"Retry-After": "60"}), DeliveryFault.RETRYABLE),
    (PlainTextResponse("", 503), DeliveryFault.RETRYABLE),
    (PlainTextResponse("", 302), DeliveryFault.RETRYABLE),
    (PlainTextResponse("<html>sign in</html>"), DeliveryFault.RETRYABLE),
    (PlainTextResponse("[" * 100_000), DeliveryFault.RETRYABLE),
    (JSONResponse({"id": "another"}), DeliveryFault.RETRYABLE),
    (JSONResponse([]), DeliveryFault.RETRYABLE), (Response(b"\xff\xfe"), DeliveryFault.RETRYABLE)])
async def test_what_is_no_receipt_has_its_kind(says: Response, fault: DeliveryFault) -> None:
    async with served(Gateway(says)) as target:
        error = await failure(target)
    assert error.fault is fault
    assert error.retry_after == (timedelta(seconds=60) if says.status_code == 429 else None)


@pytest.mark.parametrize("reference", ["+4740000007", "to-4740000007", "a b", "x" * 200, {"a": 1}, None])
async def test_a_reference_that_may_tell_the_number_is_not_kept(reference: object) -> None:
    says = JSONResponse({"id": str(NOTICE.fact_id), **({"reference": reference} if reference else {})})
    async with served(Gateway(says)) as target:
        assert await asyncio.to_thread(told, target) == Receipt(confirmed=True, reference=None, code="200")


async def test_one_who_is_slow_or_gone_is_tried_again() -> None:
    async with served(Gateway(wait=1), patience=0.3) as target:
        assert (await failure(target)).fault is DeliveryFault.RETRYABLE
    assert (await failure(target)).fault is DeliveryFault.RETRYABLE, "the server has stopped"
    assert target.check() == ["no connection"]


@pytest.mark.parametrize("typed, read", [
    ("40000007", "+4740000007"), ("+47 400 00 007", "+4740000007"), ("0046-8 123 456", "+468123456"),
    ("", None), ("Ada", None), ("12345678", None), ("+47", None),
    ("4000000٣", None), ("+4740000007\n,5", None)])
def test_numbers_are_read_as_people_write_them(typed: str, read: str | None) -> None:
    if read is None:
        with pytest.raises(DeliveryError) as caught:
            number(typed)
        assert caught.value.fault is DeliveryFault.PERMANENT
    else:
        assert number(typed) == read


@pytest.mark.parametrize("url", [
    "http://sms.example.no/", "https://hub:secret@sms.example.no/", "ftp://x/", ""])
def test_an_address_that_is_not_safe_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^url: https"):
        SmsGateway("sms", url)


def test_in_the_folder_each_notice_is_a_file(tmp_path: Path) -> None:
    folder = FolderNotices("notices", tmp_path)
    letter = replace(NOTICE, channel=Channel.EMAIL, address="a@b.no")
    for notice in (NOTICE, NOTICE, replace(letter, fact_id=UUID(int=8))):
        assert folder.deliver(folder.render(notice), Sending(notice.fact_id)).confirmed
    text, mail = sorted(tmp_path.iterdir())
    assert (text.name, mail.name) == (f"{UUID(int=7)}.txt", f"{UUID(int=8)}.eml")
    assert text.read_text("utf-8") == f"+4740000007\n\n{NOTICE.text}\n"
    assert "To: a@b.no" in mail.read_text("utf-8")
    assert (folder.check(), FolderNotices("x", tmp_path / "gone").check() != []) == ([], True)
    with pytest.raises(DeliveryError):
        FolderNotices("x", tmp_path / "gone").deliver(folder.render(NOTICE), Sending(NOTICE.fact_id))


def test_nobody_listens_where_a_port_is_closed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert SmsGateway("sms", f"http://127.0.0.1:{port}/").check() == ["no connection"]
