"""What proves that somebody has signed: a sign-in of their own, made for this form (domain.md §5)."""
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from db.rules.errors import Refused
from db.rules.words import SigningMethod

FRESH = timedelta(minutes=10)  # between signing in and confirming
SKEW = timedelta(seconds=30)  # by which the issuer's clock may be ahead


@dataclass(frozen=True)
class SignIn:
    """What the issuer says of the sign-in behind a token: who issued it, its id there, when, and if it was of
    the level that signing asks for."""
    issuer: str
    id: str
    at: datetime
    high: bool


@dataclass(frozen=True)
class Proof:
    """What is kept with a signature: how it was made, and where that can be looked up."""
    method: SigningMethod
    transaction: str
    signed_in_at: datetime | None = None


def on_paper() -> Proof:
    """Shown by the paper that is uploaded with it; the stafettholder answers for that it is the signer's."""
    return Proof(SigningMethod.PAPER, f"paper-{uuid4()}")


def proof(method: SigningMethod, sign_in: SignIn | None, now: datetime, *, demo: bool) -> Proof:
    """By BankID and its like: signing in at level high, then confirming. Refused where that is too long ago;
    the signer must have meant this form."""
    if method is SigningMethod.DEMO_BANKID and demo:
        return Proof(method, f"demo-{uuid4()}")
    if method is not SigningMethod.BANKID:  # that it was done on paper is not the signer's own to say
        raise Refused("METHOD_NOT_ALLOWED", "method")
    if sign_in is None or not (sign_in.high and now - FRESH <= sign_in.at <= now + SKEW):
        raise Refused("SIGN_IN_AGAIN", "method")
    return Proof(method, f"{sign_in.issuer} {sign_in.id}", sign_in.at)
