"""The settings of an archive over Fiks IO: keys from files, and each fault told by the setting's name."""
from datetime import timedelta
from pathlib import Path

import pytest

from integrations.archive.fiks.target import FiksArchive
from integrations.registry import BadTargets, targets
from tests.support.organisation import holder
from tests.support.tls import certificate

NUMBERS = [f'"0192f0c1-0000-7000-8000-00000000000{number}"' for number in range(3)]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with keys and certificates, of us and of another, and one key that is not RSA's."""
    monkeypatch.setenv("FIKS_PASSWORD", "secret")
    monkeypatch.chdir(tmp_path)
    for name in ("mine", "other"):
        holder(tmp_path, name)
    certificate(tmp_path)
    return tmp_path


def made(folder: Path, **changed: str | None) -> FiksArchive:
    """By a table where all is right but what was changed: TOML, or None for a setting that is left out."""
    settings: dict[str, str | None] = {
        "kind": '"archive/fiks"', "account": NUMBERS[0], "account_keys": '["mine-key.pem"]',
        "archive_account": NUMBERS[1], "archive_signers": '"other.pem"', "integration": NUMBERS[2],
        "integration_password_env": '"FIKS_PASSWORD"', "maskinporten_client": '"client-id"',
        "key_file": '"mine-key.pem"', "certificate_file": '"mine.pem"', **changed}
    lines = [f"{name} = {value}" for name, value in settings.items() if value is not None]
    file = folder / "targets.toml"
    file.write_text("\n".join(["[archive]", *lines]), "utf-8")
    archive = targets(file)["archive"]
    assert isinstance(archive, FiksArchive)
    return archive


def test_keys_are_read_from_files_and_addresses_are_of_production(files: Path) -> None:
    archive = made(files, ttl_hours="2", account_keys='["mine-key.pem", "other-key.pem"]')
    accounts, carrier = archive.accounts, archive.carrier
    assert (len(accounts.keys), len(accounts.signers), archive.ttl) == (2, 1, timedelta(hours=2))
    assert (carrier.url, carrier.tokens.grant.url, archive.listener.url) == (
        "https://api.fiks.ks.no", "https://maskinporten.no/token", "amqps://io.fiks.ks.no:5671")
    assert not [held for held in ("secret", "RSAPrivateKey") if held in repr(archive)]


@pytest.mark.parametrize("name, value, told", [
    ("account", '"x"', "account: Input should be a valid UUID"),
    ("account_keys", "[]", "account_keys: List should have at least 1 item"),
    ("account_keys", '["gone.pem"]', "account_keys.0: can't be read"),
    ("archive_signers", '"mine-key.pem"', "archive_signers: no certificate in PEM"),
    ("integration_password_env", '"NOT_SET"', "integration_password_env: NOT_SET is not set"),
    ("integration_password_env", None, "integration_password_env or integration_password_file: Field req"),
    ("maskinporten_client", None, "maskinporten_client: Field required"),
    ("key_file", '"mine.pem"', "key_file: no private key in PEM, or one that is locked"),
    ("key_file", '"server.pem"', "key_file: not an RSA key"),
    ("key_file", "7", "key_file: can't be read"),
    ("certificate_file", '"other.pem"', "certificate_file: not of the key in key_file"),
    ("api", '"http://fiks.secret.no"', "api: https"),
    ("queue", '"amqp://secret@x"', "queue: amqps, a host and a port"),
    ("ttl_hours", "0", "ttl_hours: Input should be greater than or equal to 1"),
    ("tll_hours", "1", "tll_hours: Extra inputs are not permitted")])
def test_each_fault_is_told_by_its_setting(files: Path, name: str, value: str | None, told: str) -> None:
    with pytest.raises(BadTargets) as refusal:
        made(files, **{name: value})
    assert f": [archive] {told}" in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_all_faults_are_told_at_once(files: Path) -> None:
    with pytest.raises(BadTargets) as refusal:
        made(files, account=None, key_file='"gone"', certificate_file='"gone"', api='"x"', queue='"x"')
    assert [line.split(": ")[1] for line in str(refusal.value).splitlines()] == [
        f"[archive] {name}" for name in ("account", "key_file", "certificate_file", "api", "queue")]
