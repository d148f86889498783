"""`scripts/bench`: what lhwa costs, measured. Each subcommand is a module beside this one with `run(arguments)`."""

from __future__ import annotations

import sys

EXAMPLES = """\
examples:
  scripts/bench ack --quick
  scripts/bench ack --peer --connections 64 --firms 1,50
  scripts/bench queue --peer
  scripts/bench growth --sizes 10000,100000
  scripts/bench send --quick
  scripts/bench cli --out /tmp/figures
"""

SUBCOMMANDS = {
    "ack": "signed webhooks in, 200 out: requests/s, latency, CPU; every 200 is looked up on the disk afterwards",
    "effects": "from the 200 to the rows in the firm's file, at a fixed rate",
    "queue": "how fast a full spool is applied to the firms' files",
    "growth": "the cost of a request with more and more messages in the files",
    "tenants": "ten thousand firms, fifty of them busy: memory, file handles, start-up, cost",
    "send": "messages/s from the outbox to a sandbox, against a plain httpx loop with the same bodies",
    "conflict": "one check of conflicts of interest among up to 100,000 parties in a firm's own files",
    "inbox": "first paint, scrolling and memory of the inbox with 100 and with 100,000 conversations",
    "inbox_soak": "two inboxes, a daemon and clients who keep writing, for minutes of random acts; nothing may be lost",
    "cli": "start-up of commands against a Typer app with one empty command",
    "crash": "kills the daemon under load again and again, and looks for what was lost",
    "simulate": "one seed drives gateway, normalizer, bus and clock; any order must end alike",
}


def main(arguments: list[str]) -> int:
    """Run one subcommand; its own `--help` says more."""
    import importlib  # noqa: PLC0415 -- after the path is right: this folder has names that the library has too

    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(_help())
        return 0 if arguments else 2
    name, rest = arguments[0], arguments[1:]
    if name not in SUBCOMMANDS:
        print(f"error: there is no benchmark {name!r}\n\n{_help()}", file=sys.stderr)
        return 2
    try:
        module = importlib.import_module(f"scripts.benchmarks.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"scripts.benchmarks.{name}":
            raise
        print(f"error: the benchmark {name!r} is not in this tree", file=sys.stderr)
        return 2
    try:
        return int(module.run(rest))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def _help() -> str:
    width = max(map(len, SUBCOMMANDS))
    lines = "\n".join(f"  {name:<{width}}  {about}" for name, about in SUBCOMMANDS.items())
    return f"usage: scripts/bench SUBCOMMAND [--help] [options]\n\nsubcommands:\n{lines}\n\n{EXAMPLES}"


if __name__ == "__main__":
    # Run as a folder, Python would look for imports in here first, and find `queue` where it wants the library's.
    root = __file__.rsplit("/", 3)[0] if __file__.startswith("/") else "."
    sys.path[0] = root
    raise SystemExit(main(sys.argv[1:]))
