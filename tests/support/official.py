"""The official schemas, where they are on this machine: read beside the project, and never copied into it."""
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

SCHEMAS = Path(__file__).parents[3] / "shared/schemas"


@cache
def _read(file: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(file))


def schema(name: str) -> etree.XMLSchema:
    """By folder and file; skips where there is none."""
    file = SCHEMAS / f"{name}.xsd"
    if not file.exists():
        pytest.skip("the official schemas (../shared/schemas) are not on this machine")
    return _read(file)


def fiks_arkiv(message_type: str) -> etree.XMLSchema:
    """By message type: each that has a payload has the schema of its name."""
    return schema(f"fiks-arkiv-v1/{message_type}")
