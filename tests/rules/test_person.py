"""Who is meant by what is typed in; who may mend how somebody is reached, and what must not be left empty."""
from datetime import date
from functools import partial
from itertools import product
from uuid import UUID

import pytest

from db.rules.person import MENDED, born, check_mends, check_not_hidden, meant, missing
from db.rules.rights import Right
from db.rules.words import Channel
from tests.support.refusal import code

SMS, EMAIL = Channel.SMS, Channel.EMAIL
NOWHERE: dict[str, str | None] = dict.fromkeys(("mobile", "work_mobile", "email", "work_email"))


TODAY, BEFORE, A, B, C = date(2026, 11, 22), date(2026, 11, 21), UUID(int=1), UUID(int=2), UUID(int=3)


@pytest.mark.parametrize("typed, by_number, told", [
    (None, None, "REQUIRED"), (date(2026, 11, 23), None, "NOT_BORN"), (TODAY, None, TODAY),
    (None, BEFORE, BEFORE), (BEFORE, BEFORE, BEFORE), (TODAY, BEFORE, "OTHER_BIRTH_DATE")])
def test_a_birth_date_is_the_numbers_or_as_typed(
        typed: date | None, by_number: date | None, told: date | str) -> None:
    def asked() -> None:
        assert born(typed, by_number, TODAY, "x") == told
    assert code(asked) == (told if isinstance(told, str) else None)


@pytest.mark.parametrize("likely, existing, other_than, told", [
    ([], None, [], None), ([], None, [A], None), ([A], None, [A, B], None),
    ([A], None, [], "LIKELY_DUPLICATE"), ([A, B], None, [A], "LIKELY_DUPLICATE"),
    ([A, B], B, [], B), ([A, B], B, [A, B], B),
    ([A, B], C, [], "NOT_FOUND"), ([], A, [], "NOT_FOUND"), ([], A, [A], "NOT_FOUND")])
def test_one_without_a_number_is_one_of_those_who_are_likely_the_same_or_none_of_them_all(
        likely: list[UUID], existing: UUID | None, other_than: list[UUID], told: UUID | str | None) -> None:
    def asked() -> None:
        assert meant(likely, existing, other_than, "x") == told
    assert code(asked) == (told if isinstance(told, str) else None)


def test_the_family_is_mended_by_one_who_may_edit_persons_and_know_where_they_are() -> None:
    allowed = {(mask, employed, protected)
               for mask, employed, protected in product(
                   (Right.SHELL, Right.EDIT_PERSON, Right.EDIT_PERSON | Right.PROTECTED), (True, False),
                   (True, False))
               if code(partial(check_mends, mask, {"mobile": "1"}, employed=employed,
                               protected=protected)) is None}
    assert allowed == {(Right.EDIT_PERSON, False, False),
                       (Right.EDIT_PERSON | Right.PROTECTED, False, False),
                       (Right.EDIT_PERSON | Right.PROTECTED, False, True)}


@pytest.mark.parametrize("values, refusal", [
    *(({name: "x"}, None) for name in MENDED), ({"language": None}, None),
    *(({name: "x"}, "OWN_TO_CHANGE") for name in (
        "channel", "work_email", "work_mobile", "work_telephone", "hides_mobile", "hides_telephone",
        "shows_private")),
    *(({name: empty}, "REQUIRED") for name in ("email", "mobile", "telephone") for empty in (None, "", " "))])
def test_others_mend_private_details_and_empty_none(
        values: dict[str, str | None], refusal: str | None) -> None:
    assert code(partial(check_mends, Right.EDIT_PERSON, values, employed=False, protected=False)) == refusal


@pytest.mark.parametrize("field, mobile, telephone, refusal", [
    ("mobile", True, False, "OWN_TO_CHANGE"), ("mobile", False, True, None),
    ("telephone", False, True, "OWN_TO_CHANGE"), ("telephone", True, False, None),
    ("email", True, True, None)])
def test_what_is_hidden_is_overwritten_by_nobody_else(
        field: str, mobile: bool, telephone: bool, refusal: str | None) -> None:
    assert code(partial(check_not_hidden, [field], mobile=mobile, telephone=telephone)) == refusal


@pytest.mark.parametrize("channel, before, after, field", [
    (None, {}, {}, None),  # a child has neither
    (None, {"mobile": "1"}, {}, "mobile"), (None, {"work_email": "w"}, {}, "mobile"),
    (None, {"mobile": "1"}, {"email": "e"}, None),
    (SMS, {}, {"email": "e"}, "mobile"), (SMS, {}, {"mobile": "1"}, None),
    (SMS, {}, {"work_mobile": "1"}, None),
    (EMAIL, {"email": "e"}, {"mobile": "1"}, "email"), (EMAIL, {}, {"work_email": "w"}, None)])
def test_the_chosen_channel_needs_its_field_and_nobody_becomes_unreachable(
        channel: Channel | None, before: dict[str, str], after: dict[str, str], field: str | None) -> None:
    assert missing(channel, NOWHERE | before, NOWHERE | after) == field
