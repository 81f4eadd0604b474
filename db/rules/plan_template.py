"""Which elements each type of plan has: what is fixed, and what the municipality switches on and off (⚙).

What domain.md §3 says of a stafettlogg is fixed. An individual plan has the main points of *forskrift om
habilitering, rehabilitering, individuell plan og koordinator* (FOR-2011-12-16-1256) § 19: needs and aims, who
takes part, activities and who answers for them, evaluation, consent; an education plan the aims and the
content of *opplæringslova* § 11-10. The rest of these two is the municipality's. In every type the family
sees what was done and who read it. Mapping is off until it is wanted: no more is kept than is needed (GDPR
art. 25)."""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from db.rules.errors import Refused
from db.rules.rights import NOTHING, Element, Right
from db.rules.words import PlanType

E = Element
NEVER: Mapping[PlanType, frozenset[Element]] = {  # what is neither here nor optional is always on
    PlanType.STAFETTLOGG: frozenset({E.LIFE_AREAS, E.PROFESSIONAL_PLANS})}
CHOSEN = {E.MESSAGES: True, E.CALENDAR: True, E.LIFE_AREAS: True, E.PROFESSIONAL_PLANS: True,
          E.DOCUMENTS: True, E.MAPPING: False}
OPTIONAL: Mapping[PlanType, Mapping[Element, bool]] = {  # and whether it is on until somebody switches it
    PlanType.STAFETTLOGG: {E.CALENDAR: True, E.MAPPING: False},
    PlanType.INDIVIDUAL_PLAN: CHOSEN, PlanType.INDIVIDUAL_EDUCATION_PLAN: CHOSEN}


def _both(elements: Iterable[Element]) -> Right:
    """The rights to read and to write them."""
    return reduce(or_, (element.read | element.write for element in elements), NOTHING)


UNSWITCHED: Mapping[PlanType, Right] = {  # what a type lacks until somebody switches something
    of: _both([*NEVER.get(of, ()), *(element for element, on in chosen.items() if not on)])
    for of, chosen in OPTIONAL.items()}


@dataclass(frozen=True)
class Switch:
    """The municipality turned an element of a type on or off at a moment."""
    since: datetime
    element: Element
    on: bool


def lacking(plan_type: PlanType, switches: Iterable[Switch], at: datetime) -> Right:
    """The rights to what plans of a type do not have: nobody has them, whatever consent and role say.

    `switches` are the type's, in order of time; one of an element that is fixed counts for nothing."""
    rights = UNSWITCHED[plan_type]
    for switch in switches:
        if switch.since <= at and switch.element in OPTIONAL[plan_type]:
            both = _both([switch.element])
            rights = rights & ~both if switch.on else rights | both
    return rights


def check_switch(plan_type: PlanType, element: Element) -> None:
    """Whether the element is the municipality's to switch; no other is, whoever asks."""
    if element not in OPTIONAL[plan_type]:
        raise Refused("ELEMENT_FIXED", "element")


def check_has(elements: Mapping[str, Element], lacked: Right) -> None:
    """Whether a plan has all that is named; by the input's field. The first that it lacks is refused."""
    for field, element in elements.items():
        if element.read & lacked:
            raise Refused("NOT_IN_TYPE", field)
