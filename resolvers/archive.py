"""The act by which a municipality says on which days of the year its plans are archived."""
from collections.abc import Mapping, Sequence

from db.engine import Writing
from db.rules.archive import days
from db.rules.post import check_keeps
from db.write import archive, municipality as municipalities, person
from db.write.find import Who
from resolvers.act import Done, act, touched
from resolvers.context import Context


async def set_archive_dates(ctx: Context, dates: Sequence[str]) -> Done:
    """From now on; what is due by the days before is begun."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        check_keeps(await person.posts(session, who), "dates")
        chosen = days(dates)
        municipality = await municipalities.held(session, who, changing=True)
        if chosen != municipality.archive_dates:
            await archive.begin(session, municipality, who.now)
            municipality.archive_dates, municipality.archive_dates_since = chosen, who.now
        return touched(municipality=municipality)
    return await act(ctx, do)
