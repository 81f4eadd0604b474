"""What a search for Flags asks for (FHIR R4, Search §3.1.1): its parameters, or a refusal by name; pure."""
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from db.seal import BadIdentityNumber, identity_number
from integrations.fagsystem.fact import D_NUMBER, FODSELSNUMMER, identity_system
from integrations.fagsystem.fhir.codes import FLAG_STATUS
from integrations.fagsystem.fhir.mapping import Resource
from schema.fhir.outcome import Issue, Wrong
from schema.parameters import Refusal

# By R4 whom a Flag is about is found by `:identifier` where the reference itself holds it (§3.1.1.4.12), as
# ours does. The chain (§3.1.1.4.15) would look it up in a Patient behind it; but it is what clients of HAPI
# send, which can't do the other (2026-11), and it means the same to whoever asks.
PERSON = frozenset({"patient:identifier", "subject:identifier", "patient.identifier", "subject.identifier",
                    "subject:Patient.identifier"})
FILTERS = ("identifier", "status")  # of what the person has; the latter is R5's, which R4 lacks
PLAIN = {*FILTERS, "_count", "_format"}  # taken as they are
KNOWN = PLAIN | {"patient", "subject"}
PARAMETERS, LARGEST = 20, 50  # in a search; Flags on a page

Token = tuple[str | None, str | None]  # system and code, None where any will do (R4, Search §3.1.1.4.10)


@dataclass(frozen=True, repr=False)  # holds what no trace may print
class Search:
    """About one person. `filters`: each must hold, by any of its tokens. `ignored`: parameters that the hub
    does not know."""
    number: str
    filters: tuple[tuple[str, tuple[Token, ...]], ...] = ()
    count: int = LARGEST
    ignored: int = 0

    def matches(self, flag: Resource) -> bool:
        held: Mapping[str, list[tuple[str, str]]] = {
            "identifier": [(one["system"], one["value"]) for one in flag["identifier"]],
            "status": [(FLAG_STATUS, flag["status"])]}
        return all(any(_fits(token, one) for token in tokens for one in held[name])
                   for name, tokens in self.filters)


def form(body: bytes) -> list[tuple[str, str]]:
    """The parameters of a body; one without a value is none. Refusal."""
    try:
        return parse_qsl(body.decode(), errors="strict", max_num_fields=PARAMETERS)
    except ValueError:
        raise Refusal(400, "FHIR_PARAMETERS", most=PARAMETERS) from None


def read(given: Iterable[tuple[str, str]], *, strict: bool) -> Search:
    """The search; `strict` refuses what the hub does not know, and else leaves out (R4, Search §3.1.1.3).

    Wrong, which names a parameter that we know, and never what it was given."""
    given = list(given)
    people = [(name, value) for name, value in given if name in PERSON]
    rest = [(name, value) for name, value in given if name not in PERSON | PLAIN]
    for base in (re.split("[:.]", name)[0] for name, _ in rest):
        if base in KNOWN:  # with a suffix that we do not know: R4, Search: modifiers
            raise Wrong("FHIR_MODIFIER", base, Issue.CODE_INVALID)
    if rest and strict:
        raise Refusal(400, "FHIR_UNKNOWN")
    filters = tuple((name, tuple(map(token, value.split(",")))) for name, value in given if name in FILTERS)
    return Search(_number(people), filters, _count(given), len(rest))


def token(text: str) -> Token:
    """Nothing that a Flag of ours has holds a sign that would have to be escaped (R4, Search §3.1.1.4.19)."""
    system, bar, code = text.rpartition("|")
    return (system if bar else None), (code or None)


def _fits(wanted: Token, held: tuple[str, str]) -> bool:
    return all(wish is None or wish == value for wish, value in zip(wanted, held, strict=True))


def _number(people: list[tuple[str, str]]) -> str:
    """The identity number of the one person that is asked about: nobody lists all children."""
    if not people:
        raise Wrong("FHIR_PERSON", "patient:identifier", Issue.REQUIRED)
    (name, text), *others = people
    if others or "," in text:
        raise Wrong("FHIR_ONE_PERSON", name, Issue.TOO_COSTLY)
    system, code = token(text)
    if system not in {None, FODSELSNUMMER, D_NUMBER}:
        raise Wrong("FHIR_SYSTEM", name, Issue.VALUE)
    try:
        number = identity_number(code or "").number
    except BadIdentityNumber:
        raise Wrong("BAD_IDENTITY_NUMBER", name, Issue.VALUE) from None
    if system not in {None, identity_system(number)}:
        raise Wrong("FHIR_SYSTEM", name, Issue.VALUE)
    return number


def _count(given: Iterable[tuple[str, str]]) -> int:
    """How many on a page, at most ours; 0 asks for the total alone (R4, Search §3.1.1.5.3)."""
    said = [value for name, value in given if name == "_count"]
    if not all(re.fullmatch("[0-9]{1,9}", value) for value in said):
        raise Wrong("FHIR_COUNT", "_count", Issue.VALUE)
    return min([LARGEST, *map(int, said)])
