"""`lhwa config`: the settings, where each value came from, and what is wrong with them. Works before `lhwa init`."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from lhwa.cli.group import Group
from lhwa.cli.session import Session

app = Group("Show settings, and where each value came from.")
MASKED = "(set; never shown)"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it is shown."""

    key: str
    value: Any
    origin: str


@app.add("show", examples=["lhwa config show", "lhwa --json config show"])
def show(ctx: typer.Context) -> None:
    """Show every setting with its value and where the value came from.

    Secrets are never settings; a token in the environment is shown as set and masked.
    """
    from lhwa.config import check_settings

    session = Session.of(ctx)
    loaded, problems = check_settings(session.home, session.environ, session.flags)
    settings = [Setting("home", session.home.root, session.home_origin)]
    settings += [Setting(*each) for each in loaded.explain()]
    if session.environ.get("LHWA_TOKEN"):
        settings.append(Setting("token", MASKED, "env:LHWA_TOKEN"))
    session.out.table(
        settings,
        {"setting": lambda each: each.key, "value": lambda each: each.value, "from": lambda each: each.origin},
    )
    for problem in problems:
        session.out.warn(f"{problem.origin}: {problem.message}")


@app.add("explain", examples=["lhwa config explain", "lhwa config explain server.port"])
def explain(
    ctx: typer.Context,
    key: Annotated[str | None, typer.Argument(help="One setting, such as server.port; all when left out.")] = None,
) -> None:
    """Say what a setting means, its default, and how to set it."""
    session = Session.of(ctx)
    explained = _explained(session)
    if key is None:
        session.out.table(
            list(explained.values()),
            {"setting": lambda each: each["key"], "default": lambda each: each["default"], "meaning": _meaning},
            important=("meaning",),
        )
        return
    from lhwa.config.load import nearest_keys
    from lhwa.errors import UsageError

    if key not in explained:
        near = ", ".join(nearest_keys(key))
        hint = f"Did you mean: {near}?" if near else "`lhwa config explain` lists them all."
        raise UsageError("There is no setting of that name.", hint=hint)
    one = explained[key]
    pairs = {
        "setting": key,
        "meaning": _meaning(one),
        "value": one["value"],
        "from": one["origin"],
        "default": one["default"],
        "limits": _limits(one),
        "environment": one["environment"],
        "in lhwa.toml": f"[{key.partition('.')[0]}] {key.partition('.')[2]} = …",
    }
    session.out.record(one, pairs)


def _explained(session: Session) -> dict[str, dict[str, Any]]:
    from lhwa.config import Settings, check_settings
    from lhwa.config.values import known_keys

    loaded, _ = check_settings(session.home, session.environ, session.flags)
    plain = Settings()
    return {
        key: {
            "key": key,
            "meaning": field.metadata["about"],
            "value": loaded.value(key),
            "origin": loaded.origins[key],
            "default": getattr(getattr(plain, key.partition(".")[0]), field.name),
            "least": field.metadata["least"],
            "most": field.metadata["most"],
            "environment": "LHWA_" + key.upper().replace(".", "__"),
        }
        for key, (field, _kind) in known_keys().items()
    }


def _meaning(one: dict[str, Any]) -> object:
    return one["meaning"]


def _limits(one: dict[str, Any]) -> str:
    least, most = one["least"], one["most"]
    return f"{'…' if least is None else least} to {'…' if most is None else most}" if least is not most else ""


@app.add("validate", examples=["lhwa config validate", "LHWA_SERVER__PORT=8081 lhwa config validate"])
def validate(ctx: typer.Context) -> None:
    """Check lhwa.toml and the environment; list every problem with the line it stands in."""
    from lhwa.config import check_settings
    from lhwa.errors import ConfigError

    session = Session.of(ctx)
    _, problems = check_settings(session.home, session.environ, session.flags)
    if session.out.json:
        session.out.emit({"ok": not problems, "problems": list(problems)})
    elif problems:
        session.out.table(
            problems,
            {"where": lambda each: each.origin, "problem": lambda each: each.message, "hint": lambda each: each.hint},
        )
    if problems:
        found = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise ConfigError(f"The settings have {found}.", hint="Each one is listed with the place where it stands.")
    session.out.done(f"All settings are right. Home: {session.home.root}")
