"""Asking for a message to a client: the gates are heard, and what they let through goes into the outbox.

Invariants: nothing enters the outbox without a person who is named; a refusal leaves a record and no message.
"""

from __future__ import annotations

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.allowance_scopes import TOKEN_SCOPE, TOKEN_STORED
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.events import EventType
from lhwa.domain.gates import Verdict, refusal, verdicts, wait_until_ms
from lhwa.domain.ids import ContactId, ConversationId
from lhwa.domain.instants import rfc3339_ms
from lhwa.domain.jobs import OUTBOX, JobKind
from lhwa.domain.outbound import Content, Document, FilledTemplate, OutboundMessage, OutboundState, Recipient
from lhwa.domain.outbound_limits.media import media_findings
from lhwa.domain.send_policy import SendPolicy
from lhwa.domain.template_filling import fill
from lhwa.errors import InvariantError, NotAllowedError, UsageError
from lhwa.services.messaging.addressing import Addressee, addressee
from lhwa.services.messaging.identity import conversation_with
from lhwa.services.messaging.views import find_message
from lhwa.store.announce import emit_outbound
from lhwa.store.gate_facts import facts_of, findings_in, stored_template, value_findings
from lhwa.store.tables.outbox import Letter, NewOutbound
from lhwa.store.transaction import Tx

SCHEDULE_MS_MAX = 60 * 86_400_000
"""So far ahead a message may be scheduled: Meta itself keeps nothing longer than 30 days, and people forget."""


class TemplateChoice(msgspec.Struct, frozen=True, kw_only=True):
    """A template by its name, with values for its variables."""

    name: str
    language: str
    values: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"TemplateChoice({self.name})"


class SendRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to send."""

    contact: str
    content: Content | TemplateChoice
    phone_number_id: str | None = None
    send_at_ms: int | None = None
    reply_to: str | None = None
    """Our id, or the wamid, of the message that it answers."""
    file: bytes | None = None
    """Of a document."""

    def __repr__(self) -> str:
        return "SendRequest(…)"


class SendOutcome(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What became of a request."""

    id: str | None = None
    state: str | None = None
    refused: Verdict | None = None
    verdicts: tuple[Verdict, ...] = ()
    """What every gate said."""
    send_at: str | None = None
    """When it leaves, if later than now."""
    contact_id: str

    def short(self) -> dict[str, object]:
        """What became of it, without what each gate said."""
        if self.refused is not None:
            return {"refused": self.refused}
        told: dict[str, object] = {"id": self.id, "state": self.state}
        if self.send_at is not None:
            told["sendAt"] = self.send_at
        return told


class _Heard(msgspec.Struct, frozen=True):
    """A request, and what the gates say to it."""

    who: Addressee
    content: Content
    at_ms: int
    outcome: SendOutcome


def check(tx: Tx, principal: Principal, request: SendRequest, policy: SendPolicy) -> SendOutcome:
    """What the gates would say; changes nothing."""
    return _heard(tx, principal, request, policy).outcome


def drafted(
    tx: Tx, principal: Principal, request: SendRequest, policy: SendPolicy, *, outbound_id: str
) -> OutboundMessage:
    """The message as it would be posted now, whatever the gates say. Raises: as `check`."""
    heard = _heard(tx, principal, request, policy)
    return OutboundMessage(
        id=outbound_id,
        phone_number_id=heard.who.phone_number_id,
        recipient=heard.who.recipient,
        content=heard.content,
        reply_to_wamid=_quoted(tx, request),
    )


def request_send(
    tx: Tx, principal: Principal, request: SendRequest, policy: SendPolicy, *, outbound_id: str
) -> SendOutcome:
    """Put a message into the outbox, unless a gate is shut.

    Args:
        outbound_id: its ULID, new.
    Returns: the outcome, with the refusal when there is one.
    Raises: NotAllowedError, UsageError.
    """
    heard = _heard(tx, principal, request, policy)
    who, content, at_ms, outcome = heard.who, heard.content, heard.at_ms, heard.outcome
    actor = operator_actor(principal.operator)
    if outcome.refused is not None:
        data = {"rule": outcome.refused.rule.value}
        tx.audit.append(AuditRecord(actor, "outbound.refused", f"contact:{who.contact}", data))
        return outcome
    state = OutboundState.QUEUED if principal.role in policy.direct else OutboundState.PENDING_APPROVAL
    conversation = conversation_with(tx, who.contact, phone_number_id=who.phone_number_id)
    message = new_outbound(
        tx,
        outbound_id,
        Letter(recipient=who.recipient, content=content, reply_to_wamid=_quoted(tx, request)),
        conversation=conversation,
        contact=who.contact,
        phone_number_id=who.phone_number_id,
        author_kind="person",
        author=principal.operator,
        state=state,
        send_at_ms=at_ms,
        expires_at_ms=at_ms + policy.expires_ms,
    )
    if request.file is not None:
        tx.attachments.put(outbound_id, who.contact, request.file)
    tx.outbox.add(message)
    emit_outbound(tx, EventType.OUTBOUND_REQUESTED, message, state=state)
    facts: dict[str, str | int] = {"state": state.value, "type": message.kind, "conversation": conversation}
    facts["at_ms"] = at_ms
    if message.template is not None:
        facts["template"] = f"{message.template}/{message.language}"
    tx.audit.append(AuditRecord(actor, "outbound.requested", f"outbound:{outbound_id}", facts))
    if state is OutboundState.QUEUED:
        wake_sender(tx, at_ms=at_ms)
    return msgspec.structs.replace(outcome, id=outbound_id, state=state.value)


def new_outbound(
    tx: Tx,
    outbound_id: str,
    letter: Letter,
    *,
    conversation: ConversationId,
    contact: ContactId,
    phone_number_id: str,
    author_kind: str,
    author: str,
    state: OutboundState,
    send_at_ms: int,
    expires_at_ms: int,
) -> NewOutbound:
    """A message for the outbox, with what follows from its letter."""
    content = letter.content
    return NewOutbound(
        id=outbound_id,
        conversation=conversation,
        contact=contact,
        phone_number_id=phone_number_id,
        recipient_hash=_recipient_hash(tx, letter.recipient),
        kind=kind_of(content),
        template=content.name if isinstance(content, FilledTemplate) else None,
        language=content.language if isinstance(content, FilledTemplate) else None,
        author_kind=author_kind,
        author=author,
        state=state,
        send_at_ms=send_at_ms,
        expires_at_ms=expires_at_ms,
        letter=letter,
    )


def wake_sender(tx: Tx, *, at_ms: int) -> None:
    """Have the outbox looked at when the time of a message has come."""
    run_at_ms = at_ms if at_ms > tx.now_ms else None
    tx.jobs.hasten(JobKind.DRAIN_OUTBOX, sender_payload(tx), place=OUTBOX, run_at_ms=run_at_ms)


def account_changed(tx: Tx, principal: Principal) -> None:
    """The firm has another access token: what waited for one is tried at once."""
    principal.require(Permission.MANAGE_FIRM)
    tx.audit.append(AuditRecord(operator_actor(principal.operator), "outbound.account_changed", f"firm:{tx.tenant}"))
    # The same token may have got its rights back: it counts as another one, too.
    tx.allowances.put(TOKEN_SCOPE, TOKEN_STORED)
    wake_sender(tx, at_ms=tx.now_ms)


def sender_payload(tx: Tx) -> bytes:
    """Which firm's outbox it is."""
    return msgspec.json.encode({"tenant": tx.tenant})


def kind_of(content: Content) -> str:
    """The kind of a content as the outbox names it."""
    return str(content.__struct_config__.tag)


def _heard(tx: Tx, principal: Principal, request: SendRequest, policy: SendPolicy) -> _Heard:
    principal.require(Permission.WRITE_TO_CLIENTS)
    who = addressee(tx, request.contact, numbers=policy.numbers, phone_number_id=request.phone_number_id)
    wanted_ms = _wanted_ms(tx, request)
    content, findings = _filled(tx, request.content)
    findings += _file_findings(content, request.file)
    facts = facts_of(
        tx,
        contact=who.contact,
        thread=who.thread,
        recipient=who.recipient,
        content=content,
        findings=findings,
        expires_ms=wanted_ms + policy.expires_ms,
        policy=policy,
        role=principal.role,
        # Whether the window is still open then is what counts for a message that leaves later.
        at_ms=wanted_ms,
    )
    found = verdicts(facts)
    at_ms = max(wanted_ms, wait_until_ms(found) or 0)
    outcome = SendOutcome(
        contact_id=who.contact,
        refused=refusal(found),
        verdicts=tuple(found),
        send_at=rfc3339_ms(at_ms) if at_ms > tx.now_ms else None,
    )
    return _Heard(who, content, at_ms, outcome)


def _wanted_ms(tx: Tx, request: SendRequest) -> int:
    if request.send_at_ms is None:
        return tx.now_ms
    if request.send_at_ms < tx.now_ms:
        raise UsageError("That time has passed.", hint="Leave out --at to send now.")
    if request.send_at_ms > tx.now_ms + SCHEDULE_MS_MAX:
        raise UsageError("That is too far ahead.", hint="At most 60 days.")
    return request.send_at_ms


def _filled(tx: Tx, content: Content | TemplateChoice) -> tuple[Content, tuple[str, ...]]:
    """The content, and what is wrong with it. A template that cannot be filled stands empty: no gate lets it pass."""
    if not isinstance(content, TemplateChoice):
        return content, findings_in(tx, content)
    stored = tx.templates.get(content.name, content.language)
    empty = FilledTemplate(name=content.name, language=content.language)
    if stored is None:
        return empty, ()
    template = stored_template(stored.definition)
    found = value_findings(template, content.values)
    return (empty, found) if found else (fill(template, content.values), ())


def _file_findings(content: Content, file: bytes | None) -> tuple[str, ...]:
    """What is wrong with the file of a document. Raises: InvariantError when there is one without the other."""
    if isinstance(content, Document) != (file is not None):
        raise InvariantError("A document goes with its file, and nothing else with one.")
    if not isinstance(content, Document) or file is None:
        return ()
    return tuple(f"{each.place}: {each.hint}" for each in media_findings(content.mime, file))


def _recipient_hash(tx: Tx, recipient: Recipient) -> bytes:
    """The keyed hash under which the recipient is known as a contact, too."""
    if recipient.phone is not None:
        return tx.contacts.alias_hash("wa_id", recipient.phone.removeprefix("+"))
    return tx.contacts.alias_hash("bsuid", recipient.bsuid or "")


def _quoted(tx: Tx, request: SendRequest) -> str | None:
    if request.reply_to is None:
        return None
    found = find_message(tx, request.reply_to)
    if found is None:
        raise NotAllowedError("There is no such message to reply to, or it is not yours.")
    return tx.messages.content(found).wamid
