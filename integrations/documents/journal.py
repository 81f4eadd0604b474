"""What the journal of any archive tells of a plan: titles without names, and the law that shields them."""
import re
from datetime import date

from integrations.documents.text import one_line, plain
from integrations.documents.wording import NORWAY, Wording
from integrations.target import PlanVersion

SYSTEM = "stafettlogg-hub"
LAW = "offl. § 13 første ledd, jf. fvl. § 13 første ledd nr. 1"
SHIELDED_YEARS = 60
WORDS = re.compile(r"\w+")
INITIALS, MOST_INITIALS = 3, 8  # letters, of a word and in all


def public_title(version: PlanVersion) -> str:
    """The kind of plan and nothing else: it is what anyone can read in the public journal."""
    kind = Wording(version.language).code("type", version.plan.get("type"))
    return one_line(kind or "", 60) or "Plan"


def title(version: PlanVersion) -> str:
    """What those who may open the case read: kind and initials, and that an address is protected."""
    mark = Wording(version.language).label("protectedMark") if version.protected else ""
    return " ".join(filter(None, (public_title(version), initials(version), mark)))


def initials(version: PlanVersion) -> str:
    """The short name, cut down to what it is meant to be: nobody is kept from typing a name there, and titles
    are copied to where nothing shields them. What already looks like initials stays, unless it is a name."""
    short_name = plain(version.plan.get("shortName") or "")
    names = {word.casefold() for word in WORDS.findall(owner_name(version))}
    return "".join(word if word.isupper() and len(word) <= INITIALS and word.casefold() not in names
                   else word[0].upper() for word in WORDS.findall(short_name))[:MOST_INITIALS]


def owner_name(version: PlanVersion) -> str:
    """Empty where it was left out."""
    return one_line((version.plan.get("owner") or {}).get("name") or "", 200)


def sender_name(version: PlanVersion) -> str:
    """The unit; the municipality alone where the unit would tell where a hidden person is."""
    unit = "" if version.protected else one_line(version.unit_name or "", 200)
    return unit or one_line(version.municipality_name, 200)


def archived_on(version: PlanVersion) -> date:
    """The day in Norway."""
    return version.archived_at.astimezone(NORWAY).date()


def shielded_until(version: PlanVersion) -> date:
    return date(archived_on(version).year + SHIELDED_YEARS, 12, 31)
