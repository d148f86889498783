from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from lhwa.domain.access import Role
from lhwa.domain.instants import Instant
from lhwa.errors import ConflictError, NotAllowedError, UsageError
from lhwa.registry.registry import Registry
from lhwa.registry.views import IssuedToken
from lhwa.services.access import operators, tokens
from lhwa.services.access.callers import Caller, authenticate

CallerAs = Callable[[str, str], Caller]


@pytest.fixture
def issued(registry: Registry, me: Caller, now: Instant) -> IssuedToken:
    operators.add_operator(registry, me, "firma", operator="budi", name="Budi", role="lawyer", now=now)
    return tokens.issue_token(registry, me, "firma", operator="budi", days=30, label="laptop", now=now)


def revoke(registry: Registry, me: Caller, issued: IssuedToken, now: Instant) -> None:
    tokens.revoke_token(registry, me, "firma", token_id=issued.view.id, now=now)


def leave(registry: Registry, me: Caller, issued: IssuedToken, now: Instant) -> None:
    operators.disable_operator(registry, me, "firma", operator=issued.view.operator, reason="x", now=now)


def promote(registry: Registry, me: Caller, issued: IssuedToken, now: Instant) -> None:
    operators.set_role(registry, me, "firma", operator=issued.view.operator, role="owner", now=now)


def nothing(registry: Registry, me: Caller, issued: IssuedToken, now: Instant) -> None:
    """The token is left alone."""


@pytest.mark.parametrize(
    ("happens", "after", "role"),
    [
        (nothing, timedelta(0), Role.LAWYER),
        (nothing, timedelta(days=30, milliseconds=-1), Role.LAWYER),
        (nothing, timedelta(days=30), None),
        (nothing, timedelta(days=400), None),
        (revoke, timedelta(0), None),
        (leave, timedelta(0), None),
        (promote, timedelta(0), Role.OWNER),
        (promote, timedelta(days=30), None),
    ],
    ids=["fresh", "last moment", "expired", "long expired", "revoked", "left", "promoted", "promoted, expired"],
)
def test_the_life_of_a_token(
    registry: Registry,
    me: Caller,
    issued: IssuedToken,
    now: Instant,
    happens: Callable[[Registry, Caller, IssuedToken, Instant], None],
    after: timedelta,
    role: Role | None,
) -> None:
    happens(registry, me, issued, now)
    caller = Caller(token=issued.text)
    if role is None:
        with pytest.raises(NotAllowedError):
            authenticate(registry, caller, "firma", now=now + after)
        return
    assert authenticate(registry, caller, "firma", now=now + after).role is role


def test_only_the_hash_is_kept_and_nothing_shows_the_text(
    registry: Registry, me: Caller, issued: IssuedToken, now: Instant, path: Path
) -> None:
    assert issued.text.startswith("lhwa_")
    assert len(issued.text) == len("lhwa_") + 43
    assert issued.text not in repr(issued)
    assert issued.text not in repr(tokens.list_tokens(registry, me, "firma", now=now))
    registry.close()
    content = path.read_bytes()
    assert issued.text.encode() not in content
    assert hashlib.sha256(issued.text.encode()).digest() in content


def test_two_tokens_are_never_alike(registry: Registry, me: Caller, issued: IssuedToken, now: Instant) -> None:
    other = tokens.issue_token(registry, me, "firma", operator="budi", now=now)
    assert other.text != issued.text
    assert other.view.expires_at == now + timedelta(days=90)
    assert [each.label for each in tokens.list_tokens(registry, me, "firma", now=now)].count("laptop") == 1


@pytest.mark.parametrize("days", [0, 366])
def test_a_token_that_never_ends_is_not_issued(registry: Registry, me: Caller, now: Instant, days: int) -> None:
    with pytest.raises(UsageError):
        tokens.issue_token(registry, me, "firma", operator="sari", days=days, now=now)


def test_nobody_without_a_role_there_gets_a_token(
    registry: Registry, me: Caller, issued: IssuedToken, now: Instant
) -> None:
    for person in (issued.view.operator, "absent"):
        with pytest.raises(NotAllowedError):
            tokens.issue_token(registry, me, "lain", operator=person, now=now)


def test_holders_revoke_their_own_token_and_nobody_elses(
    registry: Registry, me: Caller, issued: IssuedToken, caller_as: CallerAs, now: Instant
) -> None:
    staff = caller_as("firma", "staff")
    answers = set()
    for token_id in (issued.view.id, "absent"):
        with pytest.raises(NotAllowedError) as refused:
            tokens.revoke_token(registry, staff, "firma", token_id=token_id, now=now)
        answers.add((refused.value.message, refused.value.hint))
    assert len(answers) == 1
    budi = Caller(token=issued.text)
    assert tokens.revoke_token(registry, budi, "firma", token_id=issued.view.id, now=now).revoked_at == now
    with pytest.raises(ConflictError):
        tokens.revoke_token(registry, me, "firma", token_id=issued.view.id, now=now)


def test_a_token_of_another_firm_is_not_there(
    registry: Registry, issued: IssuedToken, caller_as: CallerAs, now: Instant
) -> None:
    owner = caller_as("lain", "owner")
    answers = set()
    for firm, token_id in (("lain", issued.view.id), ("lain", "absent"), ("firma", issued.view.id), ("absent", "x")):
        with pytest.raises(NotAllowedError) as refused:
            tokens.revoke_token(registry, owner, firm, token_id=token_id, now=now)
        answers.add((refused.value.message, refused.value.hint))
    assert len(answers) == 1
    assert [each.operator for each in tokens.list_tokens(registry, owner, "lain", now=now)] == ["owner.lain"]


def test_issuing_and_revoking_are_audited_under_the_one_who_did_it(
    registry: Registry, issued: IssuedToken, caller_as: CallerAs, now: Instant
) -> None:
    owner = caller_as("firma", "owner")
    tokens.revoke_token(registry, owner, "firma", token_id=issued.view.id, now=now)
    entries = [row.entry for row in registry.audit_entries()]
    assert any(b'"token.issued","actor":"operator:sari"' in entry for entry in entries)
    assert b'"token.revoked","actor":"operator:owner.firma"' in entries[-1]
    assert all(issued.text.encode() not in entry for entry in entries)


def test_a_token_opens_one_firm_even_when_its_operator_works_in_two(
    registry: Registry, me: Caller, issued: IssuedToken, now: Instant
) -> None:
    operators.set_role(registry, me, "lain", operator="budi", role="owner", now=now)
    caller = Caller(token=issued.text)
    assert authenticate(registry, caller, "firma", now=now).role is Role.LAWYER
    with pytest.raises(NotAllowedError):
        authenticate(registry, caller, "lain", now=now)
    with pytest.raises(NotAllowedError):
        tokens.list_tokens(registry, caller, "lain", now=now)
