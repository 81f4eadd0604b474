"""A plan's consents: the first year's, the one that took its place, and now and then a draft of the next."""
import random
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from db.rules.consent import Form, form_hash, signers
from db.rules.grant import ConsentFacts, Named, Part
from db.rules.rights import NOTHING, Element
from db.rules.words import PlanStatus, Role, SigningMethod
from tests.bench.fill.course import DAY, Course
from tests.bench.fill.people import Child

CONSENT_AGE = 15
COMMENTS = Element.COMMENTS.read | Element.COMMENTS.write
ACTIVITIES = Element.ACTIVITIES.read | Element.ACTIVITIES.write
TEXT = ("Jeg samtykker til at de som er nevnt her, kan dele opplysninger i stafettloggen"
        " for å gi barnet et helhetlig tilbud. ") * 4


class Consenting:
    """The consents of one plan being made; `add` makes a row of the plan."""

    def __init__(self, add: Callable[..., UUID], rnd: random.Random, course: Course) -> None:
        self.add, self.rnd, self.course = add, rnd, course

    def consents(self, child: Child, guardians: tuple[UUID, ...],
                 parts: tuple[Part, ...]) -> tuple[ConsentFacts, ...]:
        opened = self.course.opened
        required = signers(child.id, child.born, guardians, opened, CONSENT_AGE, guardians_too=True)
        named = tuple(self.named(part.person, child) for part in parts if part.role is Role.PROVIDER)
        times = [opened + DAY, *([self.course.renewed] if self.course.renewed else [])]
        ends = [*(after + 2 * DAY for after in times[1:]), None]
        made = [self.sent(at, end, named, required) for at, end in zip(times, ends, strict=True)]
        if self.course.status is PlanStatus.ACTIVE and self.rnd.random() < 0.02:
            made.append(self.draft(named))
        return tuple(made)

    def named(self, person: UUID, child: Child) -> Named:
        """Some are held back from something."""
        [held_back] = self.rnd.choices((NOTHING, COMMENTS, ACTIVITIES), (14, 5, 1))
        return Named(person, None, held_back, child.protected and self.rnd.random() < 0.5)

    def sent(self, at: datetime, superseded: datetime | None, named: tuple[Named, ...],
             required: frozenset[UUID]) -> ConsentFacts:
        """Signed after two days, where the plan does not wait for it still; withdrawn where it rests."""
        status, until = self.course.status, at + 365 * DAY
        opened = None if status is PlanStatus.AWAITING_CONSENT else at + 2 * DAY
        withdrawn = self.course.ended if status is PlanStatus.PASSIVE and not superseded else None
        key = self.add("consent", valid_from=at, valid_until=until, sent_at=at, opened_at=opened,
                       withdrawn_at=withdrawn, superseded_at=superseded)
        said = hashed(key, at, named)
        self.add("consent_text", consent_id=key, language="nb", text=TEXT, hash=said)
        for signer in sorted(required):
            self.add("consent_signature", consent_id=key, person_id=signer, signed_at=opened,
                     method=opened and SigningMethod.BANKID, language=opened and "nb", hash=opened and said,
                     transaction=opened and f"idporten {self.rnd.getrandbits(128):032x}")
        self.names(key, named)
        return ConsentFacts(key, at, opened, until, withdrawn, superseded, None, named)

    def draft(self, named: tuple[Named, ...]) -> ConsentFacts:
        """Being written: nobody's business yet but the stafettholder's."""
        begins = self.course.opened + 700 * DAY
        until = begins + 365 * DAY
        key = self.add("consent", valid_from=begins, valid_until=until, sent_at=None, opened_at=None,
                       withdrawn_at=None, superseded_at=None)
        self.add("consent_text", consent_id=key, language="nb", text=TEXT, hash=hashed(key, begins, named))
        self.names(key, named)
        return ConsentFacts(key, None, None, until, named=named)

    def names(self, consent: UUID, named: tuple[Named, ...]) -> None:
        for name in named:
            self.add("consent_name", consent_id=consent, person_id=name.person, held_back=int(name.held_back),
                     whereabouts=name.whereabouts)


def hashed(consent: UUID, begins: datetime, named: tuple[Named, ...]) -> str:
    """Of the form as it was shown, for a year."""
    said = tuple((name.person, int(name.held_back), name.whereabouts) for name in named if name.person)
    return form_hash(Form(consent, TEXT, "nb", begins, begins + 365 * DAY, said))
