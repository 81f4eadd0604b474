"""Numbers and addresses as people type them, and as they are kept."""
from collections.abc import Callable

import pytest

from db.write.contact import BadContact, email, mobile, telephone


@pytest.mark.parametrize("typed, kept", [
    ("40000000", "+4740000000"), ("400 00 000", "+4740000000"), ("+47 400 00 000", "+4740000000"),
    ("0047 40000000", "+4740000000"), ("(+47) 98 76 54 32", "+4798765432"),
    ("+46 70 174 06 05", "+46701740605"), ("+1 650 253 0000", "+16502530000")])
def test_a_mobile_is_kept_as_e164(typed: str, kept: str) -> None:
    assert mobile(typed) == kept == telephone(typed)


@pytest.mark.parametrize("typed", ["55 55 55 55", "22 00 00 00", "800 12 345"])
def test_a_telephone_that_takes_no_sms_is_no_mobile(typed: str) -> None:
    assert telephone(typed).startswith("+47")
    with pytest.raises(BadContact):
        mobile(typed)


@pytest.mark.parametrize("typed", [
    "", "1", "4000000", "400000000", "+47", "+999 40000000", "40000000 x 12", "400-FLOWER", "400\n00000\0",
    "+4740000000, +4740000001", "tel", "1" * 400])
@pytest.mark.parametrize("read", [mobile, telephone])
def test_what_is_no_number_is_refused_without_saying_it_again(
        read: Callable[[str], str], typed: str) -> None:
    with pytest.raises(BadContact) as refused:
        read(typed)
    assert str(refused.value) == ""
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


@pytest.mark.parametrize("typed, kept", [
    ("Ada.Nordmo@Example.NO", "Ada.Nordmo@example.no"), ("a+b@skole.example.no", "a+b@skole.example.no"),
    ("ada@blåbær.example.no", "ada@xn--blbr-roah.example.no")])
def test_an_address_is_kept_as_the_post_takes_it(typed: str, kept: str) -> None:
    assert email(typed) == kept


@pytest.mark.parametrize("typed", [
    "ada", "ada@", "@example.no", "ada@example", "ada@@example.no", "ada@example.no, per@example.no",
    "Ada <ada@example.no>", "ada@example.no\nBcc: per@example.no", "åse@example.no", "ada@localhost",
    "ada@-.no", "x" * 65 + "@example.no"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(BadContact) as refused:
        email(typed)
    assert (str(refused.value), refused.value.__suppress_context__) == ("", True)
