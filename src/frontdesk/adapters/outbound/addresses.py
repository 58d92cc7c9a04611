"""Which addresses may be reached on a user's word: those of the public internet, and the networks that the operator
allows. Pure rules; connections are `poster`'s."""

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from frontdesk.ports.outbound import AddressRefused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST = 2000

_NOT_PUBLIC: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "168.63.129.16/32",  # a cloud's own services, in the public range
        "192.0.0.0/24",  # of protocols, some clouds' metadata among them
        "192.88.99.0/24",  # relays that lead elsewhere
        "64:ff9b::/96", "64:ff9b:1::/48",  # translators to IPv4
        "2001::/32", "2002::/16",  # tunnels to IPv4
        "fec0::/10",
    )
)  # fmt: skip
_LOCAL_NAMES = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa")
_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]*|[0-9]+)\.?")
_NAME = re.compile(r"(?=.{1,253}\.?$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.?")


def may_reach(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether `address` is public, or in one of the `allowed` networks. An IPv4 address in IPv6's clothes is judged as
    what it is."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if any(address in network for network in allowed if network.version == address.version):
        return True
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return False
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not any(address in network for network in _NOT_PUBLIC if network.version == address.version)
    )


def host_of(url: str) -> tuple[str, Address | None]:
    """The host that `url` names, and its address where it is one. Raises AddressRefused for what is no plain http or
    https URL, and for numbers that only some programs read as an address."""
    parts = _parts(url)
    host = (parts.hostname or "").lower()
    if ":" in host:
        try:
            return host, IPv6Address(host)
        except ValueError as error:
            raise AddressRefused("The URL's host is no address.") from error
    if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):  # as every client reads it, so must we
        try:
            return host, IPv4Address(host)
        except ValueError as error:
            raise AddressRefused("Write the host as a name, or as an address of four decimal numbers.") from error
    try:
        ascii_host = host.encode("idna").decode().lower()
    except UnicodeError as error:
        raise AddressRefused("The URL's host is no name.") from error
    if not _NAME.fullmatch(ascii_host):
        raise AddressRefused("The URL's host is no name.")
    # Letters of other scripts can stand for digits.
    return (ascii_host, None) if ascii_host == host else host_of(f"{parts.scheme}://{ascii_host}")


def is_local_name(host: str) -> bool:
    """Whether a name means something only within a network."""
    name = host.rstrip(".")
    return "." not in name or name.endswith(_LOCAL_NAMES)


def _parts(url: str) -> SplitResult:
    if len(url) > LONGEST:
        raise AddressRefused(f"The URL must not be longer than {LONGEST:,} characters.")
    if not url.isprintable() or " " in url or "\\" in url:
        raise AddressRefused("The URL has characters that cannot be.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused("This is no URL.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise AddressRefused("The URL must begin with https:// or http:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("The URL must not hold a name or password.")
    if parts.fragment:
        raise AddressRefused("The URL must not have a fragment (#…).")
    return parts


def address_of(text: str) -> Address:
    """The address that a resolver told."""
    return ip_address(text)
