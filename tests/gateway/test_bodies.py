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


PIECES = st.lists(
    st.tuples(st.integers(0, 7), st.sampled_from([HOG, OTHER, HONEST]), st.integers(0, 60), st.booleans()), max_size=60
)


@given(PIECES)
def test_memory_is_counted_to_the_byte_and_never_goes_over(pieces: list[tuple[int, str, int, bool]]) -> None:
    bodies = Bodies(bytes_max=100, share_bytes_max=70)
    opened: dict[tuple[int, str], Body] = {}
    for number, source, size, is_whole in pieces:
        body = opened.get((number, source)) or bodies.open(source, is_somebody=True)
        opened[number, source] = body
        kept = bodies.add(body, b"x" * size, is_whole=is_whole)
        assert kept != body.evicted
        if is_whole or not kept:
            bodies.close(opened.pop((number, source)))
        assert bodies.held_bytes == sum(len(each.data) for each in opened.values())
        assert bodies.held_bytes <= 100
    for body in opened.values():
        bodies.close(body)
    assert bodies.held_bytes == 0


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
