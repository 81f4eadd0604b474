"""What a language is called by (BCP 47), and which way it is written."""
import re

from db.rules.words import Direction

# RFC 5646 § 2.1: language, script, region; no dialects, extensions or what somebody has agreed on
TAG = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|\d{3}))?", re.ASCII | re.IGNORECASE)
RIGHT_TO_LEFT = frozenset({  # unless the tag names another script; as CLDR has it
    "apc", "ar", "arc", "bal", "bgn", "ckb", "dv", "fa", "glk", "he", "ks", "lrc", "mzn", "nqo", "pnb", "prs",
    "ps", "rhg", "sd", "sdh", "skr", "syr", "trw", "ug", "ur", "yi"})
LEFTWARD_SCRIPTS = frozenset({"Adlm", "Arab", "Hebr", "Nkoo", "Rohg", "Syrc", "Thaa"})


def canonical(tag: str) -> str | None:
    """The tag in the letters that it is usually written with; None where it is none."""
    parts = TAG.fullmatch(tag.strip())
    if parts is None:
        return None
    language, script, region = parts.groups()
    return "-".join(filter(None, (language.lower(), script and script.title(), region and region.upper())))


def direction(tag: str) -> Direction:
    """Of a canonical tag; `tables.consent_template.direction_of` says the same in SQL."""
    language, _, rest = tag.partition("-")
    script = rest.partition("-")[0]
    leftward = script in LEFTWARD_SCRIPTS if len(script) == 4 else language in RIGHT_TO_LEFT
    return Direction.RTL if leftward else Direction.LTR
