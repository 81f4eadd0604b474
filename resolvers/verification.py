"""Says of a consent form, or of a PDF beside it, whether it is ours and holds; to whoever has it in hand."""
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.read.verify import verified
from db.rules.consent import state
from db.rules.words import ConsentState, SigningMethod, VerifiedKind
from resolvers.context import Context

SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Signatures:
    """How many, by one method."""
    method: SigningMethod
    count: int


@dataclass(frozen=True)
class Verification:
    """How the consent stands now; nothing of whom it is about."""
    kind: VerifiedKind
    state: ConsentState
    opened_at: datetime | None
    ends_at: datetime
    signatures: list[Signatures]


async def verify_consent(ctx: Context, arguments: Mapping[str, Any]) -> Verification | None:
    """None where nothing here has that hash."""
    digest = str(arguments["hash"]).strip().lower()
    if not SHA256.fullmatch(digest):
        return None
    found = await verified(ctx.hub.reader, ctx.viewer.municipality, digest)
    if found is None:
        return None
    times = found.times
    ended = filter(None, (times.valid_until, times.declined, times.withdrawn, times.superseded))
    return Verification(found.kind, state(times, ctx.now), times.opened, min(ended),
                        [Signatures(method, count) for method, count in found.signed.items()])
