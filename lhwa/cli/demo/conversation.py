"""The second act: a conversation in both directions, with the sandbox in Meta's place and the real commands."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from lhwa.cli.demo.screen import Screen
from lhwa.cli.demo.stage import Stage
from lhwa.cli.demo.story import FIRM_A, NUMBERS
from lhwa.domain.instants import Instant, rfc3339

CLIENT = "+6281230005555"
QUESTION = "Selamat malam, saya perlu bantuan soal kontrak kerja."
ANSWER = "Selamat malam, terima kasih. Kami bantu, mohon kirim kontraknya."
LATER = "Bagaimana kabar kontraknya?"
WAIT_S = 15.0
_ARRIVED = ("delivered", "read")


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came of the conversation."""

    state: str
    """Where the firm's answer ended."""
    refused: str
    """The rule that stopped free text outside the window."""
    accepted: int
    """How many messages the sandbox took."""
    lines: tuple[str, ...]
    """What was typed, and what came back."""


def converse(screen: Screen, stage: Stage, *, now: Instant) -> Exchange:
    """A client writes, the firm answers, and a text that would come outside the window is refused."""
    number = NUMBERS[FIRM_A].phone_number_id
    lines: list[str] = []

    def run(*words: str, said: str) -> Any:
        found = stage.ask(*words)
        lines.append(f"lhwa {' '.join(_quoted(word) for word in words)}   # {said.format(**_flat(found))}")
        return found

    run("sandbox", "say", CLIENT, QUESTION, "--to", number, "--name", "Dewi Contoh", said="a client writes")
    _until(lambda: any(each.get("text") == QUESTION for each in stage.ask("messages", "list", "-t", FIRM_A)))
    sent = run("send", CLIENT, "--text", ANSWER, "-t", FIRM_A, said="{state}: the window is open")
    _until(lambda: _state(stage, sent["id"]) in _ARRIVED)
    state = _state(stage, sent["id"])
    lines.append(f"lhwa outbox show {sent['id']} -t {FIRM_A}   # {state}")
    at = rfc3339((now + timedelta(days=2)).replace(microsecond=0)).replace(".000000", "")
    refused = run("send", CLIENT, "--text", LATER, "--at", at, "-t", FIRM_A, said="refused, rule: {rule}")
    accepted = [each for each in stage.ask("sandbox", "journal") if each.get("messageId")]
    screen.commands("A conversation, with the sandbox in Meta's place:", lines)
    return Exchange(state, str(refused.get("refused", {}).get("rule", "")), len(accepted), tuple(lines))


def _state(stage: Stage, message: str) -> str:
    return str(stage.ask("outbox", "show", message, "-t", FIRM_A)["message"]["state"])


def _until(holds: Any) -> None:
    """Wait for something that happens elsewhere; whoever judges sees when it never did."""
    ends_s = time.monotonic() + WAIT_S
    while not holds() and time.monotonic() < ends_s:
        time.sleep(0.1)


def _quoted(word: str) -> str:
    return f'"{word}"' if " " in word else word


def _flat(found: Any) -> dict[str, str]:
    facts = found if isinstance(found, dict) else {}
    refused = facts.get("refused") or {}
    return {"state": str(facts.get("state", "")), "rule": str(refused.get("rule", ""))}
