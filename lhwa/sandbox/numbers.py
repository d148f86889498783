"""The endpoints of numbers: the list, one of them, settings, webhook override, blocked users, message history.

Source: WhatsApp Cloud API, numbers, settings and accounts.
"""

from __future__ import annotations

from typing import Any

from lhwa.domain.phones import is_bsuid, normalise_number
from lhwa.sandbox.errors import BLOCK_FAILED, BLOCK_LIST_FULL, ERRORS, INVALID_PARAMETER, OBJECT_MISSING, Refused
from lhwa.sandbox.exchange import ApiReply, answer, present
from lhwa.sandbox.firms import Firm, Number
from lhwa.sandbox.paging import chosen_fields, page_of, with_fields
from lhwa.sandbox.people import Person
from lhwa.sandbox.platform import Call
from lhwa.sandbox.reading import Json, object_in, objects_in, optional_text

DEFAULT_FIELDS = ("id", "verified_name", "display_phone_number", "quality_rating", "code_verification_status")
BLOCKED_AT_ONCE_MAX = 1_000
BLOCKED_MAX = 64_000
URL_MAX = 200
_SETTINGS = ("user_identity_change", "storage_configuration")


def list_numbers(call: Call) -> ApiReply:
    """All numbers of the account."""
    known = list(_facts(call.firm, next(iter(call.firm.numbers.values()))))
    names = chosen_fields(call.request, default=DEFAULT_FIELDS, known=known)
    items = [(number.id, with_fields(_facts(call.firm, number), names)) for number in call.firm.numbers.values()]
    return answer(page_of(call.request, items))


def read_number(call: Call) -> ApiReply:
    """One number."""
    facts = _facts(call.firm, call.number)
    return answer(with_fields(facts, chosen_fields(call.request, default=DEFAULT_FIELDS, known=list(facts))))


def _facts(firm: Firm, number: Number) -> dict[str, Any]:
    application = {"application": firm.account.webhook_url, "whatsapp_business_account": firm.override_url}
    return {
        "id": number.id,
        "display_phone_number": f"+{number.facts.display_phone_number}",
        "verified_name": number.facts.verified_name,
        "quality_rating": "GREEN",
        "code_verification_status": "VERIFIED",
        "platform_type": "CLOUD_API",
        "throughput": {"level": "STANDARD"},
        "status": "CONNECTED",
        "name_status": "APPROVED",
        "whatsapp_business_manager_messaging_limit": "TIER_250",
        "webhook_configuration": present(phone_number=number.override_url, **application),
        "is_on_biz_app": False,
        "is_pin_enabled": True,
        "account_mode": "SANDBOX" if number.facts.allowed_recipients is not None else "LIVE",
        "health_status": {
            "can_send_message": "AVAILABLE",
            "entities": [{"entity_type": "PHONE_NUMBER", "id": number.id, "can_send_message": "AVAILABLE"}],
        },
    }


def change_number(call: Call) -> ApiReply:
    """Set or clear the webhook override of a number."""
    configuration = object_in(call.json(), "webhook_configuration", "webhook_configuration")
    call.number.override_url = read_override(configuration) or None
    return answer({"success": True})


def read_override(holder: Json) -> str | None:
    """The callback URL of an override; empty to clear it, None when there is none.

    The sandbox does not ask the URL to confirm itself, as Meta does.
    """
    key = "override_callback_uri"
    url = optional_text(holder, key, key, chars_max=URL_MAX)
    if url and not holder.get("verify_token"):
        raise Refused(INVALID_PARAMETER, "The parameter verify_token is required.")
    return url


def read_settings(call: Call) -> ApiReply:
    """What is set for a number."""
    off: dict[str, Any] = {
        "storage_configuration": {"status": "DEFAULT"},
        "user_identity_change": {"enable_identity_key_check": False},
    }
    return answer(off | call.number.settings)


def change_settings(call: Call) -> ApiReply:
    """Set the identity check or the storage of a number."""
    body = call.json()
    chosen = {key: object_in(body, key, key) for key in body if key in _SETTINGS}
    if not chosen:
        raise Refused(INVALID_PARAMETER, f"Settings are {', '.join(_SETTINGS)}.")
    call.number.settings |= chosen
    return answer({"success": True})


def list_blocked(call: Call) -> ApiReply:
    """Whom the number has blocked."""
    items = []
    for person in call.number.blocked.values():
        wa_id = person.number if call.number.sees_number_of(person, now=call.now) else None
        user_id = call.platform.people.bsuid_of(person, call.firm.waba_id)
        items.append((user_id, present(messaging_product="whatsapp", wa_id=wa_id, user_id=user_id)))
    return answer(page_of(call.request, items))


def block_users(call: Call) -> ApiReply:
    """Block those who wrote within the last day.

    Raises: Refused with both lists when some of them could not be blocked.
    """
    done: list[Json] = []
    failed: list[Json] = []
    for user in _users(call):
        person = _person(call, user)
        if person is not None and person.key in call.number.blocked:
            done.append(_named(user, person))
        elif len(call.number.blocked) >= BLOCKED_MAX:
            raise Refused(BLOCK_LIST_FULL, f"A number blocks up to {BLOCKED_MAX:,} users.")
        elif person is None or not call.number.is_window_open(person, now=call.now):
            details = {"details": "Only users who wrote within the last 24 hours can be blocked."}
            error = {"message": ERRORS[BLOCK_FAILED].title, "code": BLOCK_FAILED, "error_data": details}
            failed.append({"input": _input(user), "errors": [error]})
        else:
            call.number.blocked[person.key] = person
            done.append(_named(user, person))
    return _told("added_users", done, failed)


def unblock_users(call: Call) -> ApiReply:
    """Let people write again."""
    done: list[Json] = []
    failed: list[Json] = []
    for user in _users(call):
        person = _person(call, user)
        if person is None or call.number.blocked.pop(person.key, None) is None:
            failed.append({"input": _input(user), "errors": [{"message": "Not blocked.", "code": BLOCK_FAILED}]})
        else:
            done.append(_named(user, person))
    return _told("removed_users", done, failed)


def _users(call: Call) -> list[Json]:
    return objects_in(call.json(), "block_users", "block_users", most=BLOCKED_AT_ONCE_MAX)


def _input(user: Json) -> str:
    return str(user.get("user") or user.get("user_id") or "")


def _person(call: Call, user: Json) -> Person | None:
    given = _input(user)
    if is_bsuid(given):
        return call.platform.people.with_bsuid(call.firm.waba_id, given)
    number = normalise_number(given)
    return call.platform.people.with_number(number[1:]) if number else None


def _named(user: Json, person: Person) -> Json:
    given = _input(user)
    return present(
        input=given, wa_id=None if is_bsuid(given) else person.number, user_id=given if is_bsuid(given) else None
    )


def _told(key: str, done: list[Json], failed: list[Json]) -> ApiReply:
    lists = {"messaging_product": "whatsapp", "block_users": {key: done, "failed_users": failed}}
    if failed:
        raise Refused(BLOCK_FAILED, "See failed_users.", beside=lists)
    return answer(lists)


def read_history(call: Call) -> ApiReply:
    """The statuses of one message, and whether their webhooks have left."""
    if call.platform.chance.hits(call.platform.faults.no_history):
        raise Refused(INVALID_PARAMETER, "Tried accessing nonexisting field (message_history).")
    wamid = call.request.query.get("message_id")
    message = call.number.sent.get(wamid or "")
    if message is None:
        raise Refused(INVALID_PARAMETER, "There is no history of this message.", subcode=OBJECT_MISSING)
    events = [
        {
            "delivery_status": event.status.upper(),
            "webhook_update_state": event.webhook.state.value,
            "timestamp": int(event.at.timestamp()),
            "application": {"id": call.firm.account.app_id},
            "webhook_uri": event.webhook.sender.url,
        }
        for event in message.events
        if event.at <= call.now
    ]
    return answer({"data": [{"id": message.id, "message_id": message.id, "events": {"data": events}}]})
