"""Who should take part in a plan that a system opens: they stand in a draft of its consent."""
from collections.abc import Mapping
from dataclasses import dataclass

from db.engine import Writing
from db.rules.consent import period
from db.rules.errors import Refused
from db.seal import Seal
from db.write import consent as consents, consent_template as templates, person, plan as plans
from db.write.consent import ConsentDraft, NameDraft, TextDraft
from db.write.find import NOBODY, Who
from db.write.person import PersonDraft
from db.write.plan import Plan
from resolvers.act import key


@dataclass(frozen=True)
class ProviderEntry:
    """An employee, or a whole unit."""
    identity_number: str | None
    unit_id: str | None


@dataclass(frozen=True)
class Proposal:
    """`numbered`: those who are given by their number, by input field."""
    seal: Seal
    providers: tuple[ProviderEntry, ...]
    numbered: Mapping[str, PersonDraft]

    async def draft(self, session: Writing, who: Who, plan: Plan) -> None:
        """By the municipality's form; the stafettholder sends it, or draws it anew: nobody takes part before
        the family has said so."""
        if not self.providers:
            return
        names = tuple([await self.named(session, who, n, one) for n, one in enumerate(self.providers)])
        form = await templates.in_use(session, who, plan.type)
        if not form:
            raise Refused("NO_TEMPLATE", "providers")
        days = (await plans.municipality(session, who.municipality)).consent_days
        opens, closes = period(None, None, who.now, days)
        texts = tuple(TextDraft(template.language, template.text) for template in form)
        await consents.draft(session, who, plan, ConsentDraft(texts, opens, closes, names))

    async def named(self, session: Writing, who: Who, n: int, entry: ProviderEntry) -> NameDraft:
        """As a consent can name them; whom no search by a plan creator finds is not there."""
        at = f"providers.{n}"
        if (entry.unit_id is None) == (entry.identity_number is None):
            raise Refused("ONE_OF_TWO", at)
        if entry.unit_id is not None:
            unit = await plans.unit(session, who, key(entry.unit_id, "Unit"))
            if unit is None:
                raise Refused("NOT_FOUND", f"{at}.unitId")
            return NameDraft(None, unit.id)
        field = f"{at}.identityNumber"
        found = await person.found(session, who, self.seal, self.numbered[field])
        employee = await person.employee(session, who, found[0].id if found else NOBODY, field)
        return NameDraft(employee.id, None)
