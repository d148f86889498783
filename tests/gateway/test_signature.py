"""The signature of a webhook request."""

import hmac
from datetime import timedelta

import pytest

from lhwa.domain.ids import AppName
from lhwa.domain.instants import parse_rfc3339
from lhwa.gateway import handshake, signature
from lhwa.registry.routing import AppSecret, MetaApp, RoutingTable

NOW = parse_rfc3339("2026-11-22T03:00:00Z")
# Computed with `printf '{"a":1}' | openssl dgst -sha256 -hmac sample-secret`.
KNOWN = bytes.fromhex("4e7ac7fbdb1456c2e8e94c0a7e75ebecffb0348d0ddead80871f1fff5752c8ea")


def test_a_signature_made_elsewhere_is_right() -> None:
    app = MetaApp(AppName("main"), (AppSecret(b"sample-secret", "current"),), ())
    assert signature.match(b'{"a":1}', KNOWN, [app], now=NOW) == signature.Match("main", "current")
    assert signature.match(b'{"a": 1}', KNOWN, [app], now=NOW) is None


def test_every_live_secret_is_computed_whichever_matches(monkeypatch: pytest.MonkeyPatch, table: RoutingTable) -> None:
    computed: list[object] = []
    digest = hmac.digest

    def counted(key: bytes, body: bytes, name: str) -> bytes:
        computed.append(key)
        return digest(key, body, name)

    monkeypatch.setattr(hmac, "digest", counted)
    first = digest(b"sample-app-secret-of-main", b"body", "sha256")
    for claim in (first, b"\0" * 32):
        computed.clear()
        signature.match(b"body", claim, table.apps.values(), now=NOW)
        assert len(computed) == 3
    computed.clear()
    signature.match(b"body", first, table.apps.values(), now=NOW + timedelta(days=30))
    assert len(computed) == 2
    computed.clear()
    assert signature.match(b"body", first, [], now=NOW) is None
    assert len(computed) == 1


def test_a_verify_token_ends_on_its_day(table: RoutingTable) -> None:
    query = b"hub.mode=subscribe&hub.verify_token=verify-me-too&hub.challenge=1"
    assert handshake.answer(query, table.apps.values(), now=NOW) == b"1"
    assert handshake.answer(query, table.apps.values(), now=NOW + timedelta(days=30)) is None


def test_an_empty_token_is_never_known() -> None:
    app = MetaApp(AppName("main"), (), (AppSecret(b"", "current"),))
    assert handshake.answer(b"hub.mode=subscribe&hub.verify_token=&hub.challenge=1", [app], now=NOW) is None
