"""Operators' tokens. Only hashes are kept: a token is 256 random bits, so its SHA-256 cannot be searched."""

from __future__ import annotations

import hmac
from typing import Any

from lhwa.domain.ids import OperatorId, TenantId
from lhwa.domain.instants import Instant, from_ms, to_ms
from lhwa.registry.connection import rows_of
from lhwa.registry.transaction import View, Writer
from lhwa.registry.views import TokenView

_COLUMNS = "id, operator, tenant, label, created_at, expires_at, revoked_at, last_used_at"


def insert(write: Writer, token: TokenView, *, sha256: bytes) -> None:
    """Keep a new token's hash."""
    write.insert(
        "token",
        id=token.id,
        sha256=sha256,
        operator=token.operator,
        tenant=token.tenant,
        label=token.label,
        created_at=to_ms(token.created_at),
        expires_at=to_ms(token.expires_at),
        revoked_at=None,
        last_used_at=None,
    )


@rows_of("token")
def with_hash(view: View, sha256: bytes) -> TokenView | None:
    """The token with this hash, whatever its state."""
    row = view.row(f"SELECT {_COLUMNS}, sha256 FROM token WHERE sha256 = ?", sha256)  # noqa: S608 -- a constant of ours
    if row is None or not hmac.compare_digest(row["sha256"], sha256):
        return None
    return _view(row)


@rows_of("token")
def find(view: View, token_id: str, *, of: TenantId) -> TokenView | None:
    """One token of a firm."""
    row = view.row(f"SELECT {_COLUMNS} FROM token WHERE id = ? AND tenant = ?", token_id, of)  # noqa: S608 -- as above
    return None if row is None else _view(row)


@rows_of("token")
def every(view: View, *, of: TenantId) -> tuple[TokenView, ...]:
    """All tokens of a firm, oldest first."""
    rows = view.rows(f"SELECT {_COLUMNS} FROM token WHERE tenant = ? ORDER BY id", of)  # noqa: S608 -- as above
    return tuple(_view(row) for row in rows)


def revoke(write: Writer, token_id: str) -> None:
    """End one token now."""
    write.execute("UPDATE token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", to_ms(write.now), token_id)


def revoke_all(write: Writer, operator: OperatorId, *, of: TenantId | None = None) -> int:
    """End every token of an operator, in one firm or in all. Returns how many ended."""
    return write.execute(
        "UPDATE token SET revoked_at = ?1 WHERE operator = ?2 AND (?3 IS NULL OR tenant = ?3) AND revoked_at IS NULL",
        to_ms(write.now),
        operator,
        of,
    )


def _view(row: dict[str, Any]) -> TokenView:
    return TokenView(
        id=row["id"],
        operator=OperatorId(row["operator"]),
        tenant=TenantId(row["tenant"]),
        label=row["label"],
        created_at=from_ms(row["created_at"]),
        expires_at=from_ms(row["expires_at"]),
        revoked_at=_instant(row["revoked_at"]),
        last_used_at=_instant(row["last_used_at"]),
    )


def _instant(unix_ms: int | None) -> Instant | None:
    return None if unix_ms is None else from_ms(unix_ms)
