"""`POST /{PHONE_ID}/messages`: messages, read receipts and the typing indicator.

The order is Meta's: what can be seen from the request is refused at once, everything else is accepted and fails later.
Source: WhatsApp Cloud API, sending messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from lhwa.sandbox.bodies import check_free, media_of
from lhwa.sandbox.errors import (
    BSUID_UNSUPPORTED,
    ERRORS,
    IDENTITY_MISMATCH,
    INVALID_PARAMETER,
    MEDIA_FAILED,
    PAIR_RATE,
    PARAMETER_INVALID,
    THROUGHPUT,
    UNDELIVERABLE,
    WINDOW_CLOSED,
    Refused,
    When,
)
from lhwa.sandbox.exchange import ApiReply, answer
from lhwa.sandbox.filling import check_filling, filled_text, media_in
from lhwa.sandbox.inbox import Inbox, shown
from lhwa.sandbox.media import media_problem
from lhwa.sandbox.platform import Call
from lhwa.sandbox.reading import Json, object_in, optional_text, text_in
from lhwa.sandbox.recipients import Recipient, recipient_of
from lhwa.sandbox.sent import SentMessage
from lhwa.sandbox.statuses import is_free, plan_statuses
from lhwa.sandbox.templates import Template

OPAQUE_MAX = 512
RECEIPT_WITHIN = timedelta(days=30)
_WAMID_MAX = 1_000

Failure = tuple[int, str]
"""Code and details with which an accepted message fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    kind: str
    recipient: Recipient
    category: str
    media: list[tuple[str, Json]]
    identity: str | None
    opaque: str | None

    @property
    def is_template(self) -> bool:
        return self.kind == "template"


def post_messages(call: Call) -> ApiReply:
    """Send a message, or mark one as read."""
    body = call.json()
    if body.get("messaging_product") != "whatsapp":
        raise Refused(INVALID_PARAMETER, "The parameter messaging_product is required and must be whatsapp.")
    if "status" in body:
        return _read_receipt(call, body)
    draft = _checked(call, body)
    _check_pace(call, draft)
    failure = _fault(call) or _failure(call, draft)
    return _accept(call, draft, body, failure)


def _read_receipt(call: Call, body: Json) -> ApiReply:
    call.note.type = "read"
    if body["status"] != "read":
        raise Refused(INVALID_PARAMETER, "Param status must be read.")
    wamid = text_in(body, "message_id", "message_id", chars_max=_WAMID_MAX)
    typing = body.get("typing_indicator")
    if typing is not None and typing != {"type": "text"}:
        raise Refused(INVALID_PARAMETER, "Param typing_indicator['type'] must be text.")
    received_at = call.number.received.get(wamid)
    if received_at is None or call.now - received_at > RECEIPT_WITHIN:
        raise Refused(PARAMETER_INVALID, "Param message_id is no message that can be marked as read.")
    call.note.message_id = wamid
    return answer({"success": True})


def _checked(call: Call, body: Json) -> _Draft:
    kind = body.get("type", "text")
    if not isinstance(kind, str):
        raise Refused(INVALID_PARAMETER, "Param type must be a string.")
    opaque = body.get("biz_opaque_callback_data")
    call.note.type = kind
    if isinstance(opaque, str):
        call.note.biz_opaque_callback_data = opaque
    optional_text(body, "biz_opaque_callback_data", "biz_opaque_callback_data", chars_max=OPAQUE_MAX)
    recipient = recipient_of(call, body)
    call.note.recipient = recipient.address
    if "context" in body:
        context = object_in(body, "context", "context")
        text_in(context, "message_id", "context['message_id']", chars_max=_WAMID_MAX)
    if kind == "template":
        category, media = _check_template(call, body, recipient)
    else:
        check_free(kind, body)
        _check_reaction(call, body, kind)
        category, media = "service", media_of(body)
    identity = optional_text(body, "recipient_identity_key_hash", "recipient_identity_key_hash", chars_max=_WAMID_MAX)
    return _Draft(kind=kind, recipient=recipient, category=category, media=media, identity=identity, opaque=opaque)


def _check_template(call: Call, body: Json, recipient: Recipient) -> tuple[str, list[tuple[str, Json]]]:
    given = object_in(body, "template", "template")
    template: Template = check_filling(call.firm.templates, given, version=call.version)
    if not recipient.is_by_number and template.category == "AUTHENTICATION":
        raise Refused(BSUID_UNSUPPORTED, "Authentication templates need a phone number.")
    return template.category.lower(), media_in(given)


def _check_reaction(call: Call, body: Json, kind: str) -> None:
    if kind != "reaction":
        return
    wamid = body["reaction"]["message_id"]
    if wamid not in call.number.received and wamid not in call.number.sent:
        raise Refused(PARAMETER_INVALID, "Param reaction['message_id'] is no message of this conversation.")


def _check_pace(call: Call, draft: _Draft) -> None:
    pacing = call.number.pacing
    if not pacing.number_has_room(now=call.now):
        raise Refused(THROUGHPUT, "Message failed to send because there were too many messages from this number.")
    if not pacing.pair_has_room(draft.recipient.pair, now=call.now):
        raise Refused(PAIR_RATE, "Too many messages were sent from this number to the same recipient.")


def _fault(call: Call) -> Failure | None:
    chance = call.platform.chance
    for code, probability in call.platform.faults.codes:
        if chance.hits(probability):
            when = ERRORS[code].when
            if when is When.AT_ONCE or (when is When.EITHER and chance.hits(0.5)):
                raise Refused(code, "The sandbox was asked for this fault.")
            return code, "The sandbox was asked for this fault."
    return None


def _failure(call: Call, draft: _Draft) -> Failure | None:
    person = draft.recipient.person
    if person is None or (draft.recipient.is_by_number and call.platform.is_a_business(draft.recipient.address)):
        return UNDELIVERABLE, "Message undeliverable."
    if draft.identity is not None and draft.identity != person.identity_key_hash:
        return IDENTITY_MISMATCH, "The identity key of the recipient is another one."
    if not draft.is_template and not call.number.is_window_open(person, now=call.now):
        details = "Message failed to send because more than 24 hours have passed since the customer last replied."
        if call.platform.options.refuses_closed_window:
            raise Refused(WINDOW_CLOSED, details)
        return WINDOW_CLOSED, details
    for kind, media in draft.media:
        problem = media_problem(call.firm.media, kind, media, number_id=call.node, now=call.now)
        if problem is not None:
            return MEDIA_FAILED, problem
    return None


def _accept(call: Call, draft: _Draft, body: Json, failure: Failure | None) -> ApiReply:
    number, recipient, platform = call.number, draft.recipient, call.platform
    number.pacing.count_out(recipient.pair, now=call.now)
    person = recipient.person
    is_open = person is not None and number.is_window_open(person, now=call.now)
    message = SentMessage(
        id=platform.chance.wamid(),
        to=recipient.address,
        is_by_number=recipient.is_by_number,
        person=person,
        kind=draft.kind,
        category=draft.category,
        is_free=is_free(draft.category, is_window_open=is_open, now=call.now),
        biz_opaque_callback_data=draft.opaque,
    )
    number.sent[message.id] = message
    if person is not None and recipient.is_by_number:
        number.written_by_phone[person.key] = call.now
    call.note.message_id = message.id
    call.note.goes_nowhere = recipient.goes_nowhere
    if not recipient.goes_nowhere:
        call.note.fails_with = failure[0] if failure else None
        plan_statuses(platform, call.firm, number, message, failure=failure, now=call.now)
    if person is not None and failure is None:
        inbox = number.inboxes.setdefault(person.key, Inbox())
        inbox.put(_shown(call, body, draft), wamid=message.id, at=call.now)
    told = {"id": message.id} | ({"message_status": "accepted"} if draft.is_template else {})
    return answer({"messaging_product": "whatsapp", "contacts": [recipient.as_json()], "messages": [told]})


def _shown(call: Call, body: Json, draft: _Draft) -> Json:
    """The message as the phone of its reader shows it."""
    if not draft.is_template:
        return shown(draft.kind, body[draft.kind])
    given = body["template"]
    template = call.firm.templates.find(given["name"], given["language"]["code"])
    return {} if template is None else filled_text(template, given, version=call.version)
