"""The table of a FHIR server: what it becomes, and every fault of it with its line."""
import re
from pathlib import Path

import pytest

from integrations.fagsystem.fhir.target import FhirFagsystem
from integrations.registry import BadTargets, targets


def written(folder: Path, table: str) -> Path:
    file = folder / "targets.toml"
    file.write_text(f'[fagsystem]\nkind = "fagsystem/fhir"\n{table}\n', "utf-8")
    return file


def test_a_table_becomes_a_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLINICS_SECRET", "secret")
    made = targets(written(tmp_path, """
        url = "https://fhir.example.no/r4/"
        resource = "EpisodeOfCare"
        language = "nn"
        sign_in = "client_secret"
        token_url = "https://tokens.example.no/token"
        client = "hub"
        client_secret_env = "CLINICS_SECRET"
        """))["fagsystem"]
    assert isinstance(made, FhirFagsystem)
    assert (made.url, made.kept, made.language) == ("https://fhir.example.no/r4", "EpisodeOfCare", "nn")
    assert made.credentials.tokens and "secret'" not in repr(made)


URL = 'url = "https://fhir.example.no/r4"'


@pytest.mark.parametrize("table, told", [
    ("", "1: url: Field required"),
    ('url = "http://fhir.example.no/r4"', "3: url: https (http only to this machine), "),
    ('url = "https://fhir.example.no/r4?tenant=1"', "3: url: the base alone, with nothing to ask for"),
    (f'{URL}\nresource = "Patient"', "4: resource: Input should be 'Flag' or 'EpisodeOfCare'"),
    (f'{URL}\nlanguage = "se"', "4: language: Input should be 'nb', 'nn' or 'en'"),
    (f"{URL}\ntimeout = 0", "4: timeout: Input should be greater than 0"),
    (f'{URL}\nresurce = "Flag"', "4: resurce: Extra inputs are not permitted"),
    (f'{URL}\nsign_in = "maskinporten"\nclient = "x"\nclient_key_file = "gone"', "6: client_key_file: can't"),
    (f'{URL}\nsign_in = "client_secret"\nclient = "x"\nclient_secret_env = "NOT_SET"',
     "6: client_secret_env: NOT_SET is not set"),
    (f'{URL}\nsign_in = "client_key"\nclient = "x"\ntoken_url = "http://x.no"', "6: token_url: https")])
def test_every_fault_of_the_table_is_told_with_its_line(tmp_path: Path, table: str, told: str) -> None:
    with pytest.raises(BadTargets) as refusal:
        targets(written(tmp_path, table))
    (line,) = str(refusal.value).splitlines()
    found = re.search(r"targets\.toml:(\d+): \[fagsystem\] (.*)", line)
    assert found and f"{found[1]}: {found[2]}".startswith(told)
