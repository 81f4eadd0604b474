"""A plan version as the message of Fiks Arkiv: pure, and complete before anything is sent."""
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from integrations.archive.fiks.answers import OPPRETT
from integrations.documents.arkivmelding import Codes, arkivmelding
from integrations.documents.plan import pdf
from integrations.target import PlanVersion

DOCUMENT = "plan.pdf"


def files(version: PlanVersion, codes: Codes) -> Mapping[str, bytes]:
    """What the archive is told, and then the document, by the names that `meldingstyper.json` gives them."""
    document = pdf(version)
    return {"arkivmelding.xml": arkivmelding(version, DOCUMENT, document, codes), DOCUMENT: document}


def metadata(fact_id: UUID, sender: UUID, recipient: UUID, milliseconds: int) -> Mapping[str, Any]:
    """MeldingSpesifikasjon of the send API; `milliseconds` that it may lie in the archive's queue.

    klientMeldingId is the same at every sending, so that the archive knows it again; klientKorrelasjonsId is
    copied into every answer."""
    return {"avsenderKontoId": str(sender), "mottakerKontoId": str(recipient), "meldingType": OPPRETT,
            "ttl": milliseconds,
            "headere": {"klientMeldingId": str(fact_id), "klientKorrelasjonsId": str(fact_id)}}
