"""Canaries: marked objects in the items of a webhook, so that it can be told where each of them went."""

from __future__ import annotations

import re
from collections import Counter

from tests.fuzz.trees import Members, Path, Tree, places

KEY = "kanari"
TOKEN = re.compile(r"kanari-[0-9]+-")
CIRCUMSTANCES = frozenset(
    {"object", "id", "time", "uid", "field", "metadata", "contacts", "messaging_product", "context"}
)
"""Under these keys lies what items have around them: it goes with them, or stays in the stored request alone."""
CANARIES_MAX = 200


def plant(tree: Tree) -> Tree:
    """Mark every object that may be an item, in place."""
    hosts = [place.value for place in places(tree) if isinstance(place.value, Members) and not is_aside(place.path)]
    for number, host in enumerate(hosts[:CANARIES_MAX]):
        host.append((KEY, Members([("n", f"kanari-{number}-")])))
    return tree


def is_aside(path: Path) -> bool:
    """True inside the circumstances of items."""
    return not CIRCUMSTANCES.isdisjoint(path)


def planted(tree: Tree) -> dict[str, Path]:
    """Every canary of a body that is in it once, and where."""
    found = [
        (token, place.path)
        for place in places(tree)
        if isinstance(place.value, str)
        for token in TOKEN.findall(place.value)
    ]
    counts = Counter(token for token, _ in found)
    return {token: path for token, path in found if counts[token] == 1 and path[-2:] == (KEY, "n")}
