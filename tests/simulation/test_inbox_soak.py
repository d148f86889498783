"""Two inboxes at once beside a daemon: a short round of `scripts/bench inbox_soak`, and that it would notice."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from scripts.benchmarks.inbox_soak import soak
from scripts.benchmarks.inbox_soaking.checks import Filed, broken
from scripts.benchmarks.inbox_soaking.hands import Ran, Seen

MINUTES = 0.1
SENT = Ran(("send", "C1", "--text", "-"), "balasan rani 1", is_done=True, out="", err="")
NOTED = Ran(("conversations", "note", "T1", "--text", "-"), "catatan rani 2", is_done=True, out="", err="")
APPROVED = Ran(("approve", "01A"), "", is_done=True, out="", err="")
REFUSED = Ran(("approve", "01B"), "", is_done=False, out="", err="error: Somebody has decided.\nhint: Look again.\n")
SEEN = Seen(
    ran=(SENT, NOTED, APPROVED, REFUSED),
    acts=4,
    late_p50_ms=1,
    late_p99_ms=2,
    late_max_ms=3,
    memory_mib=(70, 80),
    failure="",
)
FILED = Filed(
    letters=Counter({SENT.typed: 1, "tulisan 0": 1}),
    notes=Counter({NOTED.typed: 1}),
    messages=Counter({"salam 0": 1}),
    records=Counter({("operator:rani", each): 1 for each in ("outbound.requested", "note.added", "outbound.approved")}),
    is_sound=True,
)


def test_nothing_that_was_confirmed_is_lost_and_nothing_counts_twice(tmp_path: Path) -> None:
    seen, found, faults = soak(tmp_path, minutes=MINUTES, seed=3)
    assert faults == []
    assert all(any(ran.is_done for ran in one.ran) for one in seen.values())
    assert found.audit_records > 100


def faults(found: Filed = FILED, *, rani: Seen = SEEN, budi: Seen | None = None, said: tuple[str, ...] = ()) -> str:
    seen = {"rani": rani} | ({"budi": budi} if budi is not None else {})
    return "; ".join(broken(seen, found, said or ("salam 0",), is_long=True))


def test_a_whole_soak_breaks_no_promise() -> None:
    assert faults() == ""


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (replace(FILED, is_sound=False), "does not verify"),
        (replace(FILED, letters=Counter()), "confirmed, and there 0 times: balasan rani 1"),
        (replace(FILED, letters=Counter({SENT.typed: 2})), "there 2 times"),
        (replace(FILED, letters=FILED.letters + Counter({"balasan rani 9": 1})), "never confirmed: balasan rani 9"),
        (replace(FILED, notes=Counter()), "confirmed, and there 0 times: catatan rani 2"),
        (replace(FILED, messages=Counter()), "A client's message is there 0 times"),
        (replace(FILED, records=Counter()), "1 times `approve` was confirmed, 0 times it is on record"),
    ],
)
def test_what_the_file_lacks_is_noticed(found: Filed, said: str) -> None:
    assert said in faults(found)


@pytest.mark.parametrize(
    ("rani", "said"),
    [
        (msgspec.structs.replace(SEEN, failure="ValueError()"), "the inbox ended"),
        (msgspec.structs.replace(SEEN, late_max_ms=6_000), "nothing moved"),
        (msgspec.structs.replace(SEEN, memory_mib=(70, 400)), "memory grew"),
        (
            msgspec.structs.replace(SEEN, ran=(SENT, NOTED, APPROVED, msgspec.structs.replace(REFUSED, err="error"))),
            "without a reason",
        ),
    ],
)
def test_what_an_inbox_went_through_is_noticed(rani: Seen, said: str) -> None:
    assert said in faults(rani=rani)


def test_a_decision_that_both_had_confirmed_is_noticed() -> None:
    budi = msgspec.structs.replace(SEEN, ran=(APPROVED,))
    assert "`approve 01A` was confirmed 2 times" in faults(budi=budi)
