"""Everything a person reads, in bokmål, nynorsk and English."""
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("nb", "nn", "en")


@cache
def _book(language: str) -> dict[str, str]:
    """The words of one language by dotted key: [errors] NOT_FOUND is `errors.NOT_FOUND`."""
    tables = tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text("utf-8"))
    return {f"{table}.{key}": text for table, texts in tables.items() for key, text in texts.items()}


def say(key: str, language: str, **values: Any) -> str:
    """The text of `key`, with its {places} filled; bokmål where the language is none of ours. KeyError."""
    return _book(language if language in LANGUAGES else "nb")[key].format(**values)
