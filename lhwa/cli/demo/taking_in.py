"""The third act: two new clients go through a question tree; a lawyer accepts one, the other takes the consent back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lhwa.cli.demo.screen import Screen
from lhwa.cli.demo.stage import Stage
from lhwa.cli.demo.story import FIRM_A, NUMBERS

TREE = Path(__file__).with_name("konsultasi.yaml")
LAWYER = "budi"
CLIENT, OTHER = "+6281230006666", "+6281230007777"
SEED = "3"


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What came of it."""

    states: tuple[str, str]
    """Of the client who answered everything, and of the one who withdrew."""
    matter: str
    is_proved: bool
    """The consent of the first one, checked from its proof alone and against the log."""


def take_in(screen: Screen, stage: Stage) -> TakenIn:
    """Put a tree in force, let two clients walk through it, and let a lawyer decide."""
    lines: list[str] = []

    def run(*words: str, lawyer: bool = False, said: str = "") -> Any:
        found = stage.ask(*words, token=token if lawyer else "")
        shown = " ".join(f'"{word}"' if " " in word else word for word in words).replace(str(TREE), TREE.name)
        lines.append(f"lhwa {shown}" + (f"   # {said}" if said else ""))
        return found

    run("operator", "add", LAWYER, "--role", "lawyer", "--full-name", "Budi Contoh", "-t", FIRM_A)
    token = str(stage.ask("token", "issue", LAWYER, "-t", FIRM_A)["token"])
    tree = run("tree", "publish", str(TREE), "-t", FIRM_A, said="one person submits it")
    run("approve", tree["id"], "-t", FIRM_A, lawyer=True, said="another one puts it in force")
    for kind, contact in (("cooperative", CLIENT), ("withdrawer", OTHER)):
        words = ("sandbox", "persona", kind, "--contact", contact, "--to", NUMBERS[FIRM_A].phone_number_id)
        stage.watch(*words, "--seed", SEED, "--pace", "0.2")
        lines.append(f"lhwa {' '.join(words)}")
    found = {each["contact"]: each for each in stage.ask("intake", "list", "--all", "-t", FIRM_A)}
    taken, ended = (_of(found, contact) for contact in (CLIENT, OTHER))
    run("conflict", "check", taken["id"], "-t", FIRM_A, lawyer=True, said="names compared with all others of the firm")
    words = ("intake", "accept", taken["id"], "--reason", "Clear case", "-t", FIRM_A)
    matter = str(run(*words, lawyer=True, said="a lawyer decides").get("matterId", ""))
    consents = [each for each in stage.ask("consent", "list", "-t", FIRM_A) if each.get("intakeId") == taken["id"]]
    proof = stage.home.root.parent / "proof.json"
    proof.write_text(json.dumps(run("consent", "prove", consents[-1]["id"], "-t", FIRM_A)))
    checked = stage.ask("audit", "verify", "--proof", str(proof), "-t", FIRM_A)
    lines.append("lhwa audit verify --proof proof.json   # the proof holds" if checked.get("ok") else "the proof fails")
    screen.commands("Two new clients, asked by a question tree:", lines)
    state = str(stage.ask("intake", "show", taken["id"], "-t", FIRM_A)["intake"]["state"])
    return TakenIn((state, str(ended["state"])), matter, bool(checked.get("ok")))


def _of(found: dict[str, Any], contact: str) -> dict[str, Any]:
    """The intake of a contact, who is shown masked."""
    return next(
        (each for masked, each in found.items() if masked.endswith(contact[-4:])), {"id": "", "state": "missing"}
    )
