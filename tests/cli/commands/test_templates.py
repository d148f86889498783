"""`lhwa templates`, and how a template gets to Meta by `pending`, `approve` and `reject`; Meta is the sandbox."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lhwa.bootstrap import open_clock
from lhwa.sandbox.accounts import SandboxAccount, SandboxNumber, SandboxToken
from lhwa.sandbox.http import sandbox_app
from lhwa.sandbox.sandbox import Sandbox
from tests.sandbox.served import serving

Run = Callable[..., subprocess.CompletedProcess[str]]
SAMPLES = Path(__file__).parents[3] / "config" / "templates"
TOKEN = "sandbox-token-for-tests"
ACCOUNT = SandboxAccount(
    name="firma",
    waba_id="200300400500601",
    app_id="400400400400400",
    app_secret="s3cret-of-the-meta-app-000000",
    webhook_url="http://127.0.0.1:9/webhooks/whatsapp",
    numbers=(SandboxNumber(phone_number_id="301301301301302", display_phone_number="622150001234"),),
    tokens=(SandboxToken(value=TOKEN),),
)


@dataclass
class Meta:
    """The sandbox on its port, in a thread of its own."""

    sandbox: Sandbox
    url: str

    def template_id(self, name: str) -> str:
        return next(
            each.id for firm in self.sandbox._platform.firms for each in firm.templates.all() if each.name == name
        )


@pytest.fixture
def meta() -> Iterator[Meta]:
    clock = open_clock()
    sandbox = Sandbox(ACCOUNT, seed=7, now=clock.now())
    started: list[str] = []
    is_up, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with serving(sandbox_app(sandbox, clock)) as url:
            started.append(url)
            is_up.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert is_up.wait(10)
        yield Meta(sandbox, started[0])
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


@pytest.fixture
def lhwa_at(firm: Run, meta: Meta, home: Path) -> Run:
    """Run in the first firm, which has an access token and a folder of sample templates."""
    shutil.copytree(SAMPLES, home / "tenants" / "firma" / "templates")
    assert firm("tenant", "set-access-token", "firma", stdin=TOKEN).returncode == 0

    def run(*words: str, env: dict[str, str] | None = None, **more: Any) -> subprocess.CompletedProcess[str]:
        return firm("-t", "firma", *words, env={"LHWA_GRAPH_URL": meta.url} | (env or {}), **more)

    return run


@pytest.fixture
def people(token: Callable[[str], dict[str, str]]) -> dict[str, dict[str, str]]:
    return {name: token(name) for name in ("budi", "wati")}


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def submitted(run: Run, name: str, env: dict[str, str], *words: str) -> str:
    return str(answer(run("--json", "templates", "submit", name, *words, env=env))["id"])


def brought(run: Run, meta: Meta, people: dict[str, dict[str, str]], name: str = "jam_kerja") -> None:
    """A template that both people agreed about, approved by Meta."""
    done = run("approve", submitted(run, name, people["budi"]), env=people["wati"])
    assert done.returncode == 0, done.stderr
    meta.sandbox.approve_template(meta.template_id(name), now=open_clock().now())


def test_a_template_goes_from_the_file_by_two_people_to_meta_and_back(
    lhwa_at: Run, meta: Meta, people: dict[str, dict[str, str]]
) -> None:
    item = submitted(lhwa_at, "jam_kerja", people["budi"])
    (waiting,) = answer(lhwa_at("--json", "pending", env=people["wati"]))
    assert (waiting["id"], waiting["kind"], waiting["about"]) == (item, "template", "jam_kerja/id")
    own = lhwa_at("approve", item, env=people["budi"])
    assert (own.returncode, "cannot approve" in own.stderr) == (5, True)
    assert answer(lhwa_at("--json", "approve", item, env=people["wati"])) == {"id": item, "state": "posted"}
    assert answer(lhwa_at("--json", "pending", env=people["wati"])) == []
    again = lhwa_at("approve", item, env=people["wati"])
    assert again.returncode == 5
    meta.sandbox.approve_template(meta.template_id("jam_kerja"), now=open_clock().now())
    synced = answer(lhwa_at("--json", "templates", "sync"))
    assert {(each["what"], each.get("now")) for each in synced["report"]["changes"]} == {
        ("status", "APPROVED"),
        ("quality", "UNKNOWN"),
    }
    assert synced["differs"] == []
    views = answer(lhwa_at("--json", "templates", "list"))
    view = next(each for each in views if (each["name"], each["language"]) == ("jam_kerja", "id"))
    assert (view["where"], view["status"]) == ("both", "APPROVED")
    assert lhwa_at("audit", "verify").returncode == 0


def test_a_declined_template_never_reaches_meta(lhwa_at: Run, meta: Meta, people: dict[str, dict[str, str]]) -> None:
    item = submitted(lhwa_at, "jam_kerja", people["budi"])
    told = answer(lhwa_at("--json", "reject", item, "--reason", "Nadanya kurang tepat", env=people["wati"]))
    assert told == {"id": item, "state": "declined"}
    assert not [entry for entry in meta.sandbox.journal() if entry.path.endswith("message_templates")]


def test_a_changed_file_is_drift_until_it_is_submitted_again(
    lhwa_at: Run, meta: Meta, people: dict[str, dict[str, str]], home: Path
) -> None:
    brought(lhwa_at, meta, people)
    file = home / "tenants" / "firma" / "templates" / "jam_kerja.yaml"
    file.write_text(file.read_text().replace("dan bukan nasihat hukum", "dan tidak berisi nasihat hukum"))
    synced = lhwa_at("templates", "sync")
    assert "jam_kerja (id) differs from its file: body" in synced.stderr
    done = lhwa_at("approve", submitted(lhwa_at, "jam_kerja", people["budi"]), env=people["wati"])
    assert done.returncode == 0, done.stderr
    again = answer(lhwa_at("--json", "templates", "sync"))
    assert again["differs"] == []
    view = next(each for each in answer(lhwa_at("--json", "templates", "list")) if each["where"] == "both")
    assert (view["status"], view["versions"]) == ("PENDING", 2)


def test_an_approval_whose_answer_was_lost_finds_what_is_there(
    lhwa_at: Run, meta: Meta, people: dict[str, dict[str, str]]
) -> None:
    item = submitted(lhwa_at, "jam_kerja", people["budi"])
    gone = lhwa_at("approve", item, env=people["wati"] | {"LHWA_GRAPH_URL": "http://127.0.0.1:9"})
    assert (gone.returncode, "cannot be reached" in gone.stderr) == (3, True)
    assert answer(lhwa_at("--json", "approve", item, env=people["wati"]))["state"] == "posted"


def test_an_edit_that_meta_refuses_says_why(
    lhwa_at: Run, meta: Meta, people: dict[str, dict[str, str]], home: Path
) -> None:
    brought(lhwa_at, meta, people)
    meta.sandbox.disable_template(meta.template_id("jam_kerja"), now=open_clock().now())
    file = home / "tenants" / "firma" / "templates" / "jam_kerja.yaml"
    file.write_text(file.read_text().replace("dan bukan nasihat hukum", "dan tidak berisi nasihat hukum"))
    item = submitted(lhwa_at, "jam_kerja", people["budi"])
    done = lhwa_at("approve", item, env=people["wati"])
    assert (done.returncode, "DISABLED cannot be edited" in done.stderr) == (1, True)
    assert answer(lhwa_at("--json", "pending")) == []


@pytest.mark.parametrize(
    ("env", "code", "says"),
    [
        ({"LHWA_GRAPH_URL": "http://127.0.0.1:9"}, 3, "cannot be reached"),
        ({}, 2, "no access token"),
    ],
    ids=["nobody answers", "no token"],
)
def test_a_sync_without_meta_says_what_to_do(firm: Run, env: dict[str, str], code: int, says: str) -> None:
    if env:
        assert firm("tenant", "set-access-token", "firma", stdin=TOKEN).returncode == 0
    done = firm("-t", "firma", "templates", "sync", env=env)
    assert (done.returncode, says in done.stderr, "hint:" in done.stderr) == (code, True, True)
    assert TOKEN not in done.stderr


def test_an_ended_token_is_named_as_the_fault(lhwa_at: Run, meta: Meta) -> None:
    meta.sandbox.end_token(TOKEN)
    done = lhwa_at("templates", "sync")
    assert (done.returncode, "set-access-token" in done.stderr) == (2, True)


def test_the_samples_pass_the_linter(firm: Run) -> None:
    done = firm("templates", "lint", str(SAMPLES))
    assert (done.returncode, done.stdout) == (0, "")


def test_the_folder_is_named_as_for_the_other_commands_or_as_a_path(firm: Run, tmp_path: Path) -> None:
    done = firm("templates", "lint", "--folder", str(SAMPLES))
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == firm("templates", "lint", str(SAMPLES)).stderr
    twice = firm("templates", "lint", str(SAMPLES), "--folder", str(SAMPLES))
    assert (twice.returncode, "once" in twice.stderr) == (2, True)
    missing = firm("templates", "lint", "--folder", str(tmp_path / "tiada"))
    assert (missing.returncode, "folder-unreadable" in missing.stdout) == (1, True)


def test_a_finding_says_rule_place_and_mend(firm: Run, tmp_path: Path) -> None:
    file = tmp_path / "salah.yaml"
    file.write_text("name: salah\ncategory: utility\nlanguages:\n  id:\n    body: '{{nama}}'\n")
    done = firm("--json", "templates", "lint", str(file))
    assert done.returncode == 1
    finding = json.loads(done.stdout)[0]
    assert {"rule", "severity", "place", "what", "mend", "line"} <= finding.keys()
    assert finding["file"] == str(file)
    shown = firm("templates", "lint", str(file))
    assert f"[{finding['rule']}]" in shown.stdout


def test_errors_refuse_a_submission(firm: Run, tmp_path: Path) -> None:
    (tmp_path / "salah.yaml").write_text("name: salah\ncategory: utility\nlanguages:\n  id:\n    body: '{{nama}}'\n")
    done = firm("-t", "firma", "templates", "submit", "salah", "--folder", str(tmp_path))
    assert (done.returncode, "cannot be submitted" in done.stderr) == (2, True)
    (tmp_path / "salah.yaml").write_text("name: [")
    broken = firm("-t", "firma", "templates", "submit", "salah", "--folder", str(tmp_path))
    assert (broken.returncode, "yaml-syntax" in broken.stderr) == (2, True)


def test_a_preview_shows_what_the_client_will_see(firm: Run) -> None:
    words = ("-t", "firma", "templates", "preview", "pengingat_janji", "--folder", str(SAMPLES))
    plain = firm(*words)
    assert plain.returncode == 0, plain.stderr
    assert "Contoh Advokat" in " ".join(plain.stdout.split())
    named = firm(*words, "--param", "nama_klien=Rina Contoh", "--language", "en")
    assert "Rina Contoh" in named.stdout
    assert "nama_klien" in answer(firm("--json", *words))["values"]


@pytest.mark.parametrize(
    "words",
    [
        ("preview", "tidak_ada"),
        ("preview", "jam_kerja", "--language", "fr"),
        ("preview", "pengingat_janji", "--param", "nama_klien"),
        ("preview", "pengingat_janji", "--param", "lain=x"),
        ("preview", "pengingat_janji", "--param", "nama_klien=a\nb"),
        ("submit", "tidak_ada"),
        ("submit", "pemberitahuan_tagihan"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_is_wrong_usage_with_a_hint(firm: Run, words: tuple[str, ...]) -> None:
    done = firm("-t", "firma", "templates", *words, "--folder", str(SAMPLES))
    assert (done.returncode, "hint:" in done.stderr) == (2, True), done.stderr


def test_a_firm_without_files_has_an_empty_list(firm: Run) -> None:
    done = firm("-t", "firma", "templates", "list")
    assert (done.returncode, done.stdout) == (0, "")
    assert answer(firm("-t", "firma", "--json", "templates", "list")) == []


def test_a_file_that_cannot_be_read_is_named_beside_the_list(firm: Run, tmp_path: Path) -> None:
    shutil.copy(SAMPLES / "jam_kerja.yaml", tmp_path)
    (tmp_path / "rusak.yaml").write_text("name: [")
    done = firm("-t", "firma", "templates", "list", "--folder", str(tmp_path))
    assert (done.returncode, "rusak.yaml" in done.stderr, "jam_kerja" in done.stdout) == (0, True, True)


def test_the_list_and_the_versions_show_what_meta_does_not_have_yet(
    lhwa_at: Run, meta: Meta, people: dict[str, dict[str, str]], home: Path
) -> None:
    brought(lhwa_at, meta, people)
    file = home / "tenants" / "firma" / "templates" / "jam_kerja.yaml"
    file.write_text(file.read_text().replace("dan bukan nasihat hukum", "dan tidak berisi nasihat hukum"))
    assert "2; Meta has 1" in " ".join(lhwa_at("templates", "list").stdout.split())
    kept = answer(lhwa_at("--json", "templates", "versions", "jam_kerja", "--language", "id"))
    assert [(each["version"], each.get("isCurrent", False)) for each in kept] == [(1, False), (2, True)]
    assert [each["state"] for each in kept[0]["submissions"]] == ["posted"]
    assert kept[0]["statusAtMeta"] in ("PENDING", "APPROVED")
    assert "submissions" not in kept[1]
    shown = lhwa_at("templates", "versions", "jam_kerja")
    assert kept[1]["sha256"][:12] in shown.stdout
    assert kept[1]["sha256"] not in shown.stdout


def test_a_file_with_errors_keeps_its_last_good_version_and_cannot_be_submitted(
    lhwa_at: Run, people: dict[str, dict[str, str]], home: Path
) -> None:
    assert lhwa_at("templates", "list").returncode == 0
    file = home / "tenants" / "firma" / "templates" / "jam_kerja.yaml"
    good = file.read_text()
    file.write_text(good.replace("category: utility", "category: utilty"))
    listed = lhwa_at("templates", "list")
    assert "1 (file has errors)" in " ".join(listed.stdout.split())
    assert "jam_kerja.yaml: the file has errors: lhwa templates lint." in listed.stderr
    shown = lhwa_at("templates", "preview", "jam_kerja")
    assert (shown.returncode, "last good version" in shown.stderr) == (0, True)
    assert lhwa_at("templates", "submit", "jam_kerja", env=people["budi"]).returncode == 2
    assert "lhwa templates lint" in lhwa_at("status").stdout
    file.write_text(good)
    assert lhwa_at("templates", "submit", "jam_kerja", env=people["budi"]).returncode == 0
    assert "lhwa templates lint" not in lhwa_at("status").stdout


def test_a_folder_of_somewhere_else_leaves_no_version(lhwa_at: Run, home: Path, tmp_path: Path) -> None:
    shutil.rmtree(home / "tenants" / "firma" / "templates")
    other = tmp_path / "others"
    shutil.copytree(SAMPLES, other)
    views = answer(lhwa_at("--json", "templates", "list", "--folder", str(other)))
    assert len(views) == 12
    assert not any("fileVersion" in view for view in views)
    assert lhwa_at("templates", "versions", "jam_kerja").returncode == 4
