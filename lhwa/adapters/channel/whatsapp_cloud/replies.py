"""Replies: what Meta's answers say, whatever shape they come in.

An answer is certain in two ways: a receipt with a wamid, or a refusal. A refusal is an error object with a code, or
any complete 4xx. The rest (5xx pages, other JSON, redirects) says nothing about the message.

Source: WhatsApp Cloud API, error codes and idempotency of sends.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from lhwa.domain.phones import is_bsuid, is_wa_id, mask_ids_in
from lhwa.domain.send_errors import UNANSWERED, verdict_of
from lhwa.domain.text import safe_text
from lhwa.ports.channel import Receipt, SendError

DETAILS_CHARS_MAX = 500
WAMID_CHARS_MAX = 1_024
RETRY_AFTER_S_MAX = 86_400
_REQUEST_TIMEOUT = 408
"""The one 4xx that says nothing: a proxy gives it when it waited for either side."""
_CODE = re.compile(r"-?[0-9]{1,10}", re.ASCII)
_TRACE_ID = re.compile(r"[A-Za-z0-9_/+=.-]{1,128}", re.ASCII)
_WORD = re.compile(r"[a-z_]{1,64}", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP answer."""

    status: int
    body: bytes = field(repr=False)
    retry_after: str | None = None
    """The header as it came."""

    @property
    def is_success(self) -> bool:
        """True for every 2xx."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class VendorError:
    """Meta's error object."""

    code: int
    subcode: int | None
    trace_id: str | None
    details: str = field(repr=False)


def receipt_of(answer: Answer) -> Receipt | None:
    """The receipt in an answer to a message; None when there is none."""
    body = _object(_json(answer))
    message = _object(_first(body.get("messages")))
    wamid = message.get("id")
    if not answer.is_success or not isinstance(wamid, str) or not 0 < len(wamid) <= WAMID_CHARS_MAX:
        return None
    contact = _object(_first(body.get("contacts")))
    return Receipt(
        wamid=wamid,
        message_status=_checked(message.get("message_status"), _is_word),
        wa_id=_checked(contact.get("wa_id"), is_wa_id),
        user_id=_checked(contact.get("user_id"), is_bsuid),
    )


def media_id_of(answer: Answer) -> str | None:
    """The id of an uploaded file; None when there is none."""
    found = _object(_json(answer)).get("id") if answer.is_success else None
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) and found != "" else None


def is_done(answer: Answer) -> bool:
    """True when Meta says that a request without a result succeeded."""
    return answer.is_success and _object(_json(answer)).get("success") is True


def refusal_of(answer: Answer) -> SendError | None:
    """The error that an answer surely is; None when it leaves open what happened."""
    error = vendor_error_of(answer)
    if error is None and (not 400 <= answer.status < 500 or answer.status == _REQUEST_TIMEOUT):
        return None
    code = None if error is None else error.code
    verdict = verdict_of(code, http_status=answer.status, subcode=None if error is None else error.subcode)
    waits = [each for each in (verdict.wait_s(), _retry_after_s(answer.retry_after)) if each is not None]
    return SendError(
        f"Meta refused it with {f'HTTP status {answer.status}' if code is None else f'code {code}'}.",
        verdict=verdict,
        retry_after_s=max(waits, default=None),
        vendor_code=code,
        trace_id=None if error is None else error.trace_id,
        details="" if error is None else error.details,
    )


def failure_of(answer: Answer) -> SendError:
    """The error of a request that did not succeed and may be repeated; one that cannot be read asks for that."""
    refusal = refusal_of(answer)
    if refusal is not None:
        return refusal
    return SendError(f"Meta's answer (HTTP status {answer.status}) cannot be read.", verdict=UNANSWERED)


def vendor_error_of(answer: Answer) -> VendorError | None:
    """Meta's error object in an answer; None when there is none, or one without a code as proxies write them."""
    error = _object(_object(_json(answer)).get("error"))
    code = _code(error.get("code"))
    if code is None:
        return None
    trace_id = error.get("fbtrace_id")
    return VendorError(
        code=code,
        subcode=_code(error.get("error_subcode")),
        trace_id=trace_id if isinstance(trace_id, str) and _TRACE_ID.fullmatch(trace_id) else None,
        details=_details(error),
    )


def _details(error: dict[str, Any]) -> str:
    extra = error.get("error_data")  # an object, or a bare text
    told = _text(extra) or _text(_object(extra).get("details")) or _text(error.get("message")) or ""
    return mask_ids_in(safe_text(told, newlines=False, chars_max=DETAILS_CHARS_MAX))


def _json(answer: Answer) -> Any:
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _checked(value: Any, is_sound: Callable[[str], bool]) -> str | None:
    return value if isinstance(value, str) and is_sound(value) else None


def _is_word(text: str) -> bool:
    return _WORD.fullmatch(text) is not None


def _code(value: Any) -> int | None:
    if isinstance(value, str) and _CODE.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _retry_after_s(header: str | None) -> float | None:
    """Seconds that the header asks for; the form with a date is not worth trusting two clocks."""
    return min(float(header), RETRY_AFTER_S_MAX) if header is not None and _SECONDS.fullmatch(header) else None
