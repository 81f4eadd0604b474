"""The other end of the cryptography: openssl, which nobody here wrote."""
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.organisation import Holder

OAEP = ("-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256", "-keyopt", "rsa_mgf1_md:sha256")


def decrypted(envelope: bytes, by: Holder) -> bytes:
    return _cms(envelope, "-decrypt", "-inform", "DER", "-inkey", by.key_file, "-recip", by.certificate_file)


def encrypted(content: bytes, to: Holder, *options: str, oaep: bool = True) -> bytes:
    """`options`: `-stream` writes lengths as KS' clients do, indefinite."""
    return _cms(content, "-encrypt", "-aes-256-cbc", "-outform", "DER", *options,
                "-recip", to.certificate_file, *(OAEP if oaep else ()))


def signed(content: bytes, by: Holder, *options: str) -> bytes:
    return _cms(content, "-sign", "-md", "sha256", "-outform", "DER", *options,
                "-signer", by.certificate_file, "-inkey", by.key_file)


def verified(content: bytes, signature: bytes, by: Holder) -> None:
    """Fails unless the holder has signed the content."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "content"
        file.write_bytes(content)
        _cms(signature, "-verify", "-inform", "DER", "-content", file, "-CAfile", by.certificate_file,
             "-certfile", by.certificate_file)


def _cms(told: bytes, action: str, *options: str | Path) -> bytes:
    done = subprocess.run(["openssl", "cms", action, "-binary", *options],
                          input=told, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
