"""What the documents say is true: each command line parses, each name, path, code and link in them exists."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import typer

from lhwa.adapters.secret_store.systemd import ROOT_KEY_CREDENTIAL
from lhwa.cli.app import COMMANDS, NAME, build
from lhwa.cli.diagnostics import ExitCode
from lhwa.cli.options import Globals
from lhwa.config.settings import SECTIONS, Settings
from lhwa.config.values import known_keys
from lhwa.domain.access import GRANTS
from lhwa.telemetry.metrics import Metrics

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "scripts/README.md")
TEXT = {name: (ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS}
README = TEXT["README.md"]
UNIT = (ROOT / "config" / "lhwa.service").read_text(encoding="utf-8")
NGINX = (ROOT / "config" / "nginx.example.conf").read_text(encoding="utf-8")
ON_SERVER = (ROOT / "config" / "lhwa-on-server").read_text(encoding="utf-8")
METRIC_SUFFIXES = ("_total", "_bucket", "_count", "_sum", "_created")

_FENCE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_COMMAND_LINE = re.compile(r"^(?:\$ )?(?:sudo )?(?:[\w./-]*/)?lhwa (.+)$", re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_PATH = re.compile(r"(?:lhwa|config|scripts|tests|plugins|\.images)/[\w./*-]*")


def fenced(document: str) -> list[str]:
    return _FENCE.findall(TEXT[document])


def spans(document: str) -> list[str]:
    """Words in backquotes, outside of code blocks."""
    return _SPAN.findall(_FENCE.sub("", TEXT[document]))


def section(title: str) -> str:
    """The text of the README under one heading."""
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(text: str) -> list[tuple[str, str]]:
    """First and last cell of each table row, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in lines[1:]]
    return [(row[0], row[-1]) for row in cells]


def command_lines() -> Iterator[tuple[str, str]]:
    for document in DOCUMENTS:
        for block in fenced(document):
            for words in _COMMAND_LINE.findall(block):
                yield document, re.split(r"\s(?:#|\||<|>|&)", words)[0].strip()


def mentions() -> Iterator[tuple[str, str]]:
    for document in DOCUMENTS:
        for span in spans(document):
            if span.startswith("lhwa "):
                yield document, span.removeprefix("lhwa ")


def parse(line: str) -> None:
    """Parse a whole command line as `lhwa` does, without running it."""
    try:
        context: Any = build().make_context(NAME, shlex.split(line), obj=Globals())
        while hasattr(context.command, "commands"):
            group, rest = context.command, [*context._protected_args, *context.args]
            name, command, words = group.resolve_command(context, rest)
            context = command.make_context(name, words, parent=context)
    except typer.Exit:
        return  # --help and --version end here


def named(line: str) -> tuple[Any, list[str]]:
    """The command that a mention names, and the words after it."""
    command: Any = build()
    words = shlex.split(line)
    while words:
        children = getattr(command, "commands", {})
        if words[0] not in children:
            return command, words
        command = children[words.pop(0)]
        command = command.load() if hasattr(command, "load") else command
    return command, []


@pytest.mark.parametrize(("document", "line"), sorted(set(command_lines())))
def test_each_command_line_parses(document: str, line: str) -> None:
    parse(line)


@pytest.mark.parametrize(("document", "line"), sorted(set(mentions())))
def test_each_mentioned_command_and_option_exists(document: str, line: str) -> None:
    command, rest = named(line)
    known = {option for parameter in command.params for option in parameter.opts}
    unknown = [word for word in rest if word.startswith("-") and word not in known]
    places = any(parameter.param_type_name == "argument" for parameter in command.params)
    stray = [word for word in rest[:1] if not word.startswith("-") and not places]
    assert not unknown + stray


def test_the_documents_hold_command_lines() -> None:
    assert len(set(command_lines())) > 15
    assert len(set(mentions())) > 40


@pytest.mark.parametrize("name", [name for name, *_ in COMMANDS])
def test_each_top_level_command_is_in_the_readme(name: str) -> None:
    assert re.search(rf"\blhwa {name}\b", README)


def test_the_exit_codes_are_those_of_the_program() -> None:
    tree = ast.parse((ROOT / "lhwa" / "cli" / "diagnostics.py").read_text(encoding="utf-8"))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "ExitCode")
    sentences = [
        node.value.value for node in body[1:] if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ]
    wanted = [(str(int(code)), sentence) for code, sentence in zip(ExitCode, sentences, strict=True)]
    assert rows(section("Exit codes")) == wanted


def test_the_roles_are_those_of_the_program() -> None:
    shown = {role.strip("`"): set(_SPAN.findall(may)) for role, may in rows(section("People, roles, tokens"))}
    assert shown == {role.value: {each.value for each in grants} for role, grants in GRANTS.items()}


def test_the_metrics_are_those_of_the_program() -> None:
    def plain(name: str) -> str:
        return next((name.removesuffix(end) for end in METRIC_SUFFIXES if name.endswith(end)), name)

    shown = {plain(name) for name in re.findall(r"\blhwa_[a-z_]+", section("Logs, metrics, health"))}
    text = Metrics(version="0", sqlite="0").render().decode()
    assert shown == {plain(name) for name in re.findall(r"^# TYPE (lhwa_\w+)", text, re.MULTILINE)}


def test_the_log_events_are_written_somewhere() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "lhwa").rglob("*.py"))
    paragraph = section("Logs, metrics, health").split("\n\n")[0]
    shown = [span for span in _SPAN.findall(paragraph) if re.fullmatch(r"[a-z]+(_[a-z]+)+", span)]
    assert len(shown) > 5
    assert [event for event in shown if f'("{event}"' not in source] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_mentioned_setting_exists(document: str) -> None:
    keys = [span for span in spans(document) if re.fullmatch(r"[a-z_]+\.(?!db$)[a-z_]+", span)]
    assert [key for key in keys if key.partition(".")[0] in SECTIONS and key not in known_keys()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_mentioned_path_exists(document: str) -> None:
    words = [word for span in spans(document) for word in span.replace("`", "").split()]
    paths = [word for word in words if _PATH.fullmatch(word)]
    assert [path for path in paths if not any(ROOT.glob(path))] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_relative_link_leads_somewhere(document: str) -> None:
    links = [link for link in _LINK.findall(TEXT[document]) if not re.match(r"[a-z]+:", link)]
    for link in links:
        path, _, heading = unquote(link).partition("#")
        target = (ROOT / document).parent / path
        assert target.exists(), link
        titles = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE) if heading else []
        anchors = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
        assert not heading or heading in anchors, link


def test_the_picture_needs_nothing_from_elsewhere() -> None:
    picture = (ROOT / ".images" / "demo.svg").read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\"'\s<]+", picture)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"/(?:tmp|home|root|var|usr)/", picture)


def test_each_script_has_its_line() -> None:
    scripts = {f"`scripts/{path.name}`" for path in (ROOT / "scripts").iterdir() if path.name != "README.md"}
    named = {name for name, *_ in rows(TEXT["scripts/README.md"])}
    assert {name for name in named if name.startswith("`scripts/")} == scripts


def test_each_entry_point_group_is_mentioned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {name.strip("`") for name, _ in rows(section("Plugins"))} == set(project["entry-points"])


def test_the_import_layers_are_those_that_are_checked() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    layers = next(each["layers"] for each in tools["importlinter"]["contracts"] if each["type"] == "layers")
    shown = next(block for block in fenced("CONTRIBUTING.md") if block.startswith("errors\n"))
    assert shown.split("\n")[:-1] == layers[::-1]


def test_the_unit_runs_a_command_that_exists_with_the_credential_that_is_read() -> None:
    unit = dict(line.split("=", 1) for line in UNIT.splitlines() if "=" in line and not line.startswith("#"))
    program, _, words = unit["ExecStart"].partition(" ")
    parse(words)
    assert program in ON_SERVER
    assert unit["LoadCredentialEncrypted"].startswith(f"{ROOT_KEY_CREDENTIAL}:")
    assert f"LoadCredentialEncrypted={unit['LoadCredentialEncrypted']} " in ON_SERVER
    assert unit["Environment"] in ON_SERVER
    assert {int(code) for code in unit["RestartPreventExitStatus"].split()} <= set(ExitCode)


def test_nginx_leads_to_the_daemon_and_lets_through_what_it_takes() -> None:
    settings = Settings()
    assert f"server {settings.server.host}:{settings.server.port};" in NGINX
    assert f"client_max_body_size {settings.limits.webhook_body_bytes_max // 1024**2}m;" in NGINX
    keepalive_s = re.search(r"keepalive_timeout (\d+)s;", NGINX)
    assert keepalive_s is not None
    assert int(keepalive_s[1]) < settings.limits.idle_timeout_s
