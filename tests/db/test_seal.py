"""What is sealed opens for its own purpose alone, and what counts as an identity number."""
import base64
import re
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from db.seal import (
    BadIdentityNumber,
    IdentityFault,
    IdentityKind,
    Seal,
    SealBroken,
    identity_number,
    synthetic,
)

OLD, NEW, LOOKUP = (bytes([filler]) * 32 for filler in (1, 2, 3))
SEAL = Seal({"k2": NEW, "k1": OLD}, "k2", LOOKUP)
PURPOSE = "person.identity_number"
PLAN = UUID(int=7)

births = st.dates(date(1854, 1, 1), date(2039, 12, 31))
indexes = st.integers(0, 150)  # the shortest series, 500 to 749, has about 200 numbers a day


def text(key: bytes) -> str:
    return base64.b64encode(key).decode()


@given(st.binary(), st.text())
def test_what_is_sealed_opens_again(secret: bytes, context: str) -> None:
    assert SEAL.open(SEAL.close(secret, context), context) == secret


@given(st.binary(min_size=4))
def test_the_same_secret_is_never_sealed_alike_nor_readable(secret: bytes) -> None:
    sealed = SEAL.close(secret, PURPOSE)
    assert sealed != SEAL.close(secret, PURPOSE)
    assert secret not in sealed


def test_what_is_sealed_for_one_purpose_does_not_open_for_another() -> None:
    with pytest.raises(SealBroken):
        SEAL.open(SEAL.close(b"secret", PURPOSE), "delivery.body")


@given(st.data())
def test_one_changed_byte_breaks_the_seal(data: st.DataObject) -> None:
    sealed = bytearray(SEAL.close(b"secret", PURPOSE))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBroken):
        SEAL.open(bytes(sealed), PURPOSE)


@given(st.sampled_from([b"", b"\2k2", b"\2k3", b"\xff"]), st.binary(max_size=60))
def test_what_was_never_sealed_is_refused(start: bytes, junk: bytes) -> None:
    with pytest.raises(SealBroken, match=r"^(sealed with a key|changed since)"):
        SEAL.open(start + junk, PURPOSE)


def test_after_rotation_the_old_opens_and_the_new_key_seals() -> None:
    before = Seal({"k1": OLD}, "k1", LOOKUP)
    old, new = before.close(b"secret", PURPOSE), SEAL.close(b"secret", PURPOSE)
    assert SEAL.open(old, PURPOSE) == b"secret"
    with pytest.raises(SealBroken):
        before.open(new, PURPOSE)


def test_the_first_key_of_the_settings_is_current() -> None:
    seal = Seal.from_text(f"k2:{text(NEW)}, k1:{text(OLD)}", text(LOOKUP))
    assert SEAL.open(seal.close(b"secret", PURPOSE), PURPOSE) == b"secret"
    assert Seal({"k2": NEW}, "k2", LOOKUP).open(seal.close(b"secret", PURPOSE), PURPOSE) == b"secret"


@pytest.mark.parametrize("keys, lookup, fault", [
    ("", text(LOOKUP), "key 1: not of the form id:base64"),
    (text(NEW), text(LOOKUP), "key 1: not of the form id:base64"),
    (f"k1:{text(OLD)},{text(NEW)}:k2", text(LOOKUP), "key 2: not of the form id:base64"),
    (f"k1:{text(OLD)[:-2]}æ=", text(LOOKUP), "key 1: not base64"),
    (f"k1:{text(OLD[:16])}", text(LOOKUP), "key 1: 32 bytes are needed, 16 given"),
    (f"k1:{text(OLD)},k1:{text(NEW)}", text(LOOKUP), "key 2: its id is given twice"),
    (f"k1:{text(OLD)}", "AA==", "the look-up key: 32 bytes are needed, 1 given"),
    (f"k1:{text(OLD)}", "?", "the look-up key: not base64"),
])
def test_a_fault_in_the_settings_is_named_without_the_key(keys: str, lookup: str, fault: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(fault)}$") as raised:
        Seal.from_text(keys, lookup)
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


@pytest.mark.parametrize("keys, current, lookup", [
    ({"k1": OLD}, "k2", LOOKUP),
    ({"k1": OLD[:16]}, "k1", LOOKUP),
    ({"k1": OLD}, "k1", b""),
    ({"": OLD}, "", LOOKUP),
])
def test_keys_of_the_wrong_kind_are_refused(keys: dict[str, bytes], current: str, lookup: bytes) -> None:
    with pytest.raises(ValueError, match="key"):
        Seal(keys, current, lookup)


def test_a_number_is_marked_the_same_however_it_is_spaced_and_under_whichever_key() -> None:
    mark = SEAL.mark("109155 96784")
    assert mark == SEAL.mark("10915596784") == Seal({"k1": OLD}, "k1", LOOKUP).mark("10915596784")
    assert mark not in {SEAL.mark("50846202355"), Seal({"k1": OLD}, "k1", OLD).mark("10915596784")}
    with pytest.raises(BadIdentityNumber):
        SEAL.mark("somebody")


def test_each_target_knows_a_plan_by_a_name_of_its_own() -> None:
    ref = SEAL.plan_ref("clinic", PLAN)
    assert ref == SEAL.plan_ref("clinic", PLAN)
    assert len({ref, SEAL.plan_ref("school", PLAN), SEAL.plan_ref("clinic", UUID(int=8)), PLAN}) == 4


def test_each_link_has_a_code_of_its_own_that_only_the_key_can_make() -> None:
    codes = [SEAL.invitation_code(PLAN, 1), SEAL.invitation_code(PLAN, 2),
             SEAL.invitation_code(UUID(int=8), 1), Seal({"k2": NEW}, "k2", OLD).invitation_code(PLAN, 1)]
    assert len(set(codes)) == 4 and SEAL.invitation_code(PLAN, 1) == codes[0]
    assert all(re.fullmatch(r"[\w-]{27}", code) for code in codes), "160 bits"


@given(st.text(), st.uuids())
def test_a_plan_reference_is_a_uuid_of_version_8(target: str, plan: UUID) -> None:
    ref = SEAL.plan_ref(target, plan)
    assert (ref.version, ref.variant) == (8, "specified in RFC 4122")


@pytest.mark.parametrize("number, kind, birth_date", [  # as published in tests by Nav (github.com/navikt)
    ("15507600333", IdentityKind.FODSELSNUMMER, date(1976, 10, 15)),
    ("29422059278", IdentityKind.FODSELSNUMMER, date(2020, 2, 29)),
    ("10915596784", IdentityKind.FODSELSNUMMER, date(1955, 11, 10)),
    ("55507608360", IdentityKind.D_NUMBER, date(1976, 10, 15)),
    ("69422056629", IdentityKind.D_NUMBER, date(2020, 2, 29)),
    ("68467038838", IdentityKind.D_NUMBER, date(1970, 6, 28)),
    ("50846202355", IdentityKind.D_NUMBER, date(1962, 4, 10)),
])
def test_published_test_numbers_are_read(number: str, kind: IdentityKind, birth_date: date) -> None:
    read = identity_number(number)
    assert (read.number, read.kind, read.birth_date, read.synthetic) == (number, kind, birth_date, True)


@pytest.mark.parametrize("number, kind", [  # of the real series, but born too late for anybody to have one
    ("31123999935", IdentityKind.FODSELSNUMMER), ("71123999929", IdentityKind.D_NUMBER)])
def test_a_number_of_the_real_series_is_not_synthetic(number: str, kind: IdentityKind) -> None:
    read = identity_number(number)
    assert (read.kind, read.birth_date, read.synthetic) == (kind, date(2039, 12, 31), False)


@pytest.mark.parametrize("written", [
    "109155 96784", " 10 91 55 967 84\n", "109155-96784", "109155\u00a096784"])
def test_the_ways_people_write_a_number_are_understood(written: str) -> None:
    assert identity_number(written).number == "10915596784"


@pytest.mark.parametrize("written, fault", [
    ("", IdentityFault.FORMAT), ("1091559678", IdentityFault.FORMAT), ("109155967840", IdentityFault.FORMAT),
    ("1091559678x", IdentityFault.FORMAT), ("\u0661" * 11, IdentityFault.FORMAT),
    ("10915596785", IdentityFault.CHECKSUM), ("10915596774", IdentityFault.CHECKSUM),
    ("00000000000", IdentityFault.DATE), ("31825098723", IdentityFault.DATE),
    ("81830199985", IdentityFault.DATE),
])
def test_what_is_no_number_is_refused_by_its_fault_alone(written: str, fault: IdentityFault) -> None:
    with pytest.raises(BadIdentityNumber, match=f"^{fault}$") as raised:
        identity_number(written)
    assert raised.value.code is fault
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


def test_neither_number_nor_birth_date_is_in_the_repr() -> None:
    assert not re.search(r"\d", repr(identity_number("10915596784")))


@given(births, indexes)
def test_a_made_number_is_valid_and_gives_its_birth_date_back(birth_date: date, index: int) -> None:
    read = identity_number(synthetic(birth_date, index))
    assert (read.birth_date, read.kind, read.synthetic) == (birth_date, IdentityKind.FODSELSNUMMER, True)


@given(births, indexes, indexes)
def test_made_numbers_differ_and_stay_the_same(birth_date: date, one: int, other: int) -> None:
    assert (synthetic(birth_date, one) == synthetic(birth_date, other)) == (one == other)


@given(births, indexes, st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(birth_date: date, index: int, place: int, off: int) -> None:
    number = synthetic(birth_date, index)
    wrong = number[:place] + str((int(number[place]) + off) % 10) + number[place + 1:]
    with pytest.raises(BadIdentityNumber):
        identity_number(wrong)


@pytest.mark.parametrize("birth_date, index", [
    (date(1853, 1, 1), 0), (date(2040, 1, 1), 0), (date(2018, 2, 3), 500)])
def test_no_number_is_made_outside_the_series(birth_date: date, index: int) -> None:
    with pytest.raises(ValueError, match="no such number"):
        synthetic(birth_date, index)
