"""Changes through the API, and what a database holds before and after them."""
from collections.abc import Mapping
from typing import Any

import orjson
import psycopg
from graphql import GraphQLArgument, GraphQLObjectType, get_named_type, print_ast

from tests.support.asking import Asking
from tests.support.oracle import SDL

MUTATION = SDL.mutation_type
VALUES = ("Int", "DeliveryState")  # that payloads hold besides
SHOWN = {  # of each noun that a payload holds
    "Plan": """id status shortName level endDate
      goals { title } participants { role person { name } } viewerAccess { level }""",
    "Municipality": """id archiveDates sendsConclusions planTemplates { type elements {
      element on optional switchedAt archived archiveOptional } }""",
    "Overview": "id version strengths challenges",
    "Delivery": "id state kind target trigger version seq reason by { name }",
    "Participant": """id role state until acceptedAt invitedUntil mustDeclare declaredAt responsibility
      version person { name mobile } unit { name }""",
    "Person": """id name version email mobile telephone workEmail workMobile workTelephone language channel
      hidesMobile hidesTelephone showsPrivate""",
    "Handover": "id state reason answer holder { name } successor { name } by { name }",
    "ConsentTemplate": "id planType language direction version title text publishedAt replacedAt",
    "Target": "id name failures restingUntil pausedAt pauseReason waiting fault",
    "DeletionRequest": "id state reason answer by { name }",
    "Consent": """id state validFrom validUntil endedBy { name } enteredBy { name }
      texts { language direction text hash }
      signatures { person { name } signedAt method language hash }
      names { person { name } unit { name } whereabouts restrictions { element level } }
      documents { kind signer { name } by { name } madeAt signedOn sha256 }""",
    "Goal": "id title description arena deadline status version position",
    "Activity": "id title description arena deadline status version position responsible { person { name } }",
    "Comment": "id body createdAt author { name }"}


def document(name: str, shown: Mapping[str, str] = SHOWN) -> str:
    """A change with all its arguments as variables; of each noun in its payload, what is `shown`."""
    assert MUTATION is not None
    field = MUTATION.fields[name]
    given = ", ".join(f"${n}: {a.type}{otherwise(a)}" for n, a in field.args.items())
    passed = ", ".join(f"{n}: ${n}" for n in field.args)
    kind = get_named_type(field.type)
    assert isinstance(kind, GraphQLObjectType)
    nouns = {n: get_named_type(f.type).name for n, f in kind.fields.items() if n != "errors"}
    rows = " ".join(n if noun in VALUES else f"{n} {{ {shown[noun]} }}"
                    for n, noun in nouns.items() if noun in shown or noun in VALUES)
    return f"mutation({given}) {{ {name}({passed}) {{ __typename {rows} errors {{ code field message }} }} }}"


def otherwise(argument: GraphQLArgument) -> str:
    """What the schema says of an argument that is not given: a variable must say it itself."""
    node = argument.ast_node
    return f" = {print_ast(node.default_value)}" if node and node.default_value else ""


async def change(
        asking: Asking, part: str, name: str, *, key: str | None = None, **args: Any) -> dict[str, Any]:
    """The payload. Arguments of a change that takes an `input` are its fields."""
    answer = await asking.answer(part, document(name), key=key, **arguments(name, args))
    assert not answer.errors, answer.errors
    payload: dict[str, Any] = orjson.loads(orjson.dumps(answer.data))[name]
    return payload


def arguments(name: str, args: dict[str, Any]) -> dict[str, Any]:
    assert MUTATION is not None
    return {"input": args} if "input" in MUTATION.fields[name].args else args


async def done(asking: Asking, part: str, name: str, **args: Any) -> dict[str, Any]:
    """The payload of a change that must be made."""
    payload = await change(asking, part, name, **args)
    assert payload["errors"] == [], (name, args, payload["errors"])
    return payload


async def sent(town: Asking) -> dict[str, Any]:
    """A form that both guardians of the cast's plan must sign."""
    consent: dict[str, Any] = (await done(
        town, "stafettholder", "renewConsent", consentId=f"Consent:{town.town.consent}"))["consent"]
    await done(town, "stafettholder", "sendConsent", consentId=consent["id"])
    return consent


async def refused(asking: Asking, part: str, name: str, **args: Any) -> list[tuple[str, str]]:
    """Why a change is not made: codes and fields; nothing of it is shown."""
    payload = await change(asking, part, name, **args)
    assert all(value is None for field, value in payload.items() if field not in ("__typename", "errors"))
    assert all(error["message"] for error in payload["errors"])
    return [(error["code"], error["field"]) for error in payload["errors"]]


def rows(asking: Asking, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """Past the gate."""
    with psycopg.connect(asking.url) as connection:
        return connection.execute(query, values).fetchall()


def fingerprint(asking: Asking, *but: str) -> dict[str, Any]:
    """A digest of every table: the sum of its rows' hashes, a quarter of the work of one in order."""
    with psycopg.connect(asking.url) as connection:
        tables = [name for (name,) in connection.execute(
            "select tablename from pg_tables where schemaname = 'public'")]
        digests = [f"""select '{name}', sum(hashtextextended(t::text, 0)::numeric) from "{name}" t"""
                   for name in tables if name not in but]
        return dict(connection.execute(" union all ".join(digests)).fetchall())
