"""What an answer means: message type and files → a receipt, or why there is none. Pure.

Fiks Arkiv V1: `meldingstyper.json` and the XSDs of its name; the carrier's own: Fiks IO, standard types."""
import re
from collections.abc import Mapping

from lxml.etree import XMLParser, XMLSyntaxError, _Element as Node, fromstring

from integrations.target import DeliveryError, DeliveryFault, Receipt

OPPRETT = "no.ks.fiks.arkiv.v1.arkivering.arkivmelding.opprett"
CARRIER = "no.ks.fiks.kvittering."
KVITTERING = "{https://ks-no.github.io/standarder/fiks-protokoll/fiks-arkiv/arkivmelding/opprett/kvittering/v1}"
FEILMELDING = "{https://ks-no.github.io/standarder/fiks-protokoll/fiks-arkiv/feil/feilmelding/v1}"
REFUSALS = {  # by the last words of the type: the published list has a misspelling in the first ones
    "feilmelding.ugyldigforespoersel": (DeliveryFault.PERMANENT, "The archive finds the message not valid"),
    "feilmelding.ikkefunnet": (DeliveryFault.PERMANENT, "The archive lacks what the message refers to"),
    "feilmelding.serverfeil": (DeliveryFault.RETRYABLE, "The archive had a fault of its own"),
    "kvittering.ugyldigforespørsel": (DeliveryFault.PERMANENT, "The archive could not read the message"),
    "kvittering.serverfeil": (DeliveryFault.RETRYABLE, "The archive did not take the message from its queue"),
    "kvittering.tidsavbrudd": (DeliveryFault.RETRYABLE, "The message lay too long in the archive's queue"),
}
VERSION = re.compile(r"\.v\d+$")
FAULT_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
SAFE = XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def answer(kind: str, files: Mapping[str, bytes]) -> Receipt | DeliveryError | None:
    """None for a type that is no answer to what we send. Only the archive's own receipt confirms."""
    if kind == f"{OPPRETT}.mottatt":
        return Receipt(confirmed=False, code="mottatt")
    if kind == f"{OPPRETT}.kvittering":
        told = _first(files, KVITTERING + "arkivmeldingKvittering")
        return _unclear() if told is None else _receipt(told)
    return _refusal(kind, files)


def _receipt(told: Node) -> Receipt | DeliveryError:
    """Both must stand, the case folder and the entry in it: one of them may have failed alone."""
    folder, entry = (told.find(f"{KVITTERING}{part}Kvittering") for part in ("mappe", "registrering"))
    for part, name in (("mappe", "the case folder"), ("registrering", "the entry")):
        failed = told.find(f"{KVITTERING}{part}Feilet")
        if failed is not None:
            stands = " The case folder stands." if folder is not None else ""
            said = f"The archive did not take {name}{_fault_id(failed)}.{stands}"
            return DeliveryError(DeliveryFault.PERMANENT, said)
    if folder is None or entry is None:
        return _unclear()
    code = entry.findtext(f"{KVITTERING}opprettetEllerEksisterende")
    if code not in ("Opprettet", "Eksisterende"):
        return _unclear()
    return Receipt(confirmed=True, reference=_reference(folder, entry), code=code)


def _reference(folder: Node, entry: Node) -> str | None:
    """As archivists write it: 2026/17-3, the case's year and number, and the entry's number in the case."""
    year, case = (_number(folder, name) for name in ("saksaar", "sakssekvensnummer"))
    number = _number(entry, "journalpostnummer")
    if year is None or case is None:
        return None
    return f"{year}/{case}" + ("" if number is None else f"-{number}")


def _number(node: Node, name: str) -> str | None:
    """Digits alone, and too few for an identity number: administrators read it."""
    text = (node.findtext(KVITTERING + name) or "").strip()
    return text if re.fullmatch(r"[0-9]{1,10}", text) else None


def _refusal(kind: str, files: Mapping[str, bytes]) -> DeliveryError | None:
    for suffix, (fault, said) in REFUSALS.items():
        if VERSION.sub("", kind).endswith(suffix):
            told = _first(files)
            return DeliveryError(fault, f"{said}{'' if told is None else _fault_id(told)}.")
    return None


def _fault_id(failed: Node) -> str:
    """The archive's own id of the fault, to ask it by. Its words are left: they may tell what was sent."""
    told = (failed.findtext(f"{FEILMELDING}feilId") or "").strip()
    return f" (its fault {told})" if FAULT_ID.fullmatch(told) else ""


def _unclear() -> DeliveryError:
    return DeliveryError(DeliveryFault.PERMANENT, "The archive's receipt can't be understood: look there.")


def _first(files: Mapping[str, bytes], tag: str | None = None) -> Node | None:
    """The root of the first file that is XML, of that name: archives name their files as they like."""
    for content in files.values():
        try:
            root = fromstring(content, SAFE)
        except XMLSyntaxError:
            continue
        if tag in (None, root.tag):
            return root
    return None
