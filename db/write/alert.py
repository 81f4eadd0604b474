"""Alerts of targets: each opened once, ended once, and both told to the local administrators by e-mail."""
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from db.engine import Writing
from db.rules import notice
from db.rules.alert import AlertKind, Health, alerts
from db.rules.delivery import CancelReason, FactKind
from db.rules.words import Channel, NoticeKind, Post
from db.tables.alert import Alert
from db.tables.delivery import Delivery
from db.tables.municipality import Municipality
from db.tables.person import Assignment, Person
from db.tables.target import Target
from db.write.delivery import Key, order, wake
from db.write.find import Who


async def settle(session: Writing, who: Who, target: Target, health: Health) -> None:
    """Opens and ends what there is to, and orders the notices of it. Of two workers one does."""
    rows = await session.scalars(select(Alert).where(
        Alert.municipality_id == who.municipality, Alert.target_id == target.id, Alert.ended_at.is_(None),
    ).with_for_update())
    open_now = {one.kind: one for one in rows}
    wanted = alerts(health, open_now, who.now)
    for kind in wanted - open_now.keys():
        await _open(session, who, target, kind)
    for kind in open_now.keys() - wanted:
        open_now[kind].ended_at = who.now
        await _tell(session, who, open_now[kind].id, NoticeKind.ALERT_OVER)


async def _open(session: Writing, who: Who, target: Target, kind: AlertKind) -> None:
    opened = await session.scalar(insert(Alert).values(
        municipality_id=who.municipality, target_id=target.id, kind=kind, started_at=who.now,
    ).on_conflict_do_nothing().returning(Alert.id))
    if opened is not None:
        await _tell(session, who, opened, NoticeKind.ALERT)


async def _tell(session: Writing, who: Who, key: UUID, about: NoticeKind) -> None:
    """A notice to each local administrator who has an e-mail address, where the municipality sends e-mail."""
    home = (await session.scalars(select(Municipality).where(
        Municipality.municipality_id == who.municipality).with_for_update(key_share=True))).one()
    if home.email is None:
        return
    keys = set[Key]()
    for person in await _administrators(session, who):
        if address(person) is not None:
            await order(session, who, None, Delivery(
                alert_id=key, target=home.email, kind=FactKind.NOTICE, notice=about, channel=Channel.EMAIL,
                recipient_id=person.id))
            keys.add(Key(who.municipality, None, home.email, person.id))
    await wake(session, keys)


def address(person: Person) -> str | None:
    return notice.address(person.email, person.work_email, family=False)


async def withheld(session: Writing, who: Who, delivery: Delivery) -> CancelReason | None:
    """Why a notice of an alert may not go out any more: what was over before anybody heard is no news."""
    alert = await session.get_one(Alert, (who.municipality, delivery.alert_id), populate_existing=True)
    if delivery.notice is NoticeKind.ALERT and alert.ended_at is not None:
        return CancelReason.NO_BUSINESS
    if delivery.notice is NoticeKind.ALERT_OVER and not await _heard(session, who, delivery):
        return CancelReason.NEVER_TOLD
    there = [one for one in await _administrators(session, who) if one.id == delivery.recipient_id]
    if not there:
        return CancelReason.NO_BUSINESS
    return None if address(there[0]) else CancelReason.NO_ADDRESS


async def _heard(session: Writing, who: Who, delivery: Delivery) -> bool:
    """Whether the one may have been told that it began."""
    return await session.scalar(select(Delivery.id).where(
        Delivery.municipality_id == who.municipality, Delivery.plan_id.is_(None),
        Delivery.alert_id == delivery.alert_id, Delivery.recipient_id == delivery.recipient_id,
        Delivery.notice == NoticeKind.ALERT, Delivery.attempt_count > 0).limit(1)) is not None


async def _administrators(session: Writing, who: Who) -> list[Person]:
    """Whoever keeps the municipality's settings now: `rules.post.check_keeps`."""
    keeping = select(Assignment.person_id).where(
        Assignment.municipality_id == who.municipality, Assignment.post == Post.LOCAL_ADMINISTRATOR,
        Assignment.since <= who.now, or_(Assignment.until.is_(None), Assignment.until > who.now))
    return list(await session.scalars(select(Person).where(
        Person.municipality_id == who.municipality, Person.id.in_(keeping)).order_by(Person.id)))
