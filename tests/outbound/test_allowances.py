"""Paces and breakers as the firm's file remembers them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from lhwa.domain.allowance_scopes import breaker_scope, number_scope
from lhwa.domain.elements import Party
from lhwa.domain.keys import TenantKeys
from lhwa.domain.outbound import OutboundState
from lhwa.domain.send_errors import Scope, verdict_of
from lhwa.outbound.allowances import Sluices
from lhwa.routes import REACTIONS
from lhwa.store.tables.outbox import OutboundRow
from lhwa.testing.builders import NUMBER, open_firm
from lhwa.testing.fakes import FakeClock
from tests.outbound.desk import PER_S, SECOND_NUMBER, Desk

S = OutboundState
OTHER = Party(wa_id="6281230002222")


def opens_ms(desk: Desk, row: OutboundRow, *, per_s: int = PER_S) -> int:
    return desk.store.read(lambda tx: Sluices(tx, per_s=per_s, only_looks=True).opens_at_ms(row))


def take(desk: Desk, row: OutboundRow, *, per_s: int = PER_S) -> None:
    desk.write(lambda tx: Sluices(tx, per_s=per_s).take(row))


def fail(desk: Desk, row: OutboundRow, code: int) -> None:
    verdict = verdict_of(code, http_status=400)
    desk.write(lambda tx: Sluices(tx, per_s=PER_S).failed(row, verdict, jitter=0.5))


@pytest.fixture
def rows(desk: Desk) -> tuple[OutboundRow, OutboundRow, OutboundRow]:
    """To one client, to another, and from the other number."""
    desk.hear(OTHER)
    desk.hear(number=SECOND_NUMBER)
    mine = desk.row(desk.send(phone_number_id=NUMBER))
    return mine, desk.row(desk.send(contact="+6281230002222")), desk.row(desk.send(phone_number_id=SECOND_NUMBER))


Rows = tuple[OutboundRow, OutboundRow, OutboundRow]


def test_one_client_gets_no_more_than_meta_takes(desk: Desk, rows: Rows) -> None:
    mine, others, _ = rows
    for _ in range(45):
        desk.clock.advance(0.02)
        take(desk, mine)
    assert opens_ms(desk, mine) > desk.now_ms + 250_000, "a burst is paid off, 6 s for each message"
    desk.clock.advance(0.1)
    assert opens_ms(desk, others) == desk.now_ms


def test_one_number_does_not_wait_for_another(desk: Desk, rows: Rows) -> None:
    mine, _, elsewhere = rows
    for _ in range(4):
        take(desk, mine)
    assert opens_ms(desk, mine) > desk.now_ms
    assert opens_ms(desk, elsewhere) == desk.now_ms


@pytest.mark.parametrize("per_s", [1, 20, 80, 1_000])
def test_no_second_sees_more_than_the_number_may_send(desk: Desk, rows: Rows, per_s: int) -> None:
    times: list[int] = []
    for index in range(3 * min(per_s, 40)):
        row = rows[index % 2]
        desk.clock.advance((opens_ms(desk, row, per_s=per_s) - desk.now_ms) / 1000)
        take(desk, row, per_s=per_s)
        times.append(desk.now_ms)
    assert all(earlier <= later for earlier, later in pairwise(times))
    assert max(sum(1 for at in times if begin <= at < begin + 1_000) for begin in times) <= per_s


def test_what_was_taken_is_remembered_after_a_restart(
    folder: Path, firm_keys: TenantKeys, clock: FakeClock, desk: Desk, rows: Rows
) -> None:
    mine = rows[0]
    for _ in range(4):
        take(desk, mine)
    fail(desk, mine, 131031)
    before = opens_ms(desk, mine)
    desk.store.close()
    with open_firm(folder, keys=firm_keys, clock=clock, reactions=REACTIONS) as store:
        again = Desk(store, clock)
        assert opens_ms(again, mine) == before > again.now_ms


@pytest.mark.parametrize(
    ("code", "held"),
    [
        (130429, (True, True, False)),
        (131048, (True, True, False)),
        (190, (True, True, True)),
        (131031, (True, True, True)),
        (80007, (True, True, True)),
        (131056, (False, False, False)),
        (131026, (False, False, False)),
        (100, (False, False, False)),
        (131016, (False, False, False)),
    ],
    ids=str,
)
def test_an_error_holds_back_as_much_as_it_reaches(desk: Desk, rows: Rows, code: int, held: tuple[bool, ...]) -> None:
    fail(desk, rows[0], code)
    assert tuple(opens_ms(desk, row) > desk.now_ms for row in rows) == held


def test_a_success_lets_all_through_again(desk: Desk, rows: Rows) -> None:
    fail(desk, rows[0], 190)
    fail(desk, rows[0], 130429)
    desk.write(lambda tx: Sluices(tx, per_s=PER_S).succeeded(rows[1]))
    assert [opens_ms(desk, row) for row in rows] == [desk.now_ms] * 3


def test_a_breaker_that_is_half_open_lets_one_try(desk: Desk, rows: Rows) -> None:
    mine, others, _ = rows
    fail(desk, mine, 131031)
    desk.clock.advance((opens_ms(desk, mine) - desk.now_ms) / 1000)
    take(desk, mine)
    desk.clock.advance(10)
    assert opens_ms(desk, others) > desk.now_ms


def test_a_stopped_account_is_stopped_once_and_opens_with_another_token(desk: Desk, rows: Rows) -> None:
    verdict = verdict_of(190, http_status=None)
    assert desk.write(lambda tx: Sluices(tx, per_s=PER_S).stop_account(verdict))
    assert not desk.write(lambda tx: Sluices(tx, per_s=PER_S).stop_account(verdict))
    assert opens_ms(desk, rows[2]) > desk.now_ms
    desk.write(lambda tx: Sluices(tx, per_s=PER_S).reopen_account())
    assert opens_ms(desk, rows[2]) == desk.now_ms


def test_a_clock_that_was_set_back_lets_nothing_through_early_nor_waits_for_ever(desk: Desk, rows: Rows) -> None:
    mine = rows[0]
    for _ in range(45):
        desk.clock.advance(0.02)
        take(desk, mine)
    wait_ms = opens_ms(desk, mine) - desk.now_ms
    desk.clock.advance(-86_400)
    first = desk.write(lambda tx: Sluices(tx, per_s=PER_S).opens_at_ms(mine)) - desk.now_ms
    assert wait_ms - 100 <= first <= 45 * 6_000
    desk.clock.advance(first / 1000)
    assert opens_ms(desk, mine) == desk.now_ms


def test_only_looking_writes_nothing(desk: Desk, rows: Rows) -> None:
    take(desk, rows[0])
    desk.clock.advance(-60)
    before = desk.store.read(lambda tx: tx.allowances.below(""))
    opens_ms(desk, rows[0])
    assert desk.store.read(lambda tx: tx.allowances.below("")) == before


def test_scopes_name_no_client(desk: Desk, rows: Rows) -> None:
    take(desk, rows[0])
    fail(desk, rows[0], 190)
    scopes = [scope for scope, _state in desk.store.read(lambda tx: tx.allowances.below(""))]
    assert number_scope(NUMBER) in scopes
    assert breaker_scope(Scope.ACCOUNT, NUMBER, verdict_of(190, http_status=None).error_class) in scopes
    assert not [scope for scope in scopes if "81230001111" in scope]


@pytest.mark.parametrize("code", [131026, 100, 131056, 130429])
def test_a_probe_that_was_answered_in_another_way_is_over(desk: Desk, rows: Rows, code: int) -> None:
    mine, _, elsewhere = rows
    fail(desk, mine, 131031)
    desk.clock.advance((opens_ms(desk, mine) - desk.now_ms) / 1000)
    take(desk, mine)
    assert opens_ms(desk, elsewhere) > desk.now_ms
    fail(desk, mine, code)
    assert opens_ms(desk, elsewhere) == desk.now_ms, "Meta answered: the next one may try"
