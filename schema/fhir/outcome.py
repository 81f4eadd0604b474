"""An error as FHIR R4 tells it: an OperationOutcome of one issue, for people and by HL7's codes."""
from enum import StrEnum

from starlette.exceptions import HTTPException
from starlette.responses import Response

from integrations.fagsystem.fhir.mapping import Resource
from schema import errors, http
from schema.http import Excuse, written
from schema.parameters import Refusal

MEDIA = "application/fhir+json"


class Issue(StrEnum):
    """Those of hl7.org/fhir/R4/valueset-issue-type that the hub tells."""
    INVALID = "invalid"
    REQUIRED = "required"
    VALUE = "value"
    CODE_INVALID = "code-invalid"
    NOT_SUPPORTED = "not-supported"
    LOGIN = "login"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    TOO_LONG = "too-long"
    TOO_COSTLY = "too-costly"
    THROTTLED = "throttled"
    TRANSIENT = "transient"
    EXCEPTION = "exception"


class Severity(StrEnum):
    """Of hl7.org/fhir/R4/valueset-issue-severity."""
    ERROR = "error"
    WARNING = "warning"


ISSUES = {401: Issue.LOGIN, 403: Issue.FORBIDDEN, 404: Issue.NOT_FOUND, 405: Issue.NOT_SUPPORTED,
          406: Issue.NOT_SUPPORTED, 413: Issue.TOO_LONG, 415: Issue.NOT_SUPPORTED, 429: Issue.THROTTLED,
          500: Issue.EXCEPTION, 503: Issue.TRANSIENT}  # else invalid


class Wrong(Refusal):
    """A parameter, by a name that the hub knows, that can't be searched by."""

    def __init__(self, key: str, parameter: str, issue: Issue) -> None:
        super().__init__(400, key)
        self.parameter, self.issue = parameter, issue


def excused(error: Exception, language: str) -> Response:
    """The answer to what was raised, whatever it is."""
    told = missed(error, language) if isinstance(error, HTTPException) else http.excuse(error, language)
    issue, text, places = ISSUES.get(told.status, Issue.INVALID), told.problem["message"], []
    if isinstance(error, Wrong):
        issue, text = error.issue, f"{error.parameter}: {text}"
        places = [f"http.{error.parameter}"]
    return written(told.status, MEDIA, outcome(Severity.ERROR, issue, text, *places), told.headers)


def missed(error: HTTPException, language: str) -> Excuse:
    """What no route takes: an address that there is not, or a method that it does not take."""
    key = "FHIR_METHOD" if error.status_code == 405 else "NOT_FOUND"
    return Excuse(error.status_code, errors.problem(errors.BAD_REQUEST, key, language), error.headers)


def outcome(severity: Severity, issue: Issue, text: str, *places: str) -> Resource:
    """`places`: of a parameter `http.` and its name, as R4 has it (OperationOutcome.issue.location)."""
    told = {"severity": severity.value, "code": issue.value, "details": {"text": text}}
    return {"resourceType": "OperationOutcome", "issue": [told | ({"location": [*places]} if places else {})]}
