"""Playing the script and judging the result."""

from __future__ import annotations

import shutil
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from lhwa import bootstrap
from lhwa.cli.demo.conversation import Exchange, converse
from lhwa.cli.demo.screen import Screen
from lhwa.cli.demo.stage import APP_SECRET, Stage
from lhwa.cli.demo.story import NUMBERS, Outcome, Step, story
from lhwa.cli.demo.taking_in import CLIENT, OTHER, TakenIn, take_in
from lhwa.cli.demo.trace import Seen, Tracer
from lhwa.errors import LhwaError
from lhwa.testing.webhooks import sign

PATH = "/webhooks/whatsapp"
WATCH_PAUSE_S = 0.18
"""Between two webhooks when a person watches."""
IDLE_LOOK_S = 0.5
NEXT = ("lhwa init                # your own home", "lhwa --help")
Check = tuple[str, bool, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the demo ended."""

    ok: bool
    webhooks: int
    checks: tuple[Check, ...]


def play(console: Console, *, once: bool) -> Verdict:
    """Run the whole demo; comes back when it is over, or at Ctrl-C.

    Raises: LhwaError when the stage cannot be set up.
    """
    screen, stage = Screen(console), Stage()
    try:
        screen.commands("Two sample firms are set up in a temporary home:", stage.set_up())
        facts = stage.start()
        screen.say(f"The daemon serves http://{facts.webhook}{PATH} (process {facts.pid}).\n", style="dim")
        tracer = Tracer(stage.home)
        try:
            seen = _send_all(screen, tracer, f"http://{facts.webhook}{PATH}", pause_s=0 if once else WATCH_PAUSE_S)
            stage.start_sandbox()
            exchange = converse(screen, stage, now=bootstrap.open_clock().now())
            taken = take_in(screen, stage)
            verdict = _judge(stage, seen, exchange, taken)
            screen.all_rows(seen)
            screen.verdict(verdict.checks, ok=verdict.ok)
            if once:
                screen.commands(
                    "Next:", ["scripts/demo             # the same, and it stays for you to look around", *NEXT]
                )
            else:
                _stay(screen, stage, tracer)
        finally:
            tracer.close()
    finally:
        code = stage.close()
    if code:
        raise LhwaError(f"The daemon ended with exit code {code}.")
    return verdict


def _send_all(screen: Screen, tracer: Tracer, url: str, *, pause_s: float) -> list[Seen]:
    steps = story(bootstrap.open_clock().now())
    seen: list[Seen] = []
    with httpx.Client(timeout=15.0, trust_env=False) as client, screen.live():
        for step in steps:
            current = Seen(step)
            seen.append(current)
            screen.show(seen, total=len(steps))
            current.http = _post(client, url, step)
            tracer.follow(current)
            screen.show(seen, total=len(steps))
            time.sleep(pause_s)
    return seen


def _post(client: httpx.Client, url: str, step: Step) -> int:
    secret = b"a-guess" if step.forged else APP_SECRET.encode()
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": sign(step.body, secret)}
    return client.post(url, content=step.body, headers=headers).status_code


def _judge(stage: Stage, seen: list[Seen], exchange: Exchange, taken: TakenIn) -> Verdict:
    wanted = Counter(each.step.outcome for each in seen)
    wanted[Outcome.MESSAGE] += 1  # what the client of the conversation said
    checks: list[Check] = [
        (
            "each webhook became what it should",
            all(each.ok for each in seen),
            f"{sum(each.ok for each in seen)} of {len(seen)}",
        ),
        _counted("dead letters kept", _dead_letters(stage), wanted[Outcome.DEAD_LETTER]),
        *_inbox_checks(_inbox(stage), wanted),
        ("the firm's answer reached the client", exchange.state in ("delivered", "read"), exchange.state),
        ("free text outside the window is refused", exchange.refused == "window", exchange.refused or "it was not"),
        _counted("messages that left", exchange.accepted, 1),
        ("a new client was asked, and a lawyer accepted", bool(taken.matter), taken.states[0]),
        ("another one took the consent back", taken.states[1] == "withdrawn", taken.states[1]),
        ("a consent is proved from the audit log", taken.is_proved, "sound" if taken.is_proved else "not"),
    ]
    for firm in NUMBERS:
        report: dict[str, Any] = stage.ask("audit", "verify", "-t", firm)
        detail = f"{report['entries']} records, root {report['root'][:16]}…"
        checks.append((f"audit log of {firm} verifies", bool(report["ok"]), detail))
    return Verdict(ok=all(held for _, held, _ in checks), webhooks=len(seen), checks=tuple(checks))


def _counted(name: str, found: int, wanted: int) -> Check:
    return (name, found == wanted, f"{found} of {wanted}")


def _inbox(stage: Stage) -> list[dict[str, Any]]:
    """What came by webhook; what lhwa itself sent, and new clients, are judged by themselves."""
    shown = [message for firm in NUMBERS for message in stage.ask("messages", "list", "--limit", "1000", "-t", firm)]
    asked = tuple(contact[-4:] for contact in (CLIENT, OTHER))
    return [each for each in shown if each["via"] != "api" and not str(each["contact"]).endswith(asked)]


def _inbox_checks(inbox: list[dict[str, Any]], wanted: Counter[Outcome]) -> list[Check]:
    """Statuses came in the worst order; each reply must end as read all the same."""
    replies = [message for message in inbox if message["direction"] == "outbound"]
    read = sum(message["status"] == "read" for message in replies)
    regretted = sum(message["edited"] and message["revoked"] and bool(message["text"]) for message in inbox)
    return [
        _counted("messages in the inbox", len(inbox), wanted[Outcome.MESSAGE] + 2 * wanted[Outcome.MIXED]),
        ("statuses out of order end as 'read'", bool(replies) and read == len(replies), f"{read} of {len(replies)}"),
        _counted("an edited and deleted message keeps its first text", regretted, 1),
    ]


def _dead_letters(stage: Stage) -> int:
    return sum(len(stage.ask("deadletters", "list", "-t", firm)) for firm in NUMBERS)


def _stay(screen: Screen, stage: Stage, tracer: Tracer) -> None:
    screen.commands("The daemon still runs. In another terminal:", [*_reachable(), *to_try(stage)])
    screen.say("Ctrl-C stops the daemon and removes the temporary home.", style="bold")
    tracer.new_rows()
    try:
        while stage.is_running():
            for row in tracer.new_rows():
                screen.say(f"  {row.tenant or 'nobody'}: a webhook of {row.body_bytes} bytes was sealed and queued")
            time.sleep(IDLE_LOOK_S)
    except KeyboardInterrupt:
        # This is how the demo is meant to end.
        screen.say("Stopping the daemon ...", style="dim")


def to_try(stage: Stage) -> list[str]:
    """What somebody can type while the stage stands, the inbox first."""
    firm = next(iter(NUMBERS))
    return [
        f"export LHWA_HOME={stage.home.root}",
        f"lhwa inbox -t {firm}                   # read, answer, decide; ? shows the keys, ctrl+q ends it",
        f"lhwa conversations list -t {firm}",
        f"lhwa messages list -t {firm}",
        f"lhwa messages why ID -t {firm}          # an id from the list",
        f"lhwa deadletters list -t {firm}",
        f"lhwa trigger voice -t {firm}            # send one more; it appears here",
        f"export LHWA_GRAPH_URL={stage.graph_url}",
        f'lhwa sandbox say +6281230005555 "Apa kabar?" --to {NUMBERS[firm].phone_number_id}',
        f'lhwa send +6281230005555 --text "Baik, terima kasih." -t {firm}',
        f"lhwa outbox list -t {firm}",
        f"lhwa intake list --all -t {firm}",
        f"lhwa intake show ID -t {firm}",
        f"lhwa audit log -t {firm}",
    ]


def _reachable() -> list[str]:
    """What makes `lhwa` a word of another terminal, when it is none yet."""
    return [] if shutil.which("lhwa") else [f"export PATH={Path(sys.executable).parent}:$PATH"]
