"""Template files are edited while the real daemon runs: a good edit is a new version, a bad one changes nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

SAMPLES = Path(__file__).parents[2] / "config" / "templates"
NAME = "pengingat_janji"
FILE = f"{NAME}.yaml"
BEFORE, AFTER = "Yth. {{nama_klien}}", "Kepada Yth. {{nama_klien}}"
SOON_S = 5.0


def folder_of(place: Any, firm: str = "firma") -> Path:
    return Path(place.home) / "tenants" / firm / "templates"


def recorded(daemon: Any, *, firm: str = "firma") -> int:
    """How often the daemon took something over for a firm."""
    return len([line for line in daemon.lines("edited_files_taken_over") if line["tenant"] == firm])


def kept(place: Any, *, firm: str = "firma") -> list[tuple[int, bool]]:
    """The versions of the Indonesian text, and which of them counts. The command reads the files too, and last."""
    found = place.data("templates", "versions", NAME, "--language", "id", firm=firm)
    return [(each["version"], each.get("isCurrent", False)) for each in found]


def edit(file: Path, was: str, now: str) -> None:
    """As an editor saves: a file beside it, then renamed."""
    text = file.read_text()
    assert was in text
    beside = file.with_name(f".{file.name}.swp")
    beside.write_text(text.replace(was, now))
    beside.rename(file)


def test_an_edit_is_a_version_and_a_bad_one_waits_until_it_is_mended(place: Any) -> None:
    daemon = place.serve()
    # The folder appears while the daemon runs, and the neighbour has none.
    folder_of(place).mkdir(parents=True)
    shutil.copy(SAMPLES / FILE, folder_of(place))
    place.eventually(lambda: recorded(daemon) == 1, within_s=SOON_S)
    edit(folder_of(place) / FILE, BEFORE, AFTER)
    place.eventually(lambda: recorded(daemon) == 2, within_s=SOON_S)

    edit(folder_of(place) / FILE, "category: utility", "category: [")
    place.eventually(lambda: daemon.lines("edited_file_refused"), within_s=SOON_S)
    (refused,) = daemon.lines("edited_file_refused")
    assert (refused["tenant"], refused["kind"], refused["file"]) == ("firma", "templates", FILE)
    assert refused["rule"] == "yaml-syntax"
    assert refused["line"] > 1
    assert place.data("status")["templateFilesWithErrors"] == 1
    assert "lhwa templates lint" in place.ok("status", "-t", "firma")
    (view,) = [each for each in place.data("templates", "list") if (each["name"], each["language"]) == (NAME, "id")]
    assert (view["fileVersion"], view["fileHasErrors"]) == (2, True)
    done = place.run("templates", "list", "-t", "firma")
    assert f"{FILE}: the file has errors: lhwa templates lint." in done.stderr
    assert AFTER in place.ok("templates", "preview", NAME, "-t", "firma", "--param", "nama_klien={{nama_klien}}")
    assert place.run("templates", "submit", NAME, "-t", "firma").returncode == 2
    assert kept(place) == [(1, False), (2, True)]

    edit(folder_of(place) / FILE, "category: [", "category: utility")
    place.eventually(lambda: place.data("status")["templateFilesWithErrors"] == 0, within_s=SOON_S)
    assert kept(place) == [(1, False), (2, True)]
    (folder_of(place) / FILE).unlink()
    place.eventually(lambda: recorded(daemon) == 3, within_s=SOON_S)
    assert kept(place) == [(1, False), (2, False)]

    assert recorded(daemon, firm="lain") == 0
    assert place.run("templates", "versions", NAME, "-t", "lain").returncode == 4
    assert "Kepada" not in daemon.said()
    daemon.stop()
    place.ok("audit", "verify", "-t", "firma")


def test_what_was_edited_while_the_daemon_was_dead_counts_when_it_is_back(place: Any) -> None:
    folder_of(place).mkdir(parents=True)
    shutil.copy(SAMPLES / FILE, folder_of(place))
    daemon = place.serve()
    place.eventually(lambda: recorded(daemon) == 1, within_s=SOON_S)
    edit(folder_of(place) / FILE, BEFORE, AFTER)
    daemon.kill()
    daemon = place.serve()
    place.eventually(lambda: recorded(daemon) or kept(place) == [(1, False), (2, True)], within_s=SOON_S)
    assert kept(place) == [(1, False), (2, True)]
    before = len(place.data("audit", "log", "--limit", "1000"))
    daemon.kill()
    place.serve()
    assert kept(place) == [(1, False), (2, True)]
    again = [each["action"] for each in place.data("audit", "log", "--limit", "1000")[before:]]
    assert "template.file_changed" not in again


@pytest.mark.parametrize("command", [("list",), ("lint",), ("preview", NAME)])
def test_a_command_records_what_it_reads_while_no_daemon_runs(place: Any, command: tuple[str, ...]) -> None:
    shutil.copytree(SAMPLES, folder_of(place))
    place.ok("templates", *command, "-t", "firma")
    actions = [each["action"] for each in place.data("audit", "log", "--limit", "1000")]
    assert actions.count("template.file_changed") == 12
    place.ok("templates", *command, "-t", "firma")
    again = [each["action"] for each in place.data("audit", "log", "--limit", "1000")]
    assert again.count("template.file_changed") == 12
