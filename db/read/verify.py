"""What a hash tells to whoever holds it: of which kind of paper it is, and how the consent stands."""
from dataclasses import dataclass
from typing import Any

from db.engine import Reader
from db.rules.consent import ConsentTimes
from db.rules.words import SigningMethod, VerifiedKind

FOUND = """
with found as (
  select 'FORM' as kind, consent_id from consent_text where municipality_id = $1 and hash = $2
  union all select kind, consent_id from consent_document where municipality_id = $1 and sha256 = $2)
select found.kind, valid_until, sent_at, opened_at, declined_at, withdrawn_at, superseded_at, array(
  select method || ' ' || count(*) from consent_signature s
  where (s.municipality_id, s.consent_id) = (c.municipality_id, c.id) and s.signed_at is not null
  group by method order by method)
from found join consent c on (c.municipality_id, c.id) = ($1, found.consent_id)
where sent_at is not null order by c.id desc limit 1"""  # of a draft nobody holds anything


@dataclass(frozen=True)
class Verified:
    """Neither a name nor a plan; `signed` counts signatures by method."""
    kind: VerifiedKind
    times: ConsentTimes
    signed: dict[SigningMethod, int]


async def verified(reader: Reader, municipality: int, digest: str) -> Verified | None:
    """By SHA-256, hexadecimal, of a form or of a PDF beside it; None where nothing has it."""
    rows: list[tuple[Any, ...]] = await reader.rows(FOUND, [municipality, digest])
    for kind, until, sent, opened, declined, withdrawn, superseded, signed in rows:
        counts = (each.split() for each in signed)
        times = ConsentTimes(until, sent, opened, declined, withdrawn, superseded)
        by_method = {SigningMethod(method): int(count) for method, count in counts}
        return Verified(VerifiedKind(kind), times, by_method)
    return None
