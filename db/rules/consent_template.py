"""What a consent template must be: in one of Norway's own languages, and a whole text."""
import re
from collections.abc import Collection

from db.rules.errors import Refused
from db.rules.words import PlanType

OWN = frozenset({"nb", "nn"})
MOST_LANGUAGES = 20
# What nobody would fill in: names, period and restrictions stand beside the text, and are signed with it.
PLACEHOLDER = re.compile(r"\{[^{}]*\}|_{3,}|\.{5,}")


def unfilled(text: str) -> bool:
    """Whether something is left to fill in, as in a form on paper: what is signed would hold the gap."""
    return PLACEHOLDER.search(text) is not None


def check_of_type(template: PlanType, plan: PlanType) -> None:
    """Who signs the form of another type agrees to something else than what opens."""
    if template is not plan:
        raise Refused("OTHER_PLAN_TYPE", "templateId")


def check_languages(languages: Collection[str]) -> None:
    """A public body writes in bokmål or nynorsk (språklova), whatever it translates that to."""
    if not OWN & set(languages):
        raise Refused("OWN_LANGUAGE_MISSING", "texts")
