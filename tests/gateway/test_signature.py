"""The signature of a webhook request."""

import hmac
from dataclasses import replace
from datetime import timedelta

import pytest

from lhwa.domain.ids import AppName
from lhwa.domain.instants import parse_rfc3339
from lhwa.domain.sealing import KeyedHash
from lhwa.gateway import handshake
from lhwa.gateway.signature import AllSigners, Match, Signers
from lhwa.registry.routing import AppSecret, MetaApp, RoutingTable

NOW = parse_rfc3339("2026-11-22T03:00:00Z")
# Computed with `printf '{"a":1}' | openssl dgst -sha256 -hmac sample-secret`.
KNOWN = b"4e7ac7fbdb1456c2e8e94c0a7e75ebecffb0348d0ddead80871f1fff5752c8ea"


def test_a_signature_made_elsewhere_is_right() -> None:
    signers = Signers([MetaApp(AppName("main"), (AppSecret(b"sample-secret", "current"),), ())])
    assert signers.match(b'{"a":1}', KNOWN, now=NOW) == Match("main", "current")
    assert signers.match(b'{"a": 1}', KNOWN, now=NOW) is None


@pytest.mark.parametrize("digits", [b"", KNOWN[:-1], KNOWN + b"0", KNOWN.upper(), b"\xff" * 64, b"0" * 64])
def test_anything_but_the_right_digits_matches_nothing(digits: bytes) -> None:
    signers = Signers([MetaApp(AppName("main"), (AppSecret(b"sample-secret", "current"),), ())])
    assert signers.match(b'{"a":1}', digits, now=NOW) is None


def test_every_live_secret_is_computed_whichever_matches(monkeypatch: pytest.MonkeyPatch, table: RoutingTable) -> None:
    computed: list[object] = []
    digest = KeyedHash.digest

    def counted(keyed: KeyedHash, body: bytes) -> bytes:
        computed.append(keyed)
        return digest(keyed, body)

    monkeypatch.setattr(KeyedHash, "digest", counted)
    first = hmac.digest(b"sample-app-secret-of-main", b"body", "sha256").hex().encode()
    signers = AllSigners()
    for claim in (first, b"0" * 64):
        computed.clear()
        signers.of(None, table).match(b"body", claim, now=NOW)
        assert len(computed) == 3
    computed.clear()
    signers.of(None, table).match(b"body", first, now=NOW + timedelta(days=30))
    assert len(computed) == 2
    computed.clear()
    assert signers.of("unknown", table).match(b"body", first, now=NOW) is None
    assert len(computed) == 1


def test_a_new_table_brings_its_own_secrets(table: RoutingTable) -> None:
    signers = AllSigners()
    digits = hmac.digest(b"sample-app-secret-of-main", b"body", "sha256").hex().encode()
    assert signers.of("main", table).match(b"body", digits, now=NOW) == Match("main", "current")
    assert signers.of("other", table).match(b"body", digits, now=NOW) is None
    assert signers.of("main", replace(table, apps={})).match(b"body", digits, now=NOW) is None


def test_a_verify_token_ends_on_its_day(table: RoutingTable) -> None:
    query = b"hub.mode=subscribe&hub.verify_token=verify-me-too&hub.challenge=1"
    assert handshake.answer(query, table.apps.values(), now=NOW) == b"1"
    assert handshake.answer(query, table.apps.values(), now=NOW + timedelta(days=30)) is None


def test_an_empty_token_is_never_known() -> None:
    app = MetaApp(AppName("main"), (), (AppSecret(b"", "current"),))
    assert handshake.answer(b"hub.mode=subscribe&hub.verify_token=&hub.challenge=1", [app], now=NOW) is None
