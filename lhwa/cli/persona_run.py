"""Playing a persona against a running sandbox: how its acts get there, and what is shown of them."""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import urlsplit

from lhwa import bootstrap
from lhwa.cli.output import Output
from lhwa.cli.sandboxing import Asking, line_to
from lhwa.domain.instants import rfc3339
from lhwa.domain.phones import is_bsuid, mask_bsuid, mask_e164, normalise_number
from lhwa.errors import LhwaError, UnavailableError, UsageError
from lhwa.ports.clock import Clock
from lhwa.sandbox.personas.cast import cast
from lhwa.sandbox.personas.names import PersonaName
from lhwa.sandbox.personas.phone import read_of, said_of
from lhwa.sandbox.personas.playing import play
from lhwa.sandbox.personas.thread import (
    Delete,
    Did,
    Edit,
    End,
    Entry,
    Message,
    Quiet,
    Read,
    SendFile,
    SharePlace,
    Silence,
    Tap,
    Write,
)

LOOK_S = 0.2
SLOW_S = 10.0
"""After so long people ask themselves why nothing comes."""
CONNECT_S = 3.0
SHOWN_CHARS_MAX = 300
"""Of a text, for people; JSON has all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Who writes to whom, and how fast. Times are real seconds."""

    who: PersonaName
    contact: str
    to: str | None
    seed: int
    pace_s: float
    """Before each act, and between the firm's last word and the next look at it."""
    silence_s: float
    """How long a week is."""
    limit_s: float


def run_persona(run: Run, url: str, out: Output) -> None:
    """Play until the persona leaves, and show everything.

    Raises: UsageError for a contact that is none, UnavailableError without a sandbox, a daemon or an answer, LhwaError
        when the persona did not get to its own end. KeyboardInterrupt, once the summary is shown.
    """
    masked = _masked(run.contact)
    clock = bootstrap.open_clock()
    shown = _Transcript(run, masked, clock, out)
    with line_to(url) as ask:
        line = SandboxLine(run, ask, clock, on_slow=shown.slow)
        _check_daemon(ask, run.to)
        rng = Random(run.seed)  # noqa: S311 -- a persona repeats itself on purpose
        try:
            played = play(cast(run.who, rng), line, rng, on_entry=shown.entry, is_time_up=line.is_time_up)
        except KeyboardInterrupt:
            shown.summary("interrupted")
            raise
    shown.summary(played.ended.value)
    if played.ended is End.TIME_UP:
        raise LhwaError("The time was up before the client was done.", hint="Give it more: --limit-s.")
    if not shown.counts["firm"] and played.ended is not End.REFUSED:
        raise UnavailableError(
            "The firm answered nothing.",
            hint="An intake begins for new clients of a firm with a published tree: try another --contact, and look at "
            "`lhwa intake list` and `lhwa audit log`.",
        )
    if played.ended is End.GAVE_UP:
        raise LhwaError("The client's answers never fitted.", hint="Read the last question: people may fail at it too.")


class SandboxLine:
    """The control routes of a sandbox, as a client's line to the firm.

    Args:
        on_slow: told once in each wait that takes long.
    Raises: what `ask` raises, here and in every method.
    """

    def __init__(self, run: Run, ask: Asking, clock: Clock, *, on_slow: Callable[[], None] = lambda: None) -> None:
        self._run = run
        self._ask = ask
        self._clock = clock
        self._on_slow = on_slow
        self._until_s = clock.monotonic_s() + run.limit_s
        self._seq = 0
        self._look()  # what was there before is no answer to this run

    def is_time_up(self) -> bool:
        """True when the limit of the run is reached."""
        return self._clock.monotonic_s() >= self._until_s

    def do(self, act: Message) -> str:
        """Carry a message; returns its wamid."""
        self._pass(self._run.pace_s)
        return str(self._ask("POST", "/say", self._to({"from": self._run.contact, "said": said_of(act)}))["messageId"])

    def wait(self, seconds: float) -> Sequence[Read]:
        """What came, once the firm has said nothing more for a while: one answer may be several messages."""
        now_s = self._clock.monotonic_s()
        until_s, slow_s = now_s + seconds, now_s + SLOW_S
        found = self._look()
        while not found and self._clock.monotonic_s() < until_s and not self.is_time_up():
            self._pass(LOOK_S)
            found = self._look()
            if self._clock.monotonic_s() >= slow_s:
                slow_s = until_s
                self._on_slow()
        more = found
        while more and not self.is_time_up():
            self._pass(max(self._run.pace_s, LOOK_S))
            more = self._look()
            found = [*found, *more]
        return found

    def be_silent(self, _seconds: float) -> None:
        """A week passes in a few seconds: nobody can move the firm's clock from outside."""
        self._pass(self._run.silence_s)

    def _look(self) -> list[Read]:
        found = self._ask("POST", "/inbox", self._to({"contact": self._run.contact, "after": self._seq}))["messages"]
        self._seq = max([self._seq, *(int(each["seq"]) for each in found)])
        return [read_of(each) for each in found]

    def _to(self, body: dict[str, Any]) -> dict[str, Any]:
        return body | ({"to": self._run.to} if self._run.to else {})

    def _pass(self, seconds: float) -> None:
        time.sleep(max(0.0, min(seconds, self._until_s - self._clock.monotonic_s())))


class _Transcript:
    """Shows what is said by whom as it goes."""

    def __init__(self, run: Run, masked: str, clock: Clock, out: Output) -> None:
        self._run = run
        self._masked = masked
        self._clock = clock
        self._out = out
        self._began_s = clock.monotonic_s()
        self.counts: Counter[str] = Counter()

    def entry(self, entry: Entry) -> None:
        match entry:
            case Read():
                titles = [choice.title for choice in entry.choices]
                self._message("firm", entry.wamid, "message", entry.text, titles)
            case Did():
                self._did(entry)
            case Quiet():
                self._out.say(f"Nothing came for {entry.seconds:g} s.")

    def slow(self) -> None:
        self._out.say("Nothing yet: a firm may write to one client once in 6 s on average, and pays for bursts later.")

    def _did(self, entry: Did) -> None:
        if isinstance(entry.act, Silence):
            self._out.say(f"The client is silent for {self._run.silence_s:g} s, as if it were a week.")
        else:
            self._message("client", entry.wamid, *_described(entry.act), [])

    def summary(self, ended: str) -> None:
        out, counts = self._out, self.counts
        seconds = round(self._clock.monotonic_s() - self._began_s, 1)
        if out.json:
            facts = {"persona": self._run.who.value, "seed": self._run.seed, "contact": self._masked, "ended": ended}
            sent = {"clientMessages": counts["client"], "firmMessages": counts["firm"], "seconds": seconds}
            out.emit(facts | sent)
            return
        both = f"{counts['client']} from the client, {counts['firm']} from the firm"
        how = f"{ended.replace('_', ' ')} after {seconds:g} s"
        out.line(f"{self._run.who.value}: {how}; {both} (--seed {self._run.seed} repeats it).")

    def _message(self, by: str, wamid: str, kind: str, text: str, choices: list[str]) -> None:
        self.counts[by] += 1
        if self._out.json:
            said = {"by": by, "contact": self._masked, "type": kind, "text": text, "choices": choices}
            self._out.emit({"at": rfc3339(self._clock.now()), "messageId": wamid} | said)
            return
        plain = " ".join(text.split()) or text
        short = plain if len(plain) <= SHOWN_CHARS_MAX else f"{plain[:SHOWN_CHARS_MAX]}... ({len(text):,} characters)"
        parts = [short if kind in ("message", "text") else f"({kind}) {short}", *(f"[{title}]" for title in choices)]
        who = "firm" if by == "firm" else self._masked
        self._out.line(f"{who}: {' '.join(part for part in parts if part)}")


def _described(act: Message) -> tuple[str, str]:
    """What kind of thing a client did, and its words."""
    match act:
        case Write():
            return "text", act.text
        case Tap():
            return "tap", act.choice.title
        case SendFile():
            return ("voice note" if act.voice else act.kind), act.filename or ""
        case SharePlace():
            return "location", act.name
        case Edit():
            return "edit", act.text
        case Delete():
            return "deletion", ""


def _masked(contact: str) -> str:
    if is_bsuid(contact):
        return mask_bsuid(contact)
    number = normalise_number(contact)
    if number is None:
        raise UsageError(
            "A client is named by a telephone number or a user id.",
            hint="Write +62812... with the country code, or a user id such as ID.88001122334455.",
        )
    return mask_e164(number)


def _check_daemon(ask: Asking, to: str | None) -> None:
    """Complain at once where nobody takes the webhooks: a client would wait for nothing."""
    accounts = ask("GET", "/setup", None)["accounts"]
    numbers = [(number["phoneNumberId"], each["webhookUrl"]) for each in accounts for number in each["numbers"]]
    # That the number is one of the sandbox's own was checked when the line was made.
    url = urlsplit(next(webhook for number, webhook in numbers if to in (None, number)))
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        with closing(socket.create_connection((url.hostname or "", port), timeout=CONNECT_S)):
            return
    except OSError:
        raise UnavailableError(
            "No daemon takes the webhooks of this sandbox.",
            hint="Start it: lhwa serve; or lhwa serve --sandbox for both in one terminal.",
        ) from None
