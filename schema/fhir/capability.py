"""What the hub can do in FHIR R4, as it says of itself: its CapabilityStatement; pure, and open to all."""
from importlib.metadata import version

from integrations.fagsystem.fhir.mapping import Resource

CHANGED = "2026-11-29"  # the day on which what is said here last became another
PARAMETERS = "http://hl7.org/fhir/SearchParameter/"
BY_NUMBER = ("One person, by {name}:identifier=system|number (or the chain {name}.identifier), where system "
             "is urn:oid:2.16.578.1.12.4.1.4.1 (fødselsnummer) or urn:oid:2.16.578.1.12.4.1.4.2 (D-number).")
SEARCHED = (  # name, definition, type, what there is to say
    ("patient", "clinical-patient", "reference", BY_NUMBER.format(name="patient")),
    ("subject", "Flag-subject", "reference", BY_NUMBER.format(name="subject")),
    ("identifier", "Flag-identifier", "token", "The hub's own reference; beside a person."),
    ("status", "Flag-status", "token", "As R5 defines it; beside a person. All that is found is active."))


def statement(base: str) -> Resource:
    """R4, CapabilityStatement; `base`: the address before /Flag."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": CHANGED,
        "kind": "instance",
        "software": {"name": "Stafettlogg hub", "version": version("stafettlogg-hub")},
        "implementation": {"description": "Which children have a stafettlogg, told to the services that take "
                                          "part in it under the consent in force", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [{"mode": "server", "security": _security(), "resource": [_flag()]}],
    }


def _security() -> Resource:
    return {
        "service": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                                 "code": "OAuth", "display": "OAuth"}]}],
        "description": "An OAuth 2.0 bearer token of Maskinporten, with the hub's scope for reading. Told is "
                       "what the unit whose organisation number the token carries may know, and no more; "
                       "every question is logged.",
    }


def _flag() -> Resource:
    return {
        "type": "Flag",
        "documentation": "Search by POST [base]/Flag/_search with the parameters in the body: an identity "
                         "number may not stand in an address, so GET takes none. A search is about one "
                         "person. Pages are had by GET of Bundle.link, within ten minutes.",
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "no-version",
        "referencePolicy": ["logical"],
        "searchParam": [{"name": name, "definition": PARAMETERS + of, "type": kind, "documentation": says}
                        for name, of, kind, says in SEARCHED],
    }
