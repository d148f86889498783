"""`lhwa sandbox`: a Cloud API emulator, so that all of lhwa can be tried without a Meta account."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light
# ruff: noqa: FBT002 -- typer reads these signatures

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from lhwa.cli.columns import utc_moment
from lhwa.cli.group import Group
from lhwa.cli.session import Session
from lhwa.sandbox.personas.names import PersonaName

if TYPE_CHECKING:
    from lhwa.sandbox.accounts import SandboxAccount

app = Group("A Cloud API emulator, to try everything without a Meta account.")

SEED_MAX = 2**31 - 1
PACE_S = 1.0
"""Slow enough to read along."""
_Url = Annotated[str | None, typer.Option(help="Where the sandbox is; on this machine.", metavar="URL")]


@app.add(
    "serve",
    examples=[
        "lhwa sandbox serve",
        "lhwa sandbox serve --port 9191 --seed 7 --fault lost-response=0.1,duplicate=0.2",
        "lhwa serve --graph-url http://127.0.0.1:9191",
    ],
)
def serve(
    ctx: typer.Context,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0: any.", min=0, max=65_535, metavar="PORT")] = 9191,
    seed: Annotated[
        int | None, typer.Option(help="The same one repeats a run; a new one when left out.", min=0, max=SEED_MAX)
    ] = None,
    fault: Annotated[
        str, typer.Option(help="What goes wrong how often, such as lost-response=0.1.", metavar="NAME=CHANCE,...")
    ] = "",
    webhook: Annotated[
        str | None, typer.Option(help="Where webhooks go; the daemon of this home when left out.", metavar="URL")
    ] = None,
    no_link: Annotated[bool, typer.Option("--no-link", help="Give no firm an access token; only print it.")] = False,
) -> None:
    """Play Meta for this home's firms until Ctrl-C: messages, templates, media, statuses, and what goes wrong.

    Without a home it plays a sample firm. Everything is kept in memory. A firm that has no access token gets one of the
    sandbox; a real token stays here and is never sent anywhere else.

    Faults: lost-response, duplicate, reorder, delay, drop, batch, http-500, http-429, bsuid-only, token-expiry,
    no-history, and code:131026 or any other code of Meta's. Their chances are 0 to 1.
    """
    from lhwa.cli.sandboxing import HOST, WEBHOOK, accounts_for, run_sandbox

    session = Session.of(ctx)
    if webhook is not None and urlsplit(webhook).path in ("", "/"):
        webhook = webhook.rstrip("/") + urlsplit(WEBHOOK).path
    accounts = accounts_for(session, webhook=webhook, links=not no_link)
    # A fixed one would give the same ids to other messages after a restart: the firm would take them for duplicates.
    seed = secrets.randbelow(SEED_MAX + 1) if seed is None else seed

    def ready(bound: int) -> None:
        _show_accounts(session, f"http://{HOST}:{bound}", seed, accounts)

    def refused(url: str, why: str) -> None:
        session.out.warn(f"A webhook was not taken at {url}: {why}. It is tried again. Is `lhwa serve` running there?")

    run_sandbox(accounts, port=port, seed=seed, faults=fault, on_ready=ready, on_refused=refused)


def _show_accounts(session: Session, url: str, seed: int, accounts: Sequence[SandboxAccount]) -> None:
    """Who is played here, where, and with which tokens."""
    shown: list[dict[str, Any]] = [
        {
            "graphUrl": url,
            "firm": account.name,
            "wabaId": account.waba_id,
            "phoneNumberIds": [number.phone_number_id for number in account.numbers],
            # A real token is not the sandbox's to show.
            "token": account.tokens[0].value if account.tokens[0].is_of_sandbox else None,
            "webhook": account.webhook_url,
        }
        for account in accounts
    ]
    if session.out.json:
        session.out.emit({"graphUrl": url, "seed": seed, "accounts": shown})
        return
    session.out.table(
        shown,
        {
            "graph url": lambda each: each["graphUrl"],
            "firm": lambda each: each["firm"],
            "waba": lambda each: each["wabaId"],
            "phone number id": lambda each: ", ".join(each["phoneNumberIds"]),
            "token": lambda each: each["token"] or "its own",
            "webhook": lambda each: each["webhook"],
        },
    )
    session.out.say(f"Send messages here with: lhwa serve --graph-url {url}   (Ctrl-C ends the sandbox)")


@app.add(
    "say",
    examples=[
        'lhwa sandbox say +6281230001111 "Selamat malam, saya perlu bantuan"',
        'lhwa sandbox say +6281230001111 "Ya" --to 301301301301301',
    ],
)
def say(
    ctx: typer.Context,
    contact: Annotated[str, typer.Argument(help="The sample client's number or user id.")],
    text: Annotated[str, typer.Argument(help="What they write.")],
    to: Annotated[str | None, typer.Option(help="Which phone number id they write to.", metavar="ID")] = None,
    name: Annotated[str | None, typer.Option(help="The client's profile name.", metavar="NAME")] = None,
    url: _Url = None,
) -> None:
    """Write to the firm as a client. This opens the 24-hour window."""
    from lhwa.cli.sandboxing import call, sandbox_url

    session = Session.of(ctx)
    body = {"from": contact, "text": text} | ({"to": to} if to else {}) | ({"name": name} if name else {})
    said = call(sandbox_url(session, url), "POST", "/say", body)
    session.out.done("The client has written.", {"messageId": said["messageId"]})


@app.add(
    "persona",
    examples=[
        "lhwa sandbox persona cooperative --contact +6281230001111",
        "lhwa sandbox persona hostile --contact +6281230001112 --seed 7",
        "lhwa --json sandbox persona late --contact +6281230001113 --silence 5 | jq -r .text",
    ],
)
def persona(
    ctx: typer.Context,
    who: Annotated[PersonaName, typer.Argument(help="Which kind of client.")],
    contact: Annotated[str, typer.Option(help="The sample client's number or user id.", metavar="CONTACT")],
    to: Annotated[str | None, typer.Option(help="Which phone number id they write to.", metavar="ID")] = None,
    seed: Annotated[
        int | None, typer.Option(help="The same one repeats a run; a new one when left out.", min=0, max=SEED_MAX)
    ] = None,
    pace: Annotated[
        float, typer.Option(help="Seconds before each message.", min=0, max=3_600, metavar="SECONDS")
    ] = PACE_S,
    silence: Annotated[
        float, typer.Option(help="How many seconds the late one's week takes.", min=0, max=864_000, metavar="SECONDS")
    ] = 20,
    limit_s: Annotated[
        float, typer.Option("--limit-s", help="End after so many seconds.", min=1, max=864_000, metavar="SECONDS")
    ] = 900,
    url: _Url = None,
) -> None:
    """Watch a made-up client go through an intake: they read what the firm writes, answer, and leave by themselves.

    Needs a sandbox, the daemon, and a published question tree; the contact should be a new one. With --json one message
    a line, and the summary last. 1: the client gave up, or the time was up; 3: the firm answered nothing.
    """
    from lhwa.cli.persona_run import Run, run_persona
    from lhwa.cli.sandboxing import sandbox_url

    session = Session.of(ctx)
    run = Run(
        who=who,
        contact=contact,
        to=to,
        seed=secrets.randbelow(SEED_MAX + 1) if seed is None else seed,
        pace_s=pace,
        silence_s=silence,
        limit_s=limit_s,
    )
    try:
        run_persona(run, sandbox_url(session, url), session.out)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@app.add("journal", examples=["lhwa sandbox journal", "lhwa --json sandbox journal | jq '.[].messageId'"])
def journal(ctx: typer.Context, url: _Url = None) -> None:
    """Show every request that the sandbox accepted or refused, oldest first."""
    from lhwa.cli.sandboxing import call, sandbox_url

    session = Session.of(ctx)
    entries = call(sandbox_url(session, url), "GET", "/journal")["entries"]
    session.out.table(
        entries,
        {
            "time (UTC)": lambda each: utc_moment(str(each["at"])),
            "request": lambda each: f"{each['method']} {each['path']}",
            "verdict": lambda each: each["verdict"],
            "status": lambda each: each["status"],
            "code": lambda each: each.get("code"),
            "lost": lambda each: "yes" if each.get("isLost") else None,
            "type": lambda each: each.get("type"),
            "message": lambda each: each.get("messageId"),
        },
        empty="Nothing was asked yet.",
        important=("request", "verdict", "status", "code"),
    )


@app.add("setup", examples=["lhwa --json sandbox setup"])
def setup(ctx: typer.Context, url: _Url = None) -> None:
    """Show the firms, numbers and tokens of a running sandbox. Tokens of its own only."""
    from lhwa.cli.sandboxing import call, sandbox_url

    session = Session.of(ctx)
    found = call(sandbox_url(session, url), "GET", "/setup")["accounts"]
    session.out.table(
        found,
        {
            "firm": lambda each: each["name"],
            "waba": lambda each: each["wabaId"],
            "phone number id": lambda each: ", ".join(number["phoneNumberId"] for number in each["numbers"]),
            "webhook": lambda each: each["webhookUrl"],
        },
    )


@app.add(
    "template",
    examples=[
        "lhwa sandbox template approve 7001002003",
        "lhwa sandbox template category 7001002003 --category MARKETING",
    ],
)
def template(
    ctx: typer.Context,
    change: Annotated[
        str, typer.Argument(help="approve, reject, pause, unpause, disable, category or quality.", metavar="CHANGE")
    ],
    template_id: Annotated[str, typer.Argument(help="Meta's id of the template.", metavar="ID")],
    category: Annotated[str, typer.Option(help="For category.", metavar="CATEGORY")] = "MARKETING",
    quality: Annotated[str, typer.Option(help="For quality.", metavar="QUALITY")] = "YELLOW",
    url: _Url = None,
) -> None:
    """Decide about a template as Meta would, without waiting for the review."""
    from lhwa.cli.sandboxing import call, sandbox_url

    session = Session.of(ctx)
    call(
        sandbox_url(session, url),
        "POST",
        f"/templates/{template_id}/{change}",
        {"category": category, "quality": quality},
    )
    session.out.done(f"Done: {change}.", {"id": template_id, "change": change})
