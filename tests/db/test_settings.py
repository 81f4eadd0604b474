"""What a hub is told at its start: every fault by name, no secret in any of them."""
import base64

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

import command
from db.settings import Settings, faults

KEY = base64.b64encode(b"the secret of the key, 32 bytes.").decode()
WHOLE = {"DATABASE_URL": "postgresql://hub:secret@host/hub", "HUB_SEAL_KEYS": f"k1:{KEY}",
         "HUB_LOOKUP_KEY": KEY, "HUB_AUDIENCE": "hub",
         "HUB_PERSONS_ISSUER": "https://issuer", "HUB_PERSONS_JWKS_URL": "https://issuer/jwks"}


def test_every_setting_that_is_missing_is_named_and_no_secret_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WHOLE.items():
        monkeypatch.setenv(name, value)
    assert KEY not in repr(Settings())
    monkeypatch.delenv("HUB_AUDIENCE")
    monkeypatch.delenv("HUB_PERSONS_ISSUER")
    with pytest.raises(ValidationError) as raised:
        Settings()
    assert faults(raised.value) == ["HUB_AUDIENCE: Field required", "HUB_PERSONS_ISSUER: Field required"]
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(("name", "given", "told"), [
    ("serve", {"HUB_SEAL_KEYS": "k1:secret"}, "HUB_SEAL_KEYS, HUB_LOOKUP_KEY: key 1: "),
    ("serve", {"HUB_POOL": "secret"}, "HUB_POOL: Input should be a valid integer"),
    ("targets", {"HUB_TARGETS": "/nowhere/targets.toml"}, "No such file"),
    ("work", {"DATABASE_URL": None}, "DATABASE_URL: Field required")])
def test_a_hub_that_is_wrongly_set_up_does_not_start_and_says_why(
        name: str, given: dict[str, str | None], told: str) -> None:
    said = CliRunner().invoke(command.command, [name], env=WHOLE | given)
    assert (said.exit_code, said.stdout) == (1, "")
    assert told in said.stderr
    assert "Traceback" not in said.stderr and "secret" not in said.stderr
