"""The codes of FHIR R4 that are sent and read, each by the value set that requires it."""
from enum import StrEnum

from integrations.target import DeliveryFault

RFC_3986 = "urn:ietf:rfc:3986"  # the system of an identifier that is a URI
ORGANISATION_NUMBER = "urn:oid:2.16.578.1.12.4.1.4.101"
FLAG_STATUS = "http://hl7.org/fhir/flag-status"
FLAG_CATEGORY = "http://terminology.hl7.org/CodeSystem/flag-category"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
SENSITIVITY = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


class Kept(StrEnum):
    """The resource that a record is kept as."""
    FLAG = "Flag"
    EPISODE_OF_CARE = "EpisodeOfCare"


class FlagStatus(StrEnum):
    """hl7.org/fhir/R4/valueset-flag-status, but for what is entered in error."""
    ACTIVE = "active"
    INACTIVE = "inactive"


class EpisodeStatus(StrEnum):
    """hl7.org/fhir/R4/valueset-episode-of-care-status, as far as a plan has such."""
    ACTIVE = "active"
    FINISHED = "finished"


# hl7.org/fhir/R4/valueset-issue-type. What is not here decides nothing: the HTTP status does. So it is with
# `processing`, which HAPI says of nearly everything.
ISSUES = {
    **dict.fromkeys(("security", "login", "unknown", "expired", "forbidden"), DeliveryFault.AUTH),
    **dict.fromkeys(("invalid", "structure", "required", "value", "invariant", "not-supported", "too-long",
                     "code-invalid", "extension", "too-costly", "business-rule"),
                    DeliveryFault.PERMANENT),
    **dict.fromkeys(("transient", "lock-error", "no-store", "exception", "timeout", "incomplete", "throttled",
                     "conflict", "duplicate"),  # by another who was quicker: a repeat finds what they made
                    DeliveryFault.RETRYABLE),
    "multiple-matches": DeliveryFault.AMBIGUOUS,
}
MISSING = frozenset({"not-found", "deleted"})  # something that the resource refers to is
