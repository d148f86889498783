"""Playing a persona from the command line: what is shown, how it waits, and how it ends. The firm is made up."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from lhwa import bootstrap
from lhwa.cli import persona_run
from lhwa.errors import UsageError
from lhwa.testing.fakes import FakeClock

Run = Callable[..., subprocess.CompletedProcess[str]]
CLIENT, MASKED = "+6281230001111", "+62 812-••••-1111"
NOTICE = {"text": "Kami meminta persetujuan Anda.", "buttons": [{"id": "y", "title": "Setuju"}]}
QUESTION = {"text": "Siapa nama Anda?", "footer": "Ketik ORANG"}
FAREWELL = {"text": "Terima kasih. Tim kami akan menghubungi Anda."}
PLAY = ("sandbox", "persona")


@dataclass
class Firm:
    """Answers the nth thing that a client says with the nth list of messages, each so many seconds later."""

    webhook: str
    clock: FakeClock
    script: list[list[tuple[float, dict[str, Any]]]] = field(default_factory=list)
    ever: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    """Once the script is over."""
    said: list[dict[str, Any]] = field(default_factory=list)
    sent: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    interrupt_after_s: float = float("inf")

    @contextmanager
    def line_to(self, _url: str) -> Iterator[Callable[..., Any]]:
        yield self.ask

    def ask(self, _method: str, path: str, body: dict[str, Any] | None) -> Any:
        if path == "/setup":
            return {"accounts": [{"webhookUrl": self.webhook, "numbers": [{"phoneNumberId": "301"}]}]}
        assert body is not None
        if body.get("to") not in (None, "301"):
            raise UsageError("The sandbox has no such number.", hint="Name one of its own.")
        if path == "/say":
            self.said.append(body["said"])
            for after_s, message in self.script.pop(0) if self.script else self.ever:
                self.send(message, after_s=after_s)
            return {"messageId": f"wamid.C{len(self.said)}"}
        shown = [message for at_s, message in self.sent if at_s <= self.clock.monotonic_s()]
        return {"messages": [each for each in shown if each["seq"] > body["after"]]}

    def send(self, message: dict[str, Any], *, after_s: float = 0.0) -> None:
        seq = len(self.sent) + 1
        self.sent.append((self.clock.monotonic_s() + after_s, message | {"seq": seq, "messageId": f"wamid.F{seq}"}))

    def sleep(self, seconds: float) -> None:
        self.clock.advance(seconds)
        if self.clock.monotonic_s() >= self.interrupt_after_s:
            raise KeyboardInterrupt


@pytest.fixture
def firm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Firm]:
    """A firm whose daemon listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = Firm(f"http://127.0.0.1:{listening.getsockname()[1]}/webhooks/whatsapp", FakeClock())
        monkeypatch.setattr(persona_run, "line_to", made.line_to)
        monkeypatch.setattr(bootstrap, "open_clock", lambda: made.clock)
        monkeypatch.setattr(time, "sleep", made.sleep)
        yield made


def talks(firm: Firm) -> None:
    firm.script = [[(0.1, NOTICE)], [(0.1, QUESTION)], [(0.1, FAREWELL)]]


def test_it_shows_who_says_what_and_a_summary(firm: Firm, lhwa: Run) -> None:
    talks(firm)
    done = lhwa(*PLAY, "cooperative", "--contact", CLIENT, "--seed", "7")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"{MASKED}: Selamat siang, saya perlu bantuan hukum.",
        "firm: Kami meminta persetujuan Anda. [Setuju]",
        f"{MASKED}: (tap) Setuju",
        "firm: Siapa nama Anda? _Ketik ORANG_",
        f"{MASKED}: Siti Contoh Rahayu",
        "firm: Terima kasih. Tim kami akan menghubungi Anda.",
        done.stdout.splitlines()[-1],
    ]
    assert done.stdout.splitlines()[-1].startswith("cooperative: finished after ")
    assert "3 from the client, 3 from the firm (--seed 7 repeats it)" in done.stdout
    assert firm.said[1] == {"type": "buttonReply", "id": "y", "title": "Setuju", "replyTo": "wamid.F1"}


def test_json_has_one_message_a_line_and_the_summary_last(firm: Firm, lhwa: Run) -> None:
    talks(firm)
    done = lhwa("--json", *PLAY, "cooperative", "--contact", CLIENT, "--seed", "7")
    *messages, summary = map(json.loads, done.stdout.splitlines())
    assert [each["by"] for each in messages] == ["client", "firm"] * 3
    assert messages[1] == {
        "at": messages[1]["at"],
        "messageId": "wamid.F1",
        "by": "firm",
        "contact": MASKED,
        "type": "message",
        "text": NOTICE["text"],
        "choices": ["Setuju"],
    }
    assert summary == {
        "persona": "cooperative",
        "seed": 7,
        "contact": MASKED,
        "ended": "finished",
        "clientMessages": 3,
        "firmMessages": 3,
        "seconds": summary["seconds"],
    }


def test_what_stood_there_before_is_no_answer(firm: Firm, lhwa: Run) -> None:
    firm.send(QUESTION)
    talks(firm)
    done = lhwa(*PLAY, "cooperative", "--contact", CLIENT)
    assert "3 from the client, 3 from the firm" in done.stdout


def test_several_messages_that_come_together_are_one_answer(firm: Firm, lhwa: Run) -> None:
    firm.script = [[(0.1, NOTICE)], [(0.1, FAREWELL), (0.9, QUESTION)], [(0.1, FAREWELL)]]
    done = lhwa(*PLAY, "cooperative", "--contact", CLIENT, "--pace", "1")
    assert "3 from the client, 4 from the firm" in done.stdout


def test_what_is_shown_steers_no_terminal(firm: Firm, lhwa: Run) -> None:
    firm.ever = [(0.1, NOTICE | {"text": "\x1b[2JSetuju?"})]
    done = lhwa(*PLAY, "hostile", "--contact", CLIENT, "--seed", "1", "--limit-s", "200")
    assert not set("\x1b\x07\u202e\u2066\u200b") & set(done.stdout + done.stderr)
    assert "... (10,000 characters)" in done.stdout
    assert "\x1b" in "".join(str(said.get("body", "")) for said in firm.said)


def test_a_firm_that_is_slow_is_explained(firm: Firm, lhwa: Run) -> None:
    firm.script = [[(0.1, NOTICE)], [(60.0, QUESTION)], [(0.1, FAREWELL)]]
    done = lhwa(*PLAY, "cooperative", "--contact", CLIENT)
    assert done.returncode == 0
    assert done.stderr.count("Nothing yet") == 1


def test_a_firm_that_answers_nothing_is_an_error(firm: Firm, lhwa: Run) -> None:
    done = lhwa(*PLAY, "cooperative", "--contact", CLIENT)
    assert done.returncode == 3
    assert "unanswered" in done.stdout
    assert "published tree" in done.stderr
    assert len(firm.said) == 2


def test_a_client_who_is_never_understood_is_an_error(firm: Firm, lhwa: Run) -> None:
    firm.ever = [(0.1, QUESTION)]
    done = lhwa(*PLAY, "cooperative", "--contact", CLIENT)
    assert done.returncode == 1
    assert "gave up" in done.stdout


def test_the_limit_ends_it(firm: Firm, lhwa: Run) -> None:
    firm.ever = [(50.0, NOTICE)]
    began_s = firm.clock.monotonic_s()
    done = lhwa(*PLAY, "cooperative", "--contact", CLIENT, "--limit-s", "20")
    assert done.returncode == 1
    assert "time up" in done.stdout
    assert "--limit-s" in done.stderr
    assert firm.clock.monotonic_s() - began_s <= 20


def test_ctrl_c_ends_it_with_the_summary(firm: Firm, lhwa: Run) -> None:
    talks(firm)
    firm.interrupt_after_s = firm.clock.monotonic_s() + 4
    done = lhwa("--json", *PLAY, "cooperative", "--contact", CLIENT)
    assert done.returncode == 130
    assert json.loads(done.stdout.splitlines()[-1])["ended"] == "interrupted"
    assert done.stderr == ""


def test_a_week_is_as_long_as_is_said(firm: Firm, lhwa: Run) -> None:
    firm.script = [[(0.1, NOTICE)], [(0.1, QUESTION)], [(0.1, {"text": "Apa masalahnya?"})], [(0.1, FAREWELL)]]
    began_s = firm.clock.monotonic_s()
    done = lhwa(*PLAY, "late", "--contact", CLIENT, "--silence", "500")
    assert done.returncode == 0, done.stderr
    assert "silent for 500 s" in done.stderr
    assert 500 < firm.clock.monotonic_s() - began_s < 560


def test_nobody_listens_to_the_webhooks(firm: Firm, lhwa: Run) -> None:
    firm.webhook = "http://127.0.0.1:9/webhooks/whatsapp"
    done = lhwa(*PLAY, "cooperative", "--contact", CLIENT)
    assert (done.returncode, done.stdout, firm.said) == (3, "", [])
    assert "lhwa serve" in done.stderr


@pytest.mark.parametrize("words", [("--contact", "bukan-nomor"), ("--contact", CLIENT, "--to", "999")])
def test_who_writes_to_whom_is_checked_first(firm: Firm, lhwa: Run, words: tuple[str, ...]) -> None:
    done = lhwa(*PLAY, "cooperative", *words)
    assert (done.returncode, done.stdout, firm.said) == (2, "", [])


def test_a_client_may_be_known_by_a_user_id_alone(firm: Firm, lhwa: Run) -> None:
    talks(firm)
    done = lhwa(*PLAY, "cooperative", "--contact", "ID.88001122334455")
    assert done.stdout.startswith("ID.••••4455: ")
