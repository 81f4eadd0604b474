"""Who a person is that is typed in; and a person's own details: what somebody else may mend of them, and what
must be there (domain.md §2, §4)."""
from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from db.rules.entry import spelled
from db.rules.errors import Refused
from db.rules.rights import Right
from db.rules.words import Channel

MENDED = ("email", "mobile", "telephone", "language")  # by others than oneself
REACHED_BY = {Channel.SMS: ("mobile", "work_mobile"), Channel.EMAIL: ("email", "work_email")}


def check_mends(mask: Right, values: Mapping[str, str | None], *, employed: bool, protected: bool) -> None:
    """The stafettholder mends how the family is reached; who is employed looks after their own.

    Nothing is emptied: whether one is reached without it hangs on what the stafettholder does not see.

    `protected`: somebody in the plan has a protected address. Then it takes a consent that names the
    stafettholder for whereabouts, whoever is mended: a refusal must not tell whose address it is."""
    if not mask & Right.EDIT_PERSON or employed or (protected and not mask & Right.PROTECTED):
        raise Refused("NOT_ALLOWED", "participantId")
    for name, value in values.items():
        if name not in MENDED:
            raise Refused("OWN_TO_CHANGE", spelled(name))
        if name != "language" and not (value or "").strip():
            raise Refused("REQUIRED", name)


def check_not_hidden(fields: Collection[str], *, mobile: bool, telephone: bool) -> None:
    """Nobody overwrites a number that they do not see: it is where notices go."""
    for field, hidden in (("mobile", mobile), ("telephone", telephone)):
        if hidden and field in fields:
            raise Refused("OWN_TO_CHANGE", field)


def missing(channel: Channel | None, before: Mapping[str, str | None],
            after: Mapping[str, str | None]) -> str | None:
    """The field that must not be left empty: the chosen channel's, and the last that reaches somebody."""
    if channel and not any(after[field] for field in REACHED_BY[channel]):
        return REACHED_BY[channel][0]
    fields = [field for of in REACHED_BY.values() for field in of]
    lost = any(before[field] for field in fields) and not any(after[field] for field in fields)
    return fields[0] if lost else None


def born(typed: date | None, by_number: date | None, today: date, at: str) -> date:
    """The birth date of one who is typed in: the number's, or, of one without a number, as it is typed."""
    if by_number is None:
        if typed is None:
            raise Refused("REQUIRED", at)
        if typed > today:
            raise Refused("NOT_BORN", at)
        return typed
    if typed not in (None, by_number):
        raise Refused("OTHER_BIRTH_DATE", at)
    return by_number


def meant(likely: Collection[UUID], existing: UUID | None, other_than: Collection[UUID],
          at: str) -> UUID | None:
    """Which of those who are likely the same is meant by one without a number; None: nobody, it is a new one.

    `existing`: who is said to be meant, which counts of these alone, or it were a way to name anyone by id;
    `other_than`: who were looked at and are not meant. One who has come since then was not looked at."""
    if existing is not None:
        if existing not in likely:
            raise Refused("NOT_FOUND", f"{at}.existingId")
        return existing
    if not set(likely) <= set(other_than):
        raise Refused("LIKELY_DUPLICATE", f"{at}.name")
    return None


def check_corrected(*, owner_alone: bool) -> None:
    """Who has an identity number signs in as them: where a plan is round somebody and they are in the hub as
    nothing else, no more is opened by it than their own plan."""
    if not owner_alone:
        raise Refused("NOT_OWNER_ALONE", "personId")


def check_other_number(*, same: bool, taken: bool, born: bool) -> None:
    """A number that is not the person's already, nor another's (whose is not told), and of one who was `born`
    on the same day: a D-number and the fødselsnummer after it are."""
    if same:
        raise Refused("SAME_NUMBER", "identityNumber")
    if taken:
        raise Refused("NUMBER_TAKEN", "identityNumber")
    if not born:
        raise Refused("OTHER_BIRTH_DATE", "identityNumber")
