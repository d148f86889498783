"""What routing owes any bytes: each change with its owner and with nobody else, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lhwa.domain.elements import MessageElement, PlatformElement, StatusElement
from lhwa.domain.ids import TenantId
from lhwa.gateway.routing import Part, plain_owner, split, split_carefully, split_plain
from lhwa.normalizer.normalize import normalize
from lhwa.registry.routing import RoutingTable
from tests.fuzz.canaries import TOKEN, planted
from tests.fuzz.normalizer_laws import LawError
from tests.fuzz.trees import UNREADABLE, Members, Tree, read

STATES = {"stored", "unrouted", "dead", "done"}


def hold(body: bytes, table: RoutingTable) -> list[Part]:
    """Every law about one body. Raises: LawError, or whatever routing raised."""
    parts = split(body, table)
    plain, careful = split_plain(body, table), split_carefully(body, table)
    if careful != parts and plain is None:
        raise LawError("split took neither way")
    if plain is not None and plain != careful:
        raise LawError(f"the quick answer is {_seen(plain)}, the careful one {_seen(careful)}")
    quickest = plain_owner(body, table)
    if quickest is not None and [(part.tenant, part.body) for part in careful] != [(quickest, body)]:
        raise LawError(f"the quickest answer is {quickest}, the careful one {_seen(careful)}")
    if split(body, table) != parts:
        raise LawError("a later look gives other parts")
    _is_a_partition(body, parts)
    for part in parts:
        if part.tenant is not None:
            _names_nobody_else(part, table)
    tree = read(body)
    if tree != UNREADABLE and isinstance(tree, Members):
        _takes_canaries_home(tree, parts, table)
    return parts


def _seen(parts: list[Part]) -> list[tuple[TenantId | None, str, str]]:
    return [(part.tenant, part.state, part.reason) for part in parts]


def _is_a_partition(body: bytes, parts: list[Part]) -> None:
    if not parts or {part.state for part in parts} - STATES:
        raise LawError("no part, or one in no known state")
    if len({part.tenant for part in parts}) < len(parts):
        raise LawError("one owner has two parts")
    if len(parts) == 1 and parts[0].body != body:
        raise LawError("the only part is not the body")
    if len(parts) > 1 and sum(len(part.body) for part in parts) > len(parts) * (len(body) + 100):
        raise LawError("the parts are longer than the whole")
    for part in parts:
        if (part.tenant is not None) != (part.state == "stored"):
            raise LawError(f"a part is {part.state} and has {'an' if part.tenant else 'no'} owner")


def _names_nobody_else(part: Part, table: RoutingTable) -> None:
    for element in normalize(part.body):
        if isinstance(element, MessageElement | StatusElement | PlatformElement):
            number = element.phone_number_id
            if number is not None and table.tenant_of_number.get(number) != part.tenant:
                raise LawError(f"the element at {element.position} is of a number that another has")


def _takes_canaries_home(tree: Tree, parts: list[Part], table: RoutingTable) -> None:
    """A marked object in a change is in the part of the change's owner, and in no other."""
    found = {part.tenant: set(TOKEN.findall(part.body.decode("utf-8", "replace"))) for part in parts}
    for token, path in planted(tree).items():
        homes = {tenant for tenant, tokens in found.items() if token in tokens}
        if not homes:
            raise LawError(f"what lay at {path} is in no part")
        if len(parts) > 1 and "changes" in path and len(homes) > 1:
            raise LawError(f"what lay at {path} is in {len(homes)} parts")
    homes_of = {token: {firm for firm, tokens in found.items() if firm and token in tokens} for token in planted(tree)}
    for name, change, account in _changes(tree):
        allowed = _owners(change, account, table)
        for token in planted(change):
            if homes_of.get(token, set()) - allowed:
                raise LawError(f"what lay in {name} is with a firm whose it is not")


def _changes(tree: Tree) -> Iterator[tuple[str, Tree, list[Tree]]]:
    """Every change with the ids of its account, the ones under keys that come twice included."""
    for entry in _all(tree, "entry", as_list=True):
        changes = _all(entry, "changes", as_list=True) if _all(entry, "changes") else [entry]
        account = _all(entry, "id")
        for number, change in enumerate(changes):
            yield f"change {number}", change, account


def _owners(change: Tree, account: list[Tree], table: RoutingTable) -> set[TenantId | None]:
    """The firms that may see a change: that of the number it names; where it names none, that of the account."""
    values = _all(change, "value")
    values = [change] if all(value is None for value in values) else values
    named = [number for value in values for number in (*_all_in(value, "metadata"), *_all(value, "phone_number_id"))]
    named = [number for number in named if number not in (None, "")]
    if named:
        owners = {_owner(number, table.tenant_of_number) for number in named}
    else:
        owners = {_owner(number, table.tenant_of_waba) for number in account}
    return owners if len(owners) == 1 else set()


def _owner(number: Tree, owners: Mapping[str, TenantId]) -> TenantId | None:
    usable = isinstance(number, str | int) and not isinstance(number, bool)
    return owners.get(str(number)) if usable else None


def _all_in(value: Tree, key: str) -> list[Tree]:
    return [number for inner in _all(value, key) for number in _all(inner, "phone_number_id")]


def _all(tree: Tree, key: str, *, as_list: bool = False) -> list[Tree]:
    found = [inner for name, inner in tree if name == key] if isinstance(tree, Members) else []
    if not as_list:
        return found
    return [item for inner in found if isinstance(inner, list) and not isinstance(inner, Members) for item in inner]
