"""The questions of the benchmark and how much more than hand-written SQL each may cost."""
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.bench import askers
from tests.bench.askers import Call

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
  consents { id state validFrom validUntil sentAt openedAt withdrawnAt texts { id language text }
    signatures { id signedAt method hash person { id name } }
    names { id whereabouts person { id name } unit { name } } } } }"""
STATISTICS = """query Statistics($scope: StatisticsScope, $period: HalfYearInput) {
  statistics(scope: $scope, period: $period) { year half threshold total opened closed
    byStatus { status count } byLevel { level count } byType { type count }
    byCloseReason { reason count } } }"""

Calls = Callable[[psycopg.Connection], list[Call]]


@dataclass(frozen=True)
class Question:
    """What is asked, by whom, and the most it may cost as a multiple of hand-written SQL.

    Each call is another viewer or another plan, so that in a fresh hour every one of them is written down."""
    key: str
    name: str  # the root field
    document: str
    calls: Calls  # these are measured
    others: Calls  # these get the same bytes as well: they have other rights
    leaves: int  # an answer holds at least so many values
    limit: float  # without the access log
    logged: float  # with it


QUESTIONS = (
    Question("list", "plans", LIST, askers.nurses, askers.of_lists, 7_400, 1.1, 1.3),
    Question("plan", "plan", PLAN, askers.nurses_in_plans, askers.of_plans, 200, 1.3, 1.6),
    # Reads no plan's content, so it writes no access log: with it and without it are the same work.
    # By hand it is counted every time, and what the hub has kept must still be that.
    Question("statistics", "statistics", STATISTICS, askers.counting, askers.of_statistics, 36, 1.1, 1.1))


def leaves(value: Any) -> int:
    """How many values an answer holds."""
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    return sum(map(leaves, value)) if isinstance(value, list) else 1
