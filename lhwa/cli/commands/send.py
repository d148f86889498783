"""`lhwa send`: a message to a client, if the gates let it leave."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light
# ruff: noqa: FBT002 -- typer reads these signatures

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lhwa.cli import streams
from lhwa.cli.commands.messages import unix_ms
from lhwa.cli.diagnostics import ExitCode
from lhwa.cli.firm import Firm, open_firm, say_unless_serving
from lhwa.cli.group import Group
from lhwa.cli.named_values import values_from
from lhwa.cli.session import Session
from lhwa.errors import UsageError

if TYPE_CHECKING:
    from lhwa.domain.gates import Verdict
    from lhwa.domain.outbound import Content, Document, OutboundMessage
    from lhwa.domain.send_policy import SendPolicy
    from lhwa.services.messaging.sending import SendOutcome, TemplateChoice

app = Group("Messages to clients.")

OFFERS_SHOWN_MAX = 8


@app.add(
    "send",
    examples=[
        'lhwa send +6281230001111 --text "Terima kasih, kami bantu."',
        "lhwa send +6281230001111 --template pemberitahuan_sidang --param nama_klien=Rina --param nama_advokat=Sari",
        "lhwa send +6281230001111 --document gugatan.pdf --text 'Mohon diperiksa.'",
        'lhwa send "+62 812-••••-1111" --text - --dry-run < answer.txt',
        'lhwa send 7Q2M8ZK4T1V9XB3C --text "Sidang ditunda." --at 2026-11-30T08:00:00+07:00',
    ],
)
def send(
    ctx: typer.Context,
    contact: Annotated[
        str, typer.Argument(help="A contact's id, a telephone number, or a masked number as it is shown.")
    ],
    text: Annotated[str | None, typer.Option(help="What to write; - reads it from stdin.", metavar="TEXT")] = None,
    template: Annotated[str | None, typer.Option(help="An approved template instead.", metavar="NAME")] = None,
    document: Annotated[
        Path | None, typer.Option(help="A file to send; --text is its caption then.", metavar="PATH")
    ] = None,
    language: Annotated[str, typer.Option(help="Of the template.", metavar="CODE")] = "id",
    param: Annotated[
        list[str] | None, typer.Option(help="A value of the template; once for each.", metavar="NAME=VALUE")
    ] = None,
    at: Annotated[str | None, typer.Option(help="Not before this time.", metavar="TIME")] = None,
    from_number: Annotated[
        str | None, typer.Option("--from", help="Which of the firm's phone number ids to send from.", metavar="ID")
    ] = None,
    reply_to: Annotated[str | None, typer.Option(help="The message that it answers.", metavar="ID")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what every gate would say, and show what would be posted.")
    ] = False,
) -> None:
    """Put a message into the outbox. The daemon posts it; `lhwa outbox show ID` says what became of it.

    Free text leaves while the client's 24-hour window is open, templates at any time. A refusal names its rule and what
    would be allowed; the exit code is 1 then. Roles that need a second person leave the message for `lhwa approve`.
    """
    from lhwa.domain.ids import ULID_TAIL_BYTES, ulid
    from lhwa.domain.instants import to_ms
    from lhwa.services.inbox.replying import send_written
    from lhwa.services.messaging.sending import SendRequest, check, drafted
    from lhwa.store import wake

    session = Session.of(ctx)
    content, file = _content(text, template, document, language, param or [])
    request = SendRequest(
        contact=contact,
        content=content,
        file=file,
        phone_number_id=from_number,
        send_at_ms=None if at is None else unix_ms(at),
        reply_to=reply_to,
    )
    with open_firm(session) as firm:
        policy = policy_of(session, firm)
        new_id = ulid(to_ms(session.now), os.urandom(ULID_TAIL_BYTES))
        draft: OutboundMessage | None = None
        if dry_run:
            outcome = firm.store.read(check, firm.principal, request, policy)
            if outcome.refused is None:
                draft = firm.store.read(drafted, firm.principal, request, policy, outbound_id=new_id)
            _rehearse(session, firm, outcome, draft)
        else:
            outcome = firm.store.write(send_written, firm.principal, request, policy, outbound_id=new_id)
            wake.touch(session.home.wake_dir, firm.principal.tenant)
            _report(session, firm, outcome)
    if outcome.refused is not None:
        raise typer.Exit(ExitCode.FAILED)


def policy_of(session: Session, firm: Firm) -> SendPolicy:
    """What the firm decided about sending."""
    from lhwa import bootstrap

    return bootstrap.send_policy(session.settings, numbers=firm.phone_number_ids, time_zone=firm.time_zone)


def _content(
    text: str | None, template: str | None, document: Path | None, language: str, values: list[str]
) -> tuple[Content | TemplateChoice, bytes | None]:
    """What to send, and the file that goes with it."""
    from lhwa.domain.outbound import Text
    from lhwa.services.messaging.sending import TemplateChoice

    if (template is None) == (text is None and document is None):
        raise UsageError("Say what to send: --text, --template, or --document.")
    if template is not None:
        chosen = TemplateChoice(name=template, language=language, values=values_from(values))
        return chosen, None
    if values:
        raise UsageError("--param belongs to --template.")
    words = streams.read_text().rstrip("\n") if text == "-" else text
    return (Text(body=words or ""), None) if document is None else _document(document, words)


def _document(path: Path, caption: str | None) -> tuple[Document, bytes]:
    """Raises: UsageError for what cannot be read or is too large to be a document of Meta's."""
    from hashlib import sha256

    from lhwa.domain.outbound import Document
    from lhwa.domain.outbound_limits.media import DOCUMENT_BYTES_MAX, document_type

    if path.is_dir():
        raise UsageError("This is a folder.", hint="--document wants the path of a file.")
    # Of a folder, a pipe or a device nobody knows the size.
    if not path.is_file():
        raise UsageError("There is no such file.", hint="--document wants the path of a file.")
    mime = document_type(path.name)
    if mime is None:
        raise UsageError(
            "Meta takes no document of this kind.", hint="Send a PDF, Word, Excel, PowerPoint or plain text file."
        )
    try:
        with path.open("rb") as file:
            content = file.read(DOCUMENT_BYTES_MAX + 1)
    except OSError as error:
        raise UsageError(f"The document cannot be read: {error.strerror}.") from error
    if len(content) > DOCUMENT_BYTES_MAX:
        raise UsageError("Meta takes no document larger than 100 MiB.", hint="Split it, or send a link.")
    digest = sha256(content).hexdigest()
    return Document(filename=path.name, mime=mime, sha256=digest, size=len(content), caption=caption), content


def _rehearse(session: Session, firm: Firm, outcome: SendOutcome, draft: OutboundMessage | None) -> None:
    """Show what every gate says, and the message.

    Args:
        draft: what would be posted; None when a gate refuses it.
    """
    if session.out.json:
        from lhwa import bootstrap
        from lhwa.cli.output import to_json

        body = {} if draft is None else {"body": _masked(bootstrap.posted_body(draft))}
        session.out.emit(to_json(outcome) | body)
        return
    session.out.table(
        outcome.verdicts, {"gate": lambda each: each.rule.value, "open": _is_open, "why": lambda each: each.says}
    )
    if draft is not None:
        from lhwa.services.messaging.as_read import as_read
        from lhwa.services.messaging.outbox_views import masked_recipient
        from lhwa.services.templates.preview import lines_of

        session.out.heading(f"{masked_recipient(draft.recipient)} would read:")
        for line in lines_of(firm.store.read(as_read, draft.content)):
            session.out.line(line)
    if outcome.refused is not None:
        _refuse(session, outcome.refused, outcome.contact_id)


def _report(session: Session, firm: Firm, outcome: SendOutcome) -> None:
    """Say what became of it."""
    if session.out.json:
        session.out.emit(_short(outcome))
    elif outcome.refused is not None:
        _refuse(session, outcome.refused, outcome.contact_id)
    elif outcome.state == "pending_approval":
        session.out.done(f"Message {outcome.id} waits for a second person: lhwa approve {outcome.id}")
    else:
        when = "" if outcome.send_at is None else f", not before {firm.clock(outcome.send_at)}"
        session.out.done(f"Message {outcome.id} is {outcome.state}{when}.")
        say_unless_serving(session)


def _refuse(session: Session, refused: Verdict, contact: str) -> None:
    """Name the rule, what to do, and the command lines of what is allowed instead; a contact by id, never by number."""
    offers = [offer.rpartition("/") for offer in refused.offers[:OFFERS_SHOWN_MAX]]
    allowed = [f"lhwa send {contact} --template {name} --language {language}" for name, _, language in offers]
    if len(refused.offers) > OFFERS_SHOWN_MAX:
        allowed.append(f"{len(refused.offers) - OFFERS_SHOWN_MAX} more: lhwa templates list")
    session.out.refuse(refused.rule.value, refused.says, hint=refused.hint, allowed=allowed)


def _masked(body: dict[str, object]) -> dict[str, object]:
    """A body as it may be shown: whom it is to is masked here as everywhere."""
    from lhwa.domain.phones import mask_bsuid, mask_e164

    shown = {"to": mask_e164, "recipient": mask_bsuid}
    return {name: shown[name](str(value)) if name in shown else value for name, value in body.items()}


def _short(outcome: SendOutcome) -> dict[str, object]:
    """What became of it; of a refusal every field that scripts were promised, also where there is nothing to say."""
    if outcome.refused is None:
        return outcome.short()
    refused = outcome.refused
    # Some gates say in one sentence what is wrong and how to mend it.
    told = {"rule": refused.rule, "says": refused.says, "hint": refused.hint or refused.says}
    return {"refused": {**told, "offers": refused.offers}}


def _is_open(verdict: Verdict) -> str:
    if not verdict.passes:
        return "no"
    return "later" if verdict.wait_until_ms is not None else "yes"
