"""Nobody is connected to at an address that is not public, unless its network is listed, by any protocol."""
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from ipaddress import IPv4Network, ip_network
from pathlib import Path
from threading import Thread

import asyncssh
import pytest

from integrations import wire
from integrations.archive.fiks.carrier import Carrier
from integrations.archive.fiks.target import FiksArchive
from integrations.network import addresses, connected, plain, public
from integrations.registry import BadTargets, targets
from integrations.target import DeliveryError, DeliveryFault, Target
from tests.support.asking import Asking
from tests.support.fagsystems import table
from tests.support.organisation import holder
from tests.support.posting import Post
from tests.support.sftp import exported
from tests.support.tls import certificate

INSIDE = "fagsystem.nordmo.example"
HERE = [IPv4Network("127.0.0.0/8")]
SSH_KEY = exported(asyncssh.generate_private_key("ssh-ed25519"))
LookUp = Callable[..., list[str]]


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> LookUp:
    """Lets the name inside be answered for by these addresses, look-up by look-up; the last stands."""
    real = socket.getaddrinfo

    def answer(*answers: list[str]) -> list[str]:
        left, asked = list(answers), list[str]()

        def look_up(host: str, *rest: object, **named: object) -> object:
            if host != INSIDE:
                return real(host, *rest, **named)  # type: ignore[arg-type]
            asked.append(host)
            found = left.pop(0) if len(left) > 1 else left[0]
            return [one for address in found for one in real(address, *rest, **named)]  # type: ignore[arg-type]
        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        return asked
    return answer


def refused(address: str, network: str) -> str:
    return (f"{INSIDE} is at {address}, which is no public address: where it is right, say so in the "
            f'target\'s table, networks = ["{network}"]')


@pytest.mark.parametrize("address", [
    "1.1.1.1", "193.69.1.1", "2a00:1450:400f::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_the_internet_is_public(address: str) -> None:
    assert public(plain(address))


@pytest.mark.parametrize("address", [
    "10.20.3.4", "172.16.0.1", "192.168.1.1", "127.0.0.1", "0.0.0.0", "0.1.2.3", "100.64.0.1",
    "169.254.169.254", "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "224.0.0.1", "239.1.1.1",
    "240.0.0.1", "255.255.255.255",
    "::", "::1", "::10.0.0.1", "fe80::1", "fe80::1%lo", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1",
    "ff0e::1", "100::1", "2001::1", "2001:db8::1", "2002:a00:1::", "3fff::1", "4000::1", "5f00::1",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:10.0.0.1", "64:ff9b::a00:1", "64:ff9b::7f00:1",
    "64:ff9b:1::1"])
def test_all_else_is_not(address: str) -> None:
    assert not public(plain(address))


def test_of_several_addresses_those_that_may_be_are_left(named: LookUp) -> None:
    named(["10.20.3.4", "1.1.1.1", "169.254.169.254"])
    assert addresses(INSIDE, 443, ()) == ["1.1.1.1"]
    assert addresses(INSIDE, 443, [ip_network("10.20.0.0/16")]) == ["10.20.3.4", "1.1.1.1"]
    named(["::ffff:10.20.3.4", "64:ff9b::a14:304"])
    assert len(addresses(INSIDE, 443, [ip_network("10.20.0.0/16")])) == 2, "it is that machine all the same"


@pytest.mark.parametrize("host, address", [
    ("localhost", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("::1", "::1")])
def test_what_is_called_this_machine_is_reached_on_it(host: str, address: str) -> None:
    assert address in addresses(host, 443, ())


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0.0.0.0", "::ffff:127.0.0.1"])
def test_what_only_means_this_machine_is_not(host: str) -> None:
    with pytest.raises(DeliveryError, match="no public address"):
        addresses(host, 443, ())


def test_a_name_for_this_machine_leads_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", ("169.254.169.254", 80))])
    with pytest.raises(DeliveryError):
        addresses("localhost", 80, ())


def test_what_is_refused_is_tried_again_and_says_what_to_write(named: LookUp) -> None:
    named(["fd00::5", "10.20.3.4"])
    with pytest.raises(DeliveryError) as refusal:
        wire.get(f"https://{INSIDE}/", {}, 3, wire.Line())
    assert refusal.value.fault is DeliveryFault.RETRYABLE
    assert refusal.value.message == refused("fd00::5", "fd00::5/128")


@pytest.mark.parametrize(("address", "said"), [
    ("10.20.3.4", ': where it is right, say so in the target\'s table, networks = ["10.20.3.4/32"]'),
    ("169.254.169.254", "")])
def test_an_address_is_told_once_and_a_clouds_own_is_no_suggestion(address: str, said: str) -> None:
    with pytest.raises(DeliveryError) as refusal:
        addresses(address, 80, ())
    assert refusal.value.message == f"{address} is no public address{said}"


def test_the_next_address_is_tried_where_one_does_not_answer(named: LookUp) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    named(["127.0.0.1", "127.0.0.1"])
    with pytest.raises(ConnectionRefusedError):
        connected(INSIDE, port, HERE, 3)
    with socket.create_server(("127.0.0.1", port)):
        connected(INSIDE, port, HERE, 3).close()


class Inside:
    """A port where nobody is let in; `came`: as what each was looking for, by TLS, or that it speaks SSH."""

    def __init__(self, listener: socket.socket, tls: ssl.SSLContext) -> None:
        self.listener, self.tls, self.came = listener, tls, list[str]()
        self.at = f"{INSIDE}:{listener.getsockname()[1]}"
        tls.sni_callback = lambda _, name, __: self.came.append(str(name))

    def open(self) -> None:
        with suppress(OSError):
            while True:
                with self.listener.accept()[0] as line, suppress(OSError):
                    line.settimeout(3)
                    if line.recv(3, socket.MSG_PEEK) == b"SSH":
                        self.came.append(INSIDE)
                    else:
                        self.tls.wrap_socket(line, server_side=True).close()


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Inside]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Inside(listener, tls)
        thread = Thread(target=made.open)
        thread.start()
        yield made
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


TOKEN = 'client = "hub"\nclient_secret_env = "SECRET"\nsign_in = "client_secret"\ntoken_url = "https://{at}/"'
HOOK = 'kind = "fagsystem/webhook"\nsecret_env = "WEBHOOK"\n'
NUMBER = "0192f0c1-0000-7000-8000-000000000000"
TABLES = {
    "soap": 'kind = "fagsystem/soap"\nurl = "https://{at}/"',
    "webhook": HOOK + 'url = "https://{at}/"',
    "a token": HOOK + 'url = "http://127.0.0.1:9/"\n' + TOKEN,
    "fhir": 'kind = "fagsystem/fhir"\nurl = "https://{at}/"',
    "geointegrasjon": 'kind = "archive/geointegrasjon"\ninnsyn = "https://{at}/"\noppdatering = "https://{at}/"',
    "sftp": """kind = "archive/sftp"\nhost = "{host}"\nport = {port}\nfolder = "/"\nusername = "hub"
        host_keys = ["{key}"]\npassword_env = "SECRET" """,
    "smtp": 'kind = "notice/smtp"\nsender = "a@nordmo.no"\nhost = "{host}"\nport = {port}\nsecurity = "tls"',
    "sms": 'kind = "notice/sms"\nurl = "https://{at}/"',
    "fiks": f"""kind = "archive/fiks"\naccount = "{NUMBER}"\narchive_account = "{NUMBER}"
        integration = "{NUMBER}"\nmaskinporten_client = "hub"\nintegration_password_env = "SECRET"
        account_keys = ["own-key.pem"]\nkey_file = "own-key.pem"\ncertificate_file = "own.pem"
        maskinporten = "https://{{at}}/"\napi = "https://{{at}}"\nqueue = "amqps://{{at}}" """}
KINDS = [*TABLES, "wsdl"]


@pytest.fixture
def made(tmp_path: Path, inside: Inside, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Target]:
    """A target of the kind that is inside, with these networks."""
    monkeypatch.setenv("SECRET", "secret")
    monkeypatch.setenv("WEBHOOK", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    monkeypatch.chdir(tmp_path)

    def make(kind: str, networks: list[str]) -> Target:
        text = f"[nordlys]\n{TABLES.get(kind)}"
        if kind == "fiks":
            holder(tmp_path, "own")
        text = table(f"https://{inside.at}/") if kind == "wsdl" else text.format(
            at=inside.at, host=INSIDE, port=inside.at.partition(":")[2], key=SSH_KEY)
        file = tmp_path / "targets.toml"
        file.write_text(text.replace("[nordlys]", f"[nordlys]\nnetworks = {networks}\n", 1), "utf-8")
        (target,) = targets(file).values()
        return target
    return make


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_listed_is_told_and_never_called(
        kind: str, made: Callable[..., Target], named: LookUp, inside: Inside) -> None:
    named(["127.0.0.1"])
    assert made(kind, ["10.0.0.0/8"]).check()[0].endswith(refused("127.0.0.1", "127.0.0.1/32"))
    assert inside.came == []


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "sms"])
def test_what_is_listed_is_called_by_its_name_at_the_address_that_was_looked_at(
        kind: str, made: Callable[..., Target], named: LookUp, inside: Inside) -> None:
    """Whoever asked for the address anew would be answered by another."""
    named(["127.0.0.1"], ["10.20.3.4"])
    made(kind, ["127.0.0.1"]).check()
    assert inside.came[0] == INSIDE


def test_a_gateway_to_which_nothing_is_said_is_looked_for_there_too(
        made: Callable[..., Target], named: LookUp) -> None:
    named(["127.0.0.1"], ["10.20.3.4"])
    assert made("sms", ["127.0.0.1"]).check() == []


async def test_a_delivery_waits_and_says_why(
        own_town: Asking, made: Callable[..., Target], named: LookUp) -> None:
    named(["10.20.3.4"])
    post = Post(own_town)
    post.worker = replace(post.worker, targets={"fagsystem": made("webhook", [])})
    await post.go()
    first = (await post.said())[0]
    (attempt,) = first["attempts"]
    assert (first["state"], attempt["fault"]) == ("ORDERED", "RETRYABLE")
    assert attempt["answer"] == refused("10.20.3.4", "10.20.3.4/32")


def test_a_queue_is_no_exception(
        made: Callable[..., Target], named: LookUp, inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Carrier, "token", lambda _: "a-token")
    archive, other = made("fiks", ["127.0.0.1"]), made("fiks", [])
    assert isinstance(archive, FiksArchive) and isinstance(other, FiksArchive)
    named(["127.0.0.1"], ["10.20.3.4"])
    with pytest.raises(ssl.SSLError):  # it shows another's certificate
        archive.listener.check()
    assert inside.came == [INSIDE]
    with pytest.raises(DeliveryError, match=r"10\.20\.3\.4"):
        other.listener.check()


@pytest.mark.parametrize("networks", ["10.20.3.4/16", "nordmo", 7])
def test_what_is_no_network_is_a_fault_of_the_file(tmp_path: Path, networks: object) -> None:
    file = tmp_path / "targets.toml"
    file.write_text(f'[a]\nkind = "notice/sms"\nurl = "https://a.no/"\nnetworks = [{networks!r}]', "utf-8")
    with pytest.raises(BadTargets, match=r"toml:4: \[a\] networks\.0: an address, or a network by its first"):
        targets(file)


def test_what_is_no_call_needs_no_network(tmp_path: Path) -> None:
    file = tmp_path / "targets.toml"
    file.write_text(f'[a]\nkind = "notice/folder"\nfolder = "{tmp_path}"\nnetworks = []', "utf-8")
    with pytest.raises(BadTargets, match="networks: Extra inputs are not permitted"):
        targets(file)
