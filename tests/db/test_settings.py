"""What a hub is told at its start: every fault by name, no secret in any of them."""
import pytest
from pydantic import ValidationError

from db.settings import Settings

GIVEN = {"DATABASE_URL": "postgresql://hub:secret@host/hub", "HUB_SEAL_KEYS": "k1:secret",
         "HUB_LOOKUP_KEY": "secret", "HUB_AUDIENCE": "hub",
         "HUB_PERSONS_ISSUER": "https://issuer", "HUB_PERSONS_JWKS_URL": "https://issuer/jwks"}


def test_every_setting_that_is_missing_is_named_and_no_secret_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    assert "secret" not in repr(Settings().seal_keys)
    monkeypatch.delenv("HUB_AUDIENCE")
    monkeypatch.delenv("HUB_PERSONS_ISSUER")
    with pytest.raises(ValidationError) as raised:
        Settings()
    assert {"audience", "persons_issuer"} == {str(error["loc"][0]) for error in raised.value.errors()}
    assert "secret" not in str(raised.value)
