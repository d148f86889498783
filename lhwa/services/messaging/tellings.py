"""The same fact told more than once: by other feeds, beside other neighbours, or received twice.

Which telling stands follows from the set of what was received: the one that was received first, and between equals
the one with the smallest keyed hash. So a replay in any order ends in the same row.
"""

from __future__ import annotations

import msgspec

from lhwa.domain.elements import MessageElement, PlatformElement, StatusElement
from lhwa.store.transaction import Tx

TELLING_BYTES = 8
_ENCODER = msgspec.json.Encoder(order="deterministic")


def telling_of(tx: Tx, element: MessageElement | StatusElement | PlatformElement) -> bytes:
    """A keyed hash of everything that an element says, wherever in a request it stands."""
    content = _ENCODER.encode(msgspec.structs.replace(element, position=""))
    return tx.vault.blind_bytes("telling", content)[:TELLING_BYTES]


def stands(*, telling: bytes, received_at_ms: int, before: tuple[bytes, int]) -> bool:
    """True when a new telling of a status or platform event stands instead of the stored one, whichever came first.

    Args:
        before: telling and receipt of the stored one.
    """
    return (received_at_ms, telling) < (before[1], before[0])
