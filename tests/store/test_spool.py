"""The spool: stored means committed, seen means stored once, and failures keep nothing."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import apsw
import pytest

from lhwa.domain.ids import RawEventId, TenantId
from lhwa.errors import LhwaError, StorageError, UnavailableError, UsageError, VerificationError
from lhwa.store.connection import open_connection
from lhwa.store.migrate import migrate, readable_schema
from lhwa.store.spool import Spool, SpoolRequest, create_spool
from lhwa.store.spool_rows import SpoolReader, mark, requeue
from lhwa.testing.builders import open_spool

FIRM = TenantId("firma")
WAIT_S = 10


def _request(
    number: int, *, dedup: int | None = None, sealed: bytes = b"sealed", state: str = "stored"
) -> SpoolRequest:
    return SpoolRequest(
        event_id=RawEventId(f"event-{number}"),
        tenant=FIRM,
        app="main",
        received_at_ms=1_000 + number,
        dedup=(number if dedup is None else dedup).to_bytes(20, "big"),
        body_bytes=len(sealed),
        sealed=sealed,
        state=state,
    )


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "spool.db"


@pytest.fixture(name="spool")
def _spool(path: Path) -> Iterator[Spool]:
    spool = open_spool(path)
    yield spool
    spool.close()


def _hold(spool: Spool) -> tuple[Future[int], threading.Event]:
    """Keep the writer busy until the event is set, so that what follows waits in one group."""
    begun, go = threading.Event(), threading.Event()

    def wait(_connection: object) -> None:
        begun.set()
        go.wait(WAIT_S)

    held = spool.change(wait)
    assert begun.wait(WAIT_S)
    return held, go


def test_what_is_put_is_in_the_file_for_everybody(spool: Spool, path: Path) -> None:
    assert spool.put([_request(1), _request(2)]).result(WAIT_S) == 2
    other = open_connection(path)
    assert other.execute("SELECT count(*) FROM webhook_request").fetchall() == [(2,)]
    other.close()


def test_the_folder_and_file_are_private(spool: Spool, path: Path) -> None:
    assert spool is not None
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_seen_request_changes_nothing(spool: Spool) -> None:
    spool.put([_request(1, sealed=b"first")]).result(WAIT_S)
    assert spool.put([_request(2, dedup=1, sealed=b"second")]).result(WAIT_S) == 0
    assert [row.sealed for row in spool.read.of_tenant(FIRM)] == [b"first"]


def test_the_same_request_twice_in_one_group_is_new_once(spool: Spool) -> None:
    held, go = _hold(spool)
    waiting = [spool.put([_request(number, dedup=1)]) for number in range(3)]
    go.set()
    held.result(WAIT_S)
    assert [future.result(WAIT_S) for future in waiting] == [1, 0, 0]


def test_seen_requests_stay_seen_after_a_restart(path: Path) -> None:
    for expected in (1, 0):
        spool = open_spool(path)
        assert spool.put([_request(1)]).result(WAIT_S) == expected
        spool.close()


def test_what_waits_is_committed_together(spool: Spool) -> None:
    commits: list[int] = []
    spool.on_commit = lambda: commits.append(1)
    held, go = _hold(spool)
    waiting = [spool.put([_request(number)]) for number in range(50)]
    go.set()
    held.result(WAIT_S)
    assert sum(future.result(WAIT_S) for future in waiting) == 50
    assert len(commits) == 1


def test_a_change_rides_along_and_does_not_wake_anybody(spool: Spool) -> None:
    spool.put([_request(1)]).result(WAIT_S)
    commits: list[int] = []
    spool.on_commit = lambda: commits.append(1)
    spool.change(mark(spool.read.after(0), state="done")).result(WAIT_S)
    assert spool.read.counts().by_state == {"done": 1}
    assert commits == []


def test_a_full_disk_keeps_nothing_of_the_group_and_the_next_one_works(spool: Spool) -> None:
    held, go = _hold(spool)
    waiting = [spool.put([_request(1)]), spool.put([_request(2, sealed=b"x" * 1_000_000)])]
    connection: Any = spool._writer.connection
    connection.pragma("max_page_count", connection.pragma("page_count"))
    go.set()
    for future in waiting:
        with pytest.raises(StorageError, match="full"):
            future.result(WAIT_S)
    assert held.result(WAIT_S) == 0
    assert spool.read.counts().by_state == {}
    assert spool.put([_request(1), _request(2)]).result(WAIT_S) == 2


def test_a_locked_file_is_unavailable_for_now(spool: Spool, path: Path) -> None:
    connection: Any = spool._writer.connection
    connection.set_busy_timeout(20)
    other = open_connection(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(UnavailableError):
        spool.put([_request(1)]).result(WAIT_S)
    other.execute("ROLLBACK")
    other.close()
    assert spool.put([_request(1)]).result(WAIT_S) == 1


def test_a_row_that_the_table_refuses_fails_its_callers_and_stores_nothing(spool: Spool) -> None:
    with pytest.raises(LhwaError):
        spool.put([_request(1), _request(2, state="nonsense")]).result(WAIT_S)
    assert spool.read.counts().by_state == {}
    assert spool.put([_request(1)]).result(WAIT_S) == 1


def test_too_much_waiting_is_refused_and_counted_back(path: Path) -> None:
    spool = open_spool(path, pending_bytes_max=100)
    held, go = _hold(spool)
    first = spool.put([_request(1, sealed=b"x" * 90)])
    with pytest.raises(UnavailableError) as caught:
        spool.put([_request(2, sealed=b"x" * 20)]).result(WAIT_S)
    assert caught.value.retry_after_s is not None
    go.set()
    held.result(WAIT_S)
    assert first.result(WAIT_S) == 1
    assert spool.put([_request(2, sealed=b"x" * 90)]).result(WAIT_S) == 1
    spool.close()


def test_closing_commits_what_waits_and_refuses_the_rest(path: Path) -> None:
    spool = open_spool(path)
    held, go = _hold(spool)
    waiting = [spool.put([_request(number)]) for number in range(20)]
    closing = threading.Thread(target=spool.close)
    closing.start()
    go.set()
    closing.join(WAIT_S)
    assert held.result(WAIT_S) == 0
    assert [future.result(WAIT_S) for future in waiting] == [1] * 20
    with pytest.raises(UnavailableError):
        spool.put([_request(99)]).result(WAIT_S)
    spool.close()


async def test_a_caller_that_gives_up_does_not_undo_a_commit(spool: Spool) -> None:
    held, go = _hold(spool)
    putting = asyncio.ensure_future(spool.put_async([_request(1)]))
    await asyncio.sleep(0)
    putting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await putting
    go.set()
    await asyncio.to_thread(held.result, WAIT_S)
    assert await spool.put_async([_request(1)]) == 0


async def test_many_callers_at_once_each_learn_their_own_outcome(spool: Spool) -> None:
    outcomes = await asyncio.gather(*(spool.put_async([_request(number, dedup=number % 50)]) for number in range(200)))
    assert sum(outcomes) == 50
    assert len(spool.read.of_tenant(FIRM)) == 50


def test_two_processes_may_write_one_spool(spool: Spool, path: Path) -> None:
    other = Spool(path)
    first = [spool.put([_request(number)]) for number in range(0, 40, 2)]
    second = [other.put([_request(number)]) for number in range(1, 40, 2)]
    assert sum(future.result(WAIT_S) for future in first + second) == 40
    other.close()


def test_killed_at_any_moment_nothing_that_was_acknowledged_is_missing(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from lhwa.store.spool import SpoolRequest\n"
        "from lhwa.testing.builders import open_spool\n"
        "spool = open_spool(Path(sys.argv[1]))\n"
        "for n in range(100000):\n"
        "    r = SpoolRequest(str(n), 'firma', 'main', n, n.to_bytes(20, 'big'), 1, b'x')\n"
        "    spool.put([r]).result(); print(n, flush=True)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    for line in child.stdout:
        if int(line) >= 200:
            break
    os.kill(child.pid, signal.SIGKILL)
    acknowledged = max([200, *map(int, child.stdout.read().split())])
    child.stdout.close()
    child.wait(WAIT_S)
    spool = open_spool(path)
    stored = {row.event_id for row in spool.read.of_tenant(FIRM, rows_max=100_000)}
    spool.close()
    assert stored >= {str(number) for number in range(acknowledged + 1)}


def test_the_migrations_build_the_readable_schema(tmp_path: Path) -> None:
    def shape(connection: apsw.Connection) -> list[tuple[Any, ...]]:
        return connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name").fetchall()

    built = open_connection(tmp_path / "built.db", create=True)
    migrate(built, "spool")
    read = open_connection(tmp_path / "read.db", create=True)
    read.execute(readable_schema("spool")).fetchall()
    assert shape(built) == shape(read)
    built.close()
    read.close()


@pytest.mark.parametrize("is_checkpointed", [False, True])
def test_a_log_that_vanished_is_refused_until_the_restart_and_nothing_accepted_is_lost(
    tmp_path: Path, *, is_checkpointed: bool
) -> None:
    path = tmp_path / "spool.db"
    spool = open_spool(path)
    assert spool.put([_request(1)]).result(WAIT_S) == 1
    if is_checkpointed:
        other = open_connection(path)
        other.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        other.close()
    (tmp_path / "spool.db-wal").unlink()
    for number in range(2, 5):
        with pytest.raises(StorageError):
            spool.put([_request(number)]).result(WAIT_S)
    spool.close()
    again = Spool(path)
    assert again.put([_request(1), _request(2)]).result(WAIT_S) == 1
    again.close()


def test_with_another_shared_memory_nothing_is_written_until_the_restart_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    spool = open_spool(path)
    assert sum(spool.put([_request(number)]).result(WAIT_S) for number in range(1, 20)) == 19
    (tmp_path / "spool.db-shm").unlink()
    writes = (
        "import sys; from pathlib import Path; from lhwa.store.spool import Spool; from lhwa.store.spool_rows import *;"
        "spool = Spool(Path(sys.argv[1])); spool.change(requeue([1])).result(); spool.close()"
    )
    subprocess.run([sys.executable, "-c", writes, str(path)], check=True, timeout=60)
    for number in range(20, 25):
        with pytest.raises(StorageError):
            spool.put([_request(number)]).result(WAIT_S)
    spool.close()
    again = Spool(path)
    assert sum(again.put([_request(number)]).result(WAIT_S) for number in range(1, 30)) == 10
    assert sum(again.read.counts().by_state.values()) == 29
    again.close()


def test_a_spool_is_made_on_purpose_only(path: Path) -> None:
    for opening in (Spool, SpoolReader.open):
        with pytest.raises(StorageError, match="gone") as missing:
            opening(path)
        assert "--new-spool" in missing.value.hint
    assert not path.exists()
    for _ in range(2):
        create_spool(path)
    assert [each.name for each in path.parent.iterdir()] == ["spool.db"]
    Spool(path).close()


@pytest.mark.parametrize("left", [b"", b"SQLite format 3\0"])
def test_an_emptied_spool_is_damage_and_keeps_its_log(path: Path, left: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(left)
    log = path.with_name("spool.db-wal")
    log.write_bytes(b"frames")
    for opening in (Spool, SpoolReader.open):
        with pytest.raises(VerificationError) as found:
            opening(path)
        assert "--new-spool" in found.value.hint
    assert path.read_bytes() == left
    assert log.read_bytes() == b"frames"


def test_a_crash_while_the_spool_is_made_leaves_none(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "link", die)
        with pytest.raises(KeyboardInterrupt):
            create_spool(path)
    assert list(path.parent.iterdir()) == []
    create_spool(path)


def test_a_connection_to_a_spool_that_cannot_be_used_is_closed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create_spool(path)
    opened: list[apsw.Connection] = []

    def refuse(connection: apsw.Connection, *_: object, **__: object) -> None:
        opened.append(connection)
        raise UsageError("newer")

    monkeypatch.setattr("lhwa.store.spool_rows.migrate", refuse)
    for opening in (Spool, SpoolReader.open):
        with pytest.raises(UsageError):
            opening(path)
        with pytest.raises(apsw.ConnectionClosedError):
            opened[-1].pragma("user_version")


@pytest.mark.parametrize("name", ["spool.db", "spool.db-wal"])
def test_a_spool_that_is_emptied_under_the_writer_is_refused_and_said(path: Path, name: str) -> None:
    spool = open_spool(path)
    assert spool.put([_request(1)]).result(WAIT_S) == 1
    path.with_name(name).write_bytes(b"")
    for number in range(2, 5):
        with pytest.raises(StorageError) as found:
            spool.put([_request(number)]).result(WAIT_S)
        assert "Stop the daemon" in found.value.hint
    spool.close()
    assert path.with_name(name).stat().st_size == 0 or not path.with_name(name).exists()


def test_a_change_tells_how_many_rows_it_changed_also_beside_others(spool: Spool) -> None:
    spool.put([_request(1), _request(2)]).result(WAIT_S)
    spool.change(mark(spool.read.after(0), state="done")).result(WAIT_S)
    held, go = _hold(spool)
    waiting = [
        spool.put([_request(3)]),
        spool.change(requeue([1])),
        spool.change(requeue([1, 2, 99])),
        spool.change(requeue(())),
        spool.put([_request(3), _request(4)]),
    ]
    go.set()
    held.result(WAIT_S)
    assert [future.result(WAIT_S) for future in waiting] == [1, 1, 2, 0, 1]


def test_a_file_that_vanished_is_never_replaced_by_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    spool = open_spool(path)
    for name in ("spool.db", "spool.db-wal", "spool.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    for _ in range(3):
        with pytest.raises(StorageError, match="removed"):
            spool.change(lambda _connection: None).result(10)
    assert not path.exists()
    spool.close()


def test_what_is_new_is_counted_right_beside_what_was_seen(spool: Spool) -> None:
    spool.put([_request(1), _request(3)]).result(WAIT_S)
    held, go = _hold(spool)
    waiting = [spool.put([_request(10 + number, dedup=dedup)]) for number, dedup in enumerate((2, 1, 4, 3, 5, 3))]
    go.set()
    held.result(WAIT_S)
    assert [future.result(WAIT_S) for future in waiting] == [1, 0, 1, 0, 1, 0]


def test_a_file_that_keeps_others_waiting_is_left_to_the_spools_own_thread(spool: Spool, path: Path) -> None:
    other = open_connection(path)
    was_quick = [spool.is_quick]
    other.execute("BEGIN IMMEDIATE")
    waiting = spool.put([_request(1)])
    threading.Timer(0.2, lambda: other.execute("COMMIT")).start()
    assert waiting.result(WAIT_S) == 1
    was_quick.append(spool.is_quick)
    # It comes back by itself, however busy the disk of this machine is meanwhile.
    for number in range(2, 2_000):
        spool.put([_request(number)]).result(WAIT_S)
        if spool.is_quick:
            break
    was_quick.append(spool.is_quick)
    assert was_quick == [True, False, True]
    other.close()
