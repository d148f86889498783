"""A firm's file that is older than the spool remembers, or has foreign triggers in it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import apsw
import pytest

from lhwa.bus.recovery import requeue_lost
from lhwa.bus.serving import WorkerLimits
from lhwa.bus.worker import Worker
from lhwa.domain.audit import AuditRecord
from lhwa.errors import VerificationError
from lhwa.store.transaction import Tx


def note(tx: Tx) -> None:
    tx.audit.append(AuditRecord("operator:contoh", "conversations.listed", f"firm:{tx.tenant}"))


async def serve(worker: Worker) -> None:
    await worker.sweep()
    while await worker.serve_round():
        pass


def backed_up(folder: Path, to: Path) -> None:
    """Copies of both files, as a backup of a stopped firm has them."""
    to.mkdir()
    for name in ("tenant.db", "keys.db"):
        shutil.copy(folder / name, to / name)


def restored(folder: Path, backup: Path) -> None:
    for name in ("tenant.db", "keys.db"):
        for suffix in ("-wal", "-shm"):
            (folder / f"{name}{suffix}").unlink(missing_ok=True)
        shutil.copy(backup / name, folder / f"{name}.new")
        (folder / f"{name}.new").replace(folder / name)


@pytest.mark.parametrize("others_read", [0, 30])
@pytest.mark.parametrize("before", [0, 3])
async def test_what_came_after_a_backup_is_applied_again(
    town: Any, body: Any, tmp_path: Path, before: int, others_read: int
) -> None:
    firm = town.firm("firma")
    town.put(firm, *(body(f"early {number}") for number in range(before)))
    first = town.worker()
    await serve(first)
    await first.close()
    backed_up(tmp_path / "firma", tmp_path / "backup")
    late = town.worker(limits=WorkerLimits(elements_max=2))
    town.put(firm, *(body(f"late {number}") for number in range(7)))
    await serve(late)
    await late.close()
    restored(tmp_path / "firma", tmp_path / "backup")
    with town.open(firm) as store:
        for _ in range(others_read):  # whoever reads meanwhile makes the log longer than it was
            store.write(note)
    assert town.count(firm) == before
    again = town.worker()
    await serve(again)
    await again.close()
    assert town.count(firm) == before + 7
    assert town.states() == {"done": before + 7}
    assert town.witness.recoveries == [(firm, 7)]
    with town.open(firm) as store:
        assert requeue_lost(town.spool, store) == 0
        newest = [entry.entry for entry in store.read(lambda tx: list(tx.audit.entries()))]
    assert sum(b'"events.replayed"' in entry for entry in newest) == 1


async def test_a_restore_under_the_running_worker_is_caught_up(town: Any, body: Any, tmp_path: Path) -> None:
    firm = town.firm("firma")
    backup = tmp_path / "backup.db"
    worker = town.worker()
    town.put(firm, body("early"))
    await serve(worker)
    source, target = apsw.Connection(str(tmp_path / "firma" / "tenant.db")), apsw.Connection(str(backup))
    with target.backup("main", source, "main") as copying:
        copying.step(-1)
    town.put(firm, body("late"))
    await serve(worker)
    # As `sqlite3 tenant.db '.restore backup.db'` does it: one transaction into the open file.
    with source.backup("main", target, "main") as copying:
        copying.step(-1)
    source.close()
    target.close()
    assert town.count(firm) == 1
    town.put(firm, body("last"))
    for _ in range(5):
        await serve(worker)
        town.clock.advance(3_600)
    assert (town.count(firm), town.states()) == (3, {"done": 3})
    await worker.close()


async def test_a_whole_file_costs_nothing_and_says_nothing(town: Any, body: Any) -> None:
    firm = town.firm("firma")
    worker = town.worker()
    for number in range(3):
        town.put(firm, body(str(number)))
        await serve(worker)
    await worker.close()
    assert town.witness.recoveries == []
    assert [batch.outcomes for _, batch in town.witness.batches if batch.outcomes["duplicate"]] == []


async def test_a_file_with_a_foreign_trigger_is_not_written_to(town: Any, body: Any, tmp_path: Path) -> None:
    firm, well = town.firm("firma"), town.firm("firmb")
    connection = apsw.Connection(str(tmp_path / "firma" / "tenant.db"))
    connection.execute("CREATE TRIGGER swallow AFTER INSERT ON message BEGIN DELETE FROM message; END")
    connection.close()
    for tenant in (firm, well):
        town.put(tenant, body("a"))
    worker = town.worker()
    await worker.sweep()
    await worker.serve_round()
    assert town.states() == {"stored": 1, "done": 1}
    [(tenant, error)] = town.witness.troubles
    assert (tenant, type(error)) == (firm, VerificationError)
    await worker.close()
