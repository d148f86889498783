"""Who is asking."""

import pytest

from lhwa.gateway.sources import TrustedProxies, bucket_of

PROXIES = TrustedProxies.of(["127.0.0.1", "10.0.0.0/8", "fd00::/8"])
CASES = [
    ("no proxy", "192.0.2.1", [], "192.0.2.1"),
    ("a lie of a stranger", "192.0.2.1", [b"198.51.100.9"], "192.0.2.1"),
    ("behind one", "127.0.0.1", [b"192.0.2.1"], "192.0.2.1"),
    ("a lie before it", "127.0.0.1", [b"198.51.100.9, 192.0.2.1"], "192.0.2.1"),
    ("behind two", "127.0.0.1", [b"192.0.2.1, 10.1.1.1"], "192.0.2.1"),
    ("in two headers", "127.0.0.1", [b"198.51.100.9", b"192.0.2.1 , 10.1.1.1"], "192.0.2.1"),
    ("only proxies", "127.0.0.1", [b"10.1.1.1"], "10.1.1.1"),
    ("says nothing", "127.0.0.1", [], "127.0.0.1"),
    ("says nonsense", "127.0.0.1", [b"192.0.2.1, unknown"], "127.0.0.1"),
    ("says nothing in a header", "127.0.0.1", [b""], "127.0.0.1"),
    ("with a port", "127.0.0.1", [b"192.0.2.1:5555"], "192.0.2.1"),
    ("IPv6", "fd00::1", [b"2001:db8::1"], "2001:db8::1"),
    ("IPv6 with a port", "127.0.0.1", [b"[2001:db8::1]:443"], "2001:db8::1"),
    ("IPv4 in IPv6", "::ffff:127.0.0.1", [b"::ffff:192.0.2.1"], "192.0.2.1"),
    ("not ASCII", "127.0.0.1", [b"\xff"], "127.0.0.1"),
    ("no address", "-", [b"192.0.2.1"], "-"),
]


@pytest.mark.parametrize(("label", "peer", "forwarded", "source"), CASES, ids=[case[0] for case in CASES])
def test_the_source(label: str, peer: str, forwarded: list[bytes], source: str) -> None:
    assert PROXIES.source(peer, forwarded) == source, label


def test_an_ipv6_client_shares_the_allowance_of_its_network() -> None:
    assert bucket_of("2001:db8::1") == bucket_of("2001:db8::ffff:1")
    assert bucket_of("2001:db8::1") != bucket_of("2001:db8:0:1::1")
    assert bucket_of("::ffff:192.0.2.1") == bucket_of("192.0.2.1") == "192.0.2.1"
