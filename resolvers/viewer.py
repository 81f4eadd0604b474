"""Who a signed-in identity is in a municipality."""
from db.read.person import Known, by_mark, by_organisation
from resolvers.context import Hub, Viewer


async def person(hub: Hub, identity_number: str, municipality: str | None) -> Viewer | None:
    """Whom a token's identity number names; None: nobody here, or several municipalities and none named."""
    return _viewer(await by_mark(hub.reader, hub.seal.mark(identity_number), municipality))


async def system(hub: Hub, organisation: str, municipality: str | None) -> Viewer | None:
    """A system client of a municipality or of one of its units."""
    return _viewer(await by_organisation(hub.reader, organisation, municipality))


def _viewer(known: Known | None) -> Viewer | None:
    return None if known is None else Viewer(known.municipality, known.person, known.language)
