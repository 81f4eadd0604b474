"""From an active plan to a Flag in a FHIR server: its table of settings, and the worker."""
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from integrations.fagsystem.fhir.target import FhirFagsystem
from integrations.reconcile import reconcile
from integrations.registry import BadTargets, targets
from integrations.target import Target
from integrations.tasks import look_after
from tests.support.asking import DAY, Asking
from tests.support.changing import rows
from tests.support.fhirserver import Edge, at_the_edge, outcome, resource
from tests.support.posting import Post

WITHDRAW = "mutation($id: ID!) { withdrawConsent(consentId: $id) { errors { code } } }"


def written(folder: Path, table: str) -> Path:
    file = folder / "targets.toml"
    file.write_text(f'[fagsystem]\nkind = "fagsystem/fhir"\n{table}\n', "utf-8")
    return file


@pytest.fixture
def server() -> Edge:
    return Edge()


@pytest.fixture
def post(own_town: Asking, server: Edge, tmp_path: Path) -> Iterator[Post]:
    made = Post(own_town)
    with at_the_edge(server) as url:
        told: dict[str, Target] = {**targets(written(tmp_path, f'url = "{url}/"')), "archive": made.archive}
        made.worker = replace(made.worker, targets=told)
        yield made


async def test_a_flag_is_made_once_though_an_answer_is_lost_and_ended_when_consent_is(
        post: Post, server: Edge) -> None:
    server.says = [replace(resource(201, {"resourceType": "Flag"}), whole=False)]
    await post.go()
    first = (await post.said())[0]
    assert (first["state"], first["attempts"][0]["fault"]) == ("ORDERED", "RETRYABLE")
    post.town.now += DAY
    await post.go()
    opened = [one for one in await post.said() if one["state"] == "CONFIRMED"]
    assert [(one["kind"], one["attempts"][-1]["answer"]) for one in opened] == [
        ("OPENED", "200"), ("OPENED", "201")], "the first was there already"
    assert {one["reference"] for one in opened} == {f"Flag/{number}" for number in server.kept}
    await post.town.told("guardian1", WITHDRAW, id=f"Consent:{post.town.town.consent}")
    await post.go()
    assert [versions[-1]["status"] for versions in server.kept.values()] == ["inactive"] * 2


async def test_what_has_been_lost_there_is_found_at_night(post: Post, server: Edge) -> None:
    await look_after(post.worker)
    await post.go()
    server.kept.popitem()
    await reconcile(post.worker)
    assert rows(post.town, "select record from delivery where state = 'CONFIRMED' and kind = 'OPENED'"
                " order by seq") == [("SAME",), ("MISSING",)]


async def test_one_who_is_not_known_there_waits_for_a_person(post: Post, server: Edge) -> None:
    server.says = [outcome(422, "not-found", "Flag.subject")]
    await post.go()
    first = (await post.said())[0]
    assert (first["state"], first["attempts"][0]["fault"]) == ("REJECTED", "UNKNOWN_PERSON")
    assert len(server.calls) == 1, "nothing of the plan passes it"


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
    (f'{URL}\nsign_in = "client_key"\nclient = "x"\ntoken_url = "http://x.no"', "6: token_url: https")])
def test_every_fault_of_the_table_is_told_with_its_line(tmp_path: Path, table: str, told: str) -> None:
    with pytest.raises(BadTargets) as refusal:
        targets(written(tmp_path, table))
    (line,) = str(refusal.value).splitlines()
    found = re.search(r"targets\.toml:(\d+): \[fagsystem\] (.*)", line)
    assert found and f"{found[1]}: {found[2]}".startswith(told)
