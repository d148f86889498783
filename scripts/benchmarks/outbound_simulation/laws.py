"""What must hold once a world is quiet, whatever happened on the way: Meta's journal against the firm's file."""

from __future__ import annotations

from collections import defaultdict

from lhwa.domain.outbound import OutboundState, state_of_statuses
from lhwa.sandbox.journal import JournalEntry, Verdict
from lhwa.services.audit.verify import verify_log
from lhwa.store.tables.outbox import OutboundRow
from lhwa.store.transaction import Tx
from scripts.benchmarks.outbound_simulation.world import SimulationError, World

_S = OutboundState
_OPAQUE = "lhwa:"
WINDOW_CLOSED, PAIR_RATE, THROUGHPUT = 131047, 131056, 130429
_RANK = {None: 0, _S.ACCEPTED: 1, _S.SENT: 2, _S.DELIVERED: 3, _S.READ: 4}


def check(world: World) -> int:
    """Every law; how many messages Meta accepted. Raises: SimulationError at the first that is broken."""
    rows = {row.id: row for row in world.read(lambda tx: tx.outbox.newest(rows_max=10_000))}
    taken: dict[str, list[JournalEntry]] = defaultdict(list)
    for entry in world.sandbox.journal():
        if entry.verdict is Verdict.ACCEPTED and (entry.biz_opaque_callback_data or "").startswith(_OPAQUE):
            taken[(entry.biz_opaque_callback_data or "").removeprefix(_OPAQUE)].append(entry)
    _require(rows.keys() == set(world.book.requested), "the outbox holds other messages than were asked for")
    _require(taken.keys() <= rows.keys(), "Meta accepted a message that nobody asked for")
    for message, row in rows.items():
        words = world.book.words[message]
        _require(len(taken[message]) <= 1 + words, f"{message} was accepted {len(taken[message])} times for {words}+1")
        _check_not_dropped(row)
        _check_state(world, row, [str(entry.message_id) for entry in taken[message]])
    _check_order(world, rows, taken)
    _check_limits(world)
    world.read(_check_audit)
    return sum(map(len, taken.values()))


def _check_not_dropped(row: OutboundRow) -> None:
    _require(row.state not in (_S.QUEUED, _S.SENDING, _S.DRAFT), f"{row.id} is {row.state} when all is quiet")
    if row.state in (_S.FAILED, _S.EXPIRED):
        _require(row.rule, f"{row.id} is {row.state} and nobody knows why")
    if row.state is _S.CANCELLED:
        _require(row.decided_by, f"{row.id} was cancelled by nobody")


def _check_state(world: World, row: OutboundRow, wamids: list[str]) -> None:
    told = [state for wamid in wamids if (state := state_of_statuses(world.book.told.get(wamid, ()))) is not None]
    best = max((state for state in told if state is not _S.FAILED), key=_RANK.__getitem__, default=None)
    where = f"{row.id} is {row.state.value}, told {[state.value for state in told]} of {len(wamids)}"
    if best is not None:
        # A person may have said that it arrived, and another try of it may have come less far.
        _require(_RANK.get(row.state, 0) >= min(_RANK[best], _RANK[_S.SENT]) or _S.FAILED in told, where)
        if best in (_S.DELIVERED, _S.READ):
            _require(row.state in (_S.DELIVERED, _S.READ), where)
    if world.book.words[row.id]:
        return
    if len(wamids) == 1 and told:
        _require(row.state is told[0], where)
    if not told and row.state in (_S.SENT, _S.DELIVERED, _S.READ):
        _require(row.id in world.book.resolved, f"{where}: nobody said so")
    if not told and wamids:
        known = row.id in world.book.answered
        _require(row.state in ((_S.ACCEPTED, _S.SENT) if known else (_S.IN_DOUBT, _S.SENT)), where)
    if row.state is _S.ACCEPTED:
        _require(wamids, f"{where}: Meta never took it")


def _check_order(world: World, rows: dict[str, OutboundRow], taken: dict[str, list[JournalEntry]]) -> None:
    """Messages of a thread that left by themselves arrived at Meta in the order in which they were to leave."""
    if world.weather.has_wrong_clock:
        return  # which of two was asked for first is not known then
    excepted = world.book.late | world.book.approved | {message for message, words in world.book.words.items() if words}
    last: dict[str, OutboundRow] = {}
    firsts = [(entries[0], rows[message]) for message, entries in taken.items() if entries and message not in excepted]
    positions = {id(entry): place for place, entry in enumerate(world.sandbox.journal())}
    for _entry, row in sorted(firsts, key=lambda pair: positions[id(pair[0])]):
        before = last.get(row.conversation)
        if before is not None:
            is_later = (row.send_at_ms, row.seq) > (before.send_at_ms, before.seq)
            _require(is_later, f"{row.id} arrived after {before.id} of the same thread")
        last[row.conversation] = row


def _check_limits(world: World) -> None:
    for entry in world.sandbox.journal():
        codes = {entry.code, entry.fails_with}
        message = (entry.biz_opaque_callback_data or "").removeprefix(_OPAQUE)
        if message not in world.book.behind:
            _require(WINDOW_CLOSED not in codes, f"{message} was posted after its window had closed")
        is_exact = not (world.weather.is_slow or world.weather.has_wrong_clock or world.weather.faults.http_429)
        if is_exact and message not in world.book.late:
            _require(not codes & {PAIR_RATE, THROUGHPUT}, f"{message} was sent faster than Meta takes it")


def _check_audit(tx: Tx) -> None:
    size, stack = tx.audit.stored_frontier()
    found = verify_log(tx.audit.entries(), stored_size=size, stored_stack=stack)
    _require(found.ok, f"the audit log does not verify: {found.reason}")


def _require(holds: object, what: str) -> None:
    if not holds:
        raise SimulationError(what)
