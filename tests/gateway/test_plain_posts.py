"""What is read as a plain post the HTTP parser reads the same way; everything else is left to it."""

from __future__ import annotations

from typing import Any

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.gateway.plain_posts import MOULDS_MAX, PlainPost, PlainPosts

SIGNATURE = b"sha256=" + b"ab" * 32
BODY = b'{"object":"whatsapp_business_account"}'
HEAD = (
    b"POST /webhooks/whatsapp HTTP/1.1\r\nHost: lhwa.example\r\nUser-Agent: sample\r\nAccept: */*\r\n"
    b"X-Hub-Signature-256: " + SIGNATURE + b"\r\nContent-Type: application/json\r\nContent-Length: 38\r\n\r\n"
)
PLAIN = HEAD + BODY
SIGNATURE_AT = HEAD.index(SIGNATURE) + 7


def read(data: bytes, *, head_bytes_max: int = 16_384, body_bytes_max: int = 65_536) -> PlainPost | None:
    """Read twice: the second time by the mould of the first, which must make no difference."""
    posts = PlainPosts(head_bytes_max=head_bytes_max, body_bytes_max=body_bytes_max)
    post = posts.read(data)
    assert posts.read(data) == post
    return post


class Parsed:
    """What the HTTP parser makes of some bytes."""

    def __init__(self, data: bytes) -> None:
        self.messages = 0
        self.url = self.body = b""
        self.headers: list[tuple[bytes, bytes]] = []
        parser: Any = httptools.HttpRequestParser(self)
        parser.feed_data(data)
        self.method, self.version = parser.get_method(), parser.get_http_version()
        self.keeps_alive, self.upgrades = parser.should_keep_alive(), parser.should_upgrade()

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.messages += 1

    def values(self, name: bytes) -> list[bytes]:
        return [value for each, value in self.headers if each == name]


def require_same(data: bytes, post: PlainPost) -> None:
    parsed = Parsed(data)
    assert (parsed.messages, parsed.method, parsed.version) == (1, b"POST", "1.1")
    assert (parsed.keeps_alive, parsed.upgrades) == (True, False)
    assert parsed.url == b"/webhooks/whatsapp" + (f"/{post.app_name}".encode() if post.app_name else b"")
    assert parsed.body == post.body
    assert parsed.values(b"x-hub-signature-256") == [b"sha256=" + post.claimed]
    assert [value.rstrip(b" \t") for value in parsed.values(b"x-forwarded-for")] == post.forwarded
    assert parsed.values(b"content-length") == [str(len(post.body)).encode()]
    assert len(parsed.values(b"host")) == 1
    for name in (b"transfer-encoding", b"expect", b"content-encoding", b"connection", b"upgrade"):
        assert parsed.values(name) == []


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(PLAIN, id="as Meta sends it"),
        pytest.param(PLAIN.replace(b"whatsapp HTTP", b"whatsapp/main-2 HTTP"), id="one of several apps"),
        pytest.param(PLAIN.replace(b"Host: ", b"HOST:"), id="no space after the colon"),
        pytest.param(
            PLAIN.replace(b"Accept: */*", b"X-Forwarded-For: 203.0.113.9 \r\nX-Forwarded-For: ::1"), id="proxies"
        ),
        pytest.param(PLAIN.replace(b"Accept: */*", b"Accept:"), id="an empty value"),
    ],
)
def test_a_plain_post_is_read_as_the_parser_reads_it(data: bytes) -> None:
    post = read(data)
    assert post is not None
    require_same(data, post)


@pytest.mark.parametrize(
    ("label", "data"),
    [
        ("in pieces", PLAIN[:-1]),
        ("head alone", HEAD),
        ("pipelined", PLAIN + PLAIN),
        ("a byte too many", PLAIN + b"x"),
        ("chunked", PLAIN.replace(b"Accept: */*", b"Transfer-Encoding: chunked")),
        ("expects to be asked", PLAIN.replace(b"Accept: */*", b"Expect: 100-continue")),
        ("to be closed", PLAIN.replace(b"Accept: */*", b"Connection: close")),
        ("to be kept", PLAIN.replace(b"Accept: */*", b"Connection: keep-alive")),
        ("an upgrade", PLAIN.replace(b"Accept: */*", b"Upgrade: h2c")),
        ("compressed", PLAIN.replace(b"Accept: */*", b"Content-Encoding: gzip")),
        ("two hosts", PLAIN.replace(b"Accept: */*", b"Host: other")),
        ("no host", PLAIN.replace(b"Host: lhwa.example\r\n", b"")),
        ("two lengths", PLAIN.replace(b"Accept: */*", b"Content-Length: 38")),
        ("no length", PLAIN.replace(b"Content-Length: 38\r\n", b"")),
        ("a length with a sign", PLAIN.replace(b": 38", b": +38")),
        ("a length with a zero", PLAIN.replace(b": 38", b": 038")),
        ("a list of lengths", PLAIN.replace(b": 38", b": 38, 38")),
        ("two signatures", PLAIN.replace(b"Accept: */*", b"X-Hub-Signature-256: " + SIGNATURE)),
        ("no signature", PLAIN.replace(b"X-Hub-Signature-256", b"X-Other")),
        ("a signature in capitals", PLAIN.replace(SIGNATURE, SIGNATURE.upper())),
        ("a folded line", PLAIN.replace(b"Accept: */*", b"Accept: a\r\n b")),
        ("space before the colon", PLAIN.replace(b"Content-Length: 38", b"Content-Length : 38")),
        ("a bare line feed", PLAIN.replace(b"Accept: */*\r\n", b"Accept: */*\n")),
        ("a bare carriage return", PLAIN.replace(b"*/*", b"*\r*")),
        ("a zero byte", PLAIN.replace(b"*/*", b"*\0*")),
        ("a byte beyond ASCII", PLAIN.replace(b"*/*", b"\xe9")),
        ("an empty name", PLAIN.replace(b"Accept: */*", b": x")),
        ("HTTP/1.0", PLAIN.replace(b"HTTP/1.1", b"HTTP/1.0")),
        ("a query", PLAIN.replace(b"whatsapp HTTP", b"whatsapp?a=b HTTP")),
        ("another path", PLAIN.replace(b"whatsapp HTTP", b"whatsapp/ HTTP")),
        ("an absolute address", PLAIN.replace(b"POST /", b"POST http://lhwa.example/")),
        ("two spaces", PLAIN.replace(b"POST /", b"POST  /")),
        ("another method", PLAIN.replace(b"POST /", b"PUT /")),
        ("an empty line before", b"\r\n" + PLAIN),
        ("nothing", b""),
    ],
)
def test_anything_else_is_left_to_the_parser(label: str, data: bytes) -> None:
    assert read(data) is None, label


def test_what_is_longer_than_allowed_is_left_to_the_parser() -> None:
    assert read(PLAIN, head_bytes_max=len(HEAD)) is not None
    assert read(PLAIN, head_bytes_max=len(HEAD) - 1) is None
    assert read(PLAIN, body_bytes_max=len(BODY)) is not None
    assert read(PLAIN, body_bytes_max=len(BODY) - 1) is None


LINES = st.sampled_from(
    [
        b"Host: lhwa.example",
        b"host:x",
        b"Content-Length: 38",
        b"content-length:\t38",
        b"Content-Length: 3",
        b"Transfer-Encoding: chunked",
        b"Transfer-Encoding\t: chunked",
        b"Connection: close",
        b"Expect: 100-continue",
        b"TE: trailers",
        b"X-Hub-Signature-256: " + SIGNATURE,
        b"x-hub-signature-256:" + SIGNATURE + b" ",
        b"X-Forwarded-For: 203.0.113.7, 10.0.0.1",
        b"X-Forwarded-For:",
        b"Accept: */*",
        b"X-Long: " + b"a" * 300,
        b"X\x00: y",
        b"X: \x7f",
        b" folded",
        b"",
    ]
)


@given(
    lines=st.lists(LINES, max_size=9),
    end=st.sampled_from([b"\r\n", b"\n", b"\r"]),
    body=st.sampled_from([BODY, b"{}}"]),
)
def test_whatever_the_headers_are_both_read_the_same(lines: list[bytes], end: bytes, body: bytes) -> None:
    required = [b"Host: a", b"Content-Length: %d" % len(body), b"X-Hub-Signature-256: " + SIGNATURE]
    for head in (lines, lines + required):
        data = b"POST /webhooks/whatsapp HTTP/1.1\r\n" + b"".join(line + end for line in head) + b"\r\n" + body
        post = read(data)
        if post is not None:
            require_same(data, post)


@given(at=st.integers(0, len(PLAIN) - 1), byte=st.integers(0, 255), cut=st.integers(0, 3))
def test_a_mould_fits_nothing_that_the_parser_reads_otherwise(at: int, byte: int, cut: int) -> None:
    posts = PlainPosts(head_bytes_max=16_384, body_bytes_max=65_536)
    assert posts.read(PLAIN) is not None
    data = PLAIN[:at] + bytes([byte]) + PLAIN[at + 1 : len(PLAIN) - cut]
    post = posts.read(data)
    if post is None:
        return
    if SIGNATURE_AT <= at < SIGNATURE_AT + 64:
        assert post.claimed == data[SIGNATURE_AT : SIGNATURE_AT + 64], "whoever compares them finds out"
    else:
        require_same(data, post)


def test_a_few_heads_are_remembered() -> None:
    posts = PlainPosts(head_bytes_max=16_384, body_bytes_max=65_536)
    for number in range(3 * MOULDS_MAX):
        assert posts.read(PLAIN.replace(b"sample", b"sample-%d" % number)) is not None
    assert len(posts._moulds) == MOULDS_MAX


@given(at=st.integers(0, len(PLAIN) - 1), byte=st.integers(0, 255))
def test_a_changed_byte_is_read_as_the_parser_reads_it(at: int, byte: int) -> None:
    data = PLAIN[:at] + bytes([byte]) + PLAIN[at + 1 :]
    post = read(data)
    if post is not None:
        require_same(data, post)


@given(cut=st.integers(len(HEAD), len(PLAIN)), more=st.binary(max_size=40))
def test_only_whole_requests_are_read(cut: int, more: bytes) -> None:
    post = read(PLAIN[:cut] + more)
    assert (post is not None) == (cut + len(more) == len(PLAIN))
