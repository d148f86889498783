"""What people edit is noticed and read once it rests: by the kernel's word, and by looking where there is none."""

from __future__ import annotations

import asyncio
import errno
import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from watchfiles import awatch

from lhwa.bootstrap import open_clock
from lhwa.config import Home
from lhwa.daemon import folder_events, folder_watch
from lhwa.daemon.folder_look import look_into
from lhwa.daemon.folder_watch import FolderWatch, Recording
from lhwa.domain.edited_files import FileFault, Noticed
from lhwa.domain.ids import TenantId
from lhwa.domain.instants import Instant
from lhwa.errors import UnavailableError
from lhwa.store.transaction import Tx

NOTICED_S_MAX = 4.0
REST_S = 0.6
FIRMA, LAIN = TenantId("firma"), TenantId("lain")


class Town:
    """A home with firms, a reader that remembers what it read, and a store that remembers what was recorded."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root)
        self.firms: frozenset[TenantId] = frozenset({FIRMA, LAIN})
        self.read: list[tuple[str, str, dict[str, str]]] = []
        self.recorded: list[TenantId] = []
        self.faults: tuple[FileFault, ...] = ()
        self.trouble: Exception | None = None
        self.stale = 0
        self.while_reading: Callable[[], object] = lambda: None
        for firm in self.firms:
            self.home.tenant_dir(firm).mkdir(parents=True)

    def folder(self, firm: TenantId = FIRMA, name: str = "templates") -> Path:
        return self.home.tenant_dir(firm) / name

    def reader(self, folder: Path, _now: Instant) -> Recording:
        files = {path.name: path.read_text() for path in folder.glob("*.yaml")} if folder.is_dir() else {}
        self.read.append((folder.parent.name, folder.name, files))
        self.while_reading()

        def record(_tx: Tx) -> Noticed | None:
            self.stale -= 1
            return None if self.stale >= 0 else Noticed(len(files), self.faults)

        return record

    async def record(self, tenant: TenantId, recording: Recording) -> Noticed | None:
        if self.trouble is not None:
            raise self.trouble
        self.recorded.append(tenant)
        tx: Any = None
        return recording(tx)

    def last(self, firm: TenantId = FIRMA) -> dict[str, str] | None:
        """What the newest reading of a firm found; None before the first."""
        return next((files for of, _name, files in reversed(self.read) if of == firm), None)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        readers = {"templates": self.reader, "intake": self.reader}
        watch = FolderWatch(
            self.home, firms=lambda: self.firms, record=self.record, clock=open_clock(), readers=readers
        )
        task = asyncio.create_task(watch.run())
        try:
            yield
            assert not task.done()
        finally:
            task.cancel()
            await asyncio.wait([task], timeout=5)
            assert task.cancelled(), task

    async def until(self, look: Callable[[], bool]) -> None:
        async with asyncio.timeout(NOTICED_S_MAX):
            while not look():  # noqa: ASYNC110 -- a file tells no event
                await asyncio.sleep(0.01)


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr(folder_watch, "LOOK_S", 0.1)
    monkeypatch.setattr(folder_events, "LISTEN_S", 0.2)
    monkeypatch.setattr(folder_events, "GONE_S", 0.1)
    return Town(tmp_path / "home")


@pytest.fixture(params=["hearing", "looking"])
def any_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The kernel tells and the looks are rare; or the kernel has no watches left."""
    way = str(request.param)
    if way == "looking":
        monkeypatch.setattr(folder_events, "awatch", _refusing)
    return way


def _refusing(*_paths: str, **_more: Any) -> Any:
    raise OSError(errno.ENOSPC, "OS file watch limit reached")


def lines(log: io.StringIO, event: str) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, log.getvalue().splitlines()) if line["event"] == event]


async def test_files_that_are_there_are_read_at_the_start(town: Town, any_way: str) -> None:
    town.folder().mkdir()
    (town.folder() / "a.yaml").write_text("one")
    async with town.watched():
        await town.until(lambda: town.recorded == [FIRMA])
    assert town.read == [("firma", "templates", {"a.yaml": "one"})]


async def test_firms_without_such_folders_are_never_read(town: Town, any_way: str) -> None:
    async with town.watched():
        await asyncio.sleep(REST_S)
    assert town.read == []


async def test_a_folder_that_appears_is_read_and_then_watched(town: Town, any_way: str) -> None:
    async with town.watched():
        await asyncio.sleep(0.2)
        town.folder().mkdir()
        (town.folder() / "a.yaml").write_text("one")
        await town.until(lambda: town.last() == {"a.yaml": "one"})
        (town.folder() / "a.yaml").write_text("two")
        await town.until(lambda: town.last() == {"a.yaml": "two"})


async def test_every_kind_of_folder_has_its_own_reader(town: Town) -> None:
    for name in ("templates", "intake", "media"):
        town.folder(name=name).mkdir()
        (town.folder(name=name) / "a.yaml").write_text(name)
    async with town.watched():
        await town.until(lambda: len(town.recorded) == 2)
    assert sorted(town.read) == [
        ("firma", "intake", {"a.yaml": "intake"}),
        ("firma", "templates", {"a.yaml": "templates"}),
    ]


async def test_the_kernel_tells_long_before_anybody_looks(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.folder().mkdir()
    async with town.watched():
        await town.until(lambda: town.recorded == [FIRMA])
        await asyncio.sleep(REST_S)
        monkeypatch.setattr(folder_watch, "LOOK_S", 60.0)
        await asyncio.sleep(0.2)
        (town.folder() / "a.yaml").write_text("one")
        await town.until(lambda: town.last() == {"a.yaml": "one"})


async def test_one_save_in_several_steps_is_one_reading(
    town: Town, any_way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_watch, "SETTLE_S", 0.4)
    town.folder().mkdir()
    file = town.folder() / "a.yaml"
    file.write_text("one")
    async with town.watched():
        await town.until(lambda: len(town.read) == 1)
        for text in ("t", "tw", "two ", "two t", "two tw", "two two", "two", "two"):
            (town.folder() / ".a.yaml.swp").write_text(text)
            (town.folder() / "4913").write_text("")
            (town.folder() / "a.yaml.new").write_text(text)
            (town.folder() / "a.yaml.new").rename(file)
            file.chmod(0o600)
            await asyncio.sleep(0.1)
        await town.until(lambda: town.last() == {"a.yaml": "two"})
        await asyncio.sleep(REST_S)
    assert len(town.read) == 2


async def test_swap_files_alone_are_no_edit(town: Town, any_way: str) -> None:
    town.folder().mkdir()
    async with town.watched():
        await town.until(lambda: len(town.read) == 1)
        for name in (".a.yaml.swp", "a.yaml~", "#a.yaml#", "4913"):
            (town.folder() / name).write_text("x")
        await asyncio.sleep(REST_S)
    assert len(town.read) == 1


async def test_what_changes_while_it_is_read_is_read_again(town: Town, any_way: str) -> None:
    town.folder().mkdir()
    file = town.folder() / "a.yaml"
    file.write_text("half")

    def finish() -> None:
        if file.read_text() == "half":
            file.write_text("the whole")

    town.while_reading = finish
    async with town.watched():
        await town.until(lambda: town.last() == {"a.yaml": "the whole"})
    assert town.read[0][2] == {"a.yaml": "half"}


async def test_a_file_that_never_rests_is_read_now_and_then(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_watch, "UNSETTLED_S_MAX", 0.4)
    town.folder().mkdir()
    file = town.folder() / "a.yaml"
    async with town.watched():
        async with asyncio.timeout(NOTICED_S_MAX):
            number = 0
            while len(town.read) < 3:
                file.write_text("x" * number)
                number += 1
                await asyncio.sleep(0.02)


async def test_a_folder_that_goes_and_comes_back_is_read_each_time(town: Town, any_way: str) -> None:
    town.folder().mkdir()
    (town.folder() / "a.yaml").write_text("one")
    aside = town.folder().with_name("aside")
    async with town.watched():
        await town.until(lambda: town.last() == {"a.yaml": "one"})
        await asyncio.sleep(0.3)
        town.folder().rename(aside)
        await town.until(lambda: town.last() == {})
        aside.rename(town.folder())
        await town.until(lambda: town.last() == {"a.yaml": "one"})
        (town.folder() / "a.yaml").write_text("two")
        await town.until(lambda: town.last() == {"a.yaml": "two"})


async def test_a_home_that_is_gone_deletes_nothing(town: Town, any_way: str) -> None:
    town.folder().mkdir()
    aside = town.home.root.with_name("aside")
    async with town.watched():
        await town.until(lambda: len(town.read) == 1)
        town.home.root.rename(aside)
        await asyncio.sleep(REST_S)
        assert len(town.read) == 1
        aside.rename(town.home.root)
        (town.folder() / "a.yaml").write_text("one")
        await town.until(lambda: town.last() == {"a.yaml": "one"})


async def test_only_firms_that_are_served_are_read(town: Town, any_way: str) -> None:
    for firm in (FIRMA, LAIN):
        town.folder(firm).mkdir()
    async with town.watched():
        await town.until(lambda: set(town.recorded) == {FIRMA, LAIN})
        town.firms = frozenset({FIRMA})
        await asyncio.sleep(0.3)
        (town.folder(LAIN) / "a.yaml").write_text("one")
        await asyncio.sleep(REST_S)
        assert town.last(LAIN) == {}
        town.firms = frozenset({FIRMA, LAIN})
        await town.until(lambda: town.last(LAIN) == {"a.yaml": "one"})
        baru = TenantId("baru")
        town.folder(baru).mkdir(parents=True)
        town.firms = frozenset({FIRMA, LAIN, baru})
        await town.until(lambda: town.last(baru) == {})


async def test_a_newer_reading_by_somebody_else_is_read_again(town: Town) -> None:
    town.stale = 2
    town.folder().mkdir()
    async with town.watched():
        await town.until(lambda: len(town.read) == 3)
        await asyncio.sleep(REST_S)
    assert len(town.read) == 3


async def test_trouble_is_said_once_and_costs_the_neighbours_nothing(
    town: Town, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_watch, "REST_S", 0.1)
    town.trouble = UnavailableError("The file is busy.")
    town.folder().mkdir()
    async with town.watched():
        await town.until(lambda: len(town.read) >= 3)
        assert len(lines(said, "edited_files_not_recorded")) == 1
        town.trouble = None
        town.folder(LAIN).mkdir()
        await town.until(lambda: set(town.recorded) == {FIRMA, LAIN})
    (line,) = lines(said, "edited_files_not_recorded")
    assert (line["tenant"], line["kind"], line["error"]) == ("firma", "templates", "UnavailableError")


async def test_a_reader_that_breaks_is_trouble_too(town: Town, said: io.StringIO) -> None:
    def fail() -> None:
        raise RecursionError

    town.while_reading = fail
    town.folder().mkdir()
    async with town.watched():
        await town.until(lambda: bool(lines(said, "edited_files_not_recorded")))
    assert town.recorded == []


async def test_faults_are_said_when_the_files_change_and_not_every_second(town: Town, said: io.StringIO) -> None:
    town.faults = tuple(FileFault(f"{number}.yaml", number, "yaml-syntax") for number in range(1, 30))
    town.folder().mkdir()
    async with town.watched():
        await town.until(lambda: bool(lines(said, "edited_files_refused")))
        await asyncio.sleep(REST_S)
    told = lines(said, "edited_file_refused")
    assert len(told) == folder_watch.FAULTS_TOLD_MAX
    assert (told[0]["file"], told[0]["line"], told[0]["rule"]) == ("1.yaml", 1, "yaml-syntax")
    (line,) = lines(said, "edited_files_refused")
    assert line["count"] == 29


async def test_a_kernel_without_watches_is_said_once_and_asked_again(
    town: Town, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_events, "KERNEL_AGAIN_S", 0.1)
    asked: list[bool] = []

    def sometimes(*paths: str, **more: Any) -> Any:
        asked.append(True)
        return _refusing() if len(asked) < 4 else awatch(*paths, **more)

    monkeypatch.setattr(folder_events, "awatch", sometimes)
    town.folder().mkdir()
    async with town.watched():
        await town.until(lambda: len(asked) == 4)
        monkeypatch.setattr(folder_watch, "LOOK_S", 60.0)
        await asyncio.sleep(0.5)
        (town.folder() / "a.yaml").write_text("one")
        await town.until(lambda: town.last() == {"a.yaml": "one"})
    (line,) = lines(said, "edited_folders_polled")
    assert (line["code"], "max_user_watches" in line["hint"]) == (errno.ENOSPC, True)


async def test_ten_thousand_firms_are_looked_at_in_turn(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Path] = []
    real = look_into

    def counted(folder: Path) -> Any:
        looks.append(folder)
        return real(folder)

    monkeypatch.setattr(folder_watch, "look_into", counted)
    town.firms = frozenset(TenantId(f"firma-{number}") for number in range(10_000))
    async with town.watched():
        await town.until(lambda: len(looks) >= 20_000 and len(set(looks)) == 20_000)
        await asyncio.sleep(0.1)
        looks.clear()
        await asyncio.sleep(1.0)
        assert 0 < len(looks) <= 12 * folder_watch.PLACES_MAX
        assert len(set(looks)) == len(looks)
