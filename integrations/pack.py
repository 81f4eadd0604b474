"""What a delivery tells, put together at the moment of sending, as the recipient may see it then."""
from datetime import datetime
from uuid import UUID

from db.engine import Reader, Writing
from db.read.archive import archived
from db.read.record import Known
from db.read.task import Shown
from db.rules.delivery import ENDING, FactKind
from db.rules.grant import OSLO
from db.rules.words import NoticeKind
from db.seal import Seal
from db.tables.alert import Alert
from db.tables.delivery import Delivery
from db.tables.person import Person
from db.tables.plan import Plan
from db.tables.target import Target
from db.write import conclusion
from db.write.fact import About, told_of
from db.write.invitation import last_code
from db.write.notice import addressed
from db.write.person import identity_in
from db.write.plan import municipality
from db.write.plan_template import lacks
from integrations.target import Conclusion, Contact, Notice, Order, PlanFact, PlanVersion
from integrations.words import say


async def packed(session: Writing, reader: Reader, seal: Seal, delivery: Delivery, now: datetime,
                 hub_url: str) -> Order:
    """The fact, the version for the archive, or the notice.

    Refused where a fact is about an owner without an identity number: no service could know who it is."""
    if delivery.kind is FactKind.NOTICE:
        return await _notice(session, seal, delivery, hub_url)
    with session.no_autoflush:  # nothing that is asked here depends on the delivery
        plan = await session.get_one(Plan, (delivery.municipality_id, delivery.plan_id))
        if delivery.kind is FactKind.ARCHIVED:
            return await _version(session, reader, seal, delivery, now, plan)
        if delivery.kind is FactKind.CONCLUSION:
            return await _conclusion(session, seal, delivery, hub_url, plan)
        return await _fact(session, seal, delivery, hub_url, plan)


async def _fact(session: Writing, seal: Seal, delivery: Delivery, hub_url: str, plan: Plan) -> PlanFact:
    ended, about = delivery.kind in ENDING, await told_of(session, plan, delivery)
    return PlanFact(
        fact_id=delivery.id, plan_ref=pairwise(seal, delivery, plan.id),
        seq=delivery.seq, kind=delivery.kind, occurred_at=delivery.ordered_at, has_plan=not ended,
        since=plan.start_date, closed_on=delivery.ordered_at.astimezone(OSLO).date() if ended else None,
        identity_number=identity_in(about.identity_sealed, seal), municipality_number=about.number,
        unit_organisation_number=about.organisation_number,
        contact=None if ended else contact(about, protected=plan.protected), hub_url=hub_url,
        protected=plan.protected)


async def _conclusion(session: Writing, seal: Seal, delivery: Delivery, hub_url: str,
                      plan: Plan) -> Conclusion:
    sent, about = await conclusion.of(session, plan, delivery)
    return Conclusion(
        fact_id=delivery.id, plan_ref=reference(seal, delivery.target, sent.unit_id, plan.id),
        occurred_at=delivery.ordered_at, held_on=sent.held_on,
        text=seal.open(sent.text_sealed, conclusion.SEALED_AS).decode(),
        identity_number=identity_in(about.identity_sealed, seal), municipality_number=about.number,
        unit_organisation_number=about.organisation_number, hub_url=hub_url, protected=plan.protected)


def pairwise(seal: Seal, delivery: Delivery, plan: UUID) -> UUID:
    return reference(seal, delivery.target, delivery.unit_id, plan)


def reference(seal: Seal, target: str | None, unit: UUID | None, plan: UUID) -> UUID:
    """The plan's reference in one service: another in each, so that two can't join what they know. A service
    without a target has one that no target's can be, for each has a name."""
    return seal.plan_ref(f"{target or ''} {unit}", plan)


def contact(holder: About | Known | Shown, *, protected: bool) -> Contact:
    """The stafettholder, as they are reached at work (domain.md §9); where an address is protected, without
    what tells in which unit they are."""
    mobile = None if protected or holder.hides_mobile else holder.work_mobile
    return Contact(holder.name, holder.position or "", None if protected else holder.workplace, mobile)


async def _notice(session: Writing, seal: Seal, delivery: Delivery, hub_url: str) -> Notice:
    """That there is something, of which sort, and where; or that there is nothing any more."""
    channel, about = delivery.channel, delivery.notice
    address, language = await addressed(session, seal, delivery)
    if channel is None or about is None or not address:
        raise LookupError("a notice that does not say how, or of what")  # as asked, they do
    whole = "notice.text" if delivery.recipient_id else "notice.last"
    link = await _link(session, seal, delivery) if about is NoticeKind.INVITATION else ""
    news = say(f"notice.{about}", language, alert=await _alert(session, delivery, language))
    text = say(whole, language, news=news, link=hub_url + link)
    return Notice(delivery.id, channel, address, language, delivery.ordered_at,
                  say("notice.subject", language), text)


async def _alert(session: Writing, delivery: Delivery, language: str) -> str:
    """What is wrong with which target, in words; nothing where the notice is of no alert."""
    if delivery.alert_id is None:
        return ""
    alert = await session.get_one(Alert, (delivery.municipality_id, delivery.alert_id))
    target = await session.get_one(Target, (delivery.municipality_id, alert.target_id))
    return say(f"alert.{alert.kind}", language, target=target.name)


async def _link(session: Writing, seal: Seal, delivery: Delivery) -> str:
    """The code stands in the fragment, which no browser sends on (RFC 3986 §3.5): it is in no log."""
    return f"/#invitation={await last_code(session, seal, delivery)}"


async def _version(session: Writing, reader: Reader, seal: Seal, delivery: Delivery, now: datetime,
                   plan: Plan) -> PlanVersion:
    owner = await session.get_one(Person, (plan.municipality_id, plan.owner_id))
    home = await municipality(session, plan.municipality_id)
    orderer = delivery.ordered_by  # none where the clock did it
    by = await session.get_one(Person, (plan.municipality_id, orderer)) if orderer else home
    if delivery.version is None or delivery.elements is None or delivery.trigger is None:
        raise LookupError("a version that does not say which, of what, or why")  # as ordered they all do
    lacked = await lacks(session, plan.municipality_id, plan.type, now)
    told = await archived(reader, plan.municipality_id, now, plan.id, int(delivery.elements & ~lacked))
    return PlanVersion(
        fact_id=delivery.id, plan_key=plan.id, version=delivery.version, plan=told, language=home.language,
        archived_at=now, archived_by=by.name, trigger=delivery.trigger,
        identity_number=identity_in(owner.identity_sealed, seal) if owner.identity_sealed else None,
        municipality_number=home.number,
        municipality_name=home.name, municipality_organisation_number=home.organisation_number,
        unit_name=(told["unit"] or {}).get("name"), protected=plan.protected)
