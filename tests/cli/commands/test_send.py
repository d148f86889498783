"""`lhwa send`: what it prints, what it exits with, and what it never repeats."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lhwa.bootstrap import open_clock
from lhwa.cli.commands.send import OFFERS_SHOWN_MAX
from lhwa.domain.gates import Rule, Verdict
from lhwa.services.inbox import replying
from lhwa.services.messaging.sending import SendOutcome
from tests.cli.commands.test_decide import has_template
from tests.cli.conftest import environment

Run = Callable[..., subprocess.CompletedProcess[str]]
Data = Callable[..., Any]
CLIENT = "+6281230001111"
REFUSED = {"rule", "says", "hint", "offers"}


def _later() -> str:
    return f"{open_clock().now().year + 1}-01-01T00:00:00Z"


WRONG = [
    (("--text", "x", "--template", "y"), "Say what to send"),
    ((), "Say what to send"),
    (("--text", "x", "--param", "nama=Rina"), "--param belongs to --template"),
    (("--template", "y", "--param", "Rina Rahasia"), "NAME=VALUE"),
    (("--template", "y", "--param", "=Rina Rahasia"), "NAME=VALUE"),
    (("--text", "x", "--at", "besok"), "time"),
    (("--text", "x", "--at", "2020-01-01T00:00:00Z"), "passed"),
    (("--text", "x", "--at", "2999-01-01T00:00:00Z"), "60 days"),
    (("--text", "x", "--from", "999999999999999"), "--from"),
]


@pytest.mark.parametrize(("words", "said"), WRONG)
def test_a_line_that_means_nothing_is_wrong_usage(office: Run, words: tuple[str, ...], said: str) -> None:
    done = office("send", CLIENT, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Rahasia" not in done.stderr


@pytest.mark.parametrize("contact", ["81230001111", "bukan nomor", "ID.88001122334455", "+", "+6281", ""])
def test_a_contact_that_is_none_is_wrong_usage_and_not_repeated(office: Run, contact: str) -> None:
    done = office("send", contact, "--text", "x")
    assert done.returncode == 2
    assert "country code" in done.stderr
    assert len(contact) < 6 or contact not in done.stderr


def test_somebody_unknown_is_refused_like_somebody_elses_client(office: Run) -> None:
    done = office("send", "+6281230009999", "--text", "x")
    assert done.returncode == 4
    assert "9999" not in done.stderr


def test_a_refusal_is_data_with_every_promised_field_and_exit_code_1(office: Run) -> None:
    done = office("--json", "send", CLIENT, "--text", "x")
    assert (done.returncode, done.stderr) == (1, "")
    refused = json.loads(done.stdout)["refused"]
    assert set(refused) == REFUSED
    assert (refused["rule"], refused["offers"]) == ("window", [])


def test_a_refusal_without_a_hint_says_how_to_mend_it(office: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    shut = Verdict(rule=Rule.CONTENT, passes=False, says="text: Shorten it.")
    refusing = lambda *_args, **_more: SendOutcome(contact_id="x", refused=shut)  # noqa: E731 -- one line, one answer
    monkeypatch.setattr(replying, "send_written", refusing)
    refused = json.loads(office("--json", "send", CLIENT, "--text", "x").stdout)["refused"]
    assert refused == {"rule": "content", "says": "text: Shorten it.", "hint": "text: Shorten it.", "offers": []}


def test_a_refusal_for_people_names_rule_and_reason_on_stderr(office: Run) -> None:
    done = office("send", CLIENT, "--text", "x")
    assert (done.returncode, done.stdout) == (1, "")
    first, second = done.stderr.splitlines()
    assert first.startswith("refused: The window closed ")
    assert first.endswith(" (rule: window)")
    assert second == "hint: Have a template approved; there is none yet."


def test_a_refusal_offers_command_lines_that_work_and_name_no_number(office: Run, home: Path) -> None:
    has_template(home)
    done = office("send", CLIENT, "--text", "x")
    [offer] = [line for line in done.stderr.splitlines() if line.startswith("allowed: ")]
    words = offer.removeprefix("allowed: lhwa ").split()
    assert (words[0], words[2:]) == ("send", ["--template", "pengingat_janji", "--language", "id"])
    assert "812" not in done.stderr
    tried = office(*words, "--param", "nama=Rina", "--param", "waktu=Senin", "--dry-run")
    assert (tried.returncode, tried.stderr) == (0, "")
    assert "refused" in office("send", CLIENT, "--text", "x", "--dry-run").stderr


def test_a_dry_run_names_every_gate_and_exits_as_the_send_would(office: Run, data: Data) -> None:
    done = office("--json", "send", CLIENT, "--text", "x", "--dry-run")
    assert done.returncode == 1
    shown = json.loads(done.stdout)
    assert [each["rule"] for each in shown["verdicts"] if not each["passes"]] == ["window"]
    assert {each["rule"] for each in shown["verdicts"]} >= {"role", "recipient", "consent", "window", "quiet_hours"}
    table = office("send", CLIENT, "--text", "x", "--dry-run").stdout
    assert "window" in table
    assert data("outbox", "list") == []


def test_a_dry_run_shows_the_body_that_would_be_posted_to_a_masked_number(office: Run, home: Path) -> None:
    has_template(home)
    words = ("send", CLIENT, "--template", "pengingat_janji", "--param", "nama=Rina", "--param", "waktu=Senin")
    done = office("--json", *words, "--dry-run")
    body = json.loads(done.stdout)["body"]
    assert (body["to"], body["template"]["name"]) == ("+62 812-••••-1111", "pengingat_janji")
    assert CLIENT not in done.stdout + office(*words, "--dry-run").stdout


def test_a_refusal_leaves_a_record_and_no_message(office: Run, data: Data) -> None:
    office("send", CLIENT, "--text", "x")
    assert data("outbox", "list") == []
    actions = [each["action"] for each in data("audit", "log", "--limit", "1000")]
    assert "outbound.refused" in actions


def test_the_text_comes_from_stdin_and_is_not_shown(office: Run) -> None:
    done = office("--json", "send", CLIENT, "--text", "-", "--dry-run", stdin="kalimat rahasia\n")
    assert done.returncode == 1
    assert "rahasia" not in done.stdout + done.stderr
    empty = office("--json", "send", CLIENT, "--text", "-", "--dry-run", stdin="\n")
    found = json.loads(empty.stdout)["verdicts"]
    assert [each["rule"] for each in found if not each["passes"]] == ["window", "content"]


TEMPLATE = ("send", CLIENT, "--template", "pengingat_janji", "--param", "nama=Rina", "--param", "waktu=Senin")


def test_a_dry_run_shows_people_what_the_client_would_read(office: Run, home: Path) -> None:
    has_template(home)
    shown = office(*TEMPLATE, "--dry-run").stdout
    _, _, message = shown.partition("+62 812-••••-1111 would read:\n")
    assert " ".join(message.split()) == ("Yth. Rina, kami mengingatkan janji temu Anda pada Senin WIB. Terima kasih.")
    assert "{" not in shown


def test_without_a_daemon_it_is_said_that_nothing_leaves(office: Run, home: Path) -> None:
    has_template(home)
    lone = office(*TEMPLATE)
    assert "is queued" in lone.stderr
    assert "nothing leaves until you start it with `lhwa serve`" in lone.stderr
    assert "lhwa serve" in office("outbox", "list").stderr
    assert office("--json", *TEMPLATE).stderr == office("--quiet", *TEMPLATE).stderr == ""
    lock = os.open(home, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "lhwa serve" not in office(*TEMPLATE).stderr
    finally:
        os.close(lock)


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_a_text_on_stdin_that_is_not_utf_8_is_wrong_usage(office: Run, home: Path, tmp_path: Path, locale: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "lhwa", "-t", "firma", "send", CLIENT, "--text", "-", "--dry-run"],
        input=b"kalimat rahasia \xff\n",
        env=environment(tmp_path) | {"LC_ALL": locale},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert b"not UTF-8" in ran.stderr
    assert b"rahasia" not in ran.stderr


def test_of_many_offers_people_see_some_and_programs_all(office: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    offers = tuple(f"kabar_{number}/id" for number in range(OFFERS_SHOWN_MAX + 3))
    shut = Verdict(rule=Rule.WINDOW, passes=False, says="It is closed.", hint="Send a template.", offers=offers)
    refusing = lambda *_args, **_more: SendOutcome(contact_id="x", refused=shut)  # noqa: E731 -- one line, one answer
    monkeypatch.setattr(replying, "send_written", refusing)
    lines = [line for line in office("send", CLIENT, "--text", "x").stderr.splitlines() if "allowed: " in line]
    assert len(lines) == OFFERS_SHOWN_MAX + 1
    assert lines[-1] == "allowed: 3 more: lhwa templates list"
    assert json.loads(office("--json", "send", CLIENT, "--text", "x").stdout)["refused"]["offers"] == list(offers)
