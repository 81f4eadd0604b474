"""Answers of an archive as XML, each valid by the official schema of its message type."""
from uuid import uuid4

from lxml import etree

from tests.support.official import fiks_arkiv

PROTOCOL = "no.ks.fiks.arkiv.v1."
KVITTERING = f"{PROTOCOL}arkivering.arkivmelding.opprett.kvittering"
STANDARD = "https://ks-no.github.io/standarder/fiks-protokoll/fiks-arkiv"
FOLDER = """<mappeKvittering xsi:type="saksmappeKvittering"><systemID>{id}</systemID>
  <opprettetEllerEksisterende>{code}</opprettetEllerEksisterende>
  <saksaar>2026</saksaar><sakssekvensnummer>17</sakssekvensnummer></mappeKvittering>"""
ENTRY = """<registreringKvittering xsi:type="journalpostKvittering"><systemID>{id}</systemID>
  <opprettetEllerEksisterende>{code}</opprettetEllerEksisterende>
  <journalaar>2026</journalaar><journalsekvensnummer>4711</journalsekvensnummer>
  <journalpostnummer>3</journalpostnummer></registreringKvittering>"""
FAILED = """<{part}Feilet xmlns:f="{standard}/feil/feilmelding/v1"><f:feilId>{fault}</f:feilId>
  <f:feilmelding>{said}</f:feilmelding></{part}Feilet>"""


def receipt(*parts: str) -> bytes:
    return _valid(KVITTERING, f"""<arkivmeldingKvittering
      xmlns="{STANDARD}/arkivmelding/opprett/kvittering/v1"
      xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{"".join(parts)}</arkivmeldingKvittering>""")


def folder(code: str = "Opprettet") -> str:
    return FOLDER.format(id=uuid4(), code=code)


def entry(code: str = "Opprettet") -> str:
    return ENTRY.format(id=uuid4(), code=code)


def failed(part: str, fault: str, said: str = "") -> str:
    """`part`: mappe or registrering."""
    return FAILED.format(part=part, standard=STANDARD, fault=fault, said=said)


def refusal(kind: str, fault: str, said: str = "") -> bytes:
    """`kind`: serverfeil, ugyldigforespoersel or ikkefunnet."""
    return _valid(f"{PROTOCOL}feilmelding.{kind}", f"""<{kind} xmlns="{STANDARD}/feil/{kind}/v1"
      xmlns:f="{STANDARD}/feil/feilmelding/v1"><f:feilId>{fault}</f:feilId>
      <f:feilmelding>{said}</f:feilmelding></{kind}>""")


def _valid(message_type: str, text: str) -> bytes:
    told = etree.fromstring(text)
    fiks_arkiv(message_type).assertValid(told)
    return etree.tostring(told, xml_declaration=True, encoding="UTF-8")
