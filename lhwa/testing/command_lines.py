"""Command lines for every command that exists, from the command tree itself: a new one is tried on its first day.

Each parameter gets a sample by its type or its name. One that has neither is an error that says what to add, so that
no command is left out in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations
from typing import Any

from lhwa.errors import InvariantError

Path = tuple[str, ...]
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Things:
    """The ids of one firm's things, by what they are: `message`, `letter`, `operator`, and whatever is in NAMED."""

    ids: Mapping[str, str]

    def filled(self, sample: str) -> str:
        """A sample with the ids in their places."""
        return sample.format_map(self.ids)


NAMED: dict[str, tuple[str, ...]] = {
    # parameter's name, alone or behind its group's -> what to put there; {…} is a thing's id, {…:.10} its beginning
    "admin_host": ("127.0.0.1",),
    "alert": ("{alert}",),
    "app name": ("{app}",),
    "at": ("2020-01-01T00:00:00+07:00",),
    "category": ("MARKETING",),
    "change": ("approve",),
    "contact": ("{contact}", "{client}"),
    "document": ("config/requirements.txt",),
    "fault": ("duplicate=0.1",),
    "folder": ("config/templates",),
    "from_number": ("{number}",),
    "graph_url": ("http://127.0.0.1:9",),
    "intake": ("{intake}", "{intake:.10}"),
    "consent": ("{consent}",),
    "question": ("name",),
    "number": ("+6281230009998",),
    "lawyer": ("{operator}",),
    "title": ("Contoh",),
    "external_ref": ("CONTOH-1",),
    "intake to": ("{operator}",),
    "conflict name": ("Contoh Nama",),
    "proof": ("config/requirements.txt",),
    "item": ("{outbound}", "{outbound:.10}", "{intake}"),
    "language": ("id",),
    "theme": ("light",),
    "name": ("Contoh",),
    "outbox message": ("{outbound}", "{outbound:.10}"),
    "param": ("nama=Contoh",),
    "quality": ("YELLOW",),
    "reply_to": ("{message}",),
    "sandbox to": ("{number}",),
    "template": ("{template}",),
    "template_id": ("7001002003",),
    "text": ("Selamat siang.",),
    "up_to": ("{message}",),
    "url": ("http://127.0.0.1:9",),
    "webhook": ("http://127.0.0.1:9/",),
    "conversation": ("{conversation}",),
    "conversations conversation": ("{conversation}", "{conversation:.10}"),
    "conversations to": ("{operator}",),
    "full_name": ("Contoh",),
    "hold kind": ("outbound_hold",),
    "header_handle": ("4::Y29udG9o",),
    "host": ("127.0.0.1",),
    "into": ("/dev/null/home",),
    "key": ("server.port",),
    "kind": ("text",),
    "label": ("contoh",),
    "letter": ("{letter}", "{request}"),
    "message": ("{message}", "{wamid}"),
    "message_id": ("{wamid}",),
    "meta_app": ("{app}",),
    "operator": ("{operator}",),
    "operator name": ("{operator}",),
    "owner": ("Contoh",),
    "path": ("config/templates",),
    "phone_number_id": ("{number}",),
    "reason": ("coba",),
    "requests": ("{request}",),
    "set_": ("entry.0.id={waba}",),
    "since": ("2020-01-01T00:00:00+07:00",),
    "target": ("message:{message}", "contact:{contact}", "operator:{operator}", "token:{token}", "tenant:{firm}"),
    "templates name": ("pengingat_janji", "{template}"),
    "tenant": ("{firm}",),
    "tenant name": ("Contoh",),
    "time_zone": ("WIB",),
    "to": ("http://127.0.0.1:9/{number}",),
    "token_id": ("{token}",),
    "tree folder": ("config/intake",),
    "tree output": ("/dev/null/drawing.html",),
    "tree path": ("config/intake",),
    "tree tree": ("general", "config/intake/general.yaml"),
    "waba": ("{waba}",),
    "after": ("{seq}",),
    "start": ("{seq}",),
}


def leaves(root: Any) -> dict[Path, Any]:
    """Every command that runs, by its words; groups are walked through."""
    return dict(_leaves((), root))


def _leaves(path: Path, command: Any) -> Iterator[tuple[Path, Any]]:
    real = command.load() if hasattr(command, "load") else command
    if not hasattr(real, "commands"):
        yield path, real
        return
    for name, child in real.commands.items():
        yield from _leaves((*path, name), child)


def command_lines(path: Path, command: Any, things: Things, *, shared: Sequence[Any] = ()) -> list[Words]:
    """Command lines that use every parameter of a command at least once, with every sample it has.

    Args:
        shared: parameters that belong to all commands; the caller sets them itself.
    Raises: InvariantError for a parameter that has no sample, with what to add.
    """
    own = [parameter for parameter in command.params if parameter not in shared]
    spoken = {parameter.name: _spoken(path, parameter, things) for parameter in own}
    needed = [parameter for parameter in own if parameter.required]
    base = [spoken[parameter.name][0] for parameter in needed]
    lines = [_line(path, base)]
    for place, parameter in enumerate(needed):
        lines += [_line(path, [*base[:place], words, *base[place + 1 :]]) for words in spoken[parameter.name][1:]]
    optional = [parameter for parameter in own if not parameter.required]
    lines += [_line(path, [*base, words]) for parameter in optional for words in spoken[parameter.name]]
    choices = [spoken[parameter.name][0] for parameter in optional if not _is_number(parameter)]
    lines += [_line(path, [*base, *pair]) for pair in combinations(choices, 2)]
    return list(dict.fromkeys(lines))


def _line(path: Path, parts: Sequence[Words]) -> Words:
    return (*path, *(word for words in parts for word in words))


def _spoken(path: Path, parameter: Any, things: Things) -> list[Words]:
    """A parameter as it is typed: an option with its name, an argument as it is."""
    if getattr(parameter, "is_flag", False):
        return [(parameter.opts[0],)]
    values = [things.filled(sample) for sample in _samples(path, parameter)]
    is_option = parameter.param_type_name == "option"
    return [(parameter.opts[0], value) if is_option else (value,) for value in values]


def _samples(path: Path, parameter: Any) -> Sequence[str]:
    named = NAMED.get(f"{path[0]} {parameter.name}", NAMED.get(parameter.name))
    if named is not None:
        return named
    kind = parameter.type_descriptor.annotation
    if _is_number(parameter):
        return [str(1 if parameter.min is None else parameter.min)]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(next(iter(kind)).value)]
    raise InvariantError(
        f"`lhwa {' '.join(path)}` takes {parameter.name!r}, and nobody knows what another firm's would be.",
        hint=f"Add {parameter.name!r} to NAMED in {__name__}; an id of a firm's thing is written as {{thing}}.",
    )


def _is_number(parameter: Any) -> bool:
    return parameter.type_descriptor.annotation in (int, float)
