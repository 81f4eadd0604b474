"""Settings from the environment (DATABASE_URL and HUB_…); every fault is told at start, by name."""
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


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
    systems_scope: str = "stafettlogg:read"  # that a system's token must carry
    acr: tuple[str, ...] = ("idporten-loa-high",)
    origins: tuple[str, ...] = ()  # browsers' origins that may ask
    public_url: str = "http://127.0.0.1:8000"
    targets: Path | None = None  # the targets' TOML file; see integrations/README.md
    worker: bool = True  # run a worker inside the server; with `hub work` elsewhere, false
    pool: int = 10  # connections each for reading and for writing
    lease_seconds: float = 60  # after which another worker takes over a delivery
    statement_timeout_ms: int = 15_000
