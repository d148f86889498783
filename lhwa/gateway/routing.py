"""Whose changes a body holds, and one body per firm.

A number that is named decides alone: a change of a number that nobody has is never given to the owner of its account,
because an account can be shared and a message must not be shown to the wrong firm. Changes without a number belong to
the owner of their account (`entry[].id`).

Invariants: pure; the bytes of every change stay as they were signed; every change is in exactly one part; a body of
one owner stays whole, byte for byte.
Source: WhatsApp Cloud API, webhook envelope.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec

from lhwa.domain.ids import AppName, TenantId
from lhwa.domain.instants import Instant
from lhwa.domain.keys import TenantKeys
from lhwa.domain.sealing import Key
from lhwa.gateway.spans import Legible, NotJsonError, items, members, text

WHATSAPP = "whatsapp_business_account"
UNKNOWN_NUMBER = "unknown_number"
UNKNOWN_ACCOUNT = "unknown_account"


class AppSecret(Protocol):
    """One secret or verify token of a Meta app."""

    @property
    def secret(self) -> bytes:
        """Its bytes."""

    @property
    def label(self) -> str:
        """`current` or `previous`."""

    @property
    def not_after(self) -> Instant | None:
        """From then on it is not used."""


def is_live(secret: AppSecret, *, now: Instant) -> bool:
    """False once its end has come."""
    return secret.not_after is None or now < secret.not_after


class MetaApp(Protocol):
    """A Meta app whose webhooks come here."""

    @property
    def name(self) -> AppName:
        """Its name here, as in the path of the URL."""

    @property
    def secrets(self) -> Iterable[AppSecret]:
        """All of its secrets, ended ones included."""

    @property
    def verify_tokens(self) -> Iterable[AppSecret]:
        """What the handshake must show."""


class RoutingTable(Protocol):
    """What the gateway needs to know about firms; the registry makes it."""

    @property
    def apps(self) -> Mapping[AppName, MetaApp]:
        """By name."""

    @property
    def tenant_of_number(self) -> Mapping[str, TenantId]:
        """By phone number id."""

    @property
    def tenant_of_waba(self) -> Mapping[str, TenantId]:
        """By WhatsApp business account id."""

    @property
    def root(self) -> Key:
        """The root key."""

    def keys_of(self, tenant: TenantId) -> TenantKeys:
        """The keys of a firm, a suspended one included."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """What one owner gets of a body. `state` and `reason` are those of the spool row."""

    tenant: TenantId | None
    body: bytes
    state: str = "stored"
    reason: str = ""


class _Metadata(msgspec.Struct, gc=False):
    phone_number_id: str | int | None = None


class _Value(msgspec.Struct, gc=False):
    metadata: _Metadata | None = None


class _Change(msgspec.Struct, gc=False):
    value: _Value | None = None


class _Entry(msgspec.Struct, gc=False):
    id: str | int | None = None
    changes: list[_Change] | None = None


class _Envelope(msgspec.Struct, gc=False):
    object: str = ""
    entry: list[_Entry] | None = None


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_CHANGE = msgspec.json.Decoder(_Change)


class _Owner(msgspec.Struct, frozen=True):
    tenant: TenantId | None
    reason: str = ""


def split(body: bytes, table: RoutingTable) -> list[Part]:
    """The parts of a body, one per owner; one part that says why when it belongs to no firm at all."""
    return split_plain(body, table) or split_carefully(body, table)


def reroute(body: bytes, table: RoutingTable) -> list[Part]:
    """The parts of a stored body that belonged to nobody, by a newer table; the same rules as on arrival."""
    return split(body, table)


def split_plain(body: bytes, table: RoutingTable) -> list[Part] | None:
    """The quick answer for a proper body of one owner; None when it takes a closer look."""
    try:
        if not body.isascii():
            body.decode()
        envelope = _ENVELOPE.decode(body)
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError, ValueError):
        return None
    if envelope.object != WHATSAPP:
        return [Part(None, body, "done", "ignored_object")]
    owners: set[_Owner] = set()
    for entry in envelope.entry or ():
        account = _id(entry.id)
        if entry.changes is None:
            owners.add(_owner(None, account, table))
        for number in {_number_in(change) for change in entry.changes or ()}:
            owners.add(_owner(_id(number), account, table))
    if not owners:
        return [Part(None, body, "done", "empty")]
    if len({owner.tenant for owner in owners}) > 1:
        return None
    return [_part(owners, body)]


def split_carefully(body: bytes, table: RoutingTable) -> list[Part]:
    """The parts of any body: of several owners, with wrong types, nested too deep, or not JSON at all."""
    try:
        body.decode()
        legible = Legible(body)
        envelope = members(legible.raw)
        if envelope is None:
            return [Part(None, body, "dead", "not_an_object")]
        if text(envelope.get("object")) != WHATSAPP:
            return [Part(None, body, "done", "ignored_object")]
        if _is_absent(envelope.get("entry")):
            return [Part(None, body, "done", "empty")]
        entries = items(envelope["entry"])
        if entries is None:
            return [Part(None, body, "dead", "entry_not_a_list")]
        shares = [_shares_of(entry, table) for entry in entries]
    except UnicodeDecodeError:
        return [Part(None, body, "dead", "not_utf8")]
    except NotJsonError:
        return [Part(None, body, "dead", "not_json")]
    owners = {owner for shared in shares for owner in shared.owners}
    if not owners:
        return [Part(None, body, "done", "empty")]
    if len({owner.tenant for owner in owners}) == 1:
        return [_part(owners, body)]
    return [
        _part({owner for owner in owners if owner.tenant == tenant}, legible.restored(part))
        for tenant, part in _bodies(envelope, shares)
    ]


class _Shares(msgspec.Struct):
    """One entry: its members, and each of its changes with its owner. An entry without a list of changes is whole."""

    raw: bytes
    members: dict[str, bytes]
    changes: list[bytes] | None
    owners: list[_Owner]


def _shares_of(entry: bytes, table: RoutingTable) -> _Shares:
    if not entry.startswith(b"{"):
        return _Shares(entry, {}, None, [_owner(None, None, table)])
    parts = members(entry) or {}
    account = _id_of(parts.get("id"))
    changes = items(parts["changes"]) if "changes" in parts else None
    if changes is None:
        return _Shares(entry, parts, None, [_owner(None, account, table)])
    numbers = [_number_of(change) for change in changes]
    owners = {number: _owner(number, account, table) for number in set(numbers)}
    return _Shares(entry, parts, changes, [owners[number] for number in numbers])


def _number_of(change: bytes) -> str | None:
    if not change.startswith(b"{"):
        return None
    try:
        return _id(_number_in(_CHANGE.decode(change)))
    except (msgspec.DecodeError, RecursionError, ValueError):
        pass  # of other types than it should be
    value = members((members(change) or {}).get("value", b"null")) or {}
    metadata = members(value.get("metadata", b"null")) or {}
    return _id_of(metadata.get("phone_number_id"))


def _number_in(change: _Change) -> str | int | None:
    metadata = change.value.metadata if change.value else None
    return metadata.phone_number_id if metadata else None


def _bodies(envelope: dict[str, bytes], shares: list[_Shares]) -> Iterator[tuple[TenantId | None, bytes]]:
    """A body for each owner, in the order in which they come first."""
    entries: dict[TenantId | None, list[bytes]] = {}
    for shared in shares:
        for tenant, entry in _entries(shared):
            entries.setdefault(tenant, []).append(entry)
    for tenant, own in entries.items():
        yield tenant, _object(envelope | {"entry": b"[" + b",".join(own) + b"]"})


def _entries(shared: _Shares) -> Iterator[tuple[TenantId | None, bytes]]:
    """An entry for each of its owners."""
    if shared.changes is None:
        yield shared.owners[0].tenant, shared.raw
        return
    changes: dict[TenantId | None, list[bytes]] = {}
    for change, owner in zip(shared.changes, shared.owners, strict=True):
        changes.setdefault(owner.tenant, []).append(change)
    for tenant, own in changes.items():
        yield tenant, _object(shared.members | {"changes": b"[" + b",".join(own) + b"]"})


def _object(parts: dict[str, bytes]) -> bytes:
    return b"{" + b",".join(msgspec.json.encode(name) + b":" + raw for name, raw in parts.items()) + b"}"


def _owner(number: str | None, account: str | None, table: RoutingTable) -> _Owner:
    if number is not None:
        tenant = table.tenant_of_number.get(number)
        return _Owner(tenant, "" if tenant else UNKNOWN_NUMBER)
    tenant = table.tenant_of_waba.get(account) if account is not None else None
    return _Owner(tenant, "" if tenant else UNKNOWN_ACCOUNT)


def _part(owners: set[_Owner], body: bytes) -> Part:
    owner = max(owners, key=lambda owner: owner.reason == UNKNOWN_NUMBER)
    return Part(owner.tenant, body, "stored" if owner.tenant else "unrouted", owner.reason)


def _id(value: str | int | None) -> str | None:
    return value if value is None or isinstance(value, str) else str(value)


def _id_of(raw: bytes | None) -> str | None:
    """An id that is there but unusable is an id that nobody has: empty text."""
    return None if _is_absent(raw) else text(raw) or ""


def _is_absent(raw: bytes | None) -> bool:
    return raw is None or raw.strip() == b"null"
