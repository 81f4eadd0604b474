"""What the golden questions ask about: rows of every noun, rows yet to be, cursors others were given."""
import base64
import json
from collections.abc import Iterator, Mapping
from uuid import UUID

import psycopg

from db.engine import plain
from db.read.source import NOUNS
from db.rules.rights import Element
from db.seeds.parts import PARTS
from tests.support.crowd import AskingCrowd, Crowd
from tests.support.questions import SCHEMA, Road, Samples, inside, is_page, kind, lists, orders

MOST = 20  # rows of a noun that are asked for by id
SEES = {"accessLog": "guardian1", "overdueArchiving": "admin", "systemRequests": "admin"}
LOOKED_UP = PARTS["analyst"]  # found by identity number, and by whole name and birth date


def copy_of(table: str) -> str:
    """The id, in SQL, of the row that `scramble` will add beside one that is there."""
    return f"md5({table}.id::text)::uuid"


async def samples(asking: AskingCrowd) -> Samples:
    crowd = asking.crowd
    with psycopg.connect(plain(crowd.url)) as connection:
        nodes = {noun: list(_ids(connection, noun)) for noun in NOUNS if noun in SCHEMA.type_map}
        waiting = [key for (key,) in connection.execute("select id from consent where opened_at is null")]
    cursors = {(road, order): await _cursors(asking, road, order)
               for road, field in lists(kind("Query")) if is_page(field) for order in orders(field)}
    plans = [f"Plan:{plan}" for plan in crowd.plans.values()]
    return Samples(plans, nodes, _roots(crowd, nodes, waiting), _filters(crowd, nodes), cursors)


def _ids(connection: psycopg.Connection, noun: str) -> Iterator[str]:
    """One row in each plan, or the first ones there are; and their copies, which are yet to be."""
    of = NOUNS[noun]
    one_of = "municipality_id, id" if "plan_id" not in of.__table__.columns else "municipality_id, plan_id"
    for row in connection.execute(
            f"select distinct on ({one_of}) id, {copy_of(of.__tablename__)} from {of.__tablename__} "
            f"order by {one_of}, id limit {MOST}"):
        yield from (f"{noun}:{key}" for key in row)


async def _cursors(asking: AskingCrowd, road: Road, order: str) -> list[str]:
    """Of the first two rows of a list, as one was given them who sees it whole."""
    part = SEES.get(road[-1], "stafettholder")
    page = f"{road[-1]}(first: 2, orderBy: {order}) {{ edges {{ cursor }} }}"
    told = await asking.told(part, f"{{ {inside(road[:-1], f'Plan:{asking.crowd.home.plan}', page)} }}")
    for field in road:
        told = told[field]
    return [edge["cursor"] for edge in told["edges"]]


def _roots(crowd: Crowd, nodes: Mapping[str, list[str]], waiting: list[UUID]) -> dict[str, list[str]]:
    known, others = crowd.home.persons, crowd.next_door.persons
    people = [known["stafettholder"], known["guardian1"], known["guarded"], others["nurse"]]
    searches = ('name: "li"', 'name: "nordmo"', f'identityNumber: "{LOOKED_UP.identity_number}"',
                f'name: "{LOOKED_UP.name}", birthDate: "{LOOKED_UP.born}"')
    return {"viewer": [""], "municipality": [""], "units": [""], "consentTemplates": [""], "targets": [""],
            "deliveriesPreview": ["", '(filter: {target: "archive"})'],
            # works with locks, which a trial can't: tests/integrations/test_preview_delivery.py
            "previewDelivery": ['(deliveryId: "Delivery:x")'],
            "unit": [f'(id: "{key}")' for key in nodes["Unit"]],
            "consentTemplate": [f'(id: "{key}")' for key in nodes["ConsentTemplate"]],
            "person": [f'(id: "Person:{key}")' for key in people],
            "persons": [f"(first: {n}, search: {{{search}}})" for search in searches for n in (1, 20)],
            "explainAccess": [*_explained(crowd)],
            "visibility": [""],
            "consentPreview": [f'(consentId: "Consent:{key}")' for key in waiting],
            "declarationToSign": [""], "fagsystemTasks": ["", f'(first: 1, after: "{_after(nodes)}")'],
            "hasStafettlogg": ['(identityNumber: "x")'], "systemOptions": [""],  # no person is a system
            "verifyConsent": [f'(hash: "{"0" * 64}")'],  # whoever holds a hash that is known may ask of it
            "statistics": ["", f'(scope: {{unit: "{nodes["Unit"][0]}"}})',
                           f'(scope: {{group: "{nodes["UnitGroup"][0]}"}}, period: {{year: 2026, half: 1}})']}


def _after(nodes: Mapping[str, list[str]]) -> str:
    """The cursor of a task, as one was given who saw it."""
    delivery = nodes["Delivery"][0].partition(":")[2]
    return base64.b64encode(json.dumps(["due_on", "2026-11-19", delivery]).encode()).decode()


def _explained(crowd: Crowd) -> Iterator[str]:
    """Each element of one, and some of others: in several plans, now, then and to come."""
    plans, home = [f'planId: "Plan:{plan}"' for plan in crowd.plans.values()], crowd.home.persons
    nurse = f'personId: "Person:{home["nurse"]}"'
    yield from (f"({plans[0]}, {nurse}, element: {element})" for element in Element)
    yield from (f'({plan}, personId: "Person:{home[part]}", element: {element})' for plan in plans
                for part in ("guardian1", "stafettholder", "owner") for element in ("GOALS", "COMMENTS"))
    yield from (f'({plans[0]}, {nurse}, element: GOALS, at: "{at}T12:00:00Z")'
                for at in ("2026-04-01", "2027-01-01", "2040-01-01"))


def _filters(crowd: Crowd, nodes: Mapping[str, list[str]]) -> dict[str, list[str]]:
    holders = [crowd.home.persons["stafettholder"], crowd.home.persons["teacher"]]
    return {"search": ['"kn"', '"nordmo"', '"strand"'], "level": ["0", "1", "2", "3"],
            "changedSince": ['"2026-10-01T00:00:00Z"'], "consentExpiresWithinDays": ["10", "100"],
            "language": ['"nb"', '"nn"'], "inForceAt": ['"2026-10-01T00:00:00Z"', '"2020-10-01T00:00:00Z"'],
            "target": ['"archive"', '"fagsystem"'], "plan": [f'"{key}"' for key in nodes["Plan"]],
            "unit": [f'"Unit:{key}"' for key in crowd.home.units.values()],
            "stafettholder": [f'"Person:{key}"' for key in holders]}
