"""What a file, the environment and the flags say: keys and written values, each with its origin."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lhwa.config.settings import SECTIONS
from lhwa.errors import ConfigError

ENVIRONMENT_PREFIX = "LHWA_"
_SPECIAL = {"LHWA_TENANT": "cli.tenant", "LHWA_GRAPH_URL": "outbound.graph_url"}
_NOT_SETTINGS = ("LHWA_HOME", "LHWA_TOKEN")
_HEADING = re.compile(r"\s*\[\s*([A-Za-z0-9_-]+)\s*\]")
_ASSIGNMENT = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")


@dataclass(frozen=True, slots=True)
class Written:
    """One value as somebody wrote it."""

    key: str
    value: object
    origin: str
    as_text: bool = False


def from_file(path: Path) -> Iterator[Written]:
    """What lhwa.toml says; nothing when there is no such file."""
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return
    except UnicodeDecodeError:
        raise ConfigError(f"{path.name} is not UTF-8 text.", hint=f"Save {path} as UTF-8.") from None
    except OSError as error:
        raise ConfigError(f"{path.name} cannot be read: {error.strerror}.", hint=f"Look at {path}.") from None
    import tomllib  # noqa: PLC0415 -- a home without a settings file does not pay for it

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path.name} is not TOML: {error}.", hint=f"Mend {path}.") from None
    lines = _lines(text)
    for section, values in document.items():
        if not isinstance(values, dict):
            yield Written(section, values, _at(path, lines.get(section)))
            continue
        for name, value in values.items():
            key = f"{section}.{name}"
            yield Written(key, value, _at(path, lines.get(key)))


def _at(path: Path, line: int | None) -> str:
    return f"file:{path.name}" if line is None else f"file:{path.name}:{line}"


def _lines(text: str) -> dict[str, int]:
    """Where each key was written. tomllib does not tell, so this reads the plain form that people use."""
    found: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if heading := _HEADING.match(line):
            section = f"{heading[1]}."
        elif assignment := _ASSIGNMENT.match(line):
            found.setdefault(section + assignment[1], number)
    return found


def from_environment(environ: Mapping[str, str]) -> Iterator[Written]:
    """What `LHWA_SECTION__KEY` says. Names of other programs' making are left alone, near misses are not."""
    for name, text in sorted(environ.items()):
        if not name.startswith(ENVIRONMENT_PREFIX) or name in _NOT_SETTINGS:
            continue
        key = _SPECIAL.get(name) or _key_of(name.removeprefix(ENVIRONMENT_PREFIX).lower())
        if key is not None:
            yield Written(key, text, f"env:{name}", as_text=True)


def _key_of(name: str) -> str | None:
    section, separator, key = name.partition("__")
    if separator:
        return f"{section}.{key}"
    # LHWA_SERVER_PORT with one underscore would silently do nothing; read it as meant, so that it is reported.
    return next((f"{known}_{name[len(known) + 1 :]}" for known in SECTIONS if name.startswith(f"{known}_")), None)


def from_flags(flags: Mapping[str, object]) -> Iterator[Written]:
    """What the command line says; None is a flag that nobody gave."""
    for key, value in flags.items():
        if value is not None:
            yield Written(key, value, f"flag:--{key.rpartition('.')[2].replace('_', '-')}")
