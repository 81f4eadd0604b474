"""The house keeps its own rules: directions of import, sizes, names, words in three languages."""
import ast
import re
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from string import Formatter

ROOT = Path(__file__).parents[2]
FLOORS = ("schema", "resolvers", "integrations", "db")
VISIBLE = {
    *FLOORS, "app.py", "command.py", "tests",
    "README.md", "CHANGELOG.md", "Makefile", "pyproject.toml", "requirements.lock"}
SAY_NOTHING = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"}
CLOCKS = {"now", "today", "utcnow", "time", "monotonic"}
CONNECTS = re.compile(r"\b(?:create_connection|getaddrinfo|urlopen|requests\.|httpx\.(?:\w*Client|"
                      r"get|post|put|request|stream)\b)")
REGISTRY = re.compile(r"(?:pypi|pythonhosted|npmjs|yarnpkg|jsdelivr|unpkg|crates|debian)\.(?:org|com|net|io)")
MACHINE = re.compile(r"(?<![\w.:/}-])/(?:work|root|opt|home/\w+|Users/\w+)/")


def files() -> list[Path]:
    """Every file that is, or would be, committed: paths from the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]


def modules() -> dict[Path, str]:
    """The hub's own source by path."""
    return {path: (ROOT / path).read_text("utf-8") for path in files()
            if path.suffix == ".py" and (path.parts[0] in FLOORS or path.name in ("app.py", "command.py"))}


def built() -> dict[Path, str]:
    """The same but for migrations: each is the record of one day, as long as that day made it."""
    return {path: text for path, text in modules().items() if path.parts[:2] != ("db", "migrations")}


def texts() -> Iterator[tuple[Path, str]]:
    for path in files():
        content = (ROOT / path).read_bytes()
        if b"\0" not in content:
            yield path, content.decode("utf-8")


def run(*command: str | Path) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_imports_follow_the_road_of_a_request() -> None:
    run(Path(sysconfig.get_path("scripts")) / "lint-imports")


def test_no_function_is_more_complex_than_six() -> None:
    run(sys.executable, "-m", "ruff", "check", "--quiet", "--select", "C901", ".")


def test_no_file_is_longer_than_300_lines() -> None:
    assert [str(path) for path, text in built().items() if len(text.splitlines()) > 300] == []


def test_no_function_is_longer_than_30_lines() -> None:
    long = [f"{path}:{node.lineno} {node.name}" for path, text in built().items()
            for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            if (node.end_lineno or node.lineno) - node.lineno >= 30]
    assert long == []


def test_every_module_opens_by_saying_what_lives_there() -> None:
    assert [str(path) for path, text in modules().items() if not ast.get_docstring(ast.parse(text))] == []


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."


def rules() -> dict[Path, ast.Module]:
    return {path: ast.parse(text) for path, text in modules().items() if path.parts[:2] == ("db", "rules")}


def test_a_rule_imports_rules_and_the_standard_library_alone() -> None:
    strangers = [f"{path}: {name}" for path, tree in rules().items() for name in imported(tree)
                 if not name.startswith("db.rules") and name.split(".")[0] not in sys.stdlib_module_names]
    assert strangers == []


def test_a_rule_is_told_the_time_and_reads_no_clock() -> None:
    clocks = [f"{path}:{node.lineno}" for path, tree in rules().items() for node in ast.walk(tree)
              if isinstance(node, ast.Attribute) and node.attr in CLOCKS
              and isinstance(node.value, ast.Name) and node.value.id in {"datetime", "date", "time"}]
    assert clocks == []


def test_no_target_is_connected_to_but_by_way_of_its_networks() -> None:
    assert [str(path) for path, text in modules().items()
            if path.parts[0] == "integrations" and path.name != "network.py" and CONNECTS.search(text)] == []


def test_each_floor_is_a_package_that_no_library_of_its_name_can_hide() -> None:
    assert [name for name in FLOORS if not (ROOT / name / "__init__.py").is_file()] == []


def test_each_floor_has_a_readme() -> None:
    assert [name for name in (*FLOORS, "db/gate") if not (ROOT / name / "README.md").is_file()] == []


def test_nothing_else_stands_at_the_top() -> None:
    assert {path.parts[0] for path in files() if not path.parts[0].startswith(".")} - VISIBLE == set()


def test_no_name_says_nothing() -> None:
    assert [str(path) for path in files() if any(SAY_NOTHING & set(Path(part).stem.lower().split("_"))
                                                 for part in path.parts)] == []


def words(language: str) -> dict[str, set[str]]:
    """The {places} of each text, by dotted key."""
    tables = tomllib.loads((ROOT / "integrations" / "words" / f"{language}.toml").read_text("utf-8"))
    return {f"{table}.{key}": {place for _, place, _, _ in Formatter().parse(text) if place is not None}
            for table, entries in tables.items() for key, text in entries.items()}


def test_every_text_stands_in_three_languages_with_the_same_places() -> None:
    assert words("nn") == words("nb")
    assert words("en") == words("nb")


def test_the_printed_schema_is_the_code() -> None:
    schema = import_module("schema.root").schema  # here: a broken schema hides no other rule
    printed = (ROOT / "schema" / "schema.graphql").read_text("utf-8")
    assert printed.strip() == str(schema).strip(), "run `make schema` and look at the difference"


def test_no_file_names_a_registry() -> None:
    assert [str(path) for path, text in texts() if REGISTRY.search(text)] == []


def test_the_locks_hold_hashes_and_no_addresses() -> None:
    locks = {str(path): text for path, text in texts()
             if path.name in {"requirements.lock", "package-lock.json"}}
    assert [name for name, text in locks.items() if "://" in text] == []
    pinned = re.findall(r"^\S+==\S+(.*(?:\n    .*)*)", locks["requirements.lock"], re.MULTILINE)
    assert pinned
    assert all("--hash=sha256:" in hashes for hashes in pinned)


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    found = [f"{path}: {place.group()}" for path, text in texts() for place in MACHINE.finditer(text)]
    assert found == []
