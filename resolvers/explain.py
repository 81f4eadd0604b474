"""Why somebody may read an element of a plan, or may not; and what a consent would open, were it signed."""
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from db.read.explain import Explained, Signed, explained
from db.read.page import NOBODY, BadArgument, key_of
from db.rules.explain import ElementAccess, access, preview, why_closed
from db.rules.grant import ConsentFacts, Part, latest_at
from db.rules.rights import Element, Right
from db.rules.words import AccessLevel, AccessReason, Role
from resolvers.context import Context


@dataclass(frozen=True)
class AccessExplanation:
    """What one person may with one element at one moment, and what it follows from."""
    element: Element
    level: AccessLevel
    reason: AccessReason
    since: datetime | None
    until: datetime | None
    recorded_at: datetime | None
    roles: list[Role]
    consent_id: str | None
    signatures: list[Signed] | None


@dataclass(frozen=True)
class PreviewedAccess:
    """One whom a consent would let in, a person or a whole service, and to what."""
    name: str | None
    person_id: str | None
    unit_id: str | None
    role: Role
    takes_part: bool
    elements: list[ElementAccess]


async def explain_access(ctx: Context, arguments: Mapping[str, Any]) -> AccessExplanation | None:
    """None where the plan is not there for the viewer, or the person's access is not theirs to know.

    BadArgument: a moment without its offset from UTC."""
    at: datetime = arguments.get("at") or ctx.now
    if at.tzinfo is None:
        raise BadArgument("NO_OFFSET")
    person = key_of(arguments["person_id"], "Person")
    found = await _explained(ctx, person, min(at, ctx.now), plan=key_of(arguments["plan_id"], "Plan"))
    if found is None or (person != ctx.viewer.person and person in _of_age(found)):
        return None
    return _explanation(found, person, arguments["element"], at)


async def consent_preview(ctx: Context, arguments: Mapping[str, Any]) -> list[PreviewedAccess] | None:
    """None where the consent is not there for the viewer, or is neither a draft nor waits to hold."""
    consent = key_of(arguments["consent_id"], "Consent")
    found = await _explained(ctx, NOBODY, ctx.now, consent=consent)
    waiting = [c for c in found.facts.consents if c.id == consent and _waits(c, ctx.now)] if found else []
    if found is None or not waiting:
        return None
    opens = max(ctx.now, found.begins[consent])
    # of the plan's history, which not all who may ask can read, only the status that all of them see
    facts = replace(found.facts, statuses=((ctx.now, found.status),))
    told = preview(facts, waiting[0], {key: one.unit for key, one in found.persons.items()}, opens)
    here = {part.person for part in found.facts.parts if part.lasts(ctx.now)}
    return [_previewed(found, part, elements, takes_part=part.person in here)
            for part, elements in told.items() if part.person not in _of_age(found)]


def _of_age(found: Explained) -> set[UUID]:
    """Those whose access tells how old the child is, to one who may not read that."""
    if Right.OVERVIEW_READ in found.mask:
        return set()
    return {part.person for part in found.facts.parts if part.role in (Role.OWNER, Role.GUARDIAN)}


def _waits(consent: ConsentFacts, now: datetime) -> bool:
    return consent.awaits(now) or (consent.sent is None and consent.withdrawn is None)


async def _explained(ctx: Context, person: UUID, recorded: datetime, plan: UUID | None = None,
                     consent: UUID | None = None) -> Explained | None:
    if ctx.viewer.person is None:
        return None
    return await explained(ctx.hub.reader, {
        "municipality": ctx.viewer.municipality, "viewer": ctx.viewer.person, "now": ctx.now, "plan": plan,
        "consent": consent, "person": person, "recorded": recorded}, log=ctx.hub.log)


def _explanation(found: Explained, person: UUID, element: Element, at: datetime) -> AccessExplanation:
    row = next((row for row in found.ledger if row.grant.lasts(at)), None)
    told = access([row.grant for row in found.ledger], element, at)
    reason = told.reason if row else why_closed(found.facts, person, element, at)
    by_role = told.level is not AccessLevel.NONE and reason is AccessReason.ROLE
    consent = None if by_role else _deciding(found, at, row.grant.decision.consent if row else None)
    shown = consent if Right.CONSENT_READ in found.mask else None
    return AccessExplanation(
        element, told.level, reason, row.grant.since if row else None, told.until, row.at if row else None,
        [part.role for part in found.facts.parts if part.person == person and part.lasts(at)],
        f"Consent:{shown}" if shown else None,
        [s for s in found.signatures if s.consent == shown] if shown else None)


def _deciding(found: Explained, at: datetime, consent: UUID | None) -> UUID | None:
    """The consent that opens it, or whose end closed it."""
    latest = latest_at(found.facts, at)
    return consent or (latest.id if latest else None)


def _previewed(found: Explained, part: Part, elements: tuple[ElementAccess, ...], *,
               takes_part: bool) -> PreviewedAccess:
    """A service's name is among what tells whereabouts."""
    if part.person != part.unit:
        return PreviewedAccess(found.persons[part.person].name, f"Person:{part.person}", None, part.role,
                               takes_part, list(elements))
    if Right.WHEREABOUTS not in found.mask:
        return PreviewedAccess(None, None, None, part.role, takes_part, list(elements))
    return PreviewedAccess(found.units[part.unit], None, f"Unit:{part.unit}", part.role, takes_part,
                           list(elements))
