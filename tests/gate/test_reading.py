"""What a question answers: nulls and empty lists, pages, fragments, directives, nodes."""
import pytest

from tests.support.asking import Asking

FIELDS = """id type shortName status level startDate changedAt consentExpiresInDays lastArchivedAt
  owner { name birthDate mobile } unit { name group { name } } stafettholder { name }
  overview { presentation strengths version }
  participants { role state person { id name mobile position workplace { name } } unit { name } }
  goals { id title activities { title responsible { role person { name } } comments { body } } comments { body } }
  consents { state text validUntil names { person { name } restrictions { element level } } signatures { person { name } signedAt } }
  viewerAccess { element level until reason }
  accessLog(first: 3) { totalCount edges { cursor node { read person { name } because consent } } pageInfo { hasNextPage endCursor } }"""
PLAN = "query($id: ID!) { plan(id: $id) { %s } }" % FIELDS


async def test_print(town: Asking):
    for part in ("guardian1", "stafettholder", "nurse", "former", "leader", "stranger", "owner", "admin"):
        print(part, await town.bytes(part, PLAN, id=f"Plan:{town.town.plan}"))
