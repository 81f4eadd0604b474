"""What a plan's document costs: PDF/A of twelve goals with 36 activities and forty comments."""
import time
from datetime import UTC, datetime
from statistics import median
from typing import Any
from uuid import UUID

from integrations.documents.plan import pdf
from integrations.target import ArchiveTrigger, PlanVersion
from tests.bench.fill.consent import TEXT
from tests.bench.fill.work import LONG, SAID

MOST = 100.0  # milliseconds: ten a second on a core
GOALS, ACTIVITIES, COMMENTS = 12, 3, 40
SINCE, UNTIL = "2026-08-17T08:00:00+00:00", "2027-08-17T08:00:00+00:00"
PEOPLE = [{"name": name, "position": "Kontaktlærer", "workplace": {"name": "Nordmo skole"}}
          for name in ("Kim Nordmo", "Kari Nordmo", "Ola Nordmo", "Tone Lie", "Siv Berg", "Åse Øverås")]
OVERVIEW = ("presentation", "initiative", "strengths", "challenges", "ownVoice")


def milliseconds(times: int) -> float:
    """Of CPU on all threads, per document, once the fonts are read."""
    version = full()
    pdf(version)
    return median(spent(version) for _ in range(times))


def spent(version: PlanVersion) -> float:
    began = time.process_time_ns()
    pdf(version)
    return (time.process_time_ns() - began) / 1e6


def full() -> PlanVersion:
    work = [_work(n) for n in range(GOALS * (1 + ACTIVITIES))]
    goals, activities = work[:GOALS], work[GOALS:]
    for n, goal in enumerate(goals):
        goal["activities"] = activities[n * ACTIVITIES:(n + 1) * ACTIVITIES]
    plan = {
        "shortName": "KN", "type": "STAFETTLOGG", "status": "ACTIVE", "level": 2, "startDate": SINCE[:10],
        "endDate": None, "nextEvaluationDate": "2027-01-15", "unit": {"name": "Nordmo skole"},
        "owner": {"name": "Kim Nordmo", "birthDate": "2018-05-04"}, "stafettholder": PEOPLE[3],
        "overview": dict.fromkeys(OVERVIEW, LONG * 2), "goals": goals,
        "participants": [_participant(person) for person in PEOPLE],
        "consents": [_consent("SUPERSEDED"), _consent("IN_FORCE")], "accessLog": None}
    return PlanVersion(
        fact_id=UUID(int=1), plan_key=UUID(int=2), version=1, plan=plan, language="nb",
        archived_at=datetime(2026, 11, 22, 9, 29, tzinfo=UTC), archived_by="Tone Lie",
        trigger=ArchiveTrigger.BY_HAND, identity_number=None, municipality_number="9999",
        municipality_name="Nordmo kommune", municipality_organisation_number="999999999",
        unit_name="Nordmo skole", protected=False)


def _work(n: int) -> dict[str, Any]:
    """A goal, or an activity; all but the last few have a comment."""
    said = {"body": SAID, "createdAt": SINCE, "author": PEOPLE[n % len(PEOPLE)]}
    return {"title": f"Lese {n} minutter hver dag, hjemme og på skolen", "description": LONG,
            "arena": "SCHOOL", "deadline": "2026-12-18", "status": "OPEN",
            "comments": [said] if n < COMMENTS else [],
            "responsible": {"role": "PROVIDER", "person": PEOPLE[n % len(PEOPLE)]}}


def _participant(person: dict[str, Any]) -> dict[str, Any]:
    return {"role": "PROVIDER", "responsibility": LONG, "since": SINCE, "until": UNTIL, "person": person}


def _consent(state: str) -> dict[str, Any]:
    return {"state": state, "validFrom": SINCE, "validUntil": UNTIL, "sentAt": SINCE, "openedAt": SINCE,
            "texts": [{"language": "nb", "direction": "LTR", "text": TEXT}],
            "signatures": [{"person": person, "signedAt": SINCE, "method": "BANKID", "language": "nb"}
                           for person in PEOPLE[1:3]],
            "names": [{"person": person, "whereabouts": False, "restrictions": [
                {"element": "COMMENTS", "level": "NONE"}]} for person in PEOPLE[3:]]}
