"""The table of rights as Markdown, made by asking the rule in every situation: what `hub rights` prints."""
from collections import defaultdict
from collections.abc import Collection, Iterator, Set as AbstractSet
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import product
from operator import or_
from typing import Any
from uuid import UUID

from db.rules.grant import OSLO, ConsentFacts, Named, Part, PlanFacts, decide
from db.rules.plan_template import Switch
from db.rules.rights import ARCHIVE, ARCHIVE_ON_DEMAND, LEADER, LEADER_OF_HIDDEN, NOTHING, Element, Right
from db.rules.words import PlanStatus, PlanType, Role

Situation = tuple[str, ...]  # the consent, the plan's status, the owner's age
Box = tuple[frozenset[str], ...]  # every situation that has one of these in each place

NOW = datetime(2026, 7, 1, 12, tzinfo=OSLO)
EARLIER = NOW - timedelta(days=1501)  # than anybody came
LONG_AGO, BEFORE, AFTER = NOW - timedelta(days=1500), NOW - timedelta(days=30), NOW + timedelta(days=30)
THEY, OTHERS = Named(UUID(int=1), None), Named(UUID(int=2), None)
WITHOUT_GOALS = Named(THEY.person, None, Element.GOALS.read | Element.GOALS.write)
SHOWN = Named(THEY.person, None, whereabouts=True)
UNDER, YOUNG, ADULT = "under consent age", "consent age to 17", "18 or over"
AGES = {UNDER: date(2016, 1, 1), YOUNG: date(2010, 1, 1), ADULT: date(2008, 1, 1)}
MAPPED = (Switch(EARLIER, Element.MAPPING, on=True),)  # an individual plan then has every element
Moment = datetime | None


def one(named: Named = THEY, *, number: int = 1, sent: Moment = BEFORE, opened: Moment = BEFORE,
        until: datetime = AFTER, withdrawn: Moment = None, replaced: Moment = None) -> ConsentFacts:
    return ConsentFacts(UUID(int=number), sent, opened, until, withdrawn, replaced, named=(named,))


CONSENTS: dict[str, tuple[ConsentFacts, ...]] = {
    "none": (),
    "draft": (one(sent=None, opened=None),),
    "awaiting signature": (one(opened=None),),
    "in force, naming them, signed by the owner too": (one(),),
    "in force, naming them, signed by guardians alone": (one(sent=LONG_AGO),),
    "in force, naming them, holding goals back": (one(WITHOUT_GOALS),),
    "in force, not naming them": (one(OTHERS),),
    "in force, not naming them, asked for before they came": (one(OTHERS, sent=EARLIER),),
    "in force, replacing one that named them": (one(opened=LONG_AGO, replaced=BEFORE), one(OTHERS, number=2)),
    "expired": (one(until=NOW),),
    "withdrawn": (one(withdrawn=NOW),),
}
IN_FORCE = {kind for kind in CONSENTS if kind.startswith("in force")}
CALLED: tuple[tuple[str, AbstractSet[str]], ...] = (  # sets of values that have a name of their own
    ("any", CONSENTS.keys()), ("any", set(PlanStatus)), ("any", AGES.keys()),
    ("in force", IN_FORCE), ("not in force", CONSENTS.keys() - IN_FORCE),
    ("in force, naming them", {kind for kind in IN_FORCE if "signed" in kind}),
    ("in force, not naming them", {kind for kind in IN_FORCE if ", naming" not in kind}),
    ("not active", set(PlanStatus) - {PlanStatus.ACTIVE}),
    ("under 18", {UNDER, YOUNG}), ("consent age or over", {YOUNG, ADULT}))


def table() -> str:
    """Who may do what in a plan: a table per role, then what a type of plan has of it, whereabouts, and those
    who have no part in the plan."""
    return "\n".join([line for role in Role for line in _of(role)]
                     + [*_types(), *_whereabouts(), *_outside()])


def _of(role: Role) -> Iterator[str]:
    """Rows of equal rights, the widest first. Whereabouts have a table of their own."""
    outcomes: defaultdict[Right, list[Situation]] = defaultdict(list)
    for kind, status, age in product(CONSENTS, PlanStatus, AGES):
        rights = _given(_as(role), CONSENTS[kind], status, AGES[age]) & ~Right.WHEREABOUTS
        outcomes[rights].append((kind, status, age))
    yield from _head(_spelt(role).capitalize(), "consent", "plan", "owner", "reads", "writes", "besides")
    for rights in sorted(outcomes, key=lambda rights: -rights.bit_count()):
        for box in _boxes(outcomes[rights]):
            yield _row(*(_called(values) for values in box), *_said(rights))
    yield ""


def _as(role: Role) -> Part:
    """One who has accepted, and takes part for good."""
    return Part(UUID(int=1), role, None, LONG_AGO, LONG_AGO)


def _given(part: Part, consents: tuple[ConsentFacts, ...], status: PlanStatus, born: date, *,
           protected: bool = False, kind: PlanType = PlanType.INDIVIDUAL_PLAN,
           switches: tuple[Switch, ...] = MAPPED) -> Right:
    facts = PlanFacts(born, 16, protected, ((LONG_AGO, status),), (part,), consents, kind, switches)
    return decide(facts, part.person, NOW).mask


def _boxes(situations: list[Situation]) -> list[Box]:
    """The situations as few rows: those that differ in one place alone are joined, the last place first."""
    boxes: list[Box] = [tuple(frozenset({value}) for value in situation) for situation in situations]
    for place in reversed(range(len(situations[0]))):
        joined: defaultdict[tuple[Box, Box], frozenset[str]] = defaultdict(frozenset)
        for box in boxes:
            joined[box[:place], box[place + 1:]] |= box[place]
        boxes = [(*before, values, *after) for (before, after), values in joined.items()]
    return boxes


def _called(values: frozenset[str]) -> str:
    """A set of values in as few words as there are."""
    names: list[str] = []
    for name, members in CALLED:
        if members <= values:
            names, values = [*names, name], values - members
    rest = [_spelt(value) for value in (*CONSENTS, *PlanStatus, *AGES) if value in values]
    return "; ".join(names + rest)


def _said(rights: Right) -> tuple[str, str, str]:
    """What is read, what is written, and what else is allowed."""
    elements = [right for element in Element for right in (element.read, element.write)]
    besides = [_spelt(right.name or "") for right in rights if right not in (*elements, Right.PUBLIC)]
    return (_listed([element for element in Element if element.read & rights]),
            _listed([element for element in Element if element.write & rights]), ", ".join(besides) or "–")


def _listed(elements: Collection[Element]) -> str:
    missing = [element for element in Element if element not in elements]
    return (f"all but {', '.join(map(_spelt, missing))}" if len(missing) < len(elements)
            else ", ".join(map(_spelt, elements)) or "–")


def _types() -> Iterator[str]:
    yield from _head("Types of plan", "element", *map(_spelt, PlanType))
    for element in Element:
        yield _row(_spelt(element), *(_had(kind, element) for kind in PlanType))
    yield ""


def _had(kind: PlanType, element: Element) -> str:
    """When anybody at all can read it: asked of every role in a plan that runs, as the element comes, as it
    is switched on, and as it is switched off."""
    ways: list[tuple[Switch, ...]] = [(), *((Switch(EARLIER, element, on=on),) for on in (True, False))]
    comes, on, off = (any(
        element.read in _given(_as(role), (one(),), PlanStatus.ACTIVE, born, kind=kind, switches=switches)
        for role, born in product(Role, AGES.values())) for switches in ways)
    if on == off:
        return "always" if comes else "never"
    return "unless switched off" if comes else "if switched on"


def _whereabouts() -> Iterator[str]:
    """Asked of every role in every situation in which anything is open."""
    yield from _head("Whereabouts", "an address is protected", "a consent in force names them for it",
                     "unit and workplace", "contact with the protected")
    for protected, named in product((False, True), (False, True)):
        consents = [(one(SHOWN),)] if named else CONSENTS.values()
        asked = [_given(_as(role), agreed, status, born, protected=protected)
                 for role, agreed, status, born in product(Role, consents, PlanStatus, AGES.values())]
        opened = [rights for rights in asked if rights]
        yield _row(_yes({protected}), _yes({named}), _yes({Right.WHEREABOUTS in rights for rights in opened}),
                   _yes({Right.PROTECTED in rights for rights in opened}) if protected else "–")
    yield ""


def _yes(answers: set[bool]) -> str:
    return " and ".join("yes" if answer else "no" for answer in sorted(answers))


def _outside() -> Iterator[str]:
    yield from _head("No part in the plan", "who", "reads", "writes", "besides")
    yield _row("administrator of the unit, the group or the municipality", *_said(LEADER))
    yield _row("the same, where an address is protected", *_said(LEADER_OF_HIDDEN))
    yield _row("the local administrator, besides", *_said(Right.DELETION))
    yield _row("the archive, of what is ordered", *_said(ARCHIVE))
    yield _row("the archive, where who has read it is ordered too", *_said(ARCHIVE | ARCHIVE_ON_DEMAND))
    yield _row("one who is invited and has not accepted", *_said(_at_most(accepted=None)))
    yield _row("one who must declare confidentiality and has not", *_said(_at_most(declares=True)))
    yield _row("one whose part has ended", *_said(_at_most(until=BEFORE)))
    yield _row("anybody else", *_said(NOTHING))


def _at_most(**part: Any) -> Right:
    """All that such a part opens in any role and situation."""
    return reduce(or_, (
        _given(replace(_as(role), **part), agreed, status, born)
        for role, agreed, status, born in product(Role, CONSENTS.values(), PlanStatus, AGES.values())))


def _head(title: str, *columns: str) -> Iterator[str]:
    yield from (f"### {title}", "", _row(*columns), _row(*("---" for _ in columns)))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _spelt(name: str) -> str:
    """An enumerated name in small letters; what is spelt already stays."""
    return name.lower().replace("_", " ") if name.isupper() else name
