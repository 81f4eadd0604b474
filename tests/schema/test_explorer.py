"""The explorer's page: whole or plain, from the hub alone, with nothing that a strict browser refuses."""
import re
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from schema import explorer
from schema.root import schema

PAGES = ("graphiql.html", "plain.html")


def html(name: str) -> str:
    return (explorer.HERE / name).read_text("utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_loads_only_what_the_hub_serves(page: str) -> None:
    loaded = re.findall(r'(?:src|href)="([^"]+)"', html(page))
    assert {name.removeprefix("/explorer/") for name in loaded} - {"data:,"} <= explorer.ASSETS.keys()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_no_script_or_style_of_its_own(page: str) -> None:
    assert not re.search(r"<style|<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=", html(page))


def test_no_script_or_style_of_ours_names_another_address() -> None:
    ours = [path for path in explorer.ASSETS.values() if path.parent == explorer.HERE]
    assert {path.name for path in ours} == {path.name for path in explorer.HERE.glob("*.[jc]s*")} - {
        "package.json", "package-lock.json"}
    assert [path.name for path in ours if "://" in path.read_text("utf-8")] == []


def test_the_first_question_can_be_asked() -> None:
    [question] = re.findall(r"EXAMPLE = `([^`]+)`", html("session.js"))
    assert validate(build_schema(str(schema)), parse(question)) == []


@pytest.mark.parametrize(("installed", "expected"), [(True, "graphiql.html"), (False, "plain.html")])
def test_graphiql_is_shown_where_all_of_it_is_installed(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: bool, expected: str) -> None:
    files = {name: tmp_path / name for name in explorer.GRAPHIQL}
    for path in list(files.values())[0 if installed else 1:]:
        path.touch()
    monkeypatch.setattr(explorer, "GRAPHIQL", files)
    assert explorer.page() == html(expected)
