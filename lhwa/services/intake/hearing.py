"""Hearing a client's message: it goes to the open session, begins one, or is left alone with a reason on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from lhwa.domain.audit import INTAKE, AuditRecord
from lhwa.domain.ids import ContactId, ulid
from lhwa.domain.intake.advancing import wish_in
from lhwa.domain.intake.answers import Said
from lhwa.domain.intake.keywords import Wish
from lhwa.domain.intake.session import Begun, Changed, Heard, How, Prompt, Session
from lhwa.domain.intake.wording import Language
from lhwa.domain.messages import MessageType
from lhwa.domain.outbound import FAREWELL, Text
from lhwa.errors import SealError
from lhwa.services.intake.concerning import Client, LeftAlone, client_of, may_begin
from lhwa.services.intake.consent_ledger import in_force, withdraw_all
from lhwa.services.intake.moving import announce, is_readable, lapse, move, tree_of
from lhwa.services.intake.prompting import fate_of, put_prompt
from lhwa.store.tables.intakes import IntakeRow
from lhwa.store.tables.messages import MessageRow
from lhwa.store.tables.trees import TreeRow
from lhwa.store.transaction import Tx


class _Event(msgspec.Struct):
    data: dict[str, Any]


def hear(tx: Tx, payload: bytes) -> None:
    """Handler of `hear_for_intake` jobs: one message of a client."""
    message = tx.messages.get(str(msgspec.json.decode(payload, type=_Event).data["id"]))
    client = None if message is None else client_of(tx, message.conversation)
    if message is None or client is None:
        tx.audit.append(AuditRecord(INTAKE, "intake.left_alone", f"firm:{tx.tenant}", {"why": "no_such_message"}))
    elif message.type in (MessageType.EDIT, MessageType.REVOKE):
        _hear_change(tx, message)
    else:
        _hear_words(tx, client, message)
        _hear_earlier_changes(tx, message)


def bury_hearing(tx: Tx, payload: bytes, *, error: str, tries: int) -> None:
    """What happens to a hearing after its last try: the message is in the thread, and a person is told."""
    message = str(msgspec.json.decode(payload, type=_Event).data["id"])
    data = {"why": error, "tries": tries}
    tx.audit.append(AuditRecord(INTAKE, "intake.hearing_failed", f"message:{message}", data))
    tx.dead_letters.add(
        ulid(tx.now_ms, tx.vault.blind("hearing", message)),
        dedup=tx.vault.blind("dead_letter", "hearing", message)[:16],
        kind="job",
        reason=error,
        tries=tries,
        raw_event="",
        position="",
        clear=payload,
    )


def _hear_words(tx: Tx, client: Client, message: MessageRow) -> None:
    try:
        content = tx.messages.content(message)
    except SealError:
        _leave(tx, message, LeftAlone.ERASED)
        return
    said = Said(
        message=message.id,
        type=MessageType(message.type),
        text=content.text,
        reply=_reply_of(content.content),
    )
    for row in tx.intakes.all_open_of(client.same):
        if not is_readable(tx, row):
            lapse(tx, row)
    wish = wish_in(said)
    if wish is Wish.WITHDRAW and _withdraw(tx, client, said, at_ms=message.sent_at_ms):
        return
    open_one = tx.intakes.open_of(client.same)
    if open_one is not None:
        _go_on(tx, client, open_one, said, at_ms=message.sent_at_ms)
        return
    tree = may_begin(tx, client, wish)
    if isinstance(tree, LeftAlone):
        _leave(tx, message, tree)
    elif wish is Wish.WITHDRAW:
        _keep_away(tx, client, tree, said, at_ms=message.sent_at_ms)
    else:
        _begin(tx, client, tree, said, at_ms=message.sent_at_ms)


def _begin(tx: Tx, client: Client, tree: TreeRow, said: Said, *, at_ms: int) -> None:
    for contact in client.same:
        if tx.restrictions.end(ContactId(contact), "opt_out"):
            tx.audit.append(AuditRecord(INTAKE, "contact.released", f"contact:{contact}", {"kind": "opt_out"}))
    language = Language.EN if wish_in(said) is Wish.ENGLISH else Language.ID
    row = begin(tx, client, tree, began=Begun(language=language))
    # What the client wrote first is no answer to anything, and must not be lost for that.
    move(tx, row, Heard(said=said, at_ms=at_ms, prompt=Prompt.WAITING), at_ms=at_ms)


def begin(tx: Tx, client: Client, tree: TreeRow, *, began: Begun, actor: str = INTAKE) -> IntakeRow:
    """Begin a session. Raises: ConflictError when the contact has an open one."""
    seed = tx.vault.blind("intake", client.contact, str(tx.now_ms), str(len(tx.intakes.of_contact(client.same))))
    session = Session(id=ulid(tx.now_ms, seed), tree=tree.name, version=tree.version or 0)
    row = tx.intakes.begin(session, contact=client.contact, conversation=client.conversation)
    data: dict[str, str | int] = {"tree": tree.name, "version": session.version}
    tx.audit.append(AuditRecord(actor, "intake.begun", f"intake:{row.id}", data))
    announce(tx, row)
    return move(tx, row, began, at_ms=tx.now_ms, actor=actor)


def _go_on(tx: Tx, client: Client, row: IntakeRow, said: Said, *, at_ms: int) -> None:
    prompt, posted_at_ms = fate_of(tx, row.prompt)
    # The thread in which a person writes is the one with an open window: what follows goes there.
    tx.intakes.note_thread(row, client.conversation)
    heard = Heard(said=said, at_ms=at_ms, prompt=prompt, posted_at_ms=posted_at_ms)
    move(tx, replace(row, conversation=client.conversation), heard, at_ms=at_ms)


def _hear_earlier_changes(tx: Tx, message: MessageRow) -> None:
    """An edit or deletion may come before the message that it is of."""
    if not tx.intakes.naming(message.id):
        return
    for each in tx.messages.amendments(message.dedup):
        earlier = tx.messages.get(each.id)
        if earlier is not None and earlier.type in (MessageType.EDIT, MessageType.REVOKE):
            _hear_change(tx, earlier)


def _hear_change(tx: Tx, message: MessageRow) -> None:
    target = None if message.target is None else tx.messages.by_dedup(message.target)
    heard_by = [] if target is None else tx.intakes.naming(target.id)
    if tx.intakes.naming(message.id):
        _leave_change(tx, message, "heard_before")  # together with its message, which was heard after it had come
        return
    if target is None or not heard_by:
        _leave_change(tx, message, "names_no_answer")
        return
    changed = Changed(
        target=target.id,
        by=message.id,
        at_ms=message.sent_at_ms,
        is_deleted=message.type == MessageType.REVOKE,
    )
    readable = [row for row in heard_by if is_readable(tx, row)]
    for row in readable:
        move(tx, row, changed, at_ms=message.sent_at_ms)
    if not readable:
        _leave_change(tx, message, LeftAlone.ERASED.value)


def _leave_change(tx: Tx, message: MessageRow, why: str) -> None:
    tx.audit.append(AuditRecord(INTAKE, "intake.left_alone", f"message:{message.id}", {"why": why}))


def _withdraw(tx: Tx, client: Client, said: Said, *, at_ms: int) -> bool:
    """End all that a person agreed to and every open session, with one confirmation; False when there is nothing.

    It may come after a decision, or years later. Who wrote under a number and under a user id may have two sessions.
    """
    sessions = tx.intakes.all_open_of(client.same)
    for row in sessions:
        _go_on(tx, client, row, said, at_ms=at_ms)
    if sessions:
        return True
    if not in_force(tx, client):
        return False
    last = tx.intakes.of_contact(client.same)[0]
    withdraw_all(tx, client, message=said.message, at_ms=at_ms, how=_how(said), intake=None)
    _confirm(tx, client, tree_of(tx, last).phrases.withdrawn.in_language(_language(tx, last)), said)
    return True


def _keep_away(tx: Tx, client: Client, tree: TreeRow, said: Said, *, at_ms: int) -> None:
    """Somebody who agreed to nothing wants to be left in peace: nobody asks them anything for that."""
    last = next(iter(tx.intakes.of_contact(client.same)), None)
    language = Language.ID if last is None else _language(tx, last)
    if withdraw_all(tx, client, message=said.message, at_ms=at_ms, how=_how(said), intake=None):
        _confirm(tx, client, tree.tree().phrases.declined.in_language(language), said)


def _confirm(tx: Tx, client: Client, text: str, said: Said) -> None:
    put_prompt(tx, client, Text(body=text), intake=said.message, nth="withdrawal", author=FAREWELL)


def _language(tx: Tx, row: IntakeRow) -> Language:
    try:
        return tx.intakes.session(row).language
    except SealError:
        return Language.ID


def _how(said: Said) -> How:
    return How.BUTTON if said.reply else How.TYPED


def _leave(tx: Tx, message: MessageRow, why: LeftAlone) -> None:
    tx.audit.append(AuditRecord(INTAKE, "intake.left_alone", f"message:{message.id}", {"why": why.value}))


def _reply_of(content: Mapping[str, Any]) -> str | None:
    """The id of the button or row that was tapped, in Meta's own object."""
    interactive = content.get("interactive")
    if isinstance(interactive, dict):
        for kind in ("button_reply", "list_reply"):
            reply = interactive.get(kind)
            if isinstance(reply, dict) and isinstance(reply.get("id"), str):
                return str(reply["id"])
    return None
