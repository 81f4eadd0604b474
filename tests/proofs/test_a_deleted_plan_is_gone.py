"""Of a plan that is deleted nothing is left that tells of anybody; and no answer tells that it ever was."""
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Enum, LargeBinary, Text, select

from db.engine import plain
from db.read.source import NOUNS
from db.read.statistics import counted
from db.rules.disclosure import HalfYear
from db.rules.errors import Refused
from db.rules.grant import birthday
from db.rules.words import AddressProtection
from db.tables import Base
from db.tables.municipality import Municipality
from db.tables.person import Person
from db.write.clock import tick
from db.write.find import transaction
from resolvers.context import Context
from resolvers.document import paper, signed_form
from schema import root
from tests.support.asking import DAY
from tests.support.changes import NEVER_WAS
from tests.support.changing import rows
from tests.support.crowd import VIEWERS, AskingCrowd
from tests.support.questions import kind, near
from tests.support.tombstones import delete, ready

MARK = "Merket-4711"
UNDER = [table for table in Base.metadata.tables.values()
         if "plan_id" in table.columns and table.name not in ("access_log", "access_grant")]
OF_SOMEBODY = {  # tables that are under no plan → the rows that tell of the child
    "person": "id = %(owner)s", "search_log": "%(owner)s = any (found)", "upload": "person_id = %(owner)s",
    "replay": "person_id = %(owner)s"}
SHOWN = {noun.__name__ for noun in root.NOUNS}
RECEIPT = {"target", "sha256", "reference"}  # what the archive answered, and where it is
BESIDE = """
insert into search_log (municipality_id, person_id, at, sought, found)
  values (%(home)s, %(stranger)s, now(), '', array[%(owner)s::uuid]);
insert into upload (municipality_id, person_id, uploaded_at, sha256, sealed)
  values (%(home)s, %(owner)s, now(), '', '');
insert into reminder (municipality_id, plan_id, about, due_at, told_at)
  values (%(home)s, %(plan)s, 'CONSENT_EXPIRES', now(), now());
insert into declaration (municipality_id, plan_id, participant_id, signed_at, language, text, hash)
  select municipality_id, plan_id, id, now(), 'nb', '', '' from participant
  where plan_id = %(plan)s and person_id = %(invited)s;
insert into conclusion (municipality_id, plan_id, delivery_id, unit_id, by_id, held_on, text_sealed)
  select municipality_id, plan_id, id, unit_id, %(stranger)s, now(), '' from delivery
  where plan_id = %(plan)s and unit_id is not null limit 1;
insert into replay (municipality_id, person_id, key, field, request, outcome, created_at)
  values (%(home)s, %(owner)s, '', '', '', '{}', now())"""


def free(table: str) -> Iterator[tuple[str, str]]:
    """The columns that can hold what somebody has said, or what is sealed; and the mark as they hold it."""
    for column in Base.metadata.tables[table].columns:
        if isinstance(column.type, Text) and not isinstance(column.type, Enum):
            if column.name != "position":  # whoever has one stays
                yield column.name, f"'{MARK} ' || coalesce({column.name}, '')"
        elif isinstance(column.type, LargeBinary):
            yield column.name, f"'{MARK}'::bytea || uuid_send(id)"  # some are unique


def planted(asking: AskingCrowd) -> None:
    """The mark in every text and every sealed value of the plan and of its child."""
    town = asking.town
    about = {"plan": town.plan, "home": town.municipality, **town.persons}
    where = OF_SOMEBODY | {"plan": "id = %(plan)s"} | {t.name: "plan_id = %(plan)s" for t in UNDER}
    with psycopg.connect(plain(asking.url)) as connection:
        connection.execute("set session_replication_role = replica")
        for statement in BESIDE.split(";"):
            connection.execute(statement.encode(), about)
        for table, of in where.items():
            changes = [f"{name} = {mark}" for name, mark in free(table)] or ["id = id"]
            marked = connection.execute(
                f"update {table} set {', '.join(changes)} where {of}".encode(), about)
            assert marked.rowcount > 0, f"the crowd's plan has no row of {table}"


def found(asking: AskingCrowd) -> set[tuple[str, str]]:
    """The tables, of the hub and of its queue, and the columns that hold the mark."""
    hexadecimal = MARK.encode().hex()
    with psycopg.connect(plain(asking.url)) as connection:
        columns = connection.execute(
            "select table_name, column_name from information_schema.columns where table_schema = 'public' "
            "and table_name in (select tablename from pg_tables where schemaname = 'public')").fetchall()
        return {(table, column) for table, column in columns if connection.execute(
            f'select 1 from "{table}" where "{column}"::text ~ %s limit 1'.encode(),
            [f"{MARK}|{hexadecimal}"]).fetchone()}


async def test_nothing_is_left_but_the_archives_receipt(own: AskingCrowd) -> None:
    await ready(own)
    planted(own)
    assert len(found(own)) > 30
    await delete(own)
    assert found(own) == {("delivery", name) for name in RECEIPT}


async def test_the_tombstone_keeps_its_dates_and_its_history_and_names_nobody(own: AskingCrowd) -> None:
    plan = await ready(own)
    history = "select status, since, reason from status_change where plan_id = %s order by since, id"
    levels = "select level, since from level_change where plan_id = %s order by since, id"
    kept = "select type, unit_id, level, start_date, end_date, recorded_status from plan where id = %s"
    read = "select person_id, at, elements, action from access_log where plan_id = %s order by id"
    before = [rows(own, query, plan) for query in (history, levels, kept, read)]
    assert all(before)
    await delete(own)
    assert [rows(own, query, plan) for query in (history, levels, kept, read)] == before
    assert rows(own, """select owner_id, stafettholder_id, short_name, successor_id, next_change_at
        from plan where id = %s and deleted_at is not null""", plan) == [(None,) * 5]
    left = {t.name for t in UNDER if rows(own, f"select 1 from {t.name} where plan_id = %s", plan)}
    assert left == {"status_change", "level_change", "consent", "delivery"}


async def test_the_ledger_keeps_what_employees_could_see_and_no_birthday(own: AskingCrowd) -> None:
    plan = await ready(own)
    ((born,),) = rows(own, "select birth_date from person where id = %s", own.town.persons["owner"])
    worked = {own.town.persons[part] for part in ("stafettholder", "nurse", "former")}
    await delete(own)
    kept = rows(own, "select person_id, valid_from, valid_until, superseded_at from access_grant "
                     "where plan_id = %s", plan)
    assert {person for person, *_ in kept} <= worked
    assert all(superseded for *_, superseded in kept)
    turns = {birthday(born, age) for age in (15, 16, 18)}
    assert not turns & {at for _, since, until, _ in kept for at in (since, until)}


async def test_who_is_in_nothing_else_is_gone_and_all_others_stay(own: AskingCrowd) -> None:
    everybody = {key for (key,) in rows(own, "select id from person")}
    await ready(own)
    await delete(own)
    left = {key for (key,) in rows(own, "select id from person")}
    gone = {own.town.persons[part] for part in ("owner", "invited")}  # the guardians have another child
    assert everybody - left == gone


def ids(asking: AskingCrowd, plan: UUID) -> list[str]:
    """Of every row of the plan."""
    nouns = {name: noun for name, noun in NOUNS.items() if "plan_id" in noun.__table__.columns}
    below = [f"{name}:{key}" for name, noun in nouns.items()
             for (key,) in rows(asking, f"select id from {noun.__tablename__} where plan_id = %s", plan)]
    return [f"Plan:{plan}", *below]


async def said(asking: AskingCrowd, part: str, keys: list[str]) -> set[bytes]:
    """What is answered about each."""
    told = set()
    for key in keys:
        noun = key.partition(":")[0]
        shown = f"... on {noun} {{ {near(kind(noun))} }}" if noun in SHOWN else "id"
        told.add(await asking.bytes(part, f'{{ node(id: "{key}") {{ {shown} }} }}'))
        told.add((await asking.bytes(part, f'{{ plan(id: "{key}") {{ id }} }}')).replace(b"plan", b"node"))
    return told


@pytest.mark.parametrize("part", VIEWERS)
async def test_no_answer_tells_that_it_ever_was(own: AskingCrowd, part: str) -> None:
    keys = ids(own, await ready(own))
    await delete(own)
    assert await said(own, part, keys) == await said(own, part, [f"Plan:{NEVER_WAS}"])
    listed = await own.bytes(part, "{ plans { edges { node { id } } } deliveries { edges { node { id } } } }")
    assert [key for key in keys if key.encode() in listed] == []


async def test_no_form_and_no_paper_can_be_fetched_any_more(own: AskingCrowd) -> None:
    plan = await ready(own)
    papers = rows(own, "select id from consent_document where plan_id = %s", plan)
    await delete(own)
    for part in ("guardian1", "stafettholder"):
        ctx = Context(own.hub, own.viewer(part), own.now, "en")
        for fetch, key in ((signed_form, f"Consent:{own.town.consent}"),
                           (paper, f"ConsentDocument:{papers[0][0]}")):
            with pytest.raises(Refused, match="NOT_FOUND"):
                await fetch(ctx, key)


async def test_what_decides_rights_can_be_changed_beside_a_tombstone(own: AskingCrowd) -> None:
    await ready(own)
    await delete(own)
    async with transaction(own.writer, own.now) as session:
        (await session.scalars(select(Municipality).where(
            Municipality.municipality_id == own.town.municipality))).one().consent_age = 16
        guardian = await session.get_one(Person, (own.town.municipality, own.town.persons["guardian1"]))
        guardian.address_protection = AddressProtection.CONFIDENTIAL
    assert await tick(own.writer, own.now + 4000 * DAY) == len(own.crowd.plans) - 2  # tombstones


async def test_statistics_are_counted_as_before(own: AskingCrowd) -> None:
    async def count() -> object:
        return [await counted(own.reader, own.town.municipality, HalfYear(2026, half)) for half in (1, 2)]
    await ready(own)
    before = await count()
    await delete(own)
    assert await count() == before
