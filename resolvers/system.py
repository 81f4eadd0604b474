"""What a system client does beside asking: what it can choose from, and a plan that it opens for somebody."""
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from db.read.system import Standing, own_units, standing
from db.rules.errors import Problem, Refused
from db.rules.words import PlanType, Role, SystemAct
from db.write.find import NOBODY, Through
from db.write.person import PersonDraft
from integrations.pack import reference
from integrations.words import say
from resolvers.act import Done, identity, key
from resolvers.context import Client, Context
from resolvers.plan import Beside, PlanEntry, create_plan
from resolvers.proposal import Proposal, ProviderEntry
from resolvers.record import allowed

CREATOR, HOLDER = "planCreatorIdentityNumber", "stafettholderIdentityNumber"
ASKED_AS = {("NOT_ALLOWED", "unitId"): CREATOR, ("NOT_FOUND", "stafettholderId"): HOLDER}
MOST_PROVIDERS = 20


@dataclass(frozen=True)
class Option:
    """A code, and its word in the asker's language."""
    code: str
    name: str


@dataclass(frozen=True)
class UnitOption:
    """A unit in which the system may create."""
    id: str
    name: str
    organisation_number: str


@dataclass(frozen=True)
class SystemOptions:
    """What a new plan is made of."""
    plan_types: list[Option]
    participant_roles: list[Option]
    units: list[UnitOption]


@dataclass(frozen=True)
class SystemEntry:
    """A new plan as a system gives it, with the numbers of the plan creator and of the stafettholder."""
    creator: str
    stafettholder: str | None
    providers: tuple[ProviderEntry, ...]
    plan: PlanEntry


async def system_options(ctx: Context, _: Mapping[str, Any]) -> SystemOptions | None:
    """None for a person, who is no system."""
    client = ctx.viewer.client
    if client is None:
        return None
    units = await own_units(ctx.hub.reader, ctx.viewer.municipality, client.organisation)
    return SystemOptions([Option(code, say(f"pdf.type.{code}", ctx.language)) for code in PlanType],
                         [Option(code, say(f"pdf.role.{code}", ctx.language)) for code in Role],
                         [UnitOption(f"Unit:{one.id}", one.name, one.organisation_number) for one in units])


async def create_plan_from_system(ctx: Context, entry: SystemEntry) -> Done:
    """As the plan creator would: by their posts, with their refusals, in their name. Of the plan, the system
    is told the reference alone, as its unit's fagsystem will be."""
    try:
        client = await allowed(ctx, SystemAct.CREATE_PLAN)
        numbered = _numbered(entry)
        known = await _standing(ctx, client, entry, numbered)
    except Refused as refused:
        return Done(problems=refused.problems)
    unit, seal = key(entry.plan.unit_id, "Unit"), ctx.hub.seal
    # One who is not known is nobody, who has no post: the same refusal, by the same statements.
    viewer = replace(ctx.viewer, person=known.creator or NOBODY, through=Through(unit, client.organisation))
    holder = f"Person:{known.stafettholder or NOBODY}" if entry.stafettholder is not None else None
    beside = Beside(f"createPlanFromSystem unit={unit}", tuple(numbered.values()),
                    Proposal(seal, entry.providers, numbered).draft)
    done = await create_plan(
        replace(ctx, viewer=viewer), replace(entry.plan, stafettholder_id=holder), beside)
    if done.problems:
        return Done(problems=tuple(_asked_as(problem) for problem in done.problems))
    plan = key(str(done.touched["plan"]), "Plan")
    return Done({"plan_ref": str(reference(seal, known.fagsystem, unit, plan))}, at=done.at)


def _asked_as(problem: Problem) -> Problem:
    """A plan creator gives other fields than a system: by whom it is opened, and who holds it."""
    return replace(problem, field=ASKED_AS.get((problem.code, problem.field), problem.field))


def _numbered(entry: SystemEntry) -> dict[str, PersonDraft]:
    """Who is given by their number beside the family, by input field: they are looked up, which is logged."""
    if len(entry.providers) > MOST_PROVIDERS:
        raise Refused("TOO_MANY", "providers", most=MOST_PROVIDERS)
    given = {CREATOR: entry.creator, HOLDER: entry.stafettholder}
    given |= {f"providers.{n}.identityNumber": one.identity_number for n, one in enumerate(entry.providers)}
    checked = {field: identity(number, field) for field, number in given.items() if number is not None}
    return {field: PersonDraft(number, "", born, at=field) for field, (number, born) in checked.items()}


async def _standing(ctx: Context, client: Client, entry: SystemEntry,
                    numbered: Mapping[str, PersonDraft]) -> Standing:
    """Refused where the unit is not the organisation's own."""
    numbers = [numbered[field].identity_number if field in numbered else None for field in (CREATOR, HOLDER)]
    marks = [ctx.hub.seal.mark(number) if number else None for number in numbers]
    found = await standing(ctx.hub.reader, ctx.viewer.municipality, client.organisation,
                           key(entry.plan.unit_id, "Unit"), marks)
    if found is None:
        raise Refused("NOT_FOUND", "unitId")
    return found
