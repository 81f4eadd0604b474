"""How a person is reached, and why a notice does not go out any more."""
import pytest

from db.rules.delivery import CancelReason
from db.rules.notice import address, cancelled_because, channel
from db.rules.words import Channel

SMS, EMAIL = Channel.SMS, Channel.EMAIL


@pytest.mark.parametrize("chosen, possible, reached", [
    (None, {SMS, EMAIL}, SMS), (None, {EMAIL}, EMAIL), (None, set(), None),
    (EMAIL, {SMS, EMAIL}, EMAIL), (EMAIL, {SMS}, SMS), (SMS, {EMAIL}, EMAIL), (SMS, set(), None)])
def test_the_chosen_channel_is_taken_where_it_can_be(
        chosen: Channel | None, possible: set[Channel], reached: Channel | None) -> None:
    assert channel(chosen, possible) is reached


@pytest.mark.parametrize("now, business, reason", [
    (SMS, True, None), (SMS, False, CancelReason.NO_BUSINESS), (None, False, CancelReason.NO_BUSINESS),
    (EMAIL, True, CancelReason.NO_ADDRESS), (None, True, CancelReason.NO_ADDRESS)])
def test_a_notice_by_sms_goes_out_only_to_one_whom_it_still_concerns_and_reaches(
        now: Channel | None, business: bool, reason: CancelReason | None) -> None:
    assert cancelled_because(SMS, now, business=business) is reason


@pytest.mark.parametrize("private, work, family, told", [
    ("p", "w", True, "p"), ("p", "w", False, "w"), (None, "w", True, "w"), ("p", None, False, "p"),
    (None, None, True, None), (None, None, False, None)])
def test_the_family_is_told_in_private_and_those_who_work_with_the_plan_at_work(
        private: str | None, work: str | None, family: bool, told: str | None) -> None:
    assert address(private, work, family=family) == told
