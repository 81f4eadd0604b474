"""Seals identity numbers, rendered deliveries and PDFs; marks numbers for look-up, and checks them; makes the
codes of invitations."""
import base64
import binascii
import hmac
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import islice
from typing import Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from stdnum.exceptions import ValidationError
from stdnum.no import fodselsnummer

KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
KEY_BYTES = 32  # AES-256, and HMAC-SHA-256's own length
NONCE_BYTES = 12  # random, so a key must be rotated before about 2**32 seals: NIST SP 800-38D §8.3


class SealBroken(Exception):
    """Not what was sealed, or sealed for another context, or with a key that is not listed."""


class Seal:
    """AES-256-GCM under the current key; whatever was sealed under another listed key still opens.

    A sealed text is: length of the key id (one byte), key id, nonce, ciphertext with tag."""

    def __init__(self, keys: Mapping[str, bytes], current: str, lookup: bytes) -> None:
        """`keys` by id, 32 bytes each; so is `lookup`, whose change means marking all anew. ValueError."""
        if current not in keys:
            raise ValueError("the current key is not listed")
        if not all(KEY_ID.fullmatch(name) for name in keys):
            raise ValueError("a key id is 1 to 32 letters, digits, _ or -")
        if any(len(key) != KEY_BYTES for key in (*keys.values(), lookup)):
            raise ValueError(f"every key, the look-up key too, is {KEY_BYTES} bytes")
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._current, self._lookup = current, lookup

    @classmethod
    def from_text(cls, keys: str, lookup: str) -> Self:
        """From settings: `id:base64,id:base64`, the first is current, and base64. ValueError."""
        named: dict[str, bytes] = {}
        for place, entry in enumerate(keys.split(","), start=1):
            name, colon, text = entry.strip().partition(":")
            if not (colon and KEY_ID.fullmatch(name)):
                raise ValueError(f"key {place}: not of the form id:base64")
            if name in named:
                raise ValueError(f"key {place}: its id is given twice")
            named[name] = _key(text, f"key {place}")
        return cls(named, next(iter(named)), _key(lookup, "the look-up key"))

    def close(self, text: bytes, context: str) -> bytes:
        """`text` sealed for `context`, such as "person.identity_number", and for no other."""
        name, nonce = self._current.encode(), os.urandom(NONCE_BYTES)
        body = self._ciphers[self._current].encrypt(nonce, text, context.encode())
        return bytes([len(name)]) + name + nonce + body

    def open(self, sealed: bytes, context: str) -> bytes:
        """What was sealed for `context`. SealBroken."""
        start = 1 + sealed[0] if sealed else 0
        cipher = self._ciphers.get(sealed[1:start].decode("ascii", "replace"))
        nonce, body = sealed[start:start + NONCE_BYTES], sealed[start + NONCE_BYTES:]
        if cipher is None or len(nonce) < NONCE_BYTES:
            raise SealBroken("sealed with a key that is not listed, or not sealed at all")
        try:
            return cipher.decrypt(nonce, body, context.encode())
        except InvalidTag:
            raise SealBroken("changed since it was sealed, or sealed for something else") from None

    def mark(self, identity_number: str) -> bytes:
        """The 32 bytes a person is looked up by, however the number is spaced. BadIdentityNumber: FORMAT."""
        return self._keyed("identity_number", _digits(identity_number).encode())

    def plan_ref(self, target: str, plan: UUID) -> UUID:
        """The plan's name towards one target: the same each time, and of no use to two targets that compare.

        A UUID of version 8 (RFC 9562 §5.8), whose other 122 bits come from the keyed hash."""
        bits = int.from_bytes(self._keyed("plan_ref", plan.bytes + target.encode())[:16])
        return UUID(int=bits & ~(0xF << 76) & ~(0b11 << 62) | 8 << 76 | 0b10 << 62)

    def invitation_code(self, participant: UUID, number: int) -> str:
        """The secret in the link of the invitation with this number: 27 characters, 160 bits.

        Made of the key, so that what sends it again can make it again, and it need be kept nowhere."""
        secret = self._keyed("invitation", participant.bytes + number.to_bytes(4))[:20]
        return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()

    def _keyed(self, use: str, text: bytes) -> bytes:
        """HMAC-SHA-256; `use` keeps marks, references and codes apart though they share the key."""
        return hmac.digest(self._lookup, use.encode() + b"\0" + text, "sha256")


def _key(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{where}: not base64") from None  # the cause would carry the key into the log
    if len(key) != KEY_BYTES:
        raise ValueError(f"{where}: {KEY_BYTES} bytes are needed, {len(key)} given")
    return key


class IdentityKind(StrEnum):
    """Which of the two series of the National Population Register a number is of."""
    FODSELSNUMMER = "FODSELSNUMMER"
    D_NUMBER = "D_NUMBER"


class IdentityFault(StrEnum):
    """Why a text is no identity number."""
    FORMAT = "FORMAT"
    CHECKSUM = "CHECKSUM"
    DATE = "DATE"


class BadIdentityNumber(ValueError):
    """Carries the code alone: the text may be somebody's number all but one digit."""

    def __init__(self, code: IdentityFault) -> None:
        super().__init__(code.value)
        self.code = code


@dataclass(frozen=True)
class IdentityNumber:
    """A number that checks out. Neither it nor the birth date is in the repr, which ends up in logs."""
    number: str = field(repr=False)  # eleven digits
    kind: IdentityKind
    birth_date: date = field(repr=False)
    synthetic: bool  # of a test series; so are the hospitals' own H-numbers, which name nobody outside them


def identity_number(text: str) -> IdentityNumber:
    """A fødselsnummer or D-number, spaced or not, real or synthetic. BadIdentityNumber.

    A D-number adds 40 to the day; test numbers add 40 (Nav) or 80 (Skatteetaten) to the month. python-stdnum
    refuses the last, so it is asked for check digits and date apart, the date with its month put right.
    The date may lie ahead of today: there is no clock here."""
    digits = _digits(text)
    if digits[9:] != fodselsnummer.calc_check_digit1(digits) + fodselsnummer.calc_check_digit2(digits):
        raise BadIdentityNumber(IdentityFault.CHECKSUM)
    added, month = divmod(int(digits[2:4]), 40)
    try:
        birth_date = fodselsnummer.get_birth_date(f"{digits[:2]}{month:02}{digits[4:]}")
    except ValidationError:
        raise BadIdentityNumber(IdentityFault.DATE) from None
    kind = IdentityKind.D_NUMBER if int(digits[:2]) > 40 else IdentityKind.FODSELSNUMMER
    return IdentityNumber(digits, kind, birth_date, synthetic=added > 0)


def synthetic(birth_date: date, individual: int) -> str:
    """The number with this index (0, 1, …) in Skatteetaten's test series, born 1854–2039. ValueError.

    Valid numbers are counted, not individual numbers: one in six of those has no check digits."""
    day = f"{birth_date.day:02}{birth_date.month + 80}{birth_date.year % 100:02}"
    serials = range(0 if 1900 <= birth_date.year < 2000 else 500, 1000)
    numbers = (number for serial in serials if _is_born(number := _checked(f"{day}{serial:03}"), birth_date))
    try:
        return next(islice(numbers, individual, None))
    except StopIteration:
        raise ValueError("the test series has no such number for that birth date") from None


def _checked(nine: str) -> str:
    """Nine digits with their two check digits; too long where a check digit would be 10."""
    ten = nine + fodselsnummer.calc_check_digit1(nine)
    return ten + fodselsnummer.calc_check_digit2(ten)


def _is_born(number: str, birth_date: date) -> bool:
    """Whether the number is valid and of that very date: the serial decides the century."""
    try:
        return identity_number(number).birth_date == birth_date
    except BadIdentityNumber:
        return False


def _digits(text: str) -> str:
    """Eleven ASCII digits, without the spaces, hyphens or colons people put between."""
    digits = fodselsnummer.compact("".join(text.split()))
    if not re.fullmatch(r"[0-9]{11}", digits):
        raise BadIdentityNumber(IdentityFault.FORMAT)
    return digits
