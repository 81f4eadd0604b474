"""Telephone numbers and e-mail addresses as people type them in become what is kept."""
import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

SMS_REACHES = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


class BadContact(ValueError):
    """What was typed reaches nobody; its words are not in this, for they may be half a number."""


def telephone(typed: str) -> str:
    """E.164; without a country code it is Norwegian. BadContact: it is no number that is in use."""
    return phonenumbers.format_number(_number(typed), PhoneNumberFormat.E164)


def mobile(typed: str) -> str:
    """E.164, of one that takes SMS. BadContact."""
    known = _number(typed)
    if phonenumbers.number_type(known) not in SMS_REACHES:
        raise BadContact
    return phonenumbers.format_number(known, PhoneNumberFormat.E164)


def email(typed: str) -> str:
    """One address, as every mail server takes it: its domain in lower case and in ASCII (RFC 5890).

    BadContact. Whether it is in use nobody is asked."""
    try:
        known = validate_email(typed, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        raise BadContact from None
    return str(known.ascii_email)


def _number(typed: str) -> PhoneNumber:
    try:
        known = phonenumbers.parse(typed, "NO")
    except NumberParseException:
        raise BadContact from None
    if known.extension or not phonenumbers.is_valid_number(known) or any(c.isalpha() for c in typed):
        raise BadContact
    return known
