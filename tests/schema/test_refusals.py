"""What a change is refused for: a code and the field it concerns, and nothing is left behind."""
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest

from db.rules.declaration import text_hash
from db.seal import synthetic
from db.seeds.parts import PARTS, Town
from integrations.words import say
from tests.support.changes import RIGHT
from tests.support.changing import MUTATION, refused
from tests.support.embedded import Server
from tests.support.staged import ADULT, CHILD, MOTHER, Staged, staged_town

TOO_LONG = "x" * 20_001
HOME = {"arena": "HOME", "title": "x"}
NB = {"language": "NB", "text": "Ja."}
NUMBER = {part: person.identity_number for part, person in PARTS.items()}
YOUNG = synthetic(date(2012, 1, 2), 1)


@pytest.fixture(scope="module")
async def stage(postgres: Server, template: tuple[str, Town]) -> AsyncIterator[Staged]:
    async with staged_town(postgres, template) as staged:
        yield staged


def typed(number: str, name: str = "Eli Myr", mobile: str | None = "+4740000099") -> dict[str, Any]:
    return {"identityNumber": number, "name": name, "mobile": mobile}


def unnumbered(part: str, **other: Any) -> dict[str, Any]:
    """One of the cast, typed in without the number, and with one word of the name in common."""
    known = PARTS[part]
    return {"name": f"{known.name.split()[0]} Holm", "birthDate": str(known.born), "mobile": "+4740000099",
            **other}


# who, what is put otherwise than in a plan that nothing speaks against, and why it is refused
CREATE: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("guardian1", {}, "NOT_ALLOWED unitId"), ("leader", {}, "NOT_ALLOWED unitId"),
    ("nurse", {}, "NOT_ALLOWED unitId"), ("admin", {}, "NOT_ALLOWED unitId"),
    ("stafettholder", {"unitId": "@unit PPT Nordmo"}, "NOT_ALLOWED unitId"),
    ("former", {"unitId": "Unit:x"}, "NOT_FOUND unitId"),  # they may open plans everywhere
    ("former", {"unitId": "@plan"}, "NOT_FOUND unitId"),
    ("stafettholder", {"owner": typed(NUMBER["owner"])}, "PLAN_EXISTS owner.identityNumber"),
    ("stafettholder", {"owner": typed("12345678901")}, "BAD_IDENTITY_NUMBER owner.identityNumber"),
    ("stafettholder", {"owner": typed("")}, "BAD_IDENTITY_NUMBER owner.identityNumber"),
    ("stafettholder", {"guardians": [typed(MOTHER), typed("x")]},
     "BAD_IDENTITY_NUMBER guardians.1.identityNumber"),
    ("stafettholder", {"level": 4, "shortName": "x" * 501, "owner": typed(CHILD, " ", "1" * 501)},
     "REQUIRED owner.name, TOO_LONG owner.mobile, TOO_LONG shortName, BAD_LEVEL level"),
    ("stafettholder", {"level": -1, "owner": typed(CHILD, "a\0b")},
     "BAD_CHARACTER owner.name, BAD_LEVEL level"),
    ("stafettholder", {"guardians": []}, "GUARDIAN_MISSING guardians"),
    ("stafettholder", {"guardians": [typed(MOTHER, mobile=None)]}, "CONTACT_MISSING guardians"),
    ("stafettholder", {"guardians": [], "owner": typed(ADULT, mobile=None)}, "CONTACT_MISSING owner"),
    ("stafettholder", {"guardians": [{**typed(MOTHER), "channel": "EMAIL"}]},
     "CONTACT_MISSING guardians.0.email"),
    ("stafettholder", {"owner": typed(CHILD, mobile="12"), "guardians": [{**typed(MOTHER), "email": "x"}]},
     "BAD_MOBILE owner.mobile, BAD_EMAIL guardians.0.email"),
    ("stafettholder", {"owner": {**typed(CHILD, mobile=" "), "channel": "SMS"}},
     "CONTACT_MISSING owner.mobile"),
    ("stafettholder", {"guardians": [typed(MOTHER)] * 11}, "TOO_MANY guardians"),
    ("stafettholder", {"guardians": [typed(MOTHER), typed(YOUNG)]}, "NOT_OF_AGE guardians.1.identityNumber"),
    ("stafettholder", {"guardians": [typed(NUMBER["stafettholder"])]},
     "ALREADY_PARTICIPANT guardians.0.identityNumber"),
    *(("stafettholder", {"owner": {"name": "Mia Myr", **born}}, f"{code} owner.birthDate") for born, code in (
        ({}, "REQUIRED"), ({"birthDate": "2026-11-23"}, "NOT_BORN"),
        ({"identityNumber": CHILD, "birthDate": "2019-02-04"}, "OTHER_BIRTH_DATE"))),
    ("stafettholder", {"owner": {**typed(CHILD), "existingId": "@person owner"}},
     "NOT_FOUND owner.existingId"),
    ("stafettholder", {"owner": unnumbered("owner"), "guardians": [typed(MOTHER), unnumbered("guardian1")]},
     "LIKELY_DUPLICATE owner.name, LIKELY_DUPLICATE guardians.1.name"),
    *(("stafettholder", {"guardians": [unnumbered("guardian1", **said)]}, refusal) for said, refusal in (
        ({"otherThan": ["@person nurse", "x"]}, "LIKELY_DUPLICATE guardians.0.name"),
        ({"existingId": "@person nurse"}, "NOT_FOUND guardians.0.existingId"),
        ({"existingId": "Person:x"}, "NOT_FOUND guardians.0.existingId"))),
    ("stafettholder", {"owner": unnumbered("owner", existingId="@person owner")},
     "PLAN_EXISTS owner.birthDate"),
    ("stafettholder", {"guardians": [unnumbered("stafettholder", existingId="@person stafettholder")]},
     "ALREADY_PARTICIPANT guardians.0.birthDate"),
    ("stafettholder", {"startDate": "2026-11-22", "nextEvaluationDate": "2026-11-21"},
     "TOO_EARLY nextEvaluationDate"),
    ("stafettholder", {"stafettholderId": "@person guardian1"}, "NOT_FOUND stafettholderId"),
    ("stafettholder", {"stafettholderId": "@unit Nordmo skole"}, "NOT_FOUND stafettholderId"),
    ("stafettholder", {"stafettholderId": "Person:x"}, "NOT_FOUND stafettholderId"))


MEETING = {"planId": "@plan", "heldOn": "2026-11-20", "conclusion": "x"}


def moving(unit: str, **other: Any) -> dict[str, Any]:
    return {"planId": "@plan", "unitId": f"@unit {unit}", "reason": "x", "withoutConsent": False, **other}


PLANS: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("nurse", "updateOverview", {"planId": "@plan", "version": 2}, "NOT_ALLOWED planId"),
    ("leader", "updateOverview", {"planId": "@plan", "version": 2}, "NOT_ALLOWED planId"),
    ("guardian1", "updateOverview", {"planId": "@closed plan", "version": 1}, "NOT_ALLOWED planId"),
    ("guardian1", "updateOverview", {"planId": "@plan", "version": 1}, "CONFLICT version"),
    ("guardian1", "updateOverview",
     {"planId": "@plan", "version": 2, "strengths": TOO_LONG, "ownVoice": "\a"},
     "TOO_LONG strengths, BAD_CHARACTER ownVoice"),
    *((part, "changeLevel", {"planId": "@plan", "level": 3, "reason": "x"}, "NOT_ALLOWED planId")
      for part in ("guardian1", "nurse", "leader")),
    ("stafettholder", "changeLevel", {"planId": "@draft plan", "level": 3, "reason": "x"},
     "NOT_ALLOWED planId"),  # they do not read what it is
    *(("stafettholder", "changeLevel", {"planId": "@plan", "level": level, "reason": reason}, refusal)
      for level, reason, refusal in ((2, "x", "SAME_LEVEL level"), (4, "x", "BAD_LEVEL level"),
                                     (-1, "x", "BAD_LEVEL level"), (3, " ", "REQUIRED reason"))),
    *((part, "movePlan", moving("PPT Nordmo"), "NOT_ALLOWED planId") for part in ("guardian1", "nurse")),
    *(("stafettholder", "movePlan", given, refusal) for given, refusal in (
        (moving("Nordmo skole"), "SAME_UNIT unitId"),
        (moving("Nordmo helsestasjon"), "UNIT_NOT_COVERED withoutConsent"),
        (moving("PPT Nordmo", unitId="Unit:x"), "NOT_FOUND unitId"),
        (moving("PPT Nordmo", unitId="@plan"), "NOT_FOUND unitId"),
        (moving("PPT Nordmo", planId="@closed plan"), "PLAN_CLOSED planId"),
        (moving("PPT Nordmo", reason=" "), "REQUIRED reason"),
        (moving("PPT Nordmo", reason="x" * 501), "TOO_LONG reason"))),
    ("leader", "movePlan", moving("PPT Nordmo"), "COVER_UNSEEN withoutConsent"),
    *((part, "closePlan", {"planId": "@plan", "reason": "OTHER"}, "NOT_ALLOWED planId")
      for part in ("guardian1", "nurse", "leader", "admin")),
    ("stafettholder", "closePlan", {"planId": "@closed plan", "reason": "OTHER"}, "PLAN_CLOSED planId"),
    *(("stafettholder", "closePlan", {"planId": "@plan", "reason": reason, "successorId": which},
       f"{code} successorId") for reason, which, code in (
        ("INDIVIDUAL_PLAN_OPENED", None, "REQUIRED"), ("INDIVIDUAL_PLAN_OPENED", "Plan:x", "NOT_A_SUCCESSOR"),
        ("INDIVIDUAL_PLAN_OPENED", "@plan", "NOT_A_SUCCESSOR"),
        ("INDIVIDUAL_PLAN_OPENED", "@free plan", "NOT_A_SUCCESSOR"),  # of another owner
        ("OTHER", "@free plan", "NOT_A_SUCCESSOR"))),
    ("guardian1", "reopenPlan", {"planId": "@closed plan"}, "NOT_ALLOWED planId"),
    ("leader", "reopenPlan", {"planId": "@closed plan"}, "NOT_ALLOWED planId"),
    ("stafettholder", "reopenPlan", {"planId": "@plan"}, "NOT_CLOSED planId"),
    ("admin", "reopenPlan", {"planId": "@draft plan"}, "NOT_CLOSED planId"),
    ("guardian1", "archivePlan", {"planId": "@plan"}, "NOT_ALLOWED planId"),
    *((part, name, {"targetId": "@target"}, "NOT_FOUND targetId") for name in ("pauseTarget", "resumeTarget")
      for part in ("stafettholder", "leader", "guardian1", "analyst")),
    ("admin", "resumeTarget", {"targetId": "@target"}, "NOT_PAUSED targetId"),
    ("admin", "pauseTarget", {"targetId": "@paused target"}, "PAUSED_ALREADY targetId"),
    ("leader", "retryDelivery", {"deliveryId": "@confirmed delivery"}, "CANT_RETRY deliveryId"),
    *((part, "retryDeliveries", {"filter": {}}, "NOT_ALLOWED filter")
      for part in ("stafettholder", "leader", "guardian1", "analyst")),
    ("leader", "cancelDelivery", {"deliveryId": "@confirmed delivery"}, "CANT_CANCEL deliveryId"),
    ("leader", "cancelDelivery", {"deliveryId": "@end delivery"}, "CANT_CANCEL deliveryId"),
    *((part, "switchConclusions", {"on": True}, "NOT_ALLOWED on")
      for part in ("leader", "stafettholder", "guardian1")),
    ("guardian1", "sendConclusion", MEETING, "NOT_ALLOWED planId"),  # reads minutes, and has no fagsystem
    ("leader", "sendConclusion", MEETING, "NOT_ALLOWED planId"),
    ("nurse", "sendConclusion", MEETING, "CONCLUSIONS_OFF planId"),
    ("nurse", "confirmDelivery", {"deliveryId": "@dead delivery", "reference": NUMBER["owner"]},
     "BAD_REFERENCE reference"),
    *((part, "confirmDelivery", {"deliveryId": "@dead delivery", "reference": "HS-7"}, "NOT_FOUND deliveryId")
      for part in ("admin", "leader", "nurse", "stafettholder")),  # it is no task of theirs
    ("leader", "rejectDelivery", {"deliveryId": "@end delivery", "reason": "AMBIGUOUS"},
     "NOT_FOUND deliveryId"),
    ("stafettholder", "retryDelivery", {"deliveryId": "@dead delivery"}, "NOT_ALLOWED deliveryId"),
    ("stafettholder", "cancelDelivery", {"deliveryId": "@dead delivery"}, "NOT_ALLOWED deliveryId"))


def add(person: str, role: str = "PROVIDER", plan: str = "@plan", **other: Any) -> dict[str, Any]:
    return {"planId": plan, "personId": person, "role": role, **other}


def guardian(number: str, plan: str = "@free plan", **other: Any) -> dict[str, Any]:
    return {"planId": plan, "person": typed(number, **other)}


PARTICIPANTS: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("nurse", "addParticipant", add("@person leader"), "NOT_ALLOWED planId"),
    *(("stafettholder", "addParticipant", add("@person nurse", role), "NOT_BY_THIS role")
      for role in ("OWNER", "GUARDIAN", "STAFETTHOLDER")),
    ("stafettholder", "addParticipant", add("@person nurse", plan="@draft plan"), "CONSENT_MISSING personId"),
    ("stafettholder", "addParticipant", add("@person leader"), "NOT_NAMED personId"),
    *(("stafettholder", "addParticipant", add("@person nurse", role), "ALREADY_PARTICIPANT personId")
      for role in ("PROVIDER", "NEXT_OF_KIN")),
    ("stafettholder", "addParticipant", add("@person guardian2", "NEXT_OF_KIN"), "NOT_FOUND personId"),
    ("stafettholder", "addParticipant", add("@person nurse", responsibility=TOO_LONG),
     "TOO_LONG responsibility"),
    ("stafettholder", "addGuardian", guardian(MOTHER, "@plan"), "CONSENT_SENT planId"),
    ("nurse", "addGuardian", guardian(MOTHER, "@plan"), "NOT_ALLOWED planId"),
    ("stafettholder", "addGuardian", guardian("1"), "BAD_IDENTITY_NUMBER person.identityNumber"),
    ("stafettholder", "addGuardian", guardian(MOTHER, name=" ", mobile="1" * 501),
     "REQUIRED person.name, TOO_LONG person.mobile"),
    ("stafettholder", "addGuardian", guardian(CHILD), "NOT_OF_AGE person.identityNumber"),
    *(("stafettholder", "addGuardian", {"planId": "@free plan", "person": given}, f"{code} person.{field}")
      for given, code, field in (
        ({"name": "Eli Myr", "birthDate": "2012-01-02"}, "NOT_OF_AGE", "birthDate"),
        (unnumbered("guardian1"), "LIKELY_DUPLICATE", "name"))),
    ("stafettholder", "addGuardian", guardian(NUMBER["stafettholder"]),
     "ALREADY_PARTICIPANT person.identityNumber"),
    *((part, "endParticipant", {"participantId": f"@participant {of}"}, f"{code} participantId")
      for part, of, code in (
        ("nurse", "nurse PROVIDER", "NOT_ALLOWED"), ("stafettholder", "owner OWNER", "MUST_STAY"),
        ("stafettholder", "stafettholder STAFETTHOLDER", "MUST_STAY"),
        ("stafettholder", "guardian1 GUARDIAN", "CONSENT_SENT"),
        ("stafettholder", "former PROVIDER", "ALREADY_ENDED"))))


def mending(of: str, **values: Any) -> dict[str, Any]:
    return {"participantId": f"@participant {of}", "version": 1, **values}


PERSONS: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("nurse", "updateParticipant", mending("nurse PROVIDER", responsibility="x"),
     "NOT_ALLOWED participantId"),
    *(("stafettholder", "updateParticipant", given, refusal) for given, refusal in (
        (mending("former PROVIDER", responsibility="x"), "ALREADY_ENDED participantId"),
        (mending("nurse PROVIDER", responsibility=TOO_LONG), "TOO_LONG responsibility"),
        (mending("nurse PROVIDER", responsibility="x", version=2), "CONFLICT version"))),
    *(("guardian1", "updatePerson", {"version": 1, **values}, refusal) for values, refusal in (
        ({"version": 2}, "CONFLICT version"), ({"mobile": "55 55 55 55"}, "BAD_MOBILE mobile"),
        ({"mobile": "1" * 501, "workTelephone": "\0"}, "TOO_LONG mobile, BAD_CHARACTER workTelephone"),
        ({"hidesMobile": None, "hidesTelephone": None, "showsPrivate": None},
         "REQUIRED hidesMobile, REQUIRED hidesTelephone, REQUIRED showsPrivate"),
        ({"channel": "EMAIL", "email": " "}, "CONTACT_MISSING email"),
        ({"channel": "SMS", "mobile": None}, "CONTACT_MISSING mobile"),
        ({"email": None, "mobile": None}, "CONTACT_MISSING mobile"))),
    *((part, "updatePerson", mending("guardian1 GUARDIAN", mobile="40000000"), "NOT_ALLOWED participantId")
      for part in ("guardian1", "guardian2", "nurse")),
    *(("stafettholder", "updatePerson", given, refusal) for given, refusal in (
        (mending("nurse PROVIDER", mobile="40000000"), "NOT_ALLOWED participantId"),
        (mending("stafettholder STAFETTHOLDER", mobile="40000000"), "NOT_ALLOWED participantId"),
        (mending("guardian1 GUARDIAN", hidesMobile=True), "OWN_TO_CHANGE hidesMobile"),
        (mending("guardian1 GUARDIAN", channel="EMAIL"), "OWN_TO_CHANGE channel"),
        (mending("guardian1 GUARDIAN", workEmail="x@y.no"), "OWN_TO_CHANGE workEmail"),
        (mending("guardian1 GUARDIAN", mobile=None), "REQUIRED mobile"),
        (mending("guardian1 GUARDIAN", mobile="40000000", version=2), "CONFLICT version"),
        (mending("guardian1 GUARDIAN", mobile="1", email="x", telephone="0", language="no"),
         "BAD_EMAIL email, BAD_MOBILE mobile, BAD_TELEPHONE telephone, BAD_LANGUAGE language"))))


def right(person: str, number: str = RIGHT, reason: str = "R") -> dict[str, Any]:
    return {"personId": person, "identityNumber": number, "reason": reason}


NUMBERS: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    *(("admin", "correctIdentityNumber", given, refusal) for given, refusal in (
        (right("@person owner", "1"), "BAD_IDENTITY_NUMBER identityNumber"),
        (right("@person owner", reason=" "), "REQUIRED reason"),
        (right("@person owner", NUMBER["owner"]), "SAME_NUMBER identityNumber"),
        (right("@person owner", NUMBER["nurse"]), "NUMBER_TAKEN identityNumber"))),
    *((part, "correctIdentityNumber", right("@person owner"), "NOT_FOUND personId")
      for part in ("guardian1", "leader", "stafettholder")))


def invite(person: str, plan: str = "@plan") -> dict[str, Any]:
    return {"planId": plan, "personId": person}


DECLARATION = text_hash("nb", say("declaration.text", "nb"))
INVITATIONS: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    *((part, "inviteParticipant", invite("@person nurse"), "NOT_ALLOWED planId")
      for part in ("guardian1", "nurse", "leader")),
    *((part, "inviteParticipant", invite("@person stafettholder"), "HAS_JOINED personId")
      for part in ("stafettholder", "leader", "admin")),
    *(("stafettholder", "inviteParticipant", given, refusal) for given, refusal in (
        (invite("@person leader"), "NOT_FOUND personId"), (invite("@person former"), "NOT_FOUND personId"),
        (invite("@neighbour"), "NOT_FOUND personId"), (invite("Person:x"), "NOT_FOUND personId"),
        (invite("@person guardian1", "@closed plan"), "PLAN_CLOSED planId"),
        (invite("@young owner", "@draft plan"), "TOO_YOUNG personId"))),
    *((part, "acceptInvitation", {"code": code}, "INVITATION_DEAD code")
      for part in ("guardian1", "stranger") for code in ("", "x", "\0")),
    *((part, "signDeclaration", {"hash": digest}, f"{code} hash") for part in ("guardian1", "stranger")
      for digest, code in (("x", "FORM_CHANGED"), (DECLARATION, "NOTHING_TO_DECLARE"))))


def baton(person: str, plan: str = "@plan", reason: str = "Permisjon") -> dict[str, Any]:
    return {"planId": plan, "personId": person, "reason": reason}


HANDOVERS: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    *((part, "proposeStafettholder", baton("@person nurse"), "NOT_ALLOWED planId")
      for part in ("guardian1", "nurse")),
    *(("stafettholder", "proposeStafettholder", given, refusal) for given, refusal in (
        (baton("@person stafettholder"), "HOLDS_IT personId"),
        (baton("@person leader"), "CANNOT_HOLD personId"),
        (baton("@person guardian1"), "NOT_FOUND personId"), (baton("@neighbour"), "NOT_FOUND personId"),
        (baton("@person nurse", "@draft plan"), "CANNOT_HOLD personId"),
        (baton("@person nurse", reason=" "), "REQUIRED reason"),
        (baton("@person nurse", reason="x" * 501), "TOO_LONG reason"))),
    *((part, "replaceStafettholder", baton("@person nurse"), "NOT_ALLOWED planId")
      for part in ("guardian1", "nurse", "stafettholder")),
    ("leader", "replaceStafettholder", baton("@person stranger"), "CANNOT_HOLD personId"),
    ("leader", "replaceStafettholder", baton("@person stafettholder"), "HOLDS_IT personId"),
    ("leader", "proposeStafettholder", baton("@person nurse", "@closed plan"), "PLAN_CLOSED planId"),
    ("leader", "proposeStafettholder", baton("@person stranger"), "CANNOT_HOLD personId"),
    ("leader", "replaceStafettholder", baton("@person nurse", "@closed plan"), "PLAN_CLOSED planId"),
    ("admin", "replaceStafettholder", baton("@person nurse", reason="\0"), "BAD_CHARACTER reason"),
    *((part, change, {"handoverId": which}, f"{code} handoverId") for change in (
        "acceptStafettholder", "declineStafettholder") for part, which, code in (
        ("stafettholder", "@offer", "NOT_YOURS"), ("guardian1", "@offer", "NOT_YOURS"),
        ("nurse", "@declined offer", "ANSWERED"), ("leader", "@offer", "NOT_FOUND"))))


def wish(plan: str = "@plan", reason: str = "x") -> dict[str, Any]:
    return {"planId": plan, "reason": reason}


DELETIONS: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    *((part, "requestDeletion", wish(), "NOT_ALLOWED planId")
      for part in ("nurse", "stafettholder", "leader", "admin")),
    ("guardian1", "requestDeletion", wish(), "ALREADY_ASKED planId"),
    ("guardian2", "requestDeletion", wish(reason=" "), "REQUIRED reason"),
    ("guardian2", "requestDeletion", wish(reason="x" * 501), "TOO_LONG reason"),
    *((part, change, {"requestId": which, **given}, f"{code} requestId")
      for change, given, answers in (
        ("withdrawDeletionRequest", {}, (
            ("stafettholder", "@request", "NOT_ALLOWED"), ("admin", "@request", "NOT_ALLOWED"),
            ("guardian1", "@refused request", "REQUEST_ENDED"))),
        ("refuseDeletion", {"reason": "x"}, (
            ("stafettholder", "@request", "NOT_ALLOWED"), ("guardian1", "@request", "NOT_ALLOWED"),
            ("admin", "@refused request", "REQUEST_ENDED"))))
      for part, which, code in (
        *answers, ("guardian2", "@request", "NOT_FOUND"), ("leader", "@request", "NOT_FOUND"))),
    ("admin", "refuseDeletion", {"requestId": "@request", "reason": " "}, "REQUIRED reason"),
    *((part, "deletePlan", {"planId": "@plan"}, "NOT_ALLOWED planId")
      for part in ("guardian1", "stafettholder", "leader")),
    ("admin", "deletePlan", {"planId": "@plan"}, "CLOSE_FIRST planId"),
    ("admin", "deletePlan", {"planId": "@closed plan"}, "DELETION_NOT_ASKED planId"))


def form(**other: Any) -> dict[str, Any]:
    return {"planId": "@plan", "templateId": "@template", **other}


def switching(element: str, of: str = "STAFETTLOGG") -> dict[str, Any]:
    return {"planType": of, "element": element, "on": True}


def publishing(*texts: dict[str, str]) -> dict[str, Any]:
    """Each in bokmål and sound, but for what is put otherwise."""
    sound = {"language": "nb", "title": "Samtykke", "text": "Jeg samtykker."}
    return {"planType": "STAFETTLOGG", "texts": [{**sound, **text} for text in texts]}


TEMPLATES: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    *((part, "switchElement", switching("MAPPING"), "NOT_ALLOWED planType")
      for part in ("guardian1", "stafettholder", "leader", "analyst")),
    *(("admin", "switchElement", switching(element), "ELEMENT_FIXED element")
      for element in ("MESSAGES", "LIFE_AREAS", "ACCESS_LOG", "GOALS", "CONSENT")),
    ("admin", "switchElement", switching("TIMELINE", "INDIVIDUAL_PLAN"), "ELEMENT_FIXED element"),
    *((part, "chooseForArchive", switching("OVERVIEW"), "NOT_ALLOWED planType")
      for part in ("guardian1", "stafettholder", "leader", "analyst")),
    *(("admin", "chooseForArchive", switching(element), "ARCHIVE_FIXED element")
      for element in ("GOALS", "ACTIVITIES", "COMMENTS", "PARTICIPANTS", "CONSENT", "ADMINISTRATION",
                      "LIFE_AREAS")),
    *((part, "setArchiveDates", {"dates": ["06-01", "12-01"]}, "NOT_ALLOWED dates")
      for part in ("guardian1", "stafettholder", "leader", "analyst")),
    *(("admin", "setArchiveDates", {"dates": dates}, refusal) for dates, refusal in (
        ([], "TWICE_A_YEAR dates"), (["06-01"], "TWICE_A_YEAR dates"),
        (["06-01", "06-01"], "TWICE_A_YEAR dates"), (["06-01"] * 13, "TOO_MANY dates"),
        (["02-29", "6-1", "06-31", "12-01\n", "W01-1", "\u0660\u0666-\u0660\u0661", "\0"],
         ", ".join(f"BAD_DAY dates.{n}" for n in range(7))))),
    *((part, "publishConsentTemplate", publishing(), "NOT_ALLOWED planType")
      for part in ("stafettholder", "leader", "analyst", "guardian1")),
    *(("admin", "publishConsentTemplate", publishing(*texts), refusal) for texts, refusal in (
        ((), "OWN_LANGUAGE_MISSING texts"), (({"language": "ar"},), "OWN_LANGUAGE_MISSING texts"),
        (({}, {"language": "NB"}), "LANGUAGE_TWICE texts.1.language"),
        *((({}, {"language": tag}), "UNKNOWN_LANGUAGE texts.1.language")
          for tag in ("", "xx", "und", "prs", "norsk", "nb-", "en-GB-oed", "nb_NO", "a" * 99)),
        (({"title": " ", "text": ""},), "REQUIRED texts.0.title, REQUIRED texts.0.text"),
        (({"title": "x" * 201, "text": TOO_LONG},), "TOO_LONG texts.0.title, TOO_LONG texts.0.text"),
        (({"text": "Jeg, ________, samtykker."},), "PLACEHOLDER texts.0.text"),
        (({"title": "Samtykke for {navn}"},), "PLACEHOLDER texts.0.title"),
        (({}, {"language": "zh", "text": "同意"}), "NOT_PRINTABLE texts.1.text"),
        (({"text": "\0"},), "BAD_CHARACTER texts.0.text"), (({},) * 21, "TOO_MANY texts"))),
    ("stafettholder", "archivePlan", {"planId": "@plan", "elements": ["GOALS", "MAPPING"]},
     "NOT_IN_TYPE elements.1"))


def names(*of: dict[str, Any]) -> dict[str, Any]:
    return form(names=list(of))


def texts(*of: dict[str, str]) -> dict[str, Any]:
    return form(templateId=None, texts=list(of))


def sign(which: str, **other: str) -> dict[str, Any]:
    return {"consentId": which, "method": "DEMO_BANKID", "hash": "@hash", **other}


def on_paper(**other: str) -> dict[str, Any]:
    return {"consentId": "@sent form", "personId": "@person guardian1", "hash": "@hash",
            "signedOn": "2026-11-22", "paper": "Upload:x", **other}


CONSENT: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("guardian1", "draftConsent", form(), "NOT_ALLOWED planId"),
    ("nurse", "draftConsent", form(), "NOT_ALLOWED planId"),
    *(("stafettholder", "draftConsent", given, refusal) for given, refusal in (
        (form(templateId=None), "TEMPLATE_OR_TEXTS texts"), (form(texts=[NB]), "TEMPLATE_OR_TEXTS texts"),
        (texts(NB, {"language": "AR", "text": " "}), "REQUIRED texts.1.text"),
        (texts({**NB, "text": TOO_LONG}), "TOO_LONG texts.0.text"),
        (texts(NB, {**NB, "text": "Nei."}), "LANGUAGE_TWICE texts.1.language"),
        (form(templateId="ConsentTemplate:x"), "NOT_FOUND templateId"),
        (form(validUntil="2026-11-21"), "BAD_PERIOD validUntil"),
        (form(validUntil="9999-12-31"), "BAD_PERIOD validUntil"),
        (form(validFrom="2027-01-02", validUntil="2027-01-01"), "BAD_PERIOD validUntil"),
        (form(validFrom="2026-11-21"), "BAD_PERIOD validFrom"), (names({}), "ONE_OF_TWO names.0"),
        (names({"personId": "@person nurse"}, {"personId": "@person nurse", "unitId": "@unit PPT Nordmo"}),
         "ONE_OF_TWO names.1"),
        (names({"personId": "@person nurse", "person": typed(MOTHER)}), "ONE_OF_TWO names.0"),
        (names({"personId": "@person nurse"}, {"person": typed("1", " ")}),
         "BAD_IDENTITY_NUMBER names.1.person.identityNumber"),
        (names({"person": unnumbered("guardian1")}), "LIKELY_DUPLICATE names.0.person.name"),
        (names({"person": typed(MOTHER, " ", "1" * 501)}),
         "REQUIRED names.0.person.name, TOO_LONG names.0.person.mobile"),
        (names({"personId": "@neighbour"}), "NOT_FOUND names.0.personId"),
        (names({"unitId": "Unit:x"}), "NOT_FOUND names.0.unitId"),
        (names(*[{"unitId": "Unit:x"}] * 51), "TOO_MANY names"),
        (names({"unitId": "@unit PPT Nordmo", "restrictions": [
            {"element": "GOALS", "level": "NONE"}, {"element": "LIFE_AREAS", "level": "NONE"}]}),
         "NOT_IN_TYPE names.0.restrictions.1.element"))),
    ("guardian1", "renewConsent", {"consentId": "@consent"}, "NOT_ALLOWED consentId"),
    ("nurse", "renewConsent", {"consentId": "@consent"}, "NOT_ALLOWED consentId"),
    ("stafettholder", "renewConsent", {"consentId": "@consent", "validFrom": "2026-11-21"},
     "BAD_PERIOD validFrom"),
    ("nurse", "sendConsent", {"consentId": "@consent"}, "NOT_ALLOWED consentId"),
    ("stafettholder", "sendConsent", {"consentId": "@consent"}, "NOT_A_DRAFT consentId"),
    ("stafettholder", "sendConsent", {"consentId": "@closed plan's form"}, "PLAN_CLOSED planId"),
    ("stafettholder", "sendConsent", {"consentId": "@form that nobody signs"}, "NO_SIGNER planId"),
    ("stafettholder", "signConsent", sign("@sent form"), "NOT_A_SIGNER consentId"),
    ("guardian1", "signConsent", sign("@draft form"), "NOT_FOUND consentId"),  # it has not been sent to them
    ("guardian1", "signConsent", sign("@consent"), "NOT_AWAITING_SIGNATURE consentId"),
    ("guardian1", "signConsent", sign("@half signed form"), "ALREADY_SIGNED consentId"),
    ("guardian1", "signConsent", sign("@sent form", method="BANKID"), "SIGN_IN_AGAIN method"),
    ("guardian1", "signConsent", sign("@sent form", method="PAPER"), "METHOD_NOT_ALLOWED method"),
    ("guardian1", "signConsent", sign("@sent form", hash="0" * 64), "FORM_CHANGED hash"),
    ("guardian1", "signConsent", sign("@sent form", hash="\0"), "FORM_CHANGED hash"),
    ("guardian1", "signConsentOnPaper", on_paper(), "NOT_ALLOWED consentId"),
    *(("stafettholder", "signConsentOnPaper", on_paper(**other), refusal) for other, refusal in (
        ({"personId": "@person nurse"}, "NOT_FOUND personId"), ({"hash": "x"}, "FORM_CHANGED hash"),
        ({"signedOn": "2026-11-21"}, "BAD_SIGNING_DAY signedOn"),
        ({"signedOn": "2026-11-23"}, "BAD_SIGNING_DAY signedOn"), ({}, "NOT_FOUND paper"),
        ({"consentId": "@draft form"}, "NOT_FOUND personId"),
        ({"consentId": "@half signed form"}, "ALREADY_SIGNED consentId"),
        ({"consentId": "@consent"}, "NOT_AWAITING_SIGNATURE consentId"))),
    *((part, change, {"consentId": which}, f"{code} consentId") for part, change, which, code in (
        ("stafettholder", "declineConsent", "@sent form", "NOT_A_SIGNER"),
        ("guardian1", "declineConsent", "@consent", "NOT_AWAITING_SIGNATURE"),
        ("guardian1", "declineConsent", "@half signed form", "ALREADY_SIGNED"),
        ("stafettholder", "withdrawConsent", "@consent", "NOT_A_SIGNER"),
        ("nurse", "withdrawConsent", "@consent", "NOT_A_SIGNER"),
        ("guardian1", "withdrawConsent", "@superseded", "NOT_IN_FORCE"),
        ("guardian1", "withdrawConsent", "@draft form", "NOT_FOUND"))),
    *((part, change, {"consentId": which, "personId": f"@person {signer}"}, refusal)
      for change, which in (("declineConsent", "@sent form"), ("withdrawConsent", "@consent"))
      for part, signer, refusal in (("guardian1", "guardian2", "NOT_ALLOWED consentId"),
                                    ("stafettholder", "nurse", "NOT_FOUND personId"))))

WORK: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("guardian1", "createGoal", {"planId": "@plan", **HOME}, "NOT_ALLOWED planId"),
    ("stafettholder", "createGoal", {"planId": "@draft plan", **HOME}, "NOT_ALLOWED planId"),
    ("stafettholder", "createGoal",
     {"planId": "@plan", "arena": "HOME", "title": " \n ", "description": "\0"},
     "REQUIRED title, BAD_CHARACTER description"),
    ("stafettholder", "createGoal", {"planId": "@plan", "arena": "HOME", "title": "x" * 201},
     "TOO_LONG title"),
    ("guardian1", "updateGoal", {"goalId": "@goal", "version": 1}, "NOT_ALLOWED goalId"),
    ("stafettholder", "updateGoal", {"goalId": "@goal", "version": 2, "title": "x"}, "CONFLICT version"),
    ("stafettholder", "updateGoal",
     {"goalId": "@goal", "version": 1, "title": None, "arena": None, "status": None},
     "REQUIRED title, REQUIRED arena, REQUIRED status"),
    ("stafettholder", "updateGoal", {"goalId": "@holder's activity", "version": 1}, "NOT_FOUND goalId"),
    ("guardian1", "createActivity", {"goalId": "@goal", **HOME}, "NOT_ALLOWED goalId"),
    ("stafettholder", "createActivity", {"goalId": "@goal", **HOME},
     "REQUIRED responsibleId, REQUIRED deadline"),
    ("nurse", "createActivity",
     {"goalId": "@goal", **HOME, "deadline": "2026-12-24",
      "responsibleId": "@participant stafettholder STAFETTHOLDER"}, "NOT_ALLOWED responsibleId"),
    *(("stafettholder", "createActivity",
       {"goalId": "@goal", **HOME, "deadline": "2026-12-24", "responsibleId": who},
       "NOT_A_PARTICIPANT responsibleId")
      for who in ("@participant former PROVIDER", "@person nurse", "Participant:x", "@guardian elsewhere")),
    ("nurse", "updateActivity", {"activityId": "@holder's activity", "version": 1}, "NOT_ALLOWED activityId"),
    ("guardian1", "updateActivity", {"activityId": "@nurse's activity", "version": 1},
     "NOT_ALLOWED activityId"),
    ("nurse", "updateActivity", {"activityId": "@nurse's activity", "version": 9}, "CONFLICT version"),
    ("stafettholder", "updateActivity",
     {"activityId": "@nurse's activity", "version": 1, "deadline": None, "responsibleId": None},
     "REQUIRED responsibleId, REQUIRED deadline"),
    ("guardian1", "addComment", {"on": "@goal", "body": " "}, "REQUIRED body"),
    ("guardian1", "addComment", {"on": "@nurse's activity", "body": TOO_LONG}, "TOO_LONG body"),
    ("nurse", "addComment", {"on": "@goal", "body": "x"}, "NOT_ALLOWED on"),  # comments are held back
    ("guardian1", "addComment", {"on": "@plan", "body": "x"}, "NOT_FOUND on"))
CHANGES = (*PLANS, *PARTICIPANTS, *PERSONS, *NUMBERS, *INVITATIONS, *HANDOVERS, *DELETIONS, *CONSENT, *WORK,
           *TEMPLATES)


async def why_not(stage: Staged, part: str, change: str, given: dict[str, Any]) -> str:
    """The refusals as the tables write them, of a change that must leave nothing behind."""
    refusals = await refused(stage.asking, part, change, **stage.filled(given))
    assert stage.is_as_before()
    return ", ".join(f"{code} {field}" for code, field in refusals)


@pytest.mark.parametrize("part, otherwise, refusal", CREATE, ids=lambda value: str(value)[:40])
async def test_a_plan_is_not_opened(
        stage: Staged, part: str, otherwise: dict[str, Any], refusal: str) -> None:
    assert await why_not(stage, part, "createPlan", stage.new_plan(**otherwise)) == refusal


@pytest.mark.parametrize("part, change, given, refusal", CHANGES, ids=lambda value: str(value)[:40])
async def test_a_change_is_refused(
        stage: Staged, part: str, change: str, given: dict[str, Any], refusal: str) -> None:
    assert await why_not(stage, part, change, given) == refusal


def test_every_change_can_be_refused() -> None:
    assert MUTATION is not None
    by_systems = {"createPlanFromSystem"}  # tests/schema/test_systems_create.py
    assert {change for _, change, *_ in CHANGES} | {"createPlan"} | by_systems == set(MUTATION.fields)


OF_NO_ROW = ("acceptInvitation", "signDeclaration", "retryDeliveries", "switchConclusions")
SOUND: dict[str, dict[str, Any]] = {  # where something is refused before the plan is looked for
    "addGuardian": guardian(MOTHER)}


@pytest.mark.parametrize("part", ("stranger", "analyst", "former"))
async def test_what_is_not_ones_own_is_refused_like_what_is_not_there(stage: Staged, part: str) -> None:
    about = {"planId": "@plan", "consentId": "@consent", "goalId": "@goal", "on": "@goal",
             "activityId": "@nurse's activity", "deliveryId": "@dead delivery",
             "participantId": "@participant nurse PROVIDER", "handoverId": "@offer",
             "requestId": "@request", "targetId": "@target", "personId": "@person owner"}
    templates = {change for _, change, *_ in TEMPLATES if change != "archivePlan"}  # are all of ours
    aimed = {change: given for _, change, given, _ in CHANGES if change not in {*templates, *OF_NO_ROW}}
    for change, given in aimed.items():
        field = next(field for field in about if field in given)
        for wanted in (about[field], "Plan:00000000-0000-0000-0000-000000000000", "Nope:1"):
            aimed_there = stage.filled({**SOUND.get(change, given), field: wanted})
            refusals = await refused(stage.asking, part, change, **aimed_there)
            assert refusals == [("NOT_FOUND", field)], change
    assert stage.is_as_before()


async def test_a_form_that_waited_too_long_is_not_sent(stage: Staged) -> None:
    now = stage.asking.now
    try:
        stage.asking.now = now + timedelta(days=400)
        refusal = await why_not(stage, "stafettholder", "sendConsent", {"consentId": "@draft form"})
        assert refusal == "TOO_EARLY validUntil"
    finally:
        stage.asking.now = now
