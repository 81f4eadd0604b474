"""The signature on a container's manifest: detached CMS SignedData (RFC 5652 §5), SHA-256 with RSA.

cryptography makes one, but verifies none; and no signature made today is without the signed attributes."""
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509 import Certificate, InvalidVersion, load_der_x509_certificate
from pyasn1.codec.ber.decoder import decode
from pyasn1.codec.der.encoder import encode
from pyasn1.error import PyAsn1Error
from pyasn1.type.namedtype import NamedType, NamedTypes
from pyasn1.type.tag import Tag, tagClassContext, tagFormatConstructed
from pyasn1.type.univ import Any as AsnAny, ObjectIdentifier, OctetString, Sequence as AsnSequence, SetOf
from pyasn1_modules import rfc4055, rfc5652

DETACHED = PKCS7Options.DetachedSignature, PKCS7Options.Binary, PKCS7Options.NoCapabilities


class Signed(AsnSequence):
    """ContentInfo round SignedData, by name: see `envelope.Enveloped`."""
    componentType = NamedTypes(  # noqa: N815  pyasn1 asks for the name
        NamedType("contentType", rfc5652.ContentType(rfc5652.id_signedData)),
        NamedType("content", rfc5652.SignedData().subtype(
            explicitTag=Tag(tagClassContext, tagFormatConstructed, 0))))


def signature(content: bytes, key: RSAPrivateKey, certificate: Certificate) -> bytes:
    """Detached, with the certificate inside, in DER."""
    builder = PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, SHA256())
    return builder.sign(Encoding.DER, list(DETACHED))


def verify(content: bytes, signed: bytes, trusted: Sequence[Certificate]) -> None:
    """Every signer has signed this very content, by a certificate that is `trusted` or issued by one that is;
    where none is named, by whichever lies in the signature. ValueError: not so."""
    try:
        message, _ = decode(signed, asn1Spec=Signed())
        certificates = [load_der_x509_certificate(encode(one["certificate"]))
                        for one in message["content"]["certificates"]]
        signers = list(message["content"]["signerInfos"])
        if not signers or not all(_has_signed(signer, content, certificates, trusted) for signer in signers):
            raise ValueError("not signed by one who is trusted, or not this content")
    except (PyAsn1Error, LookupError, InvalidVersion, UnsupportedAlgorithm) as error:
        raise ValueError("not CMS SignedData") from error


def _has_signed(signer: Any, content: bytes, certificates: Sequence[Certificate],
                trusted: Sequence[Certificate]) -> bool:
    attributes = SetOf(componentType=rfc5652.Attribute())  # RFC 5652 §5.4: signed as a SET OF, in DER
    attributes.extend(signer["signedAttrs"])
    told = {attribute["attrType"]: attribute["attrValues"][0] for attribute in attributes}
    return (
        signer["digestAlgorithm"]["algorithm"] == rfc4055.id_sha256
        and _value(told, rfc5652.id_contentType, ObjectIdentifier()) == rfc5652.id_data
        and _value(told, rfc5652.id_messageDigest, OctetString()) == sha256(content).digest()
        and any(_verifies(one, encode(attributes), bytes(signer["signature"]))
                for one in certificates if _is_trusted(one, trusted)))


def _value(told: dict[Any, AsnAny], name: ObjectIdentifier, kind: Any) -> Any:
    value = told.get(name)
    return None if value is None else decode(bytes(value), asn1Spec=kind)[0]


def _verifies(certificate: Certificate, content: bytes, by: bytes) -> bool:
    public = certificate.public_key()
    if not isinstance(public, RSAPublicKey):
        return False
    try:
        public.verify(by, content, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _is_trusted(certificate: Certificate, trusted: Sequence[Certificate]) -> bool:
    return not trusted or any(certificate == one or _is_issued(certificate, one) for one in trusted)


def _is_issued(certificate: Certificate, by: Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
