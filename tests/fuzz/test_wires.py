"""Any bytes over a connection: whole answers, no 5xx of ours, and every proper request in the spool."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz import gate
from tests.fuzz.houses import CORPUS, WIRES, House, house
from tests.fuzz.wires import Wire

STORED = sorted(CORPUS.glob("*.wire.json"))
BODY = b'{"object":"whatsapp_business_account","entry":[]}'


@pytest.fixture(scope="module")
def opened() -> Iterator[House]:
    with house() as everything:
        yield everything
        everything.gate.is_well()


@pytest.mark.parametrize("path", STORED, ids=[path.name.removesuffix(".wire.json") for path in STORED])
def test_a_stored_conversation_keeps_the_law(opened: House, path: object) -> None:
    [pieces] = [json.loads(one.read_bytes()) for one in STORED if one == path]
    opened.wire(Wire(tuple(bytes.fromhex(piece) for piece in pieces)))


@pytest.mark.parametrize("family", WIRES)
def test_wire(opened: House, family: str) -> None:
    @settings(max_examples=120, phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck))
    @given(WIRES[family])
    def hold(wire: Wire) -> None:
        opened.wire(wire)

    hold()


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_request_in_two_pieces_cut_at_every_byte(opened: House, framing: str) -> None:
    data = gate.request(BODY, close=True) if framing == "length" else gate.chunked(BODY, [7, 20])
    for at in range(1, len(data)):
        opened.wire(Wire((data[:at], data[at:]), BODY))
