"""`lhwa consent`: the ledger of what clients agreed to."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light

from __future__ import annotations

from typing import Annotated

import typer

from lhwa.cli.firm import open_firm, without_none
from lhwa.cli.group import Group
from lhwa.cli.session import Session

app = Group("The ledger of what clients agreed to.")


@app.add("list", examples=["lhwa consent list", "lhwa --json consent list --contact +6281230001111"])
def list_(
    ctx: typer.Context,
    contact: Annotated[
        str | None, typer.Option(help="Of this contact alone: id, telephone number or masked number.")
    ] = None,
    limit: Annotated[int, typer.Option(help="At most this many.", min=1, max=100_000, metavar="N")] = 100,
) -> None:
    """List consents, refusals and withdrawals, newest first."""
    from lhwa.services.intake.consent_views import list_consents

    session = Session.of(ctx)
    with open_firm(session) as firm:
        shown = firm.store.write(list_consents, firm.principal, contact=contact, rows_max=limit)
    session.out.table(
        shown,
        {
            "id": lambda each: each.id,
            "contact": lambda each: each.contact,
            "purpose": lambda each: each.purpose,
            "what": lambda each: each.what,
            "notice": lambda each: f"{each.notice_version} ({each.language})",
            "how": lambda each: each.method,
            "at": lambda each: firm.clock(each.at),
        },
        empty="Nobody has been asked for consent.",
    )


@app.add(
    "prove",
    examples=[
        "lhwa consent prove 01KAN5T9YB6Q2R8W4X7V3M0ZJD",
        "lhwa --json consent prove 01KAN5T9YB6Q2R8W4X7V3M0ZJD > proof.json",
        "lhwa audit verify --proof proof.json",
    ],
)
def prove(
    ctx: typer.Context,
    consent: Annotated[str, typer.Argument(help="Its id, from `lhwa consent list`.", metavar="ID")],
) -> None:
    """Prove one entry: the words, the messages, and the path from its audit record to the root of the log.

    Anybody can check the JSON form with `lhwa audit verify --proof FILE`, or with any tool for RFC 6962.
    """
    from lhwa.services.intake.consent_views import prove_consent

    session = Session.of(ctx)
    with open_firm(session) as firm:
        proof = firm.store.write(prove_consent, firm.principal, consent)
    session.out.record(
        proof,
        without_none(
            {
                "consent": proof.consent.id,
                "what": proof.consent.what,
                "purpose": proof.consent.purpose,
                "contact id": proof.consent.contact_id,
                "at": firm.clock(proof.consent.at),
                "how": proof.consent.method,
                "notice": proof.notice,
                "notice version": f"{proof.consent.notice_version} ({proof.consent.language})",
                "notice SHA-256": proof.notice_sha256,
                "reply": proof.reply,
                "reply message": proof.consent.reply,
                "reply wamid": proof.reply_wamid,
                "prompt": proof.prompt,
                "prompt wamid": proof.prompt_wamid,
                "audit record": proof.leaf_index,
                "log size": proof.tree_size,
                "log root": proof.root_hash,
            }
        ),
    )
