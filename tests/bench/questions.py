"""The questions of the benchmark, who asks them, and how much more than hand-written SQL each may cost."""
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg

from tests.bench.fill import identity_number

LIST = """query List($first: Int) { plans(first: $first) { edges { node {
  id shortName status level startDate consentExpiresInDays owner { id name birthDate } unit { id name }
  participants { id role responsibility state person { id name mobile } }
  goals { id title status deadline
    activities { id title status deadline arena responsible { id } } } } } } }"""
PLAN = """query Plan($id: ID!) { plan(id: $id) {
  id shortName type status level startDate nextEvaluationDate consentExpiresInDays lastArchivedAt
  owner { id name birthDate } unit { id name } stafettholder { id name }
  overview { presentation initiative strengths challenges ownVoice version }
  participants { id role responsibility state since until person { id name mobile position } unit { name } }
  goals { id title description arena status deadline
    comments { id body createdAt author { id name } }
    activities { id title description arena status deadline responsible { id role person { name } }
      comments { id body createdAt author { id name } } } }
  consents { id state validFrom validUntil sentAt openedAt withdrawnAt text
    signatures { id signedAt method hash person { id name } }
    names { id whereabouts person { id name } unit { name } } } } }"""

OPENED = """from access_grant g join person p on p.id = g.person_id
  where g.superseded_at is null and g.valid_from <= now() and (g.valid_until is null or g.valid_until > now())
    and g.because = 'CONSENT' and p.position = 'Helsesykepleier'"""
NURSES: LiteralString = f"select p.name, p.id, null {OPENED} group by p.id, p.name having count(*) >= 50 order by p.id limit 41"
PAIRS: LiteralString = f"select p.name, p.id, g.plan_id {OPENED} order by md5(g.plan_id::text || p.id) limit 201"


@dataclass(frozen=True)
class Call:
    """One asking: the number that signs in, the person it is, and the variables."""
    number: str
    person: str
    variables: dict[str, Any]


@dataclass(frozen=True)
class Question:
    """What is asked, and the most it may cost as a multiple of hand-written SQL, without and with the access log.

    Each call is another viewer or another plan, so that in a fresh hour every one of them is written down."""
    name: str  # the root field
    document: str
    calls: Callable[[psycopg.Connection], list[Call]]
    leaves: int  # an answer holds at least so many values
    limit: float
    logged: float


def by_nurses(connection: psycopg.Connection) -> list[Call]:
    """Nurses who hold fifty plans or more."""
    return [Call(identity_number(name), str(person), {"first": 50}) for name, person, _ in connection.execute(NURSES)]


def of_plans(connection: psycopg.Connection) -> list[Call]:
    """Nurses, each in one of their plans."""
    return [Call(identity_number(name), str(person), {"id": f"Plan:{plan}"})
            for name, person, plan in connection.execute(PAIRS)]


# `statistics` joins them with its own calls and limits, and a road in hand.py.
QUESTIONS = (Question("plans", LIST, by_nurses, 7_000, 1.1, 1.3), Question("plan", PLAN, of_plans, 200, 1.3, 1.6))


def leaves(value: Any) -> int:
    """How many values an answer holds."""
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    return sum(map(leaves, value)) if isinstance(value, list) else 1
