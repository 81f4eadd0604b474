"""Two secrets are active: whichever is taken is used, and a wrong one is not tried again and again."""
from collections.abc import Callable
from threading import Event
from uuid import UUID

import pytest

from db.rules.delivery import DeliveryFault
from integrations.rotation import Rotating
from integrations.target import Comparing, DeliveryError, Listening, Receipt, RecordState, Sending, Told
from tests.support.receiver import Receiver

SENDING = Sending(UUID(int=1))
TAKEN = Receipt(confirmed=True)
REFUSED = DeliveryError(DeliveryFault.AUTH, "HTTP 401")


class Listener(Receiver):
    def listen(self, heard: Callable[[UUID, Receipt | DeliveryError], None], stop: Event) -> None:
        if self.says:
            raise self.says.pop()  # type: ignore[misc]
        heard(UUID(int=7), TAKEN)


@pytest.fixture
def newer() -> Listener:
    return Listener("archive")


@pytest.fixture
def older() -> Listener:
    return Listener("archive")


def test_the_newer_one_is_used_and_the_older_left_alone(newer: Receiver, older: Receiver) -> None:
    assert Rotating(newer, older).deliver(b"x", SENDING) is not None
    assert (len(newer.bodies), older.bodies) == (1, [])


def test_one_that_is_not_known_yet_is_tried_once(newer: Receiver, older: Receiver) -> None:
    target = Rotating(newer, older)
    newer.says = [REFUSED]
    for _ in range(3):
        target.deliver(b"x", SENDING)
    assert (len(newer.bodies), len(older.bodies)) == (1, 3)
    older.says = [REFUSED]  # the other side has changed it
    for _ in range(3):
        target.deliver(b"x", SENDING)
    assert (len(newer.bodies), len(older.bodies)) == (4, 4)


def test_where_both_are_refused_the_target_is_paused(newer: Receiver, older: Receiver) -> None:
    newer.says, older.says = [REFUSED], [REFUSED]
    with pytest.raises(DeliveryError) as refusal:
        Rotating(newer, older).deliver(b"x", SENDING)
    assert refusal.value.fault is DeliveryFault.AUTH


@pytest.mark.parametrize("fault", sorted({*DeliveryFault} - {DeliveryFault.AUTH}))
def test_no_other_fault_brings_out_the_older_one(
        newer: Receiver, older: Receiver, fault: DeliveryFault) -> None:
    newer.says = [DeliveryError(fault, "no")]
    with pytest.raises(DeliveryError):
        Rotating(newer, older).deliver(b"x", SENDING)
    assert older.bodies == []


def test_one_that_listens_begins_again_with_the_other(newer: Listener, older: Listener) -> None:
    plain = Receiver("archive")
    target, heard = Rotating(newer, older), list[UUID]()
    assert isinstance(target, Listening) and not isinstance(Rotating(plain, plain), Listening)
    newer.says = [REFUSED]
    with pytest.raises(DeliveryError):
        target.listen(lambda fact, _: heard.append(fact), Event())
    target.listen(lambda fact, _: heard.append(fact), Event())
    assert heard == [UUID(int=7)]


class Compared(Receiver):
    def compare(self, told: Told) -> RecordState:
        if self.says:
            raise self.says.pop()  # type: ignore[misc]
        return RecordState.SAME


def test_one_that_can_be_asked_is_asked_with_either() -> None:
    newer, older = Compared("archive"), Compared("archive")
    target, told = Rotating(newer, older), Told(UUID(int=1), UUID(int=2), 1, True, None, None, None)
    assert isinstance(target, Comparing) and not isinstance(
        Rotating(Receiver("archive"), Receiver("archive")), Comparing)
    newer.says = [REFUSED]
    assert target.compare(told) is RecordState.SAME
    older.says = [REFUSED]
    assert target.compare(told) is RecordState.SAME
