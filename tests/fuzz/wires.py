"""What may come over a connection to the gateway, in pieces: proper requests cut anywhere, and everything else."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from tests.fuzz import gate

Draw = Any
BODIES = (b"", b"{}", b"nope", b'{"object":"whatsapp_business_account","entry":[]}' + b" " * 3_000)
SWAPS = (
    *((b"POST", b"GET"), (b"POST", b"post"), (b"POST", b"\x00OST"), (b"POST", b"PRI"), (b"POST", b"CONNECT")),
    *((b"HTTP/1.1", b"HTTP/1.0"), (b"HTTP/1.1", b"HTTP/2.0"), (b"HTTP/1.1", b"HTTP/9.9"), (b"HTTP/1.1", b"HTCPCP/1.1")),
    *((b"/webhooks/whatsapp", b"/"), (b"/webhooks/whatsapp", b"/webhooks/whatsapp/" + b"x" * 70), (b"/w", b"/%00\xff")),
    *((b"/webhooks", b"http://other.example/webhooks"), (b"/webhooks/whatsapp", b"*"), (b"/wh", b"/?#\xe2\x80\xae")),
    *(
        (b"/webhooks/whatsapp", b"/webhooks/whatsapp?hub.mode=subscribe"),
        (b"Host:", b"Host :"),
        (b"Host: ", b"Host: \x00"),
    ),
    *(
        (b"Content-Length:", b"Content-Length: +"),
        (b"Content-Length:", b"Content-Length: 9999999999"),
    ),
    *((b"Content-Length:", b"Content-Length: -1\r\nX:"), (b"Content-Length:", b"Content-Length: 3\r\nContent-Length:")),
    *(
        (b"Content-Length:", b"Transfer-Encoding: chunked\r\nContent-Length:"),
        (b"Content-Length:", b"Content-Length: \xb2"),
    ),
    *(
        (b"chunked", b"gzip, chunked"),
        (b"chunked", b"xchunked"),
        (b"chunked", b"chunked\r\nTransfer-Encoding: identity"),
    ),
    *(
        (b"sha256=", b"sha1="),
        (b"sha256=", b"sha256= "),
        (b"sha256=", b"SHA256="),
        (b"sha256=", b"sha256=zz"),
        (b"\r\n", b"\n"),
    ),
    *(
        (b"X-Hub", b" X-Hub"),
        (b"X-Hub", b"X-Hub-Signature-256: sha256=00\r\nX-Hub"),
        (b"\r\n", b"\r"),
        (b"\r\n", b"\r\n\r\n"),
    ),
    *((b"Host:", b"Expect: 100-continue\r\nHost:"), (b"Host:", b"Upgrade: h2c\r\nConnection: Upgrade\r\nHost:")),
    *((b"Host:", b"Content-Encoding: gzip\r\nHost:"), (b"Host:", b"X: " + b"a" * 20_000 + b"\r\nHost:")),
    *(
        (b"Host:", b"X-Forwarded-For: \xff, ::1\r\nHost:"),
        (b"Host:", b"\r\n folded\r\nHost:"),
        (b"Host:", b"A:1\r\n" * 300 + b"Host:"),
    ),
)


@dataclass(frozen=True)
class Wire:
    """Pieces in order; `stored` as `Gate.hold_pieces` takes it."""

    pieces: tuple[bytes, ...]
    stored: bytes | None = None


@st.composite
def proper(draw: Draw) -> Wire:
    """A proper signed request, by length or in chunks, cut anywhere."""
    body = draw(st.binary(max_size=200) | st.sampled_from(BODIES))
    if draw(st.booleans()):
        data = gate.request(
            body, close=True, headers=draw(st.sampled_from((b"", b"Expect: 100-continue\r\n", b"X-Y:\r\n")))
        )
    else:
        sizes = draw(st.lists(st.integers(1, 90), min_size=1, max_size=4))
        extension = draw(st.sampled_from((b"", b"", b";a=b", b';a="b;c"')))
        trailer = draw(st.sampled_from((b"", b"", b"X-Trailer: 1\r\n", b"X-Hub-Signature-256: 0\r\n")))
        data = gate.chunked(body, sizes, extension=extension, trailer=trailer)
    return Wire(tuple(_cut(draw, data)), body)


@st.composite
def mutated(draw: Draw) -> Wire:
    """Requests in a row with something wrong about their framing, heads or bytes."""
    requests = []
    for _ in range(draw(st.integers(1, 4))):
        body = draw(st.binary(max_size=60) | st.sampled_from(BODIES))
        data = gate.request(body) if draw(st.booleans()) else gate.chunked(body, [draw(st.integers(1, 50))])
        for _ in range(draw(st.integers(0, 2))):
            old, new = draw(st.sampled_from(SWAPS))
            data = data.replace(old, new, draw(st.sampled_from((1, -1))))
        requests.append(data)
    data = b"".join(requests)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(st.binary(max_size=4)) + data[at + draw(st.integers(0, 4)) :]
    return Wire(tuple(_cut(draw, data)))


def garbage() -> st.SearchStrategy[Wire]:
    """No HTTP at all, or a great many requests."""
    junk = st.binary(max_size=300) | st.sampled_from(
        (
            b"\x16\x03\x01\x02\x00\x01",
            b"\r\n" * 200,
            b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 60,
            b"A" * 40_000,
            b"\x00" * 900,
        )
    )
    return st.lists(junk, min_size=1, max_size=3).map(lambda pieces: Wire(tuple(pieces)))


def _cut(draw: Draw, data: bytes) -> list[bytes]:
    if draw(st.integers(0, 15)) == 0 and len(data) < 1_500:
        return [data[at : at + 1] for at in range(len(data))]
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=5)))
    edges = [0, *cuts, len(data)]
    return [data[start:end] for start, end in pairwise(edges) if end > start]
