"""The envelope of a message: CMS EnvelopedData (RFC 5652 §6), AES-256-CBC, its key by RSAES-OAEP (RFC 3560).

KS' clients ask for SHA-256 in OAEP and in its MGF1. cryptography's own builder has PKCS#1 v1.5 alone."""
import os
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.x509 import Certificate
from pyasn1.codec.ber.decoder import decode
from pyasn1.codec.der.encoder import encode
from pyasn1.error import PyAsn1Error
from pyasn1.type.namedtype import NamedType, NamedTypes
from pyasn1.type.tag import Tag, tagClassContext, tagFormatConstructed
from pyasn1.type.univ import Null, OctetString, Sequence as AsnSequence
from pyasn1_modules import rfc3560, rfc3565, rfc4055, rfc5280, rfc5652

WRAPPING = OAEP(MGF1(SHA256()), SHA256(), None)


class Enveloped(AsnSequence):
    """ContentInfo round EnvelopedData. By name, since pyasn1 can't read an ANY of indefinite length, and so
    BouncyCastle writes what KS' clients stream."""
    componentType = NamedTypes(  # noqa: N815  pyasn1 asks for the name
        NamedType("contentType", rfc5652.ContentType(rfc5652.id_envelopedData)),
        NamedType("content", rfc5652.EnvelopedData().subtype(
            explicitTag=Tag(tagClassContext, tagFormatConstructed, 0))))


def enveloped(content: bytes, certificate: Certificate) -> bytes:
    """Content that the holder of the certificate's RSA key alone can open, in DER. ValueError: no RSA key."""
    key, start = os.urandom(32), os.urandom(16)
    pad, cipher = PKCS7(128).padder(), Cipher(AES256(key), CBC(start)).encryptor()
    message = Enveloped()
    envelope = message["content"]
    envelope["version"] = 0
    envelope["recipientInfos"][0]["ktri"] = _recipient(key, certificate)
    inside = envelope["encryptedContentInfo"]
    inside["contentType"] = rfc5652.id_data
    inside["contentEncryptionAlgorithm"] = _algorithm(rfc3565.id_aes256_CBC, OctetString(start))
    inside["encryptedContent"] = cipher.update(pad.update(content) + pad.finalize()) + cipher.finalize()
    der: bytes = encode(message)
    return der


def opened(envelope: bytes, keys: Iterable[RSAPrivateKey]) -> bytes:
    """What is inside, by whichever of the keys opens it. ValueError: none does, or it is no such envelope."""
    try:
        message, _ = decode(envelope, asn1Spec=Enveloped())
        content = message["content"]
        wrapped = [bytes(recipient["ktri"]["encryptedKey"]) for recipient in content["recipientInfos"]
                   if recipient.getName() == "ktri" and _by_oaep(recipient["ktri"])]
        inside = content["encryptedContentInfo"]
        algorithm, sealed = inside["contentEncryptionAlgorithm"], bytes(inside["encryptedContent"])
        start, _ = decode(bytes(algorithm["parameters"]), asn1Spec=OctetString())
    except (PyAsn1Error, LookupError) as error:  # LookupError: pyasn1, of what is damaged
        raise ValueError("not CMS EnvelopedData") from error
    if algorithm["algorithm"] != rfc3565.id_aes256_CBC:
        raise ValueError("not AES-256-CBC")
    key = _unwrapped(wrapped, list(keys))
    pad, cipher = PKCS7(128).unpadder(), Cipher(AES256(key), CBC(bytes(start))).decryptor()
    return pad.update(cipher.update(sealed) + cipher.finalize()) + pad.finalize()


def _unwrapped(wrapped: Sequence[bytes], keys: Sequence[RSAPrivateKey]) -> bytes:
    """An account has two keys while it changes them; and KS' .NET client names the recipient twice."""
    for secret, key in product(wrapped, keys):
        try:
            return key.decrypt(secret, WRAPPING)
        except ValueError:
            continue
    raise ValueError("none of the account's keys opens it")


def _recipient(key: bytes, certificate: Certificate) -> Any:
    public = certificate.public_key()
    if not isinstance(public, RSAPublicKey):
        raise ValueError("not an RSA key")  # noqa: TRY004  of the register, not of a caller
    recipient = rfc5652.KeyTransRecipientInfo()
    recipient["version"] = 0
    name = recipient["rid"]["issuerAndSerialNumber"]
    name["issuer"], _ = decode(certificate.issuer.public_bytes(), asn1Spec=rfc5280.Name())
    name["serialNumber"] = certificate.serial_number
    recipient["keyEncryptionAlgorithm"] = _algorithm(rfc3560.id_RSAES_OAEP, _oaep())
    recipient["encryptedKey"] = public.encrypt(key, WRAPPING)
    return recipient


def _oaep() -> Any:
    """RFC 4055 §4.1: SHA-256 for both; what is left out is SHA-1."""
    parameters, sha256 = rfc4055.RSAES_OAEP_params(), _algorithm(rfc4055.id_sha256, Null(""))
    for name, algorithm in (("hashFunc", sha256), ("maskGenFunc", _algorithm(rfc4055.id_mgf1, sha256))):
        for part in ("algorithm", "parameters"):
            parameters[name][part] = algorithm[part]
    return parameters


def _by_oaep(recipient: Any) -> bool:
    return bool(recipient["keyEncryptionAlgorithm"]["algorithm"] == rfc3560.id_RSAES_OAEP)


def _algorithm(identifier: Any, parameters: Any) -> Any:
    algorithm = rfc5280.AlgorithmIdentifier()
    algorithm["algorithm"] = identifier
    algorithm["parameters"] = encode(parameters)
    return algorithm
