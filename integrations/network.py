"""Where a target may be: on the internet, on this very machine, or in a private network that its table lists.

Else whoever chooses an address, or answers for a name, has the hub call what only the hub can reach: its
neighbours, and the interfaces of the cloud that it runs in (server-side request forgery; DNS rebinding)."""
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from time import monotonic

from integrations.target import DeliveryError, DeliveryFault

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Networks = Sequence[Network]

# IPv6 addresses that are an IPv4 address: mapped (RFC 4291 §2.5.5.2), and translated (NAT64, RFC 6052 §2.1).
WRAPPED = IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96")
UNICAST = IPv6Network("2000::/3")  # all that IANA gives out; the rest is reserved, or somebody's own
# What Python calls global, or did before 3.11.10, and is no host on the internet by IANA's registries.
SPECIAL = tuple(map(ip_network, (
    "192.0.0.0/24", "192.88.99.0/24",  # for protocols, and the way into 6to4
    "2002::/16", "3fff::/20")))  # 6to4, behind which any IPv4 address may stand, and documentation


def loopback(host: str) -> bool:
    """Whether the host is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def addresses(host: str, port: int, networks: Networks) -> list[str]:
    """Those of a host that may be connected to, as they stand: it is looked up once, and who connects to
    them asks no one again.

    OSError, UnicodeError: there is no such host. DeliveryError(RETRYABLE): it has no such address; a name can
    be answered for otherwise for a while, and what waits goes out by itself once its network is listed."""
    found = [str(where[0]) for *_, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    reached = [address for address in found if _reached(plain(address), host, networks)]
    if not reached:
        raise DeliveryError(DeliveryFault.RETRYABLE, _refused(host, plain(found[0])))
    return reached


def connected(host: str, port: int, networks: Networks, seconds: float) -> socket.socket:
    """A connection to the first address that answers, all of them within so many seconds. Raises as
    `addresses`; OSError: none answers."""
    ends, failed = monotonic() + seconds, OSError()
    for address in addresses(host, port, networks):
        try:
            return socket.create_connection((address, port), max(ends - monotonic(), 0.001))
        except OSError as error:
            failed = error
    raise failed


def plain(text: str) -> Address:
    """The address that is meant, without the interface it is behind (RFC 4007 §11)."""
    address = ip_address(text.partition("%")[0])
    if any(address in network for network in WRAPPED):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def public(address: Address) -> bool:
    """Whether a host on the internet can have it."""
    unicast = address in UNICAST if address.version == 6 else not address.is_multicast
    return unicast and address.is_global and not any(address in network for network in SPECIAL)


def _reached(address: Address, host: str, networks: Networks) -> bool:
    return (public(address) or any(address in network for network in networks)
            or (loopback(host) and address.is_loopback))


def _refused(host: str, address: Address) -> str:
    """What to write where it is right; of where clouds have their own interfaces it never is."""
    which = f"{address} is" if host == str(address) else f"{host} is at {address}, which is"
    rightly = "" if address.is_link_local else (
        f': where it is right, say so in the target\'s table, networks = ["{ip_network(address)}"]')
    return f"{which} no public address{rightly}"
