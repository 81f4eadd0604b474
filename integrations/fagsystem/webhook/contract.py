"""HarStafettlogg v1 as JSON: its two schemas, and whether a message keeps them."""
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import fastjsonschema

CONTRACT = "urn:no:stafettlogg-hub:har-stafettlogg:v1"
CONCLUSION = "urn:no:stafettlogg-hub:konklusjon:v1"
HERE = Path(__file__).parent


def _keeps(name: str) -> Callable[[Any], Any]:
    """Compiled at import: fastjsonschema writes Python, which takes 0.07 s for both."""
    schema = json.loads((HERE / f"{name}-v1.schema.json").read_text("utf-8"))
    keeps: Callable[[Any], Any] = fastjsonschema.compile(schema)
    return keeps


EVENTS: Final = {CONTRACT: _keeps("event"), CONCLUSION: _keeps("conclusion")}
ANSWER: Final = _keeps("answer")


def breach(event: Mapping[str, Any]) -> str | None:
    """Where an event first breaks the contract; None when all is well. Never the value."""
    try:
        EVENTS[event["dataschema"]](event)
    except fastjsonschema.JsonSchemaValueException as error:
        return ".".join(map(str, error.path[1:])) or "event"
    return None


def answer(content: bytes) -> dict[str, Any] | None:
    """The answer that stands in `content`; None where there is none that keeps the contract."""
    try:
        said: dict[str, Any] = ANSWER(json.loads(content))
    except (ValueError, RecursionError):
        return None
    return said
