"""Settings from the environment (HUB_… and DATABASE_URL); every fault is told at start, by name."""
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What a hub needs to know. Keys and secrets have no default: without them it does not start."""
    model_config = SettingsConfigDict(env_prefix="HUB_", extra="ignore")

    database_url: str = Field(validation_alias="DATABASE_URL")
    seal_keys: SecretStr  # "k2:base64,k1:base64", the first seals; see db/seal.py
    lookup_key: SecretStr  # base64: finds persons by identity number
    issuer: str
    audience: str
    jwks_url: str | None = None
    jwks: str | None = None
    acr: tuple[str, ...] = ("idporten-loa-high",)
    origins: tuple[str, ...] = ()  # browsers' origins that may ask
    public_url: str = "http://127.0.0.1:8000"
    targets: Path | None = None  # the targets' TOML file; see integrations/README.md
    demo: bool = False
    worker: bool = True  # run a worker inside the server
    access_log: bool = True  # only the benchmark turns it off
    pool: int = 10
    lease_seconds: float = 60
    statement_timeout_ms: int = 15_000
