"""Whose bodies give way when memory is short."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.gateway.bodies import Bodies, Body

HOG, OTHER, HONEST = "192.0.2.1", "192.0.2.2", "198.51.100.7"
KIB = 1024


def fill(bodies: Bodies, source: str, *sizes: int, is_somebody: bool = True) -> list[Body]:
    """Half-sent bodies of a source."""
    opened = [bodies.open(source, is_somebody=is_somebody) for _ in sizes]
    for body, size in zip(opened, sizes, strict=True):
        bodies.add(body, b"x" * size, is_whole=False)
    return opened


def test_the_largest_body_of_the_source_that_holds_the_most_gives_way() -> None:
    bodies = Bodies(bytes_max=100, share_bytes_max=100)
    small, large = fill(bodies, HOG, 20, 40)
    [single] = fill(bodies, OTHER, 40)
    [honest] = fill(bodies, HONEST, 5)
    assert [body.evicted for body in (small, large, single, honest)] == [False, True, False, False]
    assert bodies.held_bytes == 65
    assert not bodies.add(large, b"more", is_whole=False)
    assert bodies.held_bytes == 65


def test_who_holds_the_most_gives_way_to_nobody_else() -> None:
    bodies = Bodies(bytes_max=100, share_bytes_max=100)
    [honest] = fill(bodies, HONEST, 30)
    [hog] = fill(bodies, HOG, 60)
    assert not bodies.add(hog, b"x" * 20, is_whole=False)
    assert not honest.evicted


def test_a_source_has_a_share_and_a_proxy_for_everybody_has_none() -> None:
    bodies = Bodies(bytes_max=100, share_bytes_max=50)
    assert [body.evicted for body in fill(bodies, HOG, 20, 40)] == [False, True]
    assert [body.evicted for body in fill(bodies, OTHER, 30, 40, is_somebody=False)] == [False, False]


def test_addresses_in_which_one_client_moves_freely_share_one_share() -> None:
    bodies = Bodies(bytes_max=100, share_bytes_max=50)
    fill(bodies, "2001:db8::1", 40)
    assert bodies.held_bytes == 40
    fill(bodies, "2001:db8::2", 30)
    assert bodies.held_bytes == 30


def test_what_is_proved_never_gives_way_and_makes_room_for_itself() -> None:
    bodies = Bodies(bytes_max=100, share_bytes_max=100)
    [half] = fill(bodies, HONEST, 50)
    whole = bodies.open(HOG, is_somebody=True)
    assert bodies.add(whole, b"x" * 90, is_whole=True)
    assert bodies.prove(whole)
    assert half.evicted
    late = bodies.open(HONEST, is_somebody=True)
    bodies.add(late, b"x" * 20, is_whole=True)
    assert not bodies.prove(late)
    assert not whole.evicted


def test_where_nothing_would_be_freed_nobody_gives_way() -> None:
    bodies = Bodies(bytes_max=100, share_bytes_max=100)
    idle = [bodies.open(source, is_somebody=True) for source in (HOG, OTHER)]
    whole = bodies.open(HONEST, is_somebody=True)
    bodies.add(whole, b"x" * 101, is_whole=True)
    assert not bodies.prove(whole)
    assert [body.evicted for body in idle] == [False, False]
    bodies.close(whole)
    assert bodies.add(idle[0], b"x" * 50, is_whole=False)


def test_a_whole_body_is_in_memory_once() -> None:
    bodies = Bodies()
    body = bodies.open(HONEST, is_somebody=True)
    bodies.add(body, b"half and ", is_whole=False)
    bodies.add(body, b"half", is_whole=True)
    whole = body.whole()
    assert whole == b"half and half"
    assert body.data is whole
    assert body.whole() is whole
    assert bodies.held_bytes == len(whole)
    bodies.close(body)
    assert bodies.held_bytes == 0


class Listener:
    """Bodies as a listener treats them, whatever arrives; with what must hold after each step."""

    def __init__(self) -> None:
        self.bodies = Bodies(bytes_max=100, share_bytes_max=70)
        self.read: dict[tuple[int, str], Body] = {}
        self.proved: list[Body] = []

    def piece(self, number: int, source: str, size: int, end: str) -> None:
        """A piece of a body; `end` says what it is: no end, a wrong signature, or a right one."""
        body = self.read.get((number, source)) or self.bodies.open(source, is_somebody=True)
        self.read[number, source] = body
        kept = self.bodies.add(body, b"x" * size, is_whole=end != "more")
        assert kept != body.evicted
        if end != "more" or not kept:
            del self.read[number, source]
            if kept and end == "proved" and self.bodies.prove(body):
                self.proved.append(body)
            else:
                self.bodies.close(body)

    def stored(self) -> None:
        """The oldest proved body is on disk."""
        if self.proved:
            self.bodies.close(self.proved.pop(0))

    def check(self, empty: list[Body]) -> None:
        """Memory is counted to the byte, and neither a proved nor an empty body gave way."""
        held = [*self.read.values(), *self.proved]
        assert self.bodies.held_bytes == sum(len(body.data) for body in held) <= 100
        assert not any(body.evicted for body in (*self.proved, *empty))


ENDS = ["more", "more", "wrong", "proved", "proved"]
PIECES = st.lists(
    st.tuples(
        st.integers(0, 7),
        st.sampled_from([HOG, OTHER, HONEST]),
        st.integers(0, 60),
        st.sampled_from(ENDS),
        st.booleans(),
    ),
    max_size=60,
)


@given(PIECES)
def test_memory_is_counted_to_the_byte_and_never_goes_over(pieces: list[tuple[int, str, int, str, bool]]) -> None:
    listener = Listener()
    for number, source, size, end, is_stored in pieces:
        empty = [body for body in listener.read.values() if not body.data and not body.evicted]
        empty = [body for body in empty if body is not listener.read.get((number, source))]
        listener.piece(number, source, size, end)
        if is_stored:
            listener.stored()
        listener.check(empty)
    for body in (*listener.read.values(), *listener.proved):
        listener.bodies.close(body)
    assert listener.bodies.held_bytes == 0


@pytest.mark.parametrize("proxies", [(), ("127.0.0.1",)], ids=["by itself", "behind a proxy that names nobody"])
async def test_half_sent_bodies_do_not_shut_out_a_real_webhook(
    start: Any, envelope: Any, sign: Any, proxies: tuple[str, ...]
) -> None:
    bodies = Bodies(bytes_max=256 * KIB, share_bytes_max=256 * KIB)
    gateway = await start(proxies=proxies, bodies=bodies)
    head = b"POST /webhooks/whatsapp HTTP/1.1\r\nHost: x\r\nContent-Length: 65000\r\nX-Hub-Signature-256: %b\r\n\r\n"
    hogs = [await gateway.open() for _ in range(10)]
    for _, writer in hogs:
        writer.write(head % sign(b"never sent") + b"x" * 60_000)
    async with asyncio.timeout(5):
        while bodies.held_bytes < 200 * KIB:  # noqa: ASYNC110 -- the count has no event
            await asyncio.sleep(0.01)
    assert (await gateway.post(envelope())).status == 200
    large = b" " * 60_000 + envelope()
    assert (await gateway.post(large)).status == 200
    assert bodies.held_bytes <= 256 * KIB
    for _, writer in hogs:
        writer.close()


async def test_behind_a_proxy_each_client_is_a_source(start: Any, sign: Any, request_of: Any) -> None:
    bodies = Bodies(bytes_max=100 * KIB, share_bytes_max=50 * KIB)
    gateway = await start(proxies=("127.0.0.1",), bodies=bodies)
    writers = []
    for client, size in (("192.0.2.1", 40_000), ("192.0.2.2", 30_000), ("192.0.2.1", 20_000)):
        headers = f"X-Forwarded-For: {client}\r\n".encode() + b"X-Hub-Signature-256: " + sign(b"never") + b"\r\n"
        _, writer = await gateway.open()
        writer.write(request_of(b"x" * 60_000, headers=headers)[: size - 60_000])
        writers.append(writer)
        await asyncio.sleep(0.1)
    assert 20_000 < bodies.held_bytes < 52_000
    for writer in writers:
        writer.close()


async def test_a_body_that_drips_is_ended_by_the_limit_for_the_whole(start: Any, sign: Any) -> None:
    gateway = await start(body_timeout_s=1)
    head = b"POST /webhooks/whatsapp HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nX-Hub-Signature-256: %b\r\n\r\n"
    [answer] = await gateway.talk(head % sign(b"never sent"), *([b"x"] * 8), pause_s=0.2)
    assert answer.status == 408
