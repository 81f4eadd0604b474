"""Whatever the hub refuses, it says why in bokmål, nynorsk and English."""
import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from db.write.find import TAKEN
from integrations.words import LANGUAGES, say

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"[A-Z][A-Z_]+")
RAISED = {  # by what is called
    "Refused": "errors", "Problem": "errors", "refuse": "errors", "BadArgument": "http"}


def codes() -> Iterator[tuple[str, frozenset[str]]]:
    """The text's key of each refusal in the code, and the values that come with it."""
    for folder in ("db/rules", "db/read", "db/write", "resolvers", "schema"):
        for path in (ROOT / folder).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (isinstance(node, ast.Call) and node.args
                        and isinstance(first := node.args[0], ast.Constant)):
                    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                    if name in RAISED and isinstance(first.value, str) and CODE.fullmatch(first.value):
                        yield f"{RAISED[name]}.{first.value}", values(node)
    yield from ((f"errors.{code}", frozenset()) for code, _ in TAKEN.values())


def values(call: ast.Call) -> frozenset[str]:
    """Keywords of the call, or the keys of a dictionary that is its third argument."""
    said = {keyword.arg for keyword in call.keywords if keyword.arg}
    if len(call.args) > 2 and isinstance(given := call.args[2], ast.Dict):
        said |= {str(key.value) for key in given.keys if isinstance(key, ast.Constant)}
    return frozenset(said)


def test_the_code_is_searched_through() -> None:
    keys = {key for key, _ in codes()}
    assert {"errors.NOT_FOUND", "errors.TOO_LONG", "errors.REQUIRED", "errors.NOT_ALLOWED",
            "errors.ALREADY_PARTICIPANT", "http.BAD_CURSOR", "http.BAD_PAGE_SIZE", "http.BAD_CHARACTER",
            "http.SEARCH_TOO_SHORT"} <= keys
    assert len(keys) > 40


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key, given", sorted(dict(codes()).items()))
def test_every_refusal_has_its_sentence(language: str, key: str, given: frozenset[str]) -> None:
    sentence = say(key, language, **dict.fromkeys(given, "7"))
    assert sentence[0].isupper() or sentence[0] in "«“"
    assert sentence.endswith(".")


def test_no_sentence_waits_for_a_value_that_nobody_gives() -> None:
    for key, given in codes():
        for language in LANGUAGES:
            sentence = say(key, language, **{value: f"{{{value}}}" for value in given})
            assert {name for _, name, _, _ in Formatter().parse(sentence) if name} <= given


def test_the_three_languages_differ() -> None:
    for key in sorted({key for key, _ in codes()}):
        told = {say(key, language, most=7) for language in LANGUAGES}
        assert len(told) >= 2, key
