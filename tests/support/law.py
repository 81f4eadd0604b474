"""The law of consent over a plan's facts, in other words than the rule's: proofs hold the ledger to it."""
from datetime import date, datetime
from uuid import UUID

from db.rules.grant import OSLO, ConsentFacts, Named, Part, PlanFacts
from db.rules.rights import Right

THE_LOG = ("OVERVIEW GOALS ACTIVITIES COMMENTS MESSAGES CALENDAR TIMELINE PARTICIPANTS LIFE_AREAS "
           "PROFESSIONAL_PLANS DOCUMENTS MAPPING CONSENT")


def rights(text: str) -> frozenset[str]:
    return frozenset(text.split())


def reading(text: str) -> frozenset[str]:
    return frozenset(f"{element}_READ" for element in text.split())


def writing(text: str) -> frozenset[str]:
    return frozenset(f"{element}_WRITE" for element in text.split())


def names_in(mask: Right) -> frozenset[str]:
    return frozenset(right.name or "" for right in mask)


THE_SHELL = rights("PUBLIC SHELL CONTACT POSITION WHEREABOUTS")  # who takes part, and how to reach them
READS_ALL = THE_SHELL | reading(THE_LOG)
FAMILY_WRITES = writing("COMMENTS MESSAGES OVERVIEW")
ADMINISTERS = (THE_SHELL | reading("PARTICIPANTS CONSENT ADMINISTRATION") | rights("EDIT_PERSON DELIVERIES")
               | writing("PARTICIPANTS CONSENT ADMINISTRATION"))


FIXED_OFF = {"STAFETTLOGG": "LIFE_AREAS PROFESSIONAL_PLANS"}
SWITCHABLE = {"STAFETTLOGG": "CALENDAR MAPPING"}  # of the other types, more
OF_OTHERS = "MESSAGES CALENDAR LIFE_AREAS PROFESSIONAL_PLANS DOCUMENTS MAPPING"
OFF_FROM_THE_START = "MAPPING"


def not_there(facts: PlanFacts, at: datetime) -> frozenset[str]:
    """Rights to elements that plans of the type do not have at the moment."""
    off = set(FIXED_OFF.get(facts.type, "").split())
    for element in SWITCHABLE.get(facts.type, OF_OTHERS).split():
        said = [s.on for s in facts.switches if s.element == element and not at < s.since]
        if not [element not in OFF_FROM_THE_START, *said][-1]:
            off.add(element)
    return frozenset(f"{element}_{access}" for element in off for access in ("READ", "WRITE"))


def law(facts: PlanFacts, person: UUID, at: datetime) -> frozenset[str]:
    """The names of all rights that the person has in the plan at the moment."""
    given = frozenset().union(*(
        of_part(part, facts, at) for part in facts.parts if part.person == person
        and not (at < part.since or (part.until is not None and part.until <= at)) and has_joined(part, at)))
    return given - not_there(facts, at)


def has_joined(part: Part, at: datetime) -> bool:
    """An invitation opens nothing, nor does one accepted without the declaration that was asked for."""
    if part.accepted is None or at < part.accepted:
        return False
    return not part.declares or (part.declared is not None and part.declared <= at)


def of_part(part: Part, facts: PlanFacts, at: datetime) -> frozenset[str]:
    consent = in_force(facts, at)
    named = [n for n in consent.named if is_named(part, n)] if consent else []
    running = consent is not None and status(facts, at) == "ACTIVE"
    opened = by_role(part, facts, at, running=running)
    if consent is not None and running:
        held_back = frozenset().union(*(names_in(n.held_back) for n in named))
        if consent.sent is not None:  # the family was not asked about what there was not
            held_back |= not_there(facts, consent.sent)
        opened |= by_consent(part, consent, facts, named=bool(named)) - held_back
    if any(n.whereabouts for n in named):
        return opened | rights("PROTECTED") if opened else opened
    return opened - {"WHEREABOUTS"} if facts.protected else opened


def by_role(part: Part, facts: PlanFacts, at: datetime, *, running: bool) -> frozenset[str]:
    age = age_on(facts.born, at)
    if part.role == "STAFETTHOLDER":
        return ADMINISTERS
    if (part.role == "OWNER" and age >= facts.consent_age) or (part.role == "GUARDIAN" and age < 18):
        return READS_ALL | rights("ACCESS_LOG_READ PRINT") | (FAMILY_WRITES if running else rights(""))
    return rights("")


def by_consent(part: Part, consent: ConsentFacts, facts: PlanFacts, *, named: bool) -> frozenset[str]:
    if part.role == "STAFETTHOLDER" and (named or (consent.sent is not None and part.since <= consent.sent)):
        return READS_ALL | writing(THE_LOG) - writing("TIMELINE") | rights("PRINT")
    if part.role == "PROVIDER" and named:
        return READS_ALL | writing("COMMENTS MESSAGES ACTIVITIES")
    signed_by_owner = consent.sent is not None and age_on(facts.born, consent.sent) >= facts.consent_age
    if named and (part.role == "NEXT_OF_KIN" or (part.role == "GUARDIAN" and signed_by_owner)):
        return READS_ALL | FAMILY_WRITES | rights("PRINT")
    return rights("")


def in_force(facts: PlanFacts, at: datetime) -> ConsentFacts | None:
    """Goes through the consents as they came into force: each ends the one before, for good."""
    holds = None
    for consent in sorted(facts.consents, key=lambda c: (c.opened or at, c.id)):
        came = consent.opened is not None and consent.opened <= at
        ends = (consent.superseded, consent.withdrawn, consent.valid_until)
        if came and not any(end and consent.opened and end <= consent.opened for end in ends):
            holds = consent
    if holds is None or holds.valid_until <= at:
        return None
    return None if any(end and end <= at for end in (holds.withdrawn, holds.superseded)) else holds


def status(facts: PlanFacts, at: datetime) -> str:
    so_far = ["", *(status for since, status in facts.statuses if since <= at)]
    return so_far[-1]


def is_named(part: Part, named: Named) -> bool:
    return named.person == part.person if named.person else part.unit is not None and named.unit == part.unit


def age_on(born: date, at: datetime) -> int:
    """Whole years on the calendar of Norway."""
    today = at.astimezone(OSLO).date()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
