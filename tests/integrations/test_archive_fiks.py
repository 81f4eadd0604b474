"""Fiks Arkiv without a carrier: what is sent and what comes, against openssl and the official schemas."""
import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings, strategies as st
from lxml import etree

from integrations.archive.fiks import asice
from integrations.archive.fiks.answers import OPPRETT, answer
from integrations.archive.fiks.envelope import enveloped, opened
from integrations.archive.fiks.signature import signature, verify
from integrations.target import DeliveryError, DeliveryFault, Receipt
from tests.support import openssl
from tests.support.official import schema
from tests.support.organisation import Holder, holder
from tests.support.receipts import entry, failed, folder, receipt, refusal

FILES = {"arkivmelding.xml": b"<arkivmelding/>", "plan.pdf": b"%PDF-1.7\r\n\x00"}
LONG = bytes(range(256)) * 20_000
FAULT, PLANTED = "0192f0c1-2b3c-7d4e-8f50-123456789abc", "04431799999 Ada"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Holder:
    return holder(tmp_path_factory.mktemp("hub"), "hub")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Holder:
    return holder(tmp_path_factory.mktemp("other"), "other")


@pytest.mark.parametrize("content", [b"", b"x" * 16, LONG])
def test_openssl_opens_what_we_envelop(content: bytes, hub: Holder) -> None:
    assert openssl.decrypted(enveloped(content, hub.certificate), hub) == content


@pytest.mark.parametrize("options", [(), ("-stream",)])
@pytest.mark.parametrize("content", [b"x", LONG])
def test_we_open_what_openssl_envelops(
        content: bytes, options: tuple[str, ...], hub: Holder, other: Holder) -> None:
    envelope = openssl.encrypted(content, hub, *options)
    assert (envelope[:2] == b"\x30\x80") == bool(options), "of indefinite length, or definite"
    assert opened(envelope, [other.key, hub.key]) == content, "while the account changes its key, it has two"


def test_the_same_content_is_never_enveloped_the_same_way_twice(hub: Holder) -> None:
    assert enveloped(b"x", hub.certificate) != enveloped(b"x", hub.certificate)


def test_of_two_ways_to_the_same_recipient_only_oaep_is_taken(hub: Holder) -> None:
    """KS' .NET client wraps the key by PKCS#1 v1.5 first, and by OAEP after that."""
    both = openssl.encrypted(b"x", hub, "-stream", "-recip", str(hub.certificate_file))
    assert opened(both, [hub.key]) == b"x"
    with pytest.raises(ValueError, match="none of the account's keys"):
        opened(openssl.encrypted(b"x", hub, oaep=False), [hub.key])


def test_an_envelope_for_another_stays_shut(hub: Holder, other: Holder) -> None:
    with pytest.raises(ValueError, match="none of the account's keys"):
        opened(enveloped(b"x", other.certificate), [hub.key])


@settings(max_examples=200, deadline=None)
@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@given(place=st.integers(0, 10_000), byte=st.integers(0, 255), cut=st.booleans())
def test_damage_is_no_fault_of_ours(place: int, byte: int, cut: bool, hub: Holder) -> None:
    """What the damage does not touch may still be read: CBC tells of none, and not all of a CMS is signed."""
    def damaged(whole: bytes) -> bytes:
        at = place % len(whole)
        return whole[:at] if cut else whole[:at] + bytes([byte]) + whole[at + 1:]
    with suppress(ValueError):
        opened(damaged(enveloped(b"x" * 50, hub.certificate)), [hub.key])
    with suppress(ValueError):
        verify(b"x", damaged(signature(b"x", hub.key, hub.certificate)), [hub.certificate])


@pytest.mark.parametrize("nonsense", [b"", b"\x30\x80", b"\x30" * 5000, b"\x24\x80" * 5000])
def test_what_is_no_cms_is_told(nonsense: bytes, hub: Holder) -> None:
    with pytest.raises(ValueError, match="CMS"):
        opened(nonsense, [hub.key])
    with pytest.raises(ValueError, match="CMS"):
        verify(b"", nonsense, [])


def test_openssl_verifies_what_we_sign(hub: Holder) -> None:
    openssl.verified(LONG, signature(LONG, hub.key, hub.certificate), hub)


@pytest.mark.parametrize("options", [(), ("-stream",)])
def test_we_verify_what_openssl_signs(options: tuple[str, ...], hub: Holder, other: Holder) -> None:
    made = openssl.signed(LONG, hub, *options)
    for trusted in ([], [hub.certificate], [other.certificate, hub.certificate]):
        verify(LONG, made, trusted)
    for content, trusted in ((LONG + b" ", []), (LONG, [other.certificate])):
        with pytest.raises(ValueError, match="not signed by one who is trusted, or not this content"):
            verify(content, made, trusted)


def test_a_signature_of_another_digest_or_without_attributes_counts_for_nothing(hub: Holder) -> None:
    for made in (openssl.signed(LONG, hub, "-noattr"), openssl.signed(LONG, hub, "-md", "sha1")):
        with pytest.raises(ValueError, match="not"):
            verify(LONG, made, [])


def test_the_container_is_as_the_standard_and_the_official_schema_say(hub: Holder) -> None:
    body = asice.contained(FILES)
    assert asice.contained(FILES) == body, "what is kept is the same every time"
    with zipfile.ZipFile(io.BytesIO(asice.signed(body, hub.key, hub.certificate))) as whole:
        names = whole.namelist()
        assert names == ["mimetype", "arkivmelding.xml", "plan.pdf", asice.MANIFEST, asice.SIGNATURE]
        first = whole.infolist()[0]
        assert (first.compress_type, first.extra) == (zipfile.ZIP_STORED, b""), "ETSI TS 102 918 A.1"
        manifest = whole.read(asice.MANIFEST)
        openssl.verified(manifest, whole.read(asice.SIGNATURE), hub)
    told = etree.fromstring(manifest)
    assert [one.get("URI") for one in told.iterfind("{*}DataObjectReference")] == list(FILES)
    schema("asic/ts_102918v010201").assertValid(told)


def test_what_was_signed_is_what_is_opened(hub: Holder) -> None:
    assert asice.opened(asice.signed(asice.contained(FILES), hub.key, hub.certificate), []) == FILES


def rewritten(container: bytes, **changed: bytes | None) -> bytes:
    """The container with other files in it: `a_b` stands for a.b; None leaves one out."""
    told = {name.replace("_", "."): content for name, content in changed.items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(container)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name, content in ({name: old.read(name) for name in old.namelist()} | told).items():
            if content is not None:
                new.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("changed", [
    {"plan_pdf": b"%PDF-1.7 other"}, {"plan_pdf": None}, {"more_xml": b"<more/>"},
    {"META-INF/asicmanifest_xml": None}, {"META-INF/asicmanifest_xml": b"<a"},
    {"META-INF/signature-1_p7s": None}, {"META-INF/signature-1_p7s": b"no"}])
def test_a_container_that_was_changed_is_told(changed: dict[str, bytes | None], hub: Holder) -> None:
    whole = asice.signed(asice.contained(FILES), hub.key, hub.certificate)
    with pytest.raises(ValueError, match=r"not|no "):
        asice.opened(rewritten(whole, **changed), [])


def test_what_unpacks_to_too_much_is_not_unpacked(hub: Holder) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("a.xml", bytes(asice.LIMIT + 1))
    with pytest.raises(ValueError, match="too much"):
        asice.opened(buffer.getvalue(), [])


@pytest.mark.parametrize("code", ["Opprettet", "Eksisterende"])
def test_a_receipt_confirms_by_case_and_entry_number(code: str) -> None:
    told = {"arkivmelding-kvittering.xml": receipt(folder("Eksisterende"), entry(code))}
    assert answer(f"{OPPRETT}.kvittering", told) == Receipt(confirmed=True, reference="2026/17-3", code=code)


def test_that_it_was_received_confirms_nothing() -> None:
    assert answer(f"{OPPRETT}.mottatt", {}) == Receipt(confirmed=False, code="mottatt")


def fault(kind: str, *contents: bytes) -> tuple[DeliveryFault, str]:
    said = answer(kind, {f"{number}.xml": content for number, content in enumerate(contents)})
    assert isinstance(said, DeliveryError)
    assert PLANTED not in said.message
    return said.fault, said.message


@pytest.mark.parametrize("told, message", [
    ((failed("mappe", FAULT, PLANTED),), f"The archive did not take the case folder (its fault {FAULT})."),
    ((folder(), failed("registrering", PLANTED, PLANTED)),
     "The archive did not take the entry. The case folder stands."),
    ((failed("mappe", FAULT), entry()), f"The archive did not take the case folder (its fault {FAULT})."),
    ((folder(),), "The archive's receipt can't be understood: look there."),
    ((entry(),), "The archive's receipt can't be understood: look there."),
    ((), "The archive's receipt can't be understood: look there.")])
def test_half_a_receipt_is_none_and_says_which_half(told: tuple[str, ...], message: str) -> None:
    assert fault(f"{OPPRETT}.kvittering", receipt(*told)) == (DeliveryFault.PERMANENT, message)


@pytest.mark.parametrize("content", [
    b"", b"<", b"<arkivmeldingKvittering/>",
    b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><arkivmeldingKvittering>&x;</arkivmeldingKvittering>'])
def test_a_receipt_that_is_none_confirms_nothing(content: bytes) -> None:
    assert fault(f"{OPPRETT}.kvittering", content)[0] is DeliveryFault.PERMANENT


@pytest.mark.parametrize("kind, expected", [
    ("serverfeil", DeliveryFault.RETRYABLE), ("ugyldigforespoersel", DeliveryFault.PERMANENT),
    ("ikkefunnet", DeliveryFault.PERMANENT)])
@pytest.mark.parametrize("protocol", ["no.ks.fiks.arkiv.v1", "no.ks.fik.arkiv.v1"])  # sic: meldingstyper.json
def test_a_refusal_has_its_kind_and_the_archives_own_id_of_it(
        protocol: str, kind: str, expected: DeliveryFault) -> None:
    told, message = fault(f"{protocol}.feilmelding.{kind}", refusal(kind, FAULT, PLANTED))
    assert told is expected
    assert message.endswith(f" (its fault {FAULT}).")


@pytest.mark.parametrize("kind", ["serverfeil.v1", "tidsavbrudd", "tidsavbrudd.v2"])
def test_what_the_carrier_could_not_deliver_is_sent_again(kind: str) -> None:
    assert fault(f"no.ks.fiks.kvittering.{kind}")[0] is DeliveryFault.RETRYABLE


@pytest.mark.parametrize("kind", ["", "no.ks.fiks.arkiv.v1.innsyn.sok", f"{OPPRETT}.kvittering.v2", "None"])
def test_another_type_is_no_answer(kind: str) -> None:
    assert answer(kind, {"a.xml": b"<a/>"}) is None


def test_a_reference_holds_no_identity_number() -> None:
    told = receipt(folder(), entry()).replace(b">17<", b">04431799999<")
    assert answer(f"{OPPRETT}.kvittering", {"a.xml": told}) == Receipt(confirmed=True, code="Opprettet")
