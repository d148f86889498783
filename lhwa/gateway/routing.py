"""Whose changes a body holds, and one body per firm.

A number that is named decides alone: a change of a number that nobody has is never given to the owner of its account,
because an account can be shared and a message must not be shown to the wrong firm. Changes without a number belong to
the owner of their account (`entry[].id`). A number is looked for wherever the normalizer would find it: in the metadata
of the value, in the value, and in a change or an entry that is its own value. Where a key comes twice on the way to the
owner, two readers could take two owners for it: such a change is given to nobody, such an envelope as a whole.

Invariants: pure; the bytes of every change stay as they were signed; every change is in exactly one part; a body of
one owner stays whole, byte for byte.
Source: WhatsApp Cloud API, webhook envelope.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import msgspec

from lhwa.domain.ids import AppName, TenantId
from lhwa.domain.instants import Instant
from lhwa.domain.keys import TenantKeys
from lhwa.domain.sealing import Key
from lhwa.gateway.spans import Legible, NotJsonError, is_ambiguous, items, members, text

WHATSAPP = "whatsapp_business_account"
UNKNOWN_NUMBER = "unknown_number"
UNKNOWN_ACCOUNT = "unknown_account"
_NOBODYS_ID = ""
"""An id that is there but cannot be used, or not with certainty: nobody has it."""
_ACCOUNT_KEYS = frozenset({"id", "time", "uid", "changes"})
_NUMBER = "phone_number_id"
_NUMBER_TEXT = _NUMBER.encode()
_QUOTED_NUMBER = b'"phone_number_id"'


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


class Part(msgspec.Struct, frozen=True, gc=False):
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
_NO_CHANGE = _Change()


class _Owner(msgspec.Struct, frozen=True):
    tenant: TenantId | None
    reason: str = ""


def split(body: bytes, table: RoutingTable) -> list[Part]:
    """The parts of a body, one per owner; one part that says why when it belongs to no firm at all."""
    return split_plain(body, table) or split_carefully(body, table)


def _envelope_of(body: bytes) -> _Envelope | None:
    """What the quick ways need of a body; None when it is not of the proper types."""
    try:
        if not body.isascii():
            body.decode()
        return _ENVELOPE.decode(body)
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError, ValueError):
        return None


def plain_owner(body: bytes, table: RoutingTable) -> TenantId | None:
    """The firm of a body that holds one change of a number of its own; None when it takes a closer look."""
    envelope = _envelope_of(body)
    if envelope is None or envelope.object != WHATSAPP:
        return None
    entries = envelope.entry
    if not entries or len(entries) != 1:
        return None
    changes = entries[0].changes
    if not changes or len(changes) != 1 or not _is_sure(body, entries=1, numbers=1):
        return None
    number = _plain_number(changes[0])
    return None if number is None else table.tenant_of_number.get(str(number))


def split_plain(body: bytes, table: RoutingTable) -> list[Part] | None:
    """The quick answer for a proper body of one owner; None when it takes a closer look."""
    envelope = _envelope_of(body)
    if envelope is None:
        return None
    if envelope.object != WHATSAPP:
        return [Part(None, body, "done", "ignored_object")]
    entries = envelope.entry or ()
    numbers = [_plain_number(change) for entry in entries for change in entry.changes or (_NO_CHANGE,)]
    if not numbers or None in numbers:
        return _split_by_account(body, entries, table, is_listed=envelope.entry is not None)
    if not _is_sure(body, entries=len(entries), numbers=len(numbers)):
        return None
    return _of_one_owner({_owner(_id(number), None, table) for number in set(numbers)}, body)


def _is_sure(body: bytes, *, entries: int, numbers: int) -> bool:
    """True when the keys on the way to the numbers are there just as often as they were read."""
    return (
        body.count(_QUOTED_NUMBER) == numbers
        and body.count(b'"changes"') == entries
        and body.count(b'"entry"') == 1
        and b"\\u00" not in body  # escaped letters would hide a key from being counted
    )


def _split_by_account(
    body: bytes, entries: Sequence[_Entry], table: RoutingTable, *, is_listed: bool
) -> list[Part] | None:
    """The same where a change names no number, which takes more certainty: then its account decides."""
    if any(entry.changes is not None and not entry.changes for entry in entries):
        return None
    if not _is_unambiguous(body, entries, is_listed=is_listed):
        return None
    owners = _plain_owners(entries, table)
    return _of_one_owner(owners, body) if owners else [Part(None, body, "done", "empty")]


def _of_one_owner(owners: set[_Owner], body: bytes) -> list[Part] | None:
    if len(owners) > 1 and len({owner.tenant for owner in owners}) > 1:
        return None
    return [_part(owners, body)]


def _plain_owners(entries: Iterable[_Entry], table: RoutingTable) -> set[_Owner]:
    owners: set[_Owner] = set()
    for entry in entries:
        account = _id(entry.id)
        for number in {_plain_number(change) for change in entry.changes or (_NO_CHANGE,)}:
            owners.add(_owner(_id(number), account, table))
    return owners


def _plain_number(change: _Change) -> str | int | None:
    """The number that a change names in its proper place."""
    metadata = change.value.metadata if change.value else None
    return metadata.phone_number_id if metadata else None


def _is_unambiguous(raw: bytes, entries: Sequence[_Entry], *, is_listed: bool) -> bool:
    """True when every key on the way to an owner is there just as often as it was read: never twice, nor elsewhere."""
    lists = changes = values = metadata = numbers = ids = 0
    for entry in entries:
        ids += entry.id is not None
        lists += entry.changes is not None
        for change in entry.changes or ():
            changes += 1
            if change.value is not None:
                values += 1
                if change.value.metadata is not None:
                    metadata += 1
                    numbers += change.value.metadata.phone_number_id is not None
    return (
        raw.count(b'"phone_number_id"') == numbers
        and raw.count(b'"metadata"') == metadata
        and raw.count(b'"value"') == values
        and raw.count(b'"changes"') == lists
        and raw.count(b'"entry"') == is_listed
        and raw.count(b'"id"') == ids
        and b"\\u00" not in raw
    )


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
        if is_ambiguous(legible.raw, envelope, "entry"):
            return [Part(None, body, "dead", "duplicate_keys")]
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
    parts = members(entry)
    if parts is None:
        return _Shares(entry, {}, None, [_owner(None, None, table)])
    account = _NOBODYS_ID if is_ambiguous(entry, parts, "id") else _id_of(parts.get("id"))
    if is_ambiguous(entry, parts, "changes"):
        return _Shares(entry, parts, None, [_owner(_NOBODYS_ID, account, table)])
    if "changes" not in parts:
        return _Shares(entry, parts, None, [_owner(_number_in(entry, parts), account, table)])
    changes = items(parts["changes"])
    if changes is None or (not changes and parts.keys() > _ACCOUNT_KEYS & parts.keys()):
        return _Shares(entry, parts, None, [_owner(None, account, table)])
    numbers = [_number_of(change) for change in changes]
    owners = {number: _owner(number, account, table) for number in set(numbers)}
    return _Shares(entry, parts, changes, [owners[number] for number in numbers])


def _number_of(change: bytes) -> str | None:
    if not _may_name_a_number(change):
        return None
    if change.count(_QUOTED_NUMBER) == 1 and b"\\u00" not in change:
        try:
            number = _plain_number(_CHANGE.decode(change))
            if number is not None:
                return _id(number)
        except (msgspec.DecodeError, RecursionError, ValueError):
            pass  # of other types than it should be
    return _number_in(change, members(change) or {})


def _may_name_a_number(raw: bytes) -> bool:
    """False for what surely names none, without a look inside: there may be a million of them."""
    return raw.startswith(b"{") and (_NUMBER_TEXT in raw or b"\\u" in raw)


def _number_in(change: bytes, parts: dict[str, bytes]) -> str | None:
    """The number that a change names, wherever that may be; None when it names none."""
    if not _may_name_a_number(change):
        return None
    if is_ambiguous(change, parts, "value"):
        return _NOBODYS_ID
    raw, value = change, parts
    if not _is_absent(parts.get("value")):
        raw = parts["value"]
        value = members(raw) or {}
    inner = value.get("metadata", b"null")
    metadata = members(inner) or {}
    if is_ambiguous(raw, value, "metadata", _NUMBER) or is_ambiguous(inner, metadata, _NUMBER):
        return _NOBODYS_ID
    named, beside = _id_of(metadata.get(_NUMBER)), _id_of(value.get(_NUMBER))
    return beside if beside is not None and named in (None, _NOBODYS_ID, "0") else named


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
    return None if _is_absent(raw) else text(raw) or _NOBODYS_ID


def _is_absent(raw: bytes | None) -> bool:
    return raw is None or raw.strip() == b"null"
