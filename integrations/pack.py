"""What a delivery tells, put together at the moment of sending, as the recipient may see it then."""
from datetime import datetime

from db.engine import Reader, Writing
from db.read.archive import archived
from db.rules.delivery import ENDING, FactKind
from db.rules.grant import OSLO
from db.rules.words import AddressProtection
from db.seal import Seal
from db.tables.delivery import Delivery
from db.tables.municipality import Municipality
from db.tables.person import Person
from db.tables.plan import Plan
from db.tables.unit import Unit
from db.write.person import identity_of
from db.write.plan import municipality
from integrations.target import Contact, Order, PlanFact, PlanVersion


async def packed(session: Writing, reader: Reader, seal: Seal, delivery: Delivery, now: datetime,
                 hub_url: str) -> Order:
    """The fact, or the version for the archive. Refused where the owner has no identity number."""
    where = (delivery.municipality_id, delivery.plan_id)
    plan = await session.get_one(Plan, where, populate_existing=True)
    owner = await session.get_one(Person, (where[0], plan.owner_id), populate_existing=True)
    home = await municipality(session, where[0])
    if delivery.kind is FactKind.ARCHIVED:
        return await _version(session, reader, seal, delivery, now, (plan, owner, home))
    return await _fact(session, seal, delivery, hub_url, (plan, owner, home))


async def _fact(session: Writing, seal: Seal, delivery: Delivery, hub_url: str,
                of: tuple[Plan, Person, Municipality]) -> PlanFact:
    plan, owner, home = of
    protected, ended = plan.protected, delivery.kind in ENDING
    unit = await session.get_one(Unit, (plan.municipality_id, delivery.unit_id))
    occurred = delivery.ordered_at
    return PlanFact(
        fact_id=delivery.id, plan_ref=seal.plan_ref(f"{delivery.target} {delivery.unit_id}", plan.id),
        seq=delivery.seq, kind=delivery.kind, occurred_at=occurred, has_plan=not ended,
        since=plan.start_date, closed_on=occurred.astimezone(OSLO).date() if ended else None,
        identity_number=identity_of(owner, seal),
        municipality_number=home.number, unit_organisation_number=unit.organisation_number,
        contact=None if ended else await _contact(session, plan, protected=protected),
        hub_url=hub_url, protected=protected)


async def _contact(session: Writing, plan: Plan, *, protected: bool) -> Contact:
    """The stafettholder; if the owner's address is protected, without what tells in which unit they are."""
    holder = await session.get_one(Person, (plan.municipality_id, plan.stafettholder_id))
    workplace = holder.workplace_id
    unit = await session.get(Unit, (plan.municipality_id, workplace)) if workplace else None
    hidden = protected or holder.hides_mobile or _protected(holder)
    return Contact(holder.name, holder.position or "",
                   None if protected or unit is None else unit.name, None if hidden else holder.mobile)


async def _version(session: Writing, reader: Reader, seal: Seal, delivery: Delivery, now: datetime,
                   of: tuple[Plan, Person, Municipality]) -> PlanVersion:
    plan, owner, home = of
    orderer = delivery.ordered_by
    by = await session.get(Person, (plan.municipality_id, orderer)) if orderer else None
    told = await archived(reader, plan.municipality_id, now, plan.id, delivery.elements or 0)
    unit = told["unit"]
    return PlanVersion(
        fact_id=delivery.id, plan_key=plan.id, version=delivery.version or 1,
        plan=told, language=home.language,
        archived_at=now, archived_by=by.name if by else home.name, trigger=str(delivery.trigger),
        identity_number=identity_of(owner, seal), municipality_number=home.number,
        municipality_name=home.name, municipality_organisation_number=home.organisation_number,
        unit_name=unit and unit["name"], protected=plan.protected)


def _protected(person: Person) -> bool:
    return person.address_protection is not AddressProtection.NONE
