"""The Merkle tree of the audit log.

Invariants: the frontier of n leaves has one entry per set bit of n, highest level first; its root equals MTH.
Source: RFC 6962 section 2.1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


_sha256 = hashlib.sha256


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256 of 0x00 and the entry."""
    return _sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 0x01 and both children."""
    return _sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of the tree: all that is needed to append and to know the root.

    `stack` holds (level, hash) with levels strictly falling.
    """

    size: int = 0
    stack: tuple[tuple[int, bytes], ...] = ()

    def append(self, leaf: bytes) -> Frontier:
        """The frontier after one more leaf hash."""
        return self.extend((leaf,))

    def extend(self, leaves: Sequence[bytes]) -> Frontier:
        """The frontier after more leaf hashes, in their order."""
        stack = list(self.stack)
        for leaf in leaves:
            digest, level = leaf, 0
            while stack and stack[-1][0] == level:
                digest = node_hash(stack.pop()[1], digest)
                level += 1
            stack.append((level, digest))
        return Frontier(self.size + len(leaves), tuple(stack))

    def root(self) -> bytes:
        """32 bytes: the Merkle tree hash."""
        if not self.stack:
            return EMPTY_ROOT
        root = self.stack[-1][1]
        for _, left in reversed(self.stack[:-1]):
            root = node_hash(left, root)
        return root

    def to_bytes(self) -> bytes:
        """1 byte of level and 32 bytes of hash per entry."""
        return b"".join(bytes([level]) + digest for level, digest in self.stack)

    def newest_subtree(self) -> int:
        """How many of the newest leaves the last entry of the stack stands for."""
        return 1 << self.stack[-1][0] if self.stack else 0

    @staticmethod
    def from_bytes(size: int, packed: bytes) -> Frontier:
        """Read what `to_bytes` wrote; ValueError when it is no frontier of that size."""
        if size < 0 or len(packed) % (HASH_BYTES + 1):
            raise ValueError("a frontier entry has 33 bytes")
        step = HASH_BYTES + 1
        stack = tuple((packed[at], packed[at + 1 : at + step]) for at in range(0, len(packed), step))
        if [level for level, _ in stack] != [bit for bit in range(size.bit_length() - 1, -1, -1) if size >> bit & 1]:
            raise ValueError("the frontier does not belong to this size")
        return Frontier(size, stack)


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of leaf hashes."""
    return Frontier().extend(leaves).root()


def _split(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root, sibling first."""
    if len(leaves) <= 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(index, leaves[:split]), root_of(leaves[split:])]
    return [*inclusion_proof(index - split, leaves[split:]), root_of(leaves[:split])]


def verify_inclusion(*, index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """True when the proof shows `leaf` at `index` in the tree of `size` with this root."""
    if not 0 <= index < size:
        return False
    at, last = index, size - 1
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            leaf = node_hash(sibling, leaf)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            leaf = node_hash(leaf, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and leaf == root


def consistency_proof(old_size: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The hashes that show the tree of `old_size` to be a prefix of the tree of all leaves."""
    return _subproof(old_size, leaves, whole=True) if 0 < old_size < len(leaves) else []


def _subproof(old_size: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if old_size == len(leaves):
        return [] if whole else [root_of(leaves)]
    split = _split(len(leaves))
    if old_size <= split:
        return [*_subproof(old_size, leaves[:split], whole=whole), root_of(leaves[split:])]
    return [*_subproof(old_size - split, leaves[split:], whole=False), root_of(leaves[:split])]


def verify_consistency(*, old_size: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]) -> bool:
    """True when the proof shows that nothing before `old_size` was changed."""
    if old_size == size:
        return not proof and old_root == root
    if old_size == 0:
        return not proof
    if not proof or old_size > size:
        return False
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    at, last = old_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, step)
        at, last = at >> 1, last >> 1
    return old == old_root and new == root and last == 0
