"""Settings from the environment (DATABASE_URL and HUB_…); every fault is told at start, by name."""
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from db.seal import Seal


class Settings(BaseSettings):
    """What a hub needs to know. Keys and issuers have no default: without them it does not start."""
    model_config = SettingsConfigDict(env_prefix="HUB_", extra="ignore", populate_by_name=True,
                                      hide_input_in_errors=True)  # they hold keys

    database_url: str = Field(validation_alias="DATABASE_URL")
    seal_keys: SecretStr  # "k2:base64,k1:base64", the first seals; see db/seal.py
    lookup_key: SecretStr  # base64: finds persons by identity number
    audience: str  # of the tokens that are for this hub
    persons_issuer: str  # ID-porten
    persons_jwks_url: str
    systems_issuer: str | None = None  # Maskinporten; without it no system signs in
    systems_jwks_url: str | None = None
    systems_scope: str = "stafettlogg:read"  # that a system's token carries to ask
    systems_write_scope: str = "stafettlogg:write"  # and to create plans
    acr: tuple[str, ...] = ("idporten-loa-high",)
    signing_acr: tuple[str, ...] = ("idporten-loa-high",)  # of these, what signing a consent asks for
    origins: tuple[str, ...] = ()  # browsers' origins that may ask
    public_url: str = "http://127.0.0.1:8000"
    targets: Path | None = None  # the targets' TOML file; see integrations/README.md
    worker: bool = True  # run a worker inside the server; with `hub work` elsewhere, false
    at_once: int = Field(4, gt=0)  # deliveries that one worker has under way
    pool: int = 10  # connections each for reading and for writing
    lease_seconds: float = 60  # after which another worker takes over a delivery
    statement_timeout_ms: int = 15_000

    @property
    def seal(self) -> Seal:
        return Seal.from_text(self.seal_keys.get_secret_value(), self.lookup_key.get_secret_value())

    @model_validator(mode="after")
    def _keys(self) -> Self:
        _ = self.seal  # its ValueError says what is wrong with a key, and never the key
        return self


def faults(wrong: ValidationError) -> list[str]:
    """What is wrong with each variable of the environment; never its value."""
    return [f"{_variable(fault['loc'])}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in wrong.errors()]


def _variable(place: tuple[int | str, ...]) -> str:
    name = ".".join(map(str, place)) or "SEAL_KEYS, HUB_LOOKUP_KEY"
    return name if name == "DATABASE_URL" else f"HUB_{name.upper()}"
