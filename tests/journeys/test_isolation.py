"""Two firms in one home: what roles may see, what files give away, and what belongs to the installer.

That no command line reaches into another firm is shown by `isolation/`, for every command that exists.
"""

from __future__ import annotations

import json
import shlex
import shutil
import sqlite3
from contextlib import closing
from typing import Any

import pytest

TEXTS = {"firma": "rahasia milik firma", "lain": "rahasia milik lain"}


@pytest.fixture(scope="module")
def office(shared: Any) -> Any:
    """Both firms with a message, a dead letter and an owner with a token of that firm alone."""
    daemon = shared.daemons[0]
    for firm in shared.firms:
        broken = shared.message("rusak")
        del broken["id"]
        assert daemon.post(shared.text(TEXTS[firm], firm=firm)) == 200
        assert daemon.post(shared.envelope(shared.value(broken, firm=firm), firm=firm)) == 200
    daemon.settle()
    shared.tokens = {firm: shared.token(f"sari-{firm}", "owner", firm=firm) for firm in shared.firms}
    shared.ids = {firm: _ids(shared, firm) for firm in shared.firms}
    return shared


def _ids(place: Any, firm: str) -> dict[str, str]:
    [message] = place.messages(firm)
    [letter] = place.data("deadletters", "list", firm=firm)
    return {
        "message": message["id"],
        "wamid": message["wamid"],
        "conversation": message["conversationId"],
        "letter": letter["id"],
        "request": letter["rawEvent"],
        "operator": f"sari-{firm}",
        "token": place.data("token", "list", firm=firm)[0]["id"],
    }


def _refused(done: Any) -> dict[str, Any]:
    assert done.returncode == 4, (done.args, done.returncode, done.stdout, done.stderr)
    assert done.stdout == ""
    error: dict[str, Any] = json.loads(done.stderr)["error"]
    return error


ONLY_THE_INSTALLER = [
    "tenant add baru --name Baru --waba 200300400500699 --phone-number-id 399399399399399 --app main",
    "tenant add-number firma 399399399399399",
    "tenant remove-number firma 399399399399399",
    "app list",
    "app add other",
    "app rotate-secret main",
    "audit log --control-plane",
    "audit verify --control-plane",
    "events replay --unrouted",
    "trigger text",
]


@pytest.mark.parametrize("line", ONLY_THE_INSTALLER)
def test_a_token_never_does_what_belongs_to_the_installer(office: Any, line: str) -> None:
    secrets = json.dumps({"app_secret": "x" * 32, "verify_token": "verify-me-too"})
    _refused(office.run("--json", *shlex.split(line), stdin=secrets, env=office.tokens["firma"]))


def test_a_token_speaks_for_its_own_firm_and_lists_no_other(office: Any) -> None:
    for firm in office.firms:
        shown = json.loads(office.ok("--json", "messages", "list", env=office.tokens[firm]))
        assert [message["text"] for message in shown] == [TEXTS[firm]]
        listed = json.loads(office.ok("--json", "tenant", "list", env=office.tokens[firm]))
        assert [each["id"] for each in listed] == [firm]


def test_an_auditor_sees_that_it_happened_and_no_text(office: Any) -> None:
    env = office.token("audi", "auditor")
    ids = office.ids["firma"]
    assert json.loads(office.ok("--json", "audit", "verify", env=env))["ok"] is True
    shown = [
        office.ok("--json", *words, env=env)
        for words in (
            ("messages", "list"),
            ("messages", "show", ids["message"]),
            ("messages", "why", ids["message"]),
            ("conversations", "list"),
            ("conversations", "show", ids["conversation"]),
            ("deadletters", "show", ids["letter"]),
            ("events", "list"),
            ("audit", "log"),
        )
    ]
    [message] = json.loads(shown[0])
    assert message["id"] == ids["message"]
    assert not {"text", "wamid", "contact"} & set(message)
    for secret in (TEXTS["firma"], ids["wamid"], "Contoh", "6281230001111", "1111"):
        assert not [text for text in shown if secret in text], secret
    for line in ("events replay --all", f"deadletters retry {ids['letter']}", "token list"):
        _refused(office.run("--json", *shlex.split(line), env=env))


def test_a_revoked_token_is_no_token(office: Any) -> None:
    env = office.token("sementara", "lawyer")
    assert office.run("messages", "list", env=env).returncode == 0
    [token] = [each for each in office.data("token", "list") if each["operator"] == "sementara"]
    office.ok("token", "revoke", token["id"], "-t", "firma")
    unknown = office.run("--json", "messages", "list", env={"LHWA_TOKEN": "lhwa_" + "x" * 43})
    assert _refused(office.run("--json", "messages", "list", env=env)) == _refused(unknown)


def test_a_disabled_operator_reads_nothing(office: Any) -> None:
    env = office.token("pergi", "lawyer")
    office.ok("operator", "disable", "pergi", "--reason", "pindah", "-t", "firma")
    _refused(office.run("--json", "messages", "list", env=env))


def _copy_firm(place: Any, *, files: tuple[str, ...]) -> None:
    mine, theirs = (place.home / "tenants" / firm for firm in ("firma", "lain"))
    for name in files:
        for path in mine.glob(f"{name}*"):
            shutil.copy(path, theirs / path.name)


COPIES = [("the records", ("tenant.db",)), ("the keys", ("keys.db",)), ("both", ("tenant.db", "keys.db"))]


@pytest.mark.parametrize(("label", "files"), COPIES, ids=[case[0] for case in COPIES])
def test_files_put_under_another_firm_yield_no_text(place: Any, label: str, files: tuple[str, ...]) -> None:
    daemon = place.serve()
    for firm in place.firms:
        assert daemon.post(place.text(TEXTS[firm], firm=firm)) == 200
    daemon.settle()
    [message] = place.messages()
    daemon.stop()
    _copy_firm(place, files=files)
    for words in (("messages", "list"), ("messages", "show", message["id"]), ("conversations", "list")):
        done = place.run("--json", "-t", "lain", *words)
        assert TEXTS["firma"] not in done.stdout + done.stderr
        assert "unexpectedly" not in done.stderr
        assert done.returncode in (0, 1, 3, 4, 7)
    assert place.texts() == [TEXTS["firma"]]


def test_every_file_of_a_home_is_its_owners_alone(office: Any) -> None:
    assert office.home.stat().st_mode & 0o077 == 0
    files = [path for path in office.home.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"registry.db", "spool.db", "tenant.db", "keys.db", "serve.lock"}
    assert [path.name for path in files if path.stat().st_mode & 0o077] == []


def test_an_ended_token_is_no_token(place: Any) -> None:
    env = place.token("lama", "lawyer")
    assert place.run("messages", "list", env=env).returncode == 0
    with closing(sqlite3.connect(place.home / "registry.db")) as registry, registry:
        assert registry.execute("UPDATE token SET expires_at = created_at + 1").rowcount == 1
    unknown = place.run("--json", "messages", "list", env={"LHWA_TOKEN": "lhwa_" + "x" * 43})
    assert _refused(place.run("--json", "messages", "list", env=env)) == _refused(unknown)
