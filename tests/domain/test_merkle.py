from __future__ import annotations

import base64
import hashlib
import itertools

import pytest

from lhwa.domain.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [
    bytes.fromhex(text)
    for text in (
        *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
"""Source: the test vectors of RFC 6962 implementations (certificate-transparency)."""

ENTRIES = (
    (
        b'{"action":"tenant.create","actor":"system","data":{},"seq":0,"target":"tenant-demo",'
        b'"ts":"2026-11-22T01:00:00.000000Z","v":1}'
    ),
    (
        b'{"action":"consent.record","actor":"user:u_01","data":{"notice_version":"id-2026-01"},"seq":1,'
        b'"target":"subj:s_01","ts":"2026-11-22T01:00:05.000000Z","v":1}'
    ),
    (
        b'{"action":"message.read","actor":"user:u_01","data":{},"seq":2,"target":"conv:c_01",'
        b'"ts":"2026-11-22T01:00:09.000000Z","v":1}'
    ),
)
ENTRY_LEAVES = [
    base64.b64decode(text)
    for text in (
        "iKhgLvj7ZyFbNoFZwE6OCx9wQKE3bz0wg5zF8gxlZek=",
        "DiF6lj4pSbTmR1H45erVvZy0Yr7tElTSs86NOzsuUP4=",
        "Nnn1lr8luG+GAIWbjLwYqM76A0xQOCmY+3MB5FiN2Ao=",
    )
]
ROOT_OF_TWO = base64.b64decode("OjHs1SWEpjSmmRiZa3zACBCE8uPPP7Avl6Acv1N6oYU=")
ROOT_OF_THREE = base64.b64decode("ELAgyowHOK9MOCnWKGPq8o9S7xL7oPIahvNmEiiFZLc=")
SIZE_MAX = 20


def slow_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(slow_root(leaves[:split]), slow_root(leaves[split:]))


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(number.to_bytes(2, "big")) for number in range(size)]


@pytest.mark.parametrize(("size", "root"), ROOTS.items())
def test_the_golden_roots(size: int, root: str) -> None:
    assert root_of([leaf_hash(entry) for entry in LEAVES[:size]]).hex() == root


def test_the_worked_example() -> None:
    leaves = [leaf_hash(entry) for entry in ENTRIES]
    assert leaves == ENTRY_LEAVES
    assert root_of(leaves[:2]) == ROOT_OF_TWO
    assert root_of(leaves) == ROOT_OF_THREE
    assert inclusion_proof(1, leaves) == [ENTRY_LEAVES[0], ENTRY_LEAVES[2]]
    assert consistency_proof(2, leaves) == [ENTRY_LEAVES[2]]


def test_the_frontier_has_the_root_of_the_definition() -> None:
    leaves = leaves_of(300)
    frontier = Frontier()
    for size in range(301):
        assert frontier.root() == slow_root(leaves[:size]), size
        assert Frontier.from_bytes(size, frontier.to_bytes()) == frontier
        assert len(frontier.stack) == size.bit_count()
        if size < 300:
            frontier = frontier.append(leaves[size])


def test_an_empty_frontier_is_the_empty_tree() -> None:
    assert Frontier().root() == EMPTY_ROOT
    assert Frontier().to_bytes() == b""


@pytest.mark.parametrize(
    ("size", "packed"),
    [
        (1, b""),
        (0, bytes(33)),
        (2, bytes(33)),
        (3, bytes(66)),
        (1, bytes(32)),
        (1, bytes(34)),
        (-1, bytes(33)),
    ],
    ids=["too few", "too many", "wrong level", "levels not falling", "short", "long", "negative"],
)
def test_a_damaged_frontier_is_refused(size: int, packed: bytes) -> None:
    with pytest.raises(ValueError, match="frontier"):
        Frontier.from_bytes(size, packed)


def pairs() -> list[tuple[int, int]]:
    return [(small, size) for size in range(1, SIZE_MAX + 1) for small in range(size)]


def test_every_inclusion_proof_holds_and_any_change_breaks_it() -> None:
    for index, size in pairs():
        leaves = leaves_of(size)
        root, proof = slow_root(leaves), inclusion_proof(index, leaves)

        def holds(
            proof: list[bytes], *, index: int = index, leaf: bytes = leaves[index], size: int = size, root: bytes = root
        ) -> bool:
            return verify_inclusion(index=index, size=size, leaf=leaf, proof=proof, root=root)

        assert holds(proof)
        assert not holds([*proof, root]), "one hash more"
        assert not holds([root, *proof]), "one hash more in front"
        for at in range(len(proof)):
            assert not holds(proof[:at] + proof[at + 1 :]), "one hash less"
            assert not holds([*proof[:at], bytes(32), *proof[at + 1 :]]), "another hash"
        assert not holds(proof, leaf=leaf_hash(b"other"))
        assert not holds(proof, root=bytes(32))
        assert not any(holds(proof, index=other) for other in range(size) if other != index)
        assert not holds(proof, index=size)
        assert not holds(proof, index=-1)


def test_every_consistency_proof_holds_and_any_change_breaks_it() -> None:
    for old_size, size in itertools.product(range(1, SIZE_MAX + 1), repeat=2):
        if old_size > size:
            continue
        leaves = leaves_of(size)
        old_root, root, proof = slow_root(leaves[:old_size]), slow_root(leaves), consistency_proof(old_size, leaves)

        def holds(
            proof: list[bytes],
            *,
            old_size: int = old_size,
            size: int = size,
            old_root: bytes = old_root,
            root: bytes = root,
        ) -> bool:
            return verify_consistency(old_size=old_size, size=size, old_root=old_root, root=root, proof=proof)

        assert holds(proof)
        assert not holds([*proof, root]), "one hash more"
        for at in range(len(proof)):
            assert not holds(proof[:at] + proof[at + 1 :]), "one hash less"
            assert not holds([*proof[:at], bytes(32), *proof[at + 1 :]]), "another hash"
        assert not holds(proof, old_root=bytes(32))
        assert not holds(proof, root=bytes(32))
        assert not holds(proof, size=size * 8), "a tree with more levels"
        if old_size < size:
            assert not holds(proof, old_size=size, size=old_size)


def test_everything_follows_from_nothing() -> None:
    root = slow_root(leaves_of(3))
    assert consistency_proof(0, leaves_of(3)) == []
    assert verify_consistency(old_size=0, size=3, old_root=EMPTY_ROOT, root=root, proof=[])
    assert not verify_consistency(old_size=0, size=3, old_root=EMPTY_ROOT, root=root, proof=[root])


def test_a_node_is_never_a_leaf() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


def test_the_newest_subtree_is_as_large_as_the_lowest_bit_of_the_size() -> None:
    frontier = Frontier()
    assert frontier.newest_subtree() == 0
    for size in range(1, 70):
        frontier = frontier.append(leaf_hash(bytes([size])))
        assert frontier.newest_subtree() == size & -size
