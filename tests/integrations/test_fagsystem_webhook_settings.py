"""The table of a fagsystem by webhook: what it becomes, and every fault of it with its line."""
import re
from pathlib import Path

import pytest

from integrations.fagsystem.webhook.target import WebhookFagsystem
from integrations.registry import BadTargets, targets
from tests.support.edge import edge
from tests.support.webhooks import SECRET, Fagsystem


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLINICS_SECRET", SECRET)
    monkeypatch.setenv("SHORT", "whsec_c2VjcmV0")


def written(folder: Path, table: str) -> Path:
    file = folder / "targets.toml"
    file.write_text(f'[fagsystem]\nkind = "fagsystem/webhook"\n{table}\n', "utf-8")
    return file


def test_a_table_becomes_a_target(tmp_path: Path) -> None:
    made = targets(written(tmp_path, """
        url = "https://fagsystem.example.no/hooks"
        secret_env = "CLINICS_SECRET"
        confirms = "2xx"
        per_minute = 60
        """))["fagsystem"]
    assert isinstance(made, WebhookFagsystem)
    assert (len(made.keys), made.confirms, made.timeout) == (1, "2xx", 15)
    assert SECRET not in repr(made)


async def test_while_a_secret_is_changed_the_one_before_it_lets_us_in(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fagsystem = Fagsystem()
    monkeypatch.setenv("NEW", "whsec_" + "bmV3" * 8)
    with edge(fagsystem.answer) as url:
        target = targets(written(tmp_path, f"""
            url = "{url}"
            secret_env = "NEW"
            previous = {{ secret_env = "CLINICS_SECRET" }}
            """))["fagsystem"]
        assert target.check() == []
    assert len(fagsystem.calls) == 1, "both have signed"


URL, OWN = 'url = "https://fagsystem.example.no/"', 'secret_env = "CLINICS_SECRET"'


@pytest.mark.parametrize("table, told", [
    (f"{URL}\n{OWN}\nsecret_evn = 1", "5: secret_evn: Extra inputs are not permitted"),
    (OWN, "1: url: Field required"),
    (f'url = "http://fagsystem.example.no/"\n{OWN}', "3: url: https (http only to this machine), "),
    (URL, "1: secret_env or secret_file: Field required"),
    (f'{URL}\nsecret_env = "NOT_SET"', "4: secret_env: NOT_SET is not set"),
    (f'{URL}\nsecret_env = "SHORT"', "4: secret_env: whsec_ and 24 to 64 bytes in base64"),
    (f'{URL}\n{OWN}\nprevious = {{ secret_env = "SHORT" }}', "5: previous.secret_env: whsec_ and 24 to"),
    (f'{URL}\n{OWN}\nprevious = {{ secret_file = "gone" }}', "5: previous.secret_file: can't be read"),
    (f'{URL}\nsecret_file = "gone"', "4: secret_file: can't be read"),
    (f'{URL}\n{OWN}\nconfirms = "200"', "5: confirms: Input should be 'answer' or '2xx'"),
    (f"{URL}\n{OWN}\ntimeout = 51", "5: timeout: Input should be less than or equal to 50"),
    (f'{URL}\n{OWN}\nsign_in = "username_token"', "5: sign_in: Input should be 'none', 'basic', 'apikey'"),
    (f'{URL}\n{OWN}\nsign_in = "basic"', "1: username: basic needs one"),
    (f'{URL}\n{OWN}\nclient = "hub"', "5: client: is of no use to sign_in none"),
    (f'{URL}\n{OWN}\nsign_in = "client_key"', "1: client: client_key needs one"),
    (f'{URL}\n{OWN}\nsign_in = "client_secret"\nclient = "hub"', "1: token_url: client_secret needs one"),
    (f'{URL}\n{OWN}\ncertificate_file = "gone"', "5: certificate_file: can't be used")])
def test_every_fault_of_the_table_is_told_with_its_line(tmp_path: Path, table: str, told: str) -> None:
    with pytest.raises(BadTargets) as refusal:
        targets(written(tmp_path, table))
    (line,) = str(refusal.value).splitlines()
    found = re.search(r"targets\.toml:(\d+): \[fagsystem\] (.*)", line)
    assert found and f"{found[1]}: {found[2]}".startswith(told)
    assert SECRET not in line and "c2VjcmV0" not in line
