"""The targets' file: every fault is told at once, by table and setting, and no secret with it."""
import re
from pathlib import Path

import asyncssh
import pytest

from db.rules.target import Limits, Serves, Use
from integrations.archive.folder.sftp import SftpArchive
from integrations.archive.folder.target import FolderArchive
from integrations.archive.geointegrasjon.target import GeoIntegrasjonArchive
from integrations.fagsystem.manual.target import ManualFagsystem
from integrations.fagsystem.soap.target import SoapFagsystem
from integrations.notice.folder.target import FolderNotices
from integrations.notice.sms.target import SmsGateway
from integrations.notice.smtp.target import SmtpNotices
from integrations.registry import BadTargets, _line, targets
from integrations.rotation import Rotating


def written(folder: Path, text: str) -> Path:
    file = folder / "targets.toml"
    file.write_text(text, "utf-8")
    return file


def test_a_table_becomes_a_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLINICS_PASSWORD", "secret")
    made = targets(written(tmp_path, f"""
        [archive]
        kind = "archive/folder"
        folder = "{tmp_path}"
        codes = {{ restricted = "UO" }}
        [clinics]
        kind = "fagsystem/soap"
        url = "https://fagsystem.example.no/"
        sign_in = "username_token"
        username = "hub"
        password_env = "CLINICS_PASSWORD"
        soap = "1.2"
        """))
    archive, clinics = made["archive"], made["clinics"]
    assert isinstance(archive, FolderArchive)
    assert (archive.folder, archive.codes.restricted) == (tmp_path, "UO")
    assert isinstance(clinics, SoapFagsystem) and (clinics.name, clinics.soap) == ("clinics", "1.2")


def test_a_system_that_is_noted_in_by_hand_has_a_name_and_a_time(tmp_path: Path) -> None:
    table = '[ppt]\nkind = "fagsystem/manual"\n'
    made = targets(written(tmp_path, table + 'system = "PPI"'))
    assert made["ppt"] == ManualFagsystem("ppt", "PPI", 7)
    for more, fault in (("days = 7", "system: Field required"), ('system = ""\ndays = 7', "system: "),
                        ('system = "PPI"\ndays = 0', "days: "), ('system = "PPI"\nurl = "x"', "url: ")):
        with pytest.raises(BadTargets, match=re.escape(f"[ppt] {fault}")):
            targets(written(tmp_path, table + more))


def test_what_carries_notices_is_told_its_secret_from_a_file_or_the_environment(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMS_TOKEN", "secret")
    (tmp_path / "password").write_text("secret\n", "utf-8")
    made = targets(written(tmp_path, f"""
        [mail]
        kind = "notice/smtp"
        sender = "Nordmo <hub@nordmo.example.no>"
        host = "smtp.example.no"
        username = "hub"
        password_file = "{tmp_path / 'password'}"
        [sms]
        kind = "notice/sms"
        url = "https://sms.example.no/send"
        token_env = "SMS_TOKEN"
        [seen]
        kind = "notice/folder"
        folder = "{tmp_path}"
        """))
    mail, sms, seen = made["mail"], made["sms"], made["seen"]
    assert isinstance(mail, SmtpNotices) and isinstance(sms, SmsGateway) and isinstance(seen, FolderNotices)
    assert (mail.server.password, mail.server.security, mail.server.port) == ("secret", "starttls", 587)
    assert "secret" not in repr(mail.server)


def test_a_folder_on_another_machine_is_signed_in_to_by_a_key_from_a_file(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host, own = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    own.write_private_key(tmp_path / "own")
    monkeypatch.setenv("ENCRYPTED", own.export_private_key("pkcs8-pem", "secret").decode())
    table = f"""
        kind = "archive/sftp"
        host = "archive.example.no"
        username = "hub"
        folder = "/srv/archive"
        host_keys = ["{host.export_public_key().decode().strip()}"]
        """
    archive = targets(written(tmp_path, f"[archive]{table}key_file = '{tmp_path / 'own'}'"))["archive"]
    assert isinstance(archive, SftpArchive)
    assert (archive.server.host, archive.server.port, str(archive.folder)) == (
        "archive.example.no", 22, "/srv/archive")
    assert "PRIVATE" not in repr(archive)
    with pytest.raises(BadTargets) as refusal:
        targets(written(tmp_path, f"""
            [a]{table}
            [b]{table}key_env = "ENCRYPTED"
            [c]{table}key_file = "gone"
            [d]{table.replace("ssh-ed25519 ", "ssh-secret ")}password_env = "ENCRYPTED"
            """))
    told = str(refusal.value)
    assert [line.split(": ")[1] for line in told.splitlines()] == [
        "[a] key_file", "[b] key_file", "[c] key_file", "[d] host_keys"]
    assert "secret" not in told


def test_an_archive_over_geointegrasjon_is_told_where_it_is_and_who_we_are(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVE_PASSWORD", "secret")
    made = targets(written(tmp_path, """
        [archive]
        kind = "archive/geointegrasjon"
        innsyn = "https://archive.example.no/ArkivInnsynService"
        oppdatering = "https://archive.example.no/ArkivOppdateringService"
        sign_in = "username_token"
        username = "hub"
        password_env = "ARCHIVE_PASSWORD"
        setup = "stafettlogg"
        codes = { archive_part = "BARN", case_closed = "A" }
        """))["archive"]
    assert isinstance(made, GeoIntegrasjonArchive)
    assert (made.calls.sign_in.secret, made.calls.context["referanseoppsett"]) == ("secret", "stafettlogg")
    assert (made.codes.archive_part, made.codes.case_closed, made.codes.case_open) == ("BARN", "A", "B")
    assert "secret" not in repr(made)


NESTED = """
[a]
kind = "x"
codes = { b = 1 }
list = [
  "kind",
]

[a.calls.tell]
'operation' = "x"
arguments.inner.name = 1
answer.confirmed = ["x=y"]

[a . calls . "tell.arguments" ]
"other.name[2]" = 1

["b"]
calls.tell = { operation = "x" }
kind = "x"
"""


@pytest.mark.parametrize("name, setting, line", [
    ("a", "kind", 'kind = "x"'), ("a", "codes.b", "codes = { b = 1 }"), ("a", "url", "[a]"),
    ("a", "calls.tell.operation", "'operation' = \"x\""), ("a", "calls.tell.kinds", "[a.calls.tell]"),
    ("a", "calls.tell.arguments.inner.name", "arguments.inner.name = 1"),
    ("a", "calls.tell.answer.confirmed", 'answer.confirmed = ["x=y"]'),
    ("a", "calls.tell.arguments.other.name[2]", '"other.name[2]" = 1'),
    ("a", "calls.tell.arguments.gone", '[a . calls . "tell.arguments" ]'),
    ("a", "calls.other.operation", "[a]"), ("b", "calls.tell.operation", 'calls.tell = { operation = "x" }'),
    ("b", "codes", '["b"]'), ("c", "kind", "")])
def test_a_setting_is_found_however_deep_it_stands(name: str, setting: str, line: str) -> None:
    assert NESTED.splitlines()[_line(NESTED, name, setting) - 1] == line


def test_without_a_file_there_are_none() -> None:
    assert targets(None) == {}


def test_every_fault_is_told_at_once_and_no_value(tmp_path: Path) -> None:
    with pytest.raises(BadTargets) as refusal:
        targets(written(tmp_path, """
            stray = "secret"
            [a]
            kind = "archive/folder"
            folder = ["secret"]
            [b]
            kind = "archive/folder"
            folder = "x"
            codes = { restrikted = "secret" }
            [c]
            kind = "fagsystem/soap"
            timeout = -1
            pasword = "secret"
            [d]
            kind = "fagsystem/secret"
            [e]
            kind = "fagsystem/soap"
            url = "http://secret@fagsystem.example.no/"
            [f]
            kind = "fagsystem/soap"
            url = "https://fagsystem.example.no/"
            password_env = "NOT_SET"
            [g]
            kind = "notice/smtp"
            sender = "nobody"
            host = "smtp.example.no"
            [h]
            kind = "notice/smtp"
            sender = "a@b.no"
            host = "smtp.example.no"
            security = "none"
            [i]
            kind = "notice/sms"
            url = "http://sms.example.no/"
            [j]
            kind = "notice/sms"
            url = "https://sms.example.no/"
            token_file = "gone"
            """))
    told = str(refusal.value)
    assert [": ".join(line.partition("targets.toml:")[2].split(": ")[:2]) for line in told.splitlines()] == [
        "2: [stray] kind", "5: [a] folder", "9: [b] codes.restrikted", "10: [c] url", "12: [c] timeout",
        "13: [c] pasword", "15: [d] kind", "18: [e] url", "22: [f] password_env", "25: [g] sender",
        "31: [h] security", "34: [i] url", "38: [j] token_file"]
    assert "= " not in told and "http://" not in told


@pytest.mark.parametrize("settings, faults", [
    ('innsyn = "http://archive.example.no/"', ["5: innsyn"]),
    ('oppdatering_wsdl = "gone.wsdl"', ["6: oppdatering_wsdl"]),
    ('sign_in = "basic"\nusername = "hub"', ["2: password"]),
    ('sign_in = "secret"\ntimeout = 60', ["6: sign_in", "7: timeout"]),
    ('codes = { case_open = "", restrikted = "secret" }', ["6: codes.case_open", "6: codes.restrikted"]),
])
def test_every_setting_of_an_archive_over_geointegrasjon_is_looked_at(
        tmp_path: Path, settings: str, faults: list[str]) -> None:
    addresses = "\n".join(f'{name} = "https://archive.example.no/"' for name in ("innsyn", "oppdatering")
                          if not settings.startswith(f"{name} "))
    with pytest.raises(BadTargets) as refusal:
        targets(written(tmp_path, f'\n[a]\nkind = "archive/geointegrasjon"\n{addresses}\n{settings}\n'))
    found = re.findall(r"targets\.toml:(\d+): \[a\] ([^:]+):", str(refusal.value))
    assert [f"{line}: {setting}" for line, setting in found] == faults
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("text", ["[a", "a = ", "[a]\n[a]"])
def test_a_file_that_is_no_toml_says_so(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadTargets, match=r"targets\.toml: .* \(at "):
        targets(written(tmp_path, text))


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadTargets, match="No such file"):
        targets(tmp_path / "gone.toml")


def test_a_target_takes_what_its_table_says(tmp_path: Path) -> None:
    made = targets(written(tmp_path, f"""
        [archive]
        kind = "archive/folder"
        folder = "{tmp_path}"
        per_minute = 30
        at_once = 2
        [other]
        kind = "archive/folder"
        folder = "{tmp_path}"
        """))
    assert made.limits == {"archive": Limits(30, 2), "other": Limits()}
    with pytest.raises(BadTargets, match=r"4: \[archive\] at_once: .*greater than 0"):
        targets(written(tmp_path, f"""[archive]
kind = "archive/folder"
folder = "{tmp_path}"
at_once = 0"""))


def test_two_secrets_are_active_while_one_takes_over_from_the_other(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEW", "n3w")
    monkeypatch.setenv("OLD", "0ld")
    table = """[clinics]
kind = "fagsystem/soap"
url = "https://fagsystem.example.no/"
sign_in = "username_token"
username = "hub"
password_env = "NEW"
previous = { %s }"""
    made = targets(written(tmp_path, table % 'password_env = "OLD"'))["clinics"]
    assert isinstance(made, Rotating) and made.name == "clinics"
    for wrong in ('url = "https://elsewhere.example.no"', 'password_env = "GONE"', 'password = "x"'):
        with pytest.raises(BadTargets, match="clinics") as refusal:
            targets(written(tmp_path, table % wrong))
        assert not {"n3w", "0ld"} & set(re.split(r"\W", str(refusal.value)))


SOAP = 'kind = "fagsystem/soap"\nurl = "https://fagsystem.example.no/"\n'


def test_the_file_says_whose_a_target_is(tmp_path: Path) -> None:
    archive = f'kind = "archive/folder"\nfolder = "{tmp_path}"\nmunicipalities = ["9999"]'
    made = targets(written(tmp_path, f"""
[schools]
{SOAP}units = ["310100000", "310100001"]
[clinics]
{SOAP}units = []
[others]
{SOAP}
[noark]
{archive}
[paper]
kind = "notice/folder"
folder = "{tmp_path}"
municipalities = ["9999"]
"""))
    assert made.serves == {
        "schools": Serves(frozenset({Use.FAGSYSTEM}), frozenset({"310100000", "310100001"})),
        "clinics": Serves(frozenset({Use.FAGSYSTEM}), frozenset()),
        "noark": Serves(frozenset({Use.ARCHIVE}), frozenset({"9999"})),
        "paper": Serves(frozenset({Use.SMS, Use.EMAIL}), frozenset({"9999"}))}


def test_a_fault_hides_no_other_of_its_table(tmp_path: Path) -> None:
    file = written(tmp_path, """
        [school]
        kind = "fagsystem/webhook"
        url = "http://fagsystem.example.no/hooks"
        secret_env = "NOT_SET"
        municipalities = ["0101"]
        timeout = 0
        confrims = "2xx"
        [practice]
        kind = "fagsystem/practice"
        units = ["1"]
        folder = "here"
        does = "keep"
        """)
    with pytest.raises(BadTargets) as wrong:
        targets(file)
    told = [re.search(r"toml:(\d+): \[\w+\] ([\w.]+):", line) for line in str(wrong.value).splitlines()]
    assert sorted((int(one[1]), one[2]) for one in told if one) == [
        (4, "url"), (5, "secret_env"), (6, "municipalities"), (7, "timeout"), (8, "confrims"),
        (9, "synthetic"), (11, "units.0"), (13, "does")]


@pytest.mark.parametrize(("setting", "told"), [
    ('units = ["310100000"]', "8: [clinics] units: 310100000 is schools's already"),
    ('units = ["31010000"]', "8: [clinics] units.0: String should match pattern"),
    ('municipalities = ["9999"]', "8: [clinics] municipalities: such a target is of none")])
def test_whose_it_can_not_be_is_told_with_its_line(tmp_path: Path, setting: str, told: str) -> None:
    file = written(tmp_path, f'[schools]\n{SOAP}units = ["310100000"]\n[clinics]\n{SOAP}{setting}\n')
    with pytest.raises(BadTargets) as wrong:
        targets(file)
    (line,) = str(wrong.value).splitlines()
    assert line.startswith(f"{file}:{told}")
