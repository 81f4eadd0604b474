"""Acts on the receivers of deliveries, by the local administrator: nothing more goes out, or it goes on."""
from collections.abc import Mapping

from db.engine import Writing
from db.rules.errors import Refused
from db.rules.target import check_pause, check_resume
from db.rules.words import Post
from db.write import person, target as targets
from db.write.find import Who
from db.write.target import Target
from resolvers.act import Done, act, key, touched
from resolvers.context import Context


async def pause_target(ctx: Context, target_id: str) -> Done:
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await _found(session, who, target_id)
        check_pause(found.paused_at)
        targets.pause(who, found)
        return touched(target=found)
    return await act(ctx, do)


async def resume_target(ctx: Context, target_id: str) -> Done:
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await _found(session, who, target_id)
        check_resume(found.paused_at)
        targets.resume(found)
        return touched(target=found)
    return await act(ctx, do)


async def _found(session: Writing, who: Who, target_id: str) -> Target:
    """It is there for those alone who keep the municipality's settings."""
    found = await targets.locked(session, who, key(target_id, "Target"))
    if found is None or Post.LOCAL_ADMINISTRATOR not in await person.posts(session, who):
        raise Refused("NOT_FOUND", "targetId")
    return found
