"""The layers on top of each other: defaults < lhwa.toml < environment < flags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Any

from lhwa.config.home import Home
from lhwa.config.layers import Written, from_environment, from_file, from_flags
from lhwa.config.settings import SECTIONS, Settings
from lhwa.config.values import WrongValueError, checked, known_keys
from lhwa.domain.text import safe_text
from lhwa.errors import ConfigError

DEFAULT = "default"
PART_CHARS_MIN = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with the settings."""

    key: str
    origin: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, and where each one came from."""

    settings: Settings
    origins: Mapping[str, str]
    """`section.key` -> `default`, `file:lhwa.toml:12`, `env:NAME` or `flag:--name`; every key, in document order."""

    def explain(self) -> tuple[tuple[str, Any, str], ...]:
        """Key, value, origin of every setting."""
        return tuple((key, self.value(key), origin) for key, origin in self.origins.items())

    def value(self, key: str) -> Any:
        """The value of `section.key`."""
        section, _, name = key.partition(".")
        return getattr(getattr(self.settings, section), name)


def load_settings(
    home: Home, environ: Mapping[str, str] | None = None, flags: Mapping[str, object] | None = None
) -> Loaded:
    """The settings of a home.

    Args:
        flags: by key, such as `{"server.port": 8081}`; None values were not given.
    Raises: ConfigError that names every problem with its origin.
    """
    loaded, problems = check_settings(home, environ, flags)
    if problems:
        lines = [f"{problem.origin}: {problem.message}" for problem in problems]
        raise ConfigError("\n".join(lines), hint=next((problem.hint for problem in problems if problem.hint), ""))
    return loaded


def check_settings(
    home: Home, environ: Mapping[str, str] | None = None, flags: Mapping[str, object] | None = None
) -> tuple[Loaded, tuple[Problem, ...]]:
    """The settings as far as they are right, and every problem at once."""
    values: dict[str, Any] = {}
    origins = dict.fromkeys(known_keys(), DEFAULT)
    problems: list[Problem] = []
    try:
        from_home = list(from_file(home.settings_file))
    except ConfigError as error:
        from_home = []
        problems.append(Problem("", f"file:{home.settings_file.name}", error.message, error.hint))
    for written in chain(from_home, from_environment(environ or {}), from_flags(flags or {})):
        problem = _take(written, values)
        if problem is None:
            origins[written.key] = written.origin
        else:
            problems.append(problem)
    return Loaded(_built(values), MappingProxyType(origins)), tuple(problems)


def _take(written: Written, values: dict[str, Any]) -> Problem | None:
    """Put one written value in place, or say what is wrong with it."""
    shown = safe_text(written.key, newlines=False, chars_max=60)
    if written.key not in known_keys():
        return Problem(written.key, written.origin, f"There is no setting {shown}.", _hint_for(written.key))
    try:
        values[written.key] = checked(written.key, written.value, as_text=written.as_text)
    except WrongValueError as error:
        about = known_keys()[written.key][0].metadata["about"]
        return Problem(written.key, written.origin, f"{shown} {error}.", f"{shown}: {about}")
    return None


def nearest_keys(key: str) -> tuple[str, ...]:
    """The settings that somebody may have meant by a name that is none, the surest guess first."""
    from difflib import get_close_matches  # noqa: PLC0415 -- only for mistakes

    # The right name in the wrong section, or a part of a name, is a surer guess than any likeness of letters.
    name = key.rpartition(".")[2]
    same = [known for known in known_keys() if known.rpartition(".")[2] == name]
    parts = [known for known in known_keys() if len(name) >= PART_CHARS_MIN and name in known and known not in same]
    return tuple(get_close_matches(key, same, n=len(same) or 1, cutoff=0.0) + parts) or tuple(
        get_close_matches(key, known_keys(), n=1)
    )


def _hint_for(key: str) -> str:
    near = nearest_keys(key)
    return f"Did you mean {near[0]}?" if near else "See config/lhwa.example.toml for every setting."


def _built(values: Mapping[str, Any]) -> Settings:
    sections = {
        section: kind(
            **{key.partition(".")[2]: value for key, value in values.items() if key.startswith(f"{section}.")}
        )
        for section, kind in SECTIONS.items()
    }
    return Settings(**sections)
