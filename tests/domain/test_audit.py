from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.audit import (
    END_ROWS_MAX,
    ENTRY_BYTES_MAX,
    FIRM_LOG,
    REGISTRY_LOG,
    WORKER,
    AuditRecord,
    DamagedEntryError,
    LogKind,
    end_start,
    is_sound_end,
    operator_actor,
    read_entry,
    require_appendable,
    require_sound_end,
    stored_frontier,
)
from lhwa.domain.instants import rfc3339
from lhwa.domain.merkle import Frontier, leaf_hash
from lhwa.errors import InvariantError, VerificationError

AT = datetime(2026, 11, 22, 1, 0, 5, tzinfo=UTC)
SAFE = (1 << 53) - 1


def canonical(data: dict[str, Any], *, action: str = "message.recorded") -> bytes:
    return AuditRecord(WORKER, action, "message:M", data).canonical(seq=7, at=AT)


def test_an_entry_is_the_canonical_json_of_the_reference() -> None:
    record = AuditRecord("user:u_01", "consent.record", "subj:s_01", {"notice_version": "id-2026-01"})
    assert record.canonical(seq=1, at=AT) == (
        b'{"action":"consent.record","actor":"user:u_01","data":{"notice_version":"id-2026-01"},"seq":1,'
        b'"target":"subj:s_01","ts":"2026-11-22T01:00:05.000000Z","v":1}'
    )


def test_times_of_any_zone_become_utc() -> None:
    in_jakarta = AT.astimezone(timezone(timedelta(hours=7)))
    record = AuditRecord(WORKER, "a.b", "t")
    assert record.canonical(seq=0, at=in_jakarta) == record.canonical(seq=0, at=AT)


@pytest.mark.parametrize(
    ("data", "spelled"),
    [
        ({"b": 1, "a": 2}, b'{"a":2,"b":1}'),
        ({"\ue000": 1, "\U0001f600": 2}, '{"\U0001f600":2,"\ue000":1}'.encode()),
        ({"t": '\b\t\n\f\r"\\\x1b/é'}, b'{"t":"\\b\\t\\n\\f\\r\\"\\\\\\u001b/\xc3\xa9"}'),
        ({"n": SAFE, "m": -SAFE}, b'{"m":-9007199254740991,"n":9007199254740991}'),
        ({"list": (1, None, True, {"x": []})}, b'{"list":[1,null,true,{"x":[]}]}'),
        ({"e": "e\u0301"}, '{"e":"e\u0301"}'.encode()),
    ],
    ids=["sorted", "by UTF-16 units", "escapes", "safe integers", "tuples", "no normalisation"],
)
def test_data_has_one_spelling(data: dict[str, Any], spelled: bytes) -> None:
    assert b'"data":' + spelled + b',"seq"' in canonical(data)


@pytest.mark.parametrize(
    "data",
    [
        {"hours": 1.5},
        {"hours": 1.0},
        {"deep": [{"rate": 0.1}]},
        {"nan": float("nan")},
        {"n": 1 << 53},
        {"n": -(1 << 53)},
        {"lone": "\ud800"},
        {"\ud800": "lone key"},
        {1: "key"},
        {"raw": b"bytes"},
        {"set": {1}},
        {"at": AT},
    ],
    ids=str,
)
def test_what_has_no_canonical_form_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(InvariantError):
        canonical(data)


def test_a_refusal_does_not_repeat_the_value() -> None:
    with pytest.raises(InvariantError) as refused:
        canonical({"n": 62812300011110000000})
    assert "62812" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("action", ["", "recorded", "Message.recorded", "message.", ".recorded", "message.recorded\n"])
def test_an_action_is_noun_dot_verb(action: str) -> None:
    with pytest.raises(InvariantError):
        canonical({}, action=action)


def test_an_entry_fits_into_a_sixteen_bit_length() -> None:
    filler = ENTRY_BYTES_MAX - len(canonical({"x": ""}))
    assert len(canonical({"x": "a" * filler})) == ENTRY_BYTES_MAX
    with pytest.raises(InvariantError):
        canonical({"x": "a" * (filler + 1)})
    with pytest.raises(InvariantError):
        canonical({"x": "é" * (filler // 2 + 1)})


_values = st.recursive(
    st.none() | st.booleans() | st.integers(-SAFE, SAFE) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=8,
)


@given(data=st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), _values))
def test_an_entry_reads_back_as_what_was_meant(data: dict[str, Any]) -> None:
    entry = json.loads(canonical(data))
    assert entry["data"] == data
    shuffled = dict(reversed(data.items()))
    assert canonical(shuffled) == canonical(data)


_any_text = st.text(st.characters(exclude_categories=["Cs"])) | st.text(st.characters(max_codepoint=0x7F))
_flat = st.none() | st.booleans() | st.integers(-SAFE, SAFE) | _any_text


@given(
    data=st.dictionaries(_any_text, _flat | _values),
    actor=_any_text,
    target=_any_text,
    seq=st.integers(0, SAFE),
    at=st.datetimes(timezones=st.timezones() | st.just(UTC)).filter(lambda at: 1 < at.year < 9999),
)
def test_the_fast_spelling_is_the_one_of_the_reference(
    data: dict[str, Any], actor: str, target: str, seq: int, at: datetime
) -> None:
    entry: dict[str, Any] = {
        "action": "a.b",
        "actor": actor,
        "data": data,
        "seq": seq,
        "target": target,
        "ts": rfc3339(at),
        "v": 1,
    }
    assert AuditRecord(actor, "a.b", target, data).canonical(seq=seq, at=at) == rfc8785.dumps(entry)


@given(data=st.dictionaries(_any_text, st.integers() | st.floats() | st.text()))
def test_what_the_reference_refuses_is_refused(data: dict[str, Any]) -> None:
    try:
        spelled = rfc8785.dumps(data)
    except (rfc8785.CanonicalizationError, ValueError):
        spelled = None
    if spelled is None or any(isinstance(value, float) for value in data.values()):
        with pytest.raises(InvariantError):
            canonical(data)
    else:
        assert b'"data":' + spelled + b',"seq"' in canonical(data)


def test_operators_are_named_by_their_id() -> None:
    assert operator_actor("sari") == "operator:sari"


class Row(NamedTuple):
    seq: int
    entry: bytes
    leaf_hash: bytes


def row_of(seq: int, entry: bytes) -> Row:
    return Row(seq, entry, leaf_hash(entry))


@given(data=st.dictionaries(st.text(), st.integers(-SAFE, SAFE) | st.text() | st.none() | st.lists(st.booleans())))
def test_what_was_written_can_be_read(data: dict[str, Any]) -> None:
    entry = read_entry(row_of(7, canonical(data)))
    assert (entry.seq, entry.actor, entry.action, entry.target) == (7, WORKER, "message.recorded", "message:M")
    assert (entry.ts, entry.data) == ("2026-11-22T01:00:05.000000Z", data)


@given(entry=st.binary(max_size=200), keeps_hash=st.booleans())
def test_any_bytes_are_a_record_or_damaged(*, entry: bytes, keeps_hash: bool) -> None:
    with pytest.raises(DamagedEntryError):
        read_entry(Row(7, entry, leaf_hash(canonical({}))) if keeps_hash else row_of(7, entry))


def log(size: int) -> tuple[list[Row], Frontier]:
    rows = [row_of(seq, b"%d" % seq) for seq in range(size)]
    frontier = Frontier()
    for row in rows:
        frontier = frontier.append(row.leaf_hash)
    return rows, frontier


def sound(rows: list[Row], frontier: Frontier) -> bool:
    newest = [row for row in rows if row.seq >= end_start(frontier)][: END_ROWS_MAX + 1]
    return is_sound_end(frontier, newest, lowest=min((row.seq for row in rows), default=None))


@given(size=st.integers(0, 300))
def test_the_end_of_a_sound_log_is_sound(size: int) -> None:
    rows, frontier = log(size)
    assert sound(rows, frontier)
    assert 0 <= size - end_start(frontier) <= END_ROWS_MAX


@given(size=st.integers(0, 300), cut=st.integers(1, 300), more=st.integers(1, 1 << 40))
def test_a_cut_or_longer_log_has_no_sound_end(size: int, cut: int, more: int) -> None:
    rows, frontier = log(size)
    assert not sound([*rows, row_of(size - 1 + more, b"added")], frontier)
    assert not sound([row_of(-more, b"added"), *rows], frontier)
    if size:
        assert not sound(rows[: max(size - cut, 0)], frontier)
        assert not sound([*rows[:-1], Row(size - 1, b"changed", rows[-1].leaf_hash)], frontier)
    if frontier.newest_subtree() in range(1, END_ROWS_MAX + 1):
        assert not sound([*rows[:-1], row_of(size - 1, b"rewritten")], frontier)


class LogInMemory:
    """A log as its two stores offer it."""

    def __init__(self, rows: list[Row], edge: tuple[int, bytes] | None, *, kind: LogKind = FIRM_LOG) -> None:
        self.rows, self.edge, self.kind = rows, edge, kind

    def frontier_row(self) -> tuple[int, bytes] | None:
        return self.edge

    def tail(self, first: int) -> list[Row]:
        return [row for row in self.rows if row.seq >= first][: END_ROWS_MAX + 1]

    def lowest(self) -> int | None:
        return min((row.seq for row in self.rows), default=None)


NOTE = AuditRecord(WORKER, "test.noted", "t:1")


@given(size=st.integers(1, 100), cut=st.booleans())
def test_a_record_goes_only_behind_a_sound_end(*, size: int, cut: bool) -> None:
    rows, frontier = log(size)
    stored = LogInMemory(rows[:-1] if cut else rows, (size, frontier.to_bytes()))
    found = stored_frontier(stored)
    assert found == frontier
    if not cut:
        require_appendable(stored, found, NOTE)
        return
    with pytest.raises(VerificationError, match="does not end as its frontier says"):
        require_appendable(stored, found, NOTE)


@pytest.mark.parametrize("kind", [FIRM_LOG, REGISTRY_LOG], ids=["firm", "registry"])
def test_an_empty_log_takes_its_opening_and_nothing_else(kind: LogKind) -> None:
    empty = LogInMemory([], (0, b""), kind=kind)
    frontier = stored_frontier(empty)
    require_sound_end(empty, frontier)
    require_appendable(empty, frontier, AuditRecord(WORKER, kind.opens_with, "t:1"))
    with pytest.raises(VerificationError, match="is empty: its records are gone") as refused:
        require_appendable(empty, frontier, NOTE)
    assert kind.name in refused.value.message
    assert "audit verify" in refused.value.hint


@pytest.mark.parametrize(
    ("edge", "said"),
    [(None, "is gone"), ((1, b""), "is damaged"), ((-1, b""), "is damaged"), ((0, b"x"), "is damaged")],
)
def test_a_frontier_that_is_none_is_named(edge: tuple[int, bytes] | None, said: str) -> None:
    with pytest.raises(VerificationError, match=f"The frontier of the audit log {said}"):
        stored_frontier(LogInMemory([], edge))


@pytest.mark.parametrize("row", [(None, b"", b""), (1, "text", b""), (1, b"", None), ("1", b"", b"")])
def test_a_row_of_other_types_is_damage(row: tuple[object, object, object]) -> None:
    assert REGISTRY_LOG.checked_row((1, b"entry", b"leaf")) == (1, b"entry", b"leaf")
    with pytest.raises(VerificationError, match="The tables of the control plane's audit log"):
        REGISTRY_LOG.checked_row(row)


@pytest.mark.parametrize("edge", [(None, b""), (1, "text"), ("1", b"")])
def test_a_frontier_of_other_types_is_damage(edge: tuple[object, object]) -> None:
    assert FIRM_LOG.checked_frontier((1, b"stack")) == (1, b"stack")
    with pytest.raises(VerificationError, match="The tables of the audit log"):
        FIRM_LOG.checked_frontier(edge)
