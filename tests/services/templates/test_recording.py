"""What stands in good files becomes a version; what stands in bad ones changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lhwa.domain.access import Role
from lhwa.domain.audit import DAEMON
from lhwa.domain.edited_files import Noticed
from lhwa.domain.keys import TenantKeys
from lhwa.errors import NotAllowedError
from lhwa.services.templates.recording import (
    last_good,
    read_for_daemon,
    read_own_folder,
    record_reading,
    sort_out,
)
from lhwa.store.connection import rows
from lhwa.store.store import Store
from lhwa.testing.builders import acting_as, open_firm
from lhwa.testing.fakes import FakeClock

SECRET_WORD = "Rahasia"
BROKEN = "category: [\n"


def text(body: str = "Mohon hadir di kantor kami.", *, name: str = "janji", languages: str = "id") -> str:
    texts = "".join(f'  {each}:\n    body: "{body} {each}"\n' for each in languages.split())
    return f"name: {name}\ncategory: utility\nlanguages:\n{texts}"


class Scene:
    """A firm's folder, and its store."""

    def __init__(self, folder: Path, store: Store, clock: FakeClock) -> None:
        self.folder, self.store, self.clock = folder / "templates", store, clock
        self.folder.mkdir()

    def put(self, file: str, content: str) -> None:
        (self.folder / file).write_text(content)

    def daemon_reads(self) -> Noticed:
        noticed = self.store.write(read_for_daemon(self.folder, self.clock.now()))
        assert noticed is not None
        return noticed

    def state(self) -> dict[str, tuple[str, int, bool]]:
        """name/language -> file, version that counts, whether a file has it."""
        found = self.store.read(lambda tx: tx.template_files.all())
        return {
            f"{row.current.name}/{row.current.language}": (row.file, row.current.version, row.deleted_at_ms is None)
            for row in found
        }

    def body(self, name: str = "janji", language: str = "id") -> str:
        """Of the version that counts."""
        row = self.store.read(lambda tx: tx.template_files.get(name, language))
        assert row is not None
        return str(json.loads(row.current.definition)["components"][0]["text"])

    def entries(self, action: str) -> list[dict[str, Any]]:
        found = self.store.read(lambda tx: rows(tx._connection, "SELECT entry FROM audit_entry ORDER BY seq"))
        return [entry for (raw,) in found if (entry := json.loads(raw))["action"] == action]


@pytest.fixture
def scene(folder: Path, firm_keys: TenantKeys, clock: FakeClock) -> Iterator[Scene]:
    with open_firm(folder, keys=firm_keys, clock=clock) as store:
        yield Scene(folder, store, clock)


def test_a_good_file_is_kept_and_the_same_again_changes_nothing(scene: Scene) -> None:
    scene.put("janji.yaml", text(languages="id en"))
    assert scene.daemon_reads() == Noticed(changed=2)
    assert scene.state() == {"janji/id": ("janji.yaml", 1, True), "janji/en": ("janji.yaml", 1, True)}
    size = scene.store.read(lambda tx: tx.audit.frontier().size)
    assert scene.daemon_reads() == Noticed()
    assert scene.store.read(lambda tx: tx.audit.frontier().size) == size


def test_an_edit_is_a_new_version_and_an_edit_back_is_one_more(scene: Scene) -> None:
    for body in ("Satu mohon hadir.", "Dua mohon hadir.", "Satu mohon hadir."):
        scene.put("janji.yaml", text(body))
        assert scene.daemon_reads().changed == 1
        scene.clock.advance(1)
    kept = scene.store.read(lambda tx: tx.template_files.versions("janji"))
    assert [each.version for each in kept] == [1, 2, 3]
    assert kept[0].sha256 == kept[2].sha256 != kept[1].sha256


BAD_EDITS = {
    "no YAML": BROKEN,
    "empty": "",
    "half of it": text()[:40],
    "refused by the linter": text("a" * 1_100),
    "another key": text() + "tujuan: x\n",
    "a double": text() + "---\n" + text(),
    "an escape that is no character": text("Mohon hadir \\ud800 di kantor."),
}


@pytest.mark.parametrize("bad", BAD_EDITS.values(), ids=BAD_EDITS.keys())
def test_a_bad_edit_leaves_the_good_version(scene: Scene, bad: str) -> None:
    scene.put("janji.yaml", text("Yang baik, mohon hadir."))
    scene.daemon_reads()
    scene.put("janji.yaml", bad)
    noticed = scene.daemon_reads()
    assert (noticed.changed, {fault.file for fault in noticed.faults}) == (0, {"janji.yaml"})
    assert scene.state() == {"janji/id": ("janji.yaml", 1, True)}
    assert scene.body() == "Yang baik, mohon hadir. id"
    sorted_files = sort_out(read_own_folder(scene.folder))
    (template,) = scene.store.read(last_good, acting_as(Role.AUDITOR), sorted_files)
    assert template.body == scene.body()


def test_one_bad_language_holds_the_other_one_back(scene: Scene) -> None:
    scene.put("janji.yaml", text(languages="id en"))
    scene.daemon_reads()
    scene.put("janji.yaml", text("Baru, mohon hadir.") + '  en:\n    body: "{{1}}"\n')
    assert scene.daemon_reads().changed == 0
    assert {version for _file, version, _is_there in scene.state().values()} == {1}


def test_a_bad_file_costs_its_neighbours_nothing(scene: Scene) -> None:
    scene.put("bad.yaml", BROKEN)
    scene.put("janji.yaml", text())
    noticed = scene.daemon_reads()
    assert noticed.changed == 1
    assert [(fault.file, fault.rule, fault.line) for fault in noticed.faults] == [("bad.yaml", "yaml-syntax", 2)]


@pytest.mark.parametrize("second", ["janji", "lain"], ids=["the same name", "the same text"])
def test_of_two_alike_the_first_file_counts(scene: Scene, second: str) -> None:
    scene.put("a.yaml", text())
    scene.put("b.yaml", text("Mohon hadir." if second == "janji" else "Mohon hadir di kantor kami.", name=second))
    scene.put("c.yaml", text("Yang lain, mohon hadir.", name="lagi"))
    noticed = scene.daemon_reads()
    assert {fault.file for fault in noticed.faults} == {"b.yaml"}
    assert scene.state() == {"janji/id": ("a.yaml", 1, True), "lagi/id": ("c.yaml", 1, True)}
    (scene.folder / "a.yaml").unlink()
    scene.daemon_reads()
    assert scene.state()[f"{second}/id"][0] == "b.yaml"


def test_a_deleted_file_is_marked_and_comes_back_as_it_was(scene: Scene) -> None:
    scene.put("janji.yaml", text())
    scene.daemon_reads()
    (scene.folder / "janji.yaml").unlink()
    assert scene.daemon_reads().changed == 1
    assert scene.state() == {"janji/id": ("janji.yaml", 1, False)}
    assert scene.daemon_reads().changed == 0
    scene.put("janji.yaml", text())
    assert scene.daemon_reads().changed == 1
    assert scene.state() == {"janji/id": ("janji.yaml", 1, True)}
    whats = [entry["data"]["what"] for entry in scene.entries("template.file_changed")]
    assert whats == ["added", "deleted", "restored"]


def test_a_renamed_file_keeps_its_version(scene: Scene) -> None:
    scene.put("janji.yaml", text())
    scene.daemon_reads()
    (scene.folder / "janji.yaml").rename(scene.folder / "baru.yaml")
    assert scene.daemon_reads().changed == 1
    assert scene.state() == {"janji/id": ("baru.yaml", 1, True)}


def test_a_template_that_moves_into_a_bad_file_is_not_deleted(scene: Scene) -> None:
    scene.put("janji.yaml", text())
    scene.daemon_reads()
    (scene.folder / "janji.yaml").unlink()
    scene.put("baru.yaml", text("a" * 1_100))
    assert scene.daemon_reads().changed == 0
    assert scene.state() == {"janji/id": ("janji.yaml", 1, True)}


def test_a_removed_folder_has_no_templates_and_one_that_cannot_be_read_says_nothing(scene: Scene) -> None:
    scene.put("janji.yaml", text())
    scene.daemon_reads()
    (scene.folder / "janji.yaml").unlink()
    scene.folder.rmdir()
    scene.folder.symlink_to(scene.folder / "nowhere")
    noticed = scene.daemon_reads()
    assert [fault.rule for fault in noticed.faults] == ["folder-unreadable"]
    assert scene.state()["janji/id"][2]
    scene.folder.unlink()
    scene.daemon_reads()
    assert not scene.state()["janji/id"][2]


def test_nothing_of_a_file_lies_in_the_audit_log(scene: Scene) -> None:
    scene.put(f"{SECRET_WORD}.yaml", text(f"{SECRET_WORD}, mohon hadir."))
    scene.put("bad.yaml", f"{SECRET_WORD}: [\n")
    scene.daemon_reads()
    (checked,) = scene.entries("template.files_checked")
    assert checked["data"] == {"files_with_errors": 1, "rules": ["yaml-syntax"]}
    (changed,) = scene.entries("template.file_changed")
    assert (changed["actor"], changed["target"]) == (DAEMON, "template:janji/id")
    assert sorted(changed["data"]) == ["sha256", "version", "what"]
    found = scene.store.read(lambda tx: rows(tx._connection, "SELECT entry FROM audit_entry"))
    assert not any(SECRET_WORD.encode() in entry for (entry,) in found)


def test_a_mended_file_is_said_once(scene: Scene) -> None:
    scene.put("janji.yaml", BROKEN)
    scene.daemon_reads()
    scene.daemon_reads()
    scene.put("janji.yaml", text())
    scene.daemon_reads()
    counts = [entry["data"]["files_with_errors"] for entry in scene.entries("template.files_checked")]
    assert counts == [1, 0]


def test_a_reading_that_is_older_than_what_was_recorded_is_dropped(scene: Scene) -> None:
    scene.put("janji.yaml", text("Lama, mohon hadir."))
    old = read_for_daemon(scene.folder, scene.clock.now())
    scene.clock.advance(1)
    scene.put("janji.yaml", text("Baru, mohon hadir."))
    scene.daemon_reads()
    assert scene.store.write(old) is None
    assert scene.body() == "Baru, mohon hadir. id"


def test_a_clock_that_was_set_back_stops_no_reading(scene: Scene) -> None:
    scene.put("janji.yaml", text())
    scene.daemon_reads()
    scene.clock.set(scene.clock.now() - timedelta(hours=1))
    scene.put("janji.yaml", text("Baru, mohon hadir."))
    assert scene.daemon_reads().changed == 1


@pytest.mark.parametrize("role", list(Role))
def test_whoever_reads_records_what_was_read_under_their_own_name(scene: Scene, role: Role) -> None:
    scene.put("janji.yaml", text())
    read = read_own_folder(scene.folder)
    scene.store.write(record_reading, acting_as(role), read, sort_out(read), began=scene.clock.now())
    (changed,) = scene.entries("template.file_changed")
    assert changed["actor"] == f"operator:{acting_as(role).operator}"


def test_somebody_without_a_role_records_and_learns_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lhwa.domain.access.GRANTS", {})
    read = read_own_folder(scene.folder)
    with pytest.raises(NotAllowedError):
        scene.store.write(record_reading, acting_as(Role.OWNER), read, sort_out(read), began=scene.clock.now())
    with pytest.raises(NotAllowedError):
        scene.store.read(last_good, acting_as(Role.OWNER), sort_out(read))
