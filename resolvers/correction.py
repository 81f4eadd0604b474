"""The act by which a person gets an identity number, or the right one."""
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from db.engine import Writing
from db.rules.entry import LINE, Entry
from db.rules.errors import Refused
from db.rules.person import check_corrected, check_other_number
from db.rules.words import Post
from db.write import coverage, find, person, plan as plans
from db.write.find import Who
from db.write.person import PersonDraft
from resolvers.act import Done, act, identity, key
from resolvers.context import Context
from resolvers.person import look_up


async def correct_identity_number(ctx: Context, person_id: str, number: str, reason: str) -> Done:
    """By a local administrator, of one whom a plan is round; every service that knows of it is told. Who is
    looked up by it is written down whatever comes of it, and who was corrected, and why."""
    try:
        digits, born = identity(number, "identityNumber")
        why = _typed(reason)
    except Refused as refused:
        return Done(problems=refused.problems)

    async def allowed(session: Writing, who: Who) -> person.Person:
        if Post.LOCAL_ADMINISTRATOR not in await person.posts(session, who):
            raise Refused("NOT_FOUND", "personId")
        return await person.found_by_id(session, who, key(person_id, "Person"), "personId")

    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        of = (await allowed(session, who)).id
        owned = [await find.lock(session, who, plan) for plan in await plans.owned(session, who, of)]
        await _put_right(session, who, ctx, of, (digits, born))
        await person.log_look_up(session, who, [of], f"correctIdentityNumber reason={why}")
        for plan in owned:
            await coverage.tell_corrected(session, who, plan)
        return {}

    draft = PersonDraft(digits, "", born)
    looked = await look_up(ctx, [draft], "correctIdentityNumber", allowed)
    return looked if looked.problems else await act(ctx, do)


async def _put_right(session: Writing, who: Who, ctx: Context, key: UUID, number: tuple[str, date]) -> None:
    """The person is locked after the plans, as where their people are mended."""
    corrected = await person.locked(session, who, key)
    digits, born = number
    known = await person.by_identity(session, who.municipality, ctx.hub.seal.mark(digits))
    check_corrected(owner_alone=await person.owner_alone(session, who, corrected))
    check_other_number(same=known is corrected, taken=known is not None, born=born == corrected.birth_date)
    person.set_identity(corrected, ctx.hub.seal, digits)


def _typed(reason: str) -> str:
    typed = Entry()
    clean = typed.needed("reason", reason, LINE)
    typed.done()
    return clean
