"""The questions of the benchmark, who asks them, and how much more than hand-written SQL each may cost."""
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import TupleRow

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
    signatures { id signedAt method textHash person { id name } }
    names { id whereabouts person { id name } unit { name } } } } }"""


@dataclass(frozen=True)
class Call:
    """One asking: by whom (a number that signs in, and the person it is), and with which variables."""
    number: str
    person: str
    variables: dict[str, Any]


@dataclass(frozen=True)
class Question:
    """What is asked, and the most it may cost as a multiple of hand-written SQL, without and with the access log."""
    name: str
    document: str
    calls: Callable[[psycopg.Connection], list[Call]]
    limit: float
    logged: float
