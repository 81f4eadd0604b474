"""The link of an invitation on its road: it arrives as it was sent, and its code is told nowhere else."""
import logging
import re
from base64 import b64encode
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from db.engine import plain
from db.tables.municipality import Municipality
from db.write.due import due
from db.write.find import transaction
from integrations.notice.folder.target import FolderNotices
from integrations.worker import Worker
from tests.support.asking import DAY, NOW, SEAL, Asking
from tests.support.changing import change, done, rows
from tests.support.invited import accepted, added, codes, declared, named

HUB = "https://hub.example"
LINK = re.compile(r"https://hub\.example/#invitation=([\w-]{27})\n")
STATES = "select notice, state, reason from delivery where kind = 'NOTICE' order by id"


class Post:
    """A town that sends SMS, and what has arrived."""

    def __init__(self, town: Asking, folder: Path) -> None:
        self.town, self.folder = town, folder
        self.worker = Worker(town.reader, town.writer, SEAL, {"sms": FolderNotices("sms", folder)},
                             lambda: town.now, HUB, timedelta(seconds=60))

    async def arrived(self) -> list[str]:
        """All that goes out is carried; what has come since this was last asked."""
        async with self.town.writer(self.town.now) as session:
            keys = [key for key in await due(session, self.town.now) if key.recipient]
        for key in keys:
            await self.worker.work(key)
        letters = sorted(self.folder.iterdir())
        texts = [letter.read_text("utf-8") for letter in letters]
        for letter in letters:
            letter.unlink()
        return texts

    async def ask_again(self) -> None:
        await done(self.town, "stafettholder", "inviteParticipant", planId=f"Plan:{self.town.town.plan}",
                   personId=f"Person:{self.town.town.persons['grandmother']}")


@pytest.fixture
async def post(own_town: Asking, tmp_path: Path) -> Post:
    async with transaction(own_town.writer, NOW) as session:
        (await session.scalars(select(Municipality))).one().sms = "sms"
    await named(own_town)
    return Post(own_town, tmp_path)


def link_in(texts: list[str]) -> str:
    (found,) = [match for text in texts if (match := LINK.search(text))]
    return found[1]


async def test_the_link_that_arrives_is_the_one_that_is_good(post: Post) -> None:
    await added(post.town)
    first = link_in(await post.arrived())
    await post.ask_again()
    (text,) = await post.arrived()
    assert text.startswith("+4740000055\n\nDu er invitert til å delta i en stafettlogg.")
    assert link_in([text]) != first and [link_in([text])] == codes(post.town, "grandmother")
    assert (await change(post.town, "grandmother", "acceptInvitation", code=first))["errors"]
    await done(post.town, "grandmother", "acceptInvitation", code=link_in([text]))


async def test_what_is_awaited_no_more_is_not_asked_for(post: Post) -> None:
    """After a withdrawal, and when the link is used or dead, the notice stays where it is."""
    await added(post.town)
    await accepted(post.town, "grandmother")
    assert [text for text in await post.arrived() if LINK.search(text)] == []
    await post.ask_again()
    await declared(post.town, "grandmother")
    assert await post.arrived() == []
    assert [row for row in rows(post.town, STATES) if row[0] in ("INVITATION", "DECLARATION_TO_SIGN")] == [
        ("INVITATION", "CANCELLED", "NO_BUSINESS"), ("DECLARATION_TO_SIGN", "CANCELLED", "NO_BUSINESS")]


@pytest.mark.parametrize("how", ["withdrawn", "run out"])
async def test_nobody_is_let_into_a_plan_that_has_shut_meanwhile(post: Post, how: str) -> None:
    await added(post.town)
    if how == "withdrawn":
        ((consent,),) = rows(post.town, "select id from consent where superseded_at is null")
        await done(post.town, "guardian1", "withdrawConsent", consentId=f"Consent:{consent}")
    else:
        post.town.now += 31 * DAY
    assert [text for text in await post.arrived() if LINK.search(text)] == []


async def test_the_code_is_in_no_table_and_in_no_log(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    """Before and after it goes out, when another tries it, and when it is used; as it is and encoded."""
    caplog.set_level(logging.DEBUG)
    await added(post.town)
    (code,) = codes(post.town, "grandmother")
    assert not told_in(post.town, code)
    assert link_in(await post.arrived()) == code and not told_in(post.town, code)
    await change(post.town, "nurse", "acceptInvitation", key="again", code=code)
    await change(post.town, "grandmother", "acceptInvitation", key="again", code=code)
    assert not told_in(post.town, code)
    assert code not in caplog.text
    assert not any(code in str(part) for record in caplog.records for part in (record.args, record.__dict__))


def told_in(town: Asking, code: str) -> list[Any]:
    """The tables that hold a code, in whatever form it could be read from."""
    forms = (code, code.encode().hex(), b64encode(code.encode()).decode(), code[:20])
    with psycopg.connect(plain(town.url)) as connection:
        tables = [name for (name,) in connection.execute(
            "select tablename from pg_tables where schemaname = 'public'")]
        return [name for name in tables for (row,) in connection.execute(f'select t::text from "{name}" t')
                if any(form in row for form in forms)]
