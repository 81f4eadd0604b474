"""One attempt at a delivery: claimed by lease, and checked anew at the moment of sending."""
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Final, cast
from uuid import UUID

from sqlalchemy import (
    LargeBinary,
    Row,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from db.engine import Writing
from db.rules.delivery import (
    BLOCKED,
    DONE,
    OPENING,
    CancelReason,
    DeliveryFault,
    DeliveryState,
    FactKind,
    Next,
    cancelled_because,
)
from db.rules.target import UNLIMITED, Limits
from db.tables.delivery import Delivery, DeliveryAttempt
from db.tables.plan import Plan
from db.tables.target import Target
from db.write import conclusion, limit, notice, target, task
from db.write.coverage import heard, may_hold, tell_lapsed
from db.write.delivery import Key
from db.write.fact import told_of
from db.write.find import ASKING, NOBODY, PLAN, WRITTEN, Who, come, hold, lock

MOST_ATTEMPTS = 40  # of all kinds: one that never ends must not be repeated for ever


@dataclass(frozen=True)
class Claim:
    """A delivery that is this worker's until the lease runs out; `attempt` counts from 1."""
    key: Key
    id: UUID
    kind: FactKind
    attempt: int
    steps: Mapping[str, str]  # that the attempts before it have kept
    well: bool = False  # so was its target: one more that it takes changes nothing
    last: bool = False  # of its key: what is ordered later wakes a worker of its own


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt: a receipt (confirmed or not), a fault with what follows it, or an end.

    `milliseconds`: None where it is told later than by the attempt itself."""
    milliseconds: int | None
    answer: str | None
    confirmed: bool = False
    reference: str | None = None
    fault: DeliveryFault | None = None
    then: Next | None = None
    cancelled: CancelReason | None = None  # why it may not go out any more
    due: timedelta | None = None  # a person of the unit is to answer within this time


class NoLonger(Exception):
    """What was claimed may not go out any more; without a reason: not by this attempt."""

    def __init__(self, reason: CancelReason | None) -> None:
        super().__init__(reason)
        self.reason = reason


async def claim(session: Writing, key: Key, lease: timedelta,
                limits: Limits = UNLIMITED) -> Claim | datetime | None:
    """The first of its key that is not done, which none may pass, but those of other units where it is a task
    that people take their time for; when to look again; or nothing.

    What consent no longer allows is cancelled here, and the next one looked at."""
    chosen = await choose(session, key, lease, limits)
    if isinstance(chosen, Claim):
        await take(session, chosen, lease)
    return chosen


async def choose(session: Writing, key: Key, lease: timedelta, limits: Limits) -> Claim | datetime | None:
    """As `claim`, but that it is not written down yet."""
    plan = await begun(session, key)
    asked, again = set[UUID | None](), None
    while waiting := await _first_two(session, key, asked):
        delivery, written, paused_at, resting_until, failures = waiting[0]
        session.info["first"] = delivery  # held weakly else, and asked for again by who puts it together
        who = Who(key.municipality, NOBODY, come(session, written))
        if delivery.leased_until is not None and delivery.leased_until > who.now:
            return delivery.leased_until
        reason = await refused(session, who, plan, delivery)
        if reason is None:
            known = target.Standing(paused_at, resting_until, failures or 0)
            held = await _next(session, delivery, key, known, lease, limits)
            if not isinstance(held, datetime) or not await task.waits(session, delivery):
                return replace(held, last=len(waiting) == 1) if isinstance(held, Claim) else held
            asked, again = {*asked, delivery.unit_id}, min(again or held, held)
            continue
        end(delivery, DeliveryState.CANCELLED, reason)
        if plan is not None and reason is CancelReason.CONSENT_ENDED:
            await tell_lapsed(session, who, plan)
    return again


async def begun(session: Writing, key: Key) -> Plan | None:
    """The plan of a key, locked before anything else of it is, or two could wait for each other; once in a
    transaction."""
    if "plan" not in session.info:  # where it is kept: by the session alone it would be held weakly
        session.info["plan"] = await hold(session, key.municipality, key.plan) if key.plan else None
    plan: Plan | None = session.info["plan"]
    return plan


async def _next(session: Writing, delivery: Delivery, key: Key, known: target.Standing, lease: timedelta,
                limits: Limits) -> Claim | datetime | None:
    """The one that none may pass: claimed, or when it is due, or nothing while a person must look at it, or
    its target takes nothing, or no more."""
    now: datetime = session.info["now"]
    if delivery.state is DeliveryState.SENT and delivery.attempt_count >= MOST_ATTEMPTS:
        end(delivery, DeliveryState.DEAD)  # whoever takes it up dies of it
    if delivery.state in BLOCKED:
        return None
    if delivery.next_attempt_at is not None and delivery.next_attempt_at > now:
        return delivery.next_attempt_at
    if await target.held_up(session, key, known, lease):
        return None
    turn = await limit.turn(session, delivery, limits)
    if turn is None or turn > now:
        return turn
    attempt, steps = delivery.attempt_count + 1, delivery.steps or {}
    return Claim(key, delivery.id, delivery.kind, attempt, steps, known.well)


async def take(session: Writing, chosen: Claim, lease: timedelta, body: bytes | None = None,
               sha256: str | None = None) -> None:
    """From here on it is this worker's; with the sealed body and its hash, where they are made already."""
    now: datetime = session.info["now"]
    await session.execute(TAKEN, {
        "municipality": chosen.key.municipality, "plan": chosen.key.plan, "delivery": chosen.id,
        "attempt": chosen.attempt, "now": now, "until": now + lease, "body": body, "hash": sha256})


async def _first_two(session: Writing, key: Key, asked: Collection[UUID | None],
                     ) -> Sequence[Row[Delivery, datetime | None, datetime | None, datetime | None, int]]:
    """In order, with the latest moment that is written of the plan, and how it is with their target; not of
    the units that are `asked` already. A notice that a person must look at holds back none: the next may go
    to a better address."""
    first = _first_of(of_plan=key.plan is not None, to_person=key.recipient is not None)
    if asked:
        first = first.where(Delivery.unit_id.not_in(asked))
    rows = await session.execute(first, {
        "municipality": key.municipality, "plan": key.plan, "target": key.target, "recipient": key.recipient})
    return rows.all()


@cache
def _first_of(*, of_plan: bool,
              to_person: bool) -> Select[Delivery, datetime | None, datetime | None, datetime | None, int]:
    plan = Delivery.plan_id == PLAN if of_plan else Delivery.plan_id.is_(None)
    person = (Delivery.recipient_id == bindparam("recipient") if to_person
              else Delivery.recipient_id.is_(None))
    to_target = and_(Target.municipality_id == Delivery.municipality_id, Target.name == Delivery.target)
    return select(Delivery, WRITTEN.scalar_subquery(), *target.STANDING).outerjoin(Target, to_target).where(
        Delivery.municipality_id == ASKING.municipality, plan, Delivery.target == bindparam("target"), person,
        Delivery.state.not_in(DONE), or_(Delivery.kind != FactKind.NOTICE, Delivery.state.not_in(BLOCKED)),
    ).order_by(Delivery.seq).limit(2).with_for_update(
        of=Delivery, key_share=True)  # a receipt for one of them may be on its way: `finish`


async def refused(session: Writing, who: Who, plan: Plan | None,
                  delivery: Delivery) -> CancelReason | None:
    """Why it may not go out any more. The archive keeps what it keeps by law, consent or not."""
    if plan is None:
        return await notice.withheld_outside(session, who, delivery)
    if delivery.recipient_id is not None:
        return await notice.withheld(session, who, plan, delivery)
    if delivery.kind is FactKind.CONCLUSION:
        return await conclusion.withheld(session, who, plan, delivery)
    if delivery.kind is FactKind.ARCHIVED or delivery.unit_id is None:
        return None
    about, opening = await told_of(session, plan, delivery), delivery.kind in OPENING
    wanted = opening and about.covered and await may_hold(session, who, plan, delivery)
    return cancelled_because(delivery.kind, wanted=wanted, numbered=about.numbered,
                             heard=opening or await heard(session, delivery))


def end(delivery: Delivery, state: DeliveryState, reason: CancelReason | None = None) -> None:
    """Nothing more goes out by itself, so nothing is kept of what would have.

    But the archive's bytes stay while they may be asked for: a second version would be another document."""
    delivery.state, delivery.reason = state, reason
    delivery.leased_until = delivery.next_attempt_at = None
    if delivery.kind is not FactKind.ARCHIVED or state is DeliveryState.CANCELLED:
        delivery.body_sealed = delivery.steps = None


def cancel(delivery: Delivery) -> None:
    """By hand: what comes after it goes on."""
    end(delivery, DeliveryState.CANCELLED, CancelReason.BY_HAND)


async def still(session: Writing, held: Claim) -> Delivery:
    """The delivery, locked, at the moment of sending. NoLonger where consent has ended since the claim, or
    where it is another's by now, or was confirmed by one who had been taken for dead.

    The plan is locked first, as in `claim`, or the two could wait for each other; but for the archive it is
    not, for no withdrawal shall wait for a document to be made."""
    who, to_archive = Who(held.key.municipality, NOBODY, session.info["now"]), held.kind is FactKind.ARCHIVED
    plan = await lock(session, who, held.key.plan) if held.key.plan and not to_archive else None
    delivery = await locked(session, held)
    reason = None if to_archive else await refused(session, who, plan, delivery)
    if reason is not None or delivery.state in DONE or delivery.attempt_count != held.attempt:
        raise NoLonger(reason)
    return delivery


async def locked(session: Writing, held: Claim) -> Delivery:
    return (await session.scalars(LOCKED, {"municipality": held.key.municipality, "id": held.id})).one()


# Built once: to build a statement takes as long as to ask.
TRIED: Final = insert(cast("Table", DeliveryAttempt.__table__)).values(
    municipality_id=ASKING.municipality, plan_id=PLAN, delivery_id=bindparam("delivery"),
    number=bindparam("attempt"), started_at=ASKING.now)
DELIVERIES: Final = cast("Table", Delivery.__table__)
TAKEN: Final = update(DELIVERIES).where(
    DELIVERIES.c.municipality_id == ASKING.municipality, DELIVERIES.c.id == bindparam("delivery"),
).values(
    state=DeliveryState.SENT, leased_until=bindparam("until"), attempt_count=bindparam("attempt"),
    body_sealed=func.coalesce(bindparam("body", type_=LargeBinary), DELIVERIES.c.body_sealed),
    sha256=func.coalesce(bindparam("hash", type_=Text), DELIVERIES.c.sha256),
).add_cte(TRIED.returning(DeliveryAttempt.id).cte("tried"))
LOCKED: Final = select(Delivery).where(
    Delivery.municipality_id == ASKING.municipality, Delivery.id == bindparam("id"),
).with_for_update().execution_options(populate_existing=True)
