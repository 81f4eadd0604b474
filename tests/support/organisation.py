"""Certificates of organisations that there are not, as PEM files that openssl and the hub read."""
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa


@dataclass(frozen=True)
class Holder:
    """An RSA key, and a certificate of it that is signed by itself."""
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    key_file: Path
    certificate_file: Path

    @property
    def pem(self) -> str:
        return self.certificate_file.read_text("ascii")


def holder(folder: Path, name: str, days: int = 1) -> Holder:
    """`days` until it runs out: below nothing, and it has."""
    key, now = rsa.generate_private_key(65537, 2048), datetime.now(UTC)
    called = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder().subject_name(called).issuer_name(called).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=days)).sign(key, hashes.SHA256()))
    key_file, certificate_file = folder / f"{name}-key.pem", folder / f"{name}.pem"
    key_file.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return Holder(key, certificate, key_file, certificate_file)
