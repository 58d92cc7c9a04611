"""Which addresses may be reached on a user's word, however they are spelled."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.adapters.outbound.addresses import host_of, may_reach
from frontdesk.adapters.outbound.poster import GuardedPoster
from frontdesk.ports.outbound import AddressRefused

HIDDEN = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "198.18.0.1", "224.0.0.1", "255.255.255.255",
    "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:1::1", "fec0::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("text", HIDDEN)
def test_what_is_not_public_is_not_reached(text: str) -> None:
    assert not may_reach(ip_address(text), [])


@pytest.mark.parametrize("text", PUBLIC)
def test_what_is_public_is(text: str) -> None:
    assert may_reach(ip_address(text), [])


def test_what_the_operator_allows_is_reached_and_nothing_beside_it() -> None:
    allowed = [ip_network("127.0.0.1/32"), ip_network("fd00::/64")]
    assert may_reach(ip_address("127.0.0.1"), allowed)
    assert may_reach(ip_address("::ffff:127.0.0.1"), allowed)
    assert may_reach(ip_address("fd00::5"), allowed)
    assert not may_reach(ip_address("127.0.0.2"), allowed)
    assert not may_reach(ip_address("fd01::5"), allowed)


@given(st.ip_addresses(v=4))
def test_an_address_is_judged_alike_in_either_dress(address: IPv4Address) -> None:
    assert may_reach(address, []) == may_reach(IPv6Address(f"::ffff:{address}"), [])


def _spellings(number: int) -> list[str]:
    a, b, c, d = number.to_bytes(4, "big")
    return [
        str(number), hex(number), f"0{number:o}", f"{a}.{number & 0xFFFFFF}", f"{a}.{b}.{c << 8 | d}",
        f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}", f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"{a:04}.{b}.{c}.{d}",
        f"[::ffff:{a:x}{b:02x}:{c:x}{d:02x}]", f"{a}.{b}.{c}.{d}.", f"{a}。{b}。{c}。{d}",
        "".join(chr(ord("０") + int(char)) for char in str(number)),
    ]  # fmt: skip


@given(
    st.sampled_from([int(ip_address(text)) for text in HIDDEN if ":" not in text])
    | st.integers(0x7F000000, 0x7FFFFFFF),
    st.integers(0, 11),
)
async def test_no_spelling_of_a_hidden_address_gets_through(number: int, way: int) -> None:
    async def never(_host: str) -> list[IPv4Address | IPv6Address]:
        raise AssertionError("a number was looked up as a name")

    with pytest.raises(AddressRefused):
        await GuardedPoster(resolve=never).check(f"http://{_spellings(number)[way]}/hook")


@pytest.mark.parametrize(
    "url",
    [
        "", "example.com", "ftp://example.com/", "file:///etc/passwd", "http://", "https://user@example.com/",
        "https://user:pass@example.com/", "https://example.com:0/", "https://example.com:99999/",
        "https://exa mple.com/", "https://example.com/#part", "http://[::1",
        "http://[fe80::1%25eth0]/", "https://example.com\\@127.0.0.1/",
        "https://-.example/", "https://example..com/", "https://example.com/\nx", "https://" + "a" * 2000 + ".com/",
    ],
)  # fmt: skip
async def test_what_is_no_plain_url_is_refused(url: str) -> None:
    async def somewhere(_host: str) -> list[IPv4Address | IPv6Address]:
        return [IPv4Address("93.184.216.34")]

    with pytest.raises(AddressRefused):
        await GuardedPoster(resolve=somewhere).check(url)


@given(st.text(max_size=60))
def test_any_text_is_a_host_or_is_refused(text: str) -> None:
    try:
        host, address = host_of(f"http://{text}/")
    except AddressRefused:
        return
    assert host
    assert address is None or str(address) in (host.rstrip("."), str(ip_address(host)))
