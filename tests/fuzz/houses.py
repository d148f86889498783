"""Which strategy is held against which law, for the suite and for the long mode alike."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.fuzz import hostile, mutated, normalizer_laws, routing_laws, valid, wires
from tests.fuzz.applying import Firm
from tests.fuzz.firms import routing_table
from tests.fuzz.gate import Gate

CORPUS = Path(__file__).parent / "corpus"
FAMILIES: dict[str, st.SearchStrategy[bytes]] = {
    "valid": valid.bodies(),
    "mutated": mutated.bodies(),
    "hostile": hostile.bodies(),
}
WIRES: dict[str, st.SearchStrategy[wires.Wire]] = {
    "proper": wires.proper(),
    "mutated": wires.mutated(),
    "garbage": wires.garbage(),
}


@dataclass(frozen=True)
class House:
    """A law with all that it needs, open."""

    normalizer: Callable[[bytes], Any]
    routing: Callable[[bytes], Any]
    applying: Callable[[bytes], Any]
    gateway: Callable[[bytes], Any]
    wire: Callable[[wires.Wire], Any]
    gate: Gate

    @property
    def laws(self) -> dict[str, Callable[[bytes], Any]]:
        """Those about one body, by name."""
        return {
            "normalizer": self.normalizer,
            "routing": self.routing,
            "applying": self.applying,
            "gateway": self.gateway,
        }


@contextmanager
def house() -> Iterator[House]:
    """Everything, in a folder of its own that is gone afterwards."""
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lhwa-fuzz-")))
        for name in ("firm", "gate"):
            (root / name).mkdir()
        firm = Firm(root / "firm")
        stack.callback(firm.close)
        gate = stack.enter_context(Gate(root / "gate"))
        table = routing_table()

        def routed(body: bytes) -> None:
            routing_laws.hold(body, table)

        def said(wire: wires.Wire) -> None:
            gate.hold_pieces(wire.pieces, stored=wire.stored)

        yield House(normalizer_laws.hold, routed, firm.hold, gate.hold_body, said, gate)
