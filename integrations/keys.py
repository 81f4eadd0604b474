"""Keys and certificates, from PEM files that the settings name; a fault says what is wrong, and no more."""
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import Certificate, load_pem_x509_certificates
from pydantic import BeforeValidator


@dataclass(frozen=True)
class Organisation:
    """Who we are to others: the organisation's certificate (virksomhetssertifikat) and its key.

    ValueError: they are not of each other."""
    key: RSAPrivateKey = field(repr=False)
    certificate: Certificate

    def __post_init__(self) -> None:
        if self.certificate.public_key() != self.key.public_key():
            raise ValueError("certificate_file: not of the key in key_file")


def private_key(file: str) -> RSAPrivateKey:
    """The RSA key, not locked by a password. ValueError."""
    content = _read(file)
    try:
        key = load_pem_private_key(content, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: locked by a password
        raise ValueError("no private key in PEM, or one that is locked") from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("not an RSA key")  # noqa: TRY004  of a file, not of a caller
    return key


def certificates(file: str) -> tuple[Certificate, ...]:
    """One or more. ValueError."""
    content = _read(file)
    try:
        return tuple(load_pem_x509_certificates(content))
    except ValueError:
        raise ValueError("no certificate in PEM") from None


# As a table of the targets' file names them.
Key = Annotated[RSAPrivateKey, BeforeValidator(private_key)]
Certificates = Annotated[tuple[Certificate, ...], BeforeValidator(certificates)]


def is_valid(certificate: Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc


def _read(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except (OSError, TypeError, ValueError):  # TypeError, ValueError: what is no path
        raise ValueError("can't be read") from None
