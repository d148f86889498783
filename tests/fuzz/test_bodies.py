"""Any webhook against every law: the stored ones that once failed or nearly did, and new ones of three families."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lhwa.normalizer.normalize import normalize
from lhwa.testing.webhooks import KINDS, Scene
from tests.fuzz import hostile, mutated, valid
from tests.fuzz.canaries import plant
from tests.fuzz.firms import BUSINESS_NUMBERS, CLIENTS
from tests.fuzz.houses import CORPUS, FAMILIES, House, house
from tests.fuzz.trees import tree_of, write

FEW = settings(max_examples=120, phases=(Phase.explicit, Phase.generate, Phase.shrink))
FEWER = settings(FEW, max_examples=60)
BODIES = sorted(CORPUS.glob("*.body"))
SCENES = [
    Scene(number=number, client=client, seq=3, at=valid.TIMES[0])
    for number, client in zip(BUSINESS_NUMBERS[:4], CLIENTS, strict=True)
]


@pytest.fixture(scope="module")
def opened() -> Iterator[House]:
    with house() as everything:
        yield everything


@pytest.mark.parametrize("law", ["normalizer", "routing", "applying", "gateway"])
@pytest.mark.parametrize("path", BODIES, ids=[path.stem for path in BODIES])
def test_a_stored_body_keeps_every_law(opened: House, path: object, law: str) -> None:
    [body] = [one.read_bytes() for one in BODIES if one == path]
    opened.laws[law](body)


@pytest.mark.parametrize("law", ["normalizer", "routing", "applying"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_the_catalogue_keeps_every_law(opened: House, kind: str, law: str) -> None:
    for scene in SCENES[: 1 if law == "applying" else None]:
        opened.laws[law](write(plant(tree_of(KINDS[kind].build(scene)))))


@pytest.mark.parametrize("law", ["normalizer", "routing", "applying", "gateway"])
@pytest.mark.parametrize("shape", hostile.SHAPES)
def test_a_hostile_shape_keeps_every_law(opened: House, shape: str, law: str) -> None:
    opened.laws[law](hostile.SHAPES[shape](2_500))


@pytest.mark.parametrize("family", FAMILIES)
def test_normalizer(opened: House, family: str) -> None:
    _hold(FAMILIES[family], opened.normalizer, FEW)


@pytest.mark.parametrize("family", FAMILIES)
def test_routing(opened: House, family: str) -> None:
    _hold(FAMILIES[family], opened.routing, FEW)


@pytest.mark.parametrize("family", FAMILIES)
def test_applying(opened: House, family: str) -> None:
    _hold(FAMILIES[family], opened.applying, FEWER)


@pytest.mark.parametrize("family", FAMILIES)
def test_gateway(opened: House, family: str) -> None:
    _hold(FAMILIES[family], opened.gateway, FEWER)


def _hold(strategy: st.SearchStrategy[bytes], law: object, how_many: settings) -> None:
    @settings(how_many, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def hold(body: bytes) -> None:
        assert callable(law)
        law(body)

    hold()


@pytest.mark.parametrize("broken", mutated.BROKEN, ids=[repr(item[:20]) for item in mutated.BROKEN])
def test_a_broken_item_costs_its_neighbours_nothing(broken: bytes) -> None:
    sound = [b'{"id":"wamid.%d","from":"6281230001111","type":"text","text":{"body":"x"}}' % at for at in range(9)]
    alone = normalize(_message_body(sound))
    for at in range(len(sound)) if _leaves_brackets_alone(broken) else ():
        items = [*sound[:at], broken, *sound[at + 1 :]]
        found = normalize(_message_body(items))
        assert [element for element in found if not element.position.endswith(f"[{at}]")] == [
            element for element in alone if not element.position.endswith(f"[{at}]")
        ]
        assert len(found) == len(sound)


def _message_body(items: list[bytes]) -> bytes:
    value = b'{"metadata":{"phone_number_id":"301301301301301"},"messages":[%b]}' % b",".join(items)
    entry = b'{"id":"200200200200200","changes":[{"field":"messages","value":%b}]}' % value
    return b'{"object":"whatsapp_business_account","entry":[%b]}' % entry


def _leaves_brackets_alone(item: bytes) -> bool:
    """False for what changes where items end: then nobody can tell the neighbours apart."""
    brackets = item.count(b"[") == item.count(b"]") and item.count(b"{") == item.count(b"}") and b"[[[[}" not in item
    return brackets and item != b"," and item.count(b'"') % 2 == 0 and not item.startswith((b"]", b"}"))
