"""The errors that Meta answers or tells later, as one table, and `Refused`, with which a handler gives one of them.

Codes that come only in webhooks of their own or in health reports, such as 131035, are not here: no request gets them.
Source: WhatsApp Cloud API, error codes; those that come beside code 100 as a subcode are marked so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class When(StrEnum):
    """How an error reaches the sender."""

    AT_ONCE = "at once"
    """As the reply to the request."""
    LATER = "later"
    """The request is accepted, a `failed` status follows."""
    EITHER = "either"
    """Both happen."""


@dataclass(frozen=True, slots=True)
class MetaError:
    """One row of the table."""

    code: int
    http_status: int
    title: str
    when: When = When.AT_ONCE
    is_subcode: bool = False
    """It stands in `error_subcode`, beside code 100."""


INVALID_PARAMETER = 100
OBJECT_MISSING = 33
NO_PERMISSION = 10
NOT_ASSIGNED = 200
TOKEN_INVALID = 190
WABA_RATE = 80007
THROUGHPUT = 130429
PAIR_RATE = 131056
PARAMETER_MISSING = 131008
PARAMETER_INVALID = 131009
SENDER_IS_RECIPIENT = 131021
UNDELIVERABLE = 131026
NOT_ALLOW_LISTED = 131030
WINDOW_CLOSED = 131047
TYPE_UNSUPPORTED = 131051
MEDIA_FAILED = 131053
CURSOR_INVALID = 131059
BSUID_UNSUPPORTED = 131062
GROUP_INVALID = 131020
PARAMETER_COUNT = 132000
TEMPLATE_MISSING = 132001
TEXT_TOO_LONG = 132005
PARAMETER_FORMAT = 132012
TEMPLATE_PAUSED = 132015
TEMPLATE_DISABLED = 132016
TEMPLATE_PARAMETER = 132018
IDENTITY_MISMATCH = 137000
BLOCK_FAILED = 139100
BLOCK_LIST_FULL = 139101
TEMPLATE_COUNT = 2388019
TEMPLATE_FIELD_TOO_LONG = 2388040
HEADER_FORMAT = 2388047
BODY_FORMAT = 2388072
FOOTER_FORMAT = 2388073
TOO_MANY_VARIABLES = 2388293
VARIABLE_AT_EDGE = 2388299

_LATER, _EITHER = When.LATER, When.EITHER
_TABLE = (
    MetaError(0, 401, "We were unable to authenticate the app user."),
    MetaError(1, 400, "An unknown error has occurred."),
    MetaError(2, 503, "Service temporarily unavailable."),
    MetaError(3, 500, "Capability or permissions issue."),
    MetaError(4, 400, "Application request limit reached"),
    MetaError(NO_PERMISSION, 403, "Application does not have permission for this action"),
    MetaError(OBJECT_MISSING, 400, "Parameter value is not valid"),
    MetaError(INVALID_PARAMETER, 400, "Invalid parameter"),
    MetaError(TOKEN_INVALID, 401, "Error validating access token: it has expired or was revoked"),
    *(
        MetaError(code, 403, "You do not have the necessary permissions to perform this action")
        for code in range(NOT_ASSIGNED, 300)
    ),
    MetaError(368, 403, "Temporarily blocked for policies violations"),
    MetaError(613, 400, "Calls to this api have exceeded the rate limit."),
    MetaError(WABA_RATE, 400, "Rate limit issues"),
    MetaError(THROUGHPUT, 400, "Rate limit hit"),
    MetaError(130472, 400, "User's number is part of an experiment", _LATER),
    MetaError(130497, 403, "Business account is restricted from messaging users in this country."),
    MetaError(131000, 500, "Something went wrong", _EITHER),
    MetaError(131005, 403, "Access denied"),
    MetaError(PARAMETER_MISSING, 400, "Required parameter is missing"),
    MetaError(PARAMETER_INVALID, 400, "Parameter value is not valid"),
    MetaError(131016, 500, "Service unavailable"),
    MetaError(GROUP_INVALID, 400, "Invalid group"),
    MetaError(SENDER_IS_RECIPIENT, 400, "Recipient cannot be sender"),
    MetaError(UNDELIVERABLE, 400, "Message undeliverable", _LATER),
    MetaError(NOT_ALLOW_LISTED, 400, "Recipient phone number not in allowed list"),
    MetaError(131031, 403, "Account has been locked"),
    MetaError(131036, 400, "Request could not be completed"),
    MetaError(131037, 400, "Display name approval is needed before a message can be sent"),
    MetaError(131041, 400, "Unknown group"),
    MetaError(131042, 400, "Business eligibility payment issue", _LATER),
    MetaError(131044, 400, "Business eligibility payment issue"),
    MetaError(131045, 500, "Incorrect certificate"),
    MetaError(WINDOW_CLOSED, 400, "Re-engagement message", _LATER),
    MetaError(131048, 400, "Spam rate limit hit"),
    MetaError(131049, 400, "Meta chose not to deliver.", _LATER),
    MetaError(131050, 400, "User has stopped marketing messages", _LATER),
    MetaError(TYPE_UNSUPPORTED, 400, "Unsupported message type"),
    MetaError(131052, 400, "Media download error"),
    MetaError(MEDIA_FAILED, 400, "Media upload error", _LATER),
    MetaError(131055, 400, "Method not allowed"),
    MetaError(PAIR_RATE, 400, "(Business Account, Consumer Account) pair rate limit hit"),
    MetaError(131057, 500, "Account in maintenance mode"),
    MetaError(CURSOR_INVALID, 400, "Paging cursor is invalid"),
    MetaError(131061, 400, "Template must be sent by the marketing messages endpoint"),
    MetaError(BSUID_UNSUPPORTED, 400, "Business-scoped user ID recipients are not supported for this message"),
    MetaError(131063, 400, "Marketing templates are disabled on Cloud API"),
    MetaError(131064, 400, "Limited for template misclassification"),
    MetaError(131201, 206, "The group request succeeded in part"),
    *(MetaError(code, 400, "Group request could not be completed") for code in (*range(131202, 131207), 131209)),
    MetaError(131207, 403, "Groups are suspended for this business"),
    MetaError(131208, 429, "Group rate limit hit"),
    *(MetaError(code, 400, "Group request could not be completed") for code in (*range(131210, 131214), 131215)),
    MetaError(131214, 403, "Group creation is disabled"),
    MetaError(PARAMETER_COUNT, 400, "Number of parameters does not match the expected number of params"),
    MetaError(TEMPLATE_MISSING, 404, "Template name does not exist in the translation"),
    MetaError(TEXT_TOO_LONG, 400, "Translated text too long"),
    MetaError(132007, 400, "Template content violates policy"),
    MetaError(132008, 400, "Template parameter value is not valid"),
    MetaError(PARAMETER_FORMAT, 400, "Parameter format does not match format in the created template"),
    MetaError(TEMPLATE_PAUSED, 400, "Template is paused"),
    MetaError(TEMPLATE_DISABLED, 400, "Template is disabled"),
    MetaError(TEMPLATE_PARAMETER, 400, "Template parameter problem"),
    MetaError(132068, 400, "Flow is in blocked state"),
    MetaError(132069, 400, "Flow is in throttled state"),
    MetaError(133000, 500, "Incomplete deregistration"),
    MetaError(133004, 503, "Server temporarily unavailable"),
    MetaError(133005, 400, "Two step verification PIN mismatch"),
    MetaError(133006, 400, "Phone number re-verification needed"),
    MetaError(133008, 400, "Too many two step verification PIN guesses"),
    MetaError(133009, 400, "Two step verification PIN guessed too fast"),
    MetaError(133010, 400, "Phone number not registered"),
    MetaError(133015, 400, "Phone number was recently deleted"),
    MetaError(133016, 400, "Registration rate limit hit"),
    MetaError(134011, 400, "Payments terms of service not accepted"),
    MetaError(134100, 400, "Only marketing messages are supported"),
    MetaError(134101, 400, "Template is still syncing"),
    MetaError(134102, 500, "Template is unavailable for use"),
    MetaError(135000, 400, "Generic user error"),
    MetaError(IDENTITY_MISMATCH, 400, "Recipient identity key hash does not match", _LATER),
    *(MetaError(code, 400, "Calling request could not be completed") for code in range(138000, 138025)),
    *(MetaError(code, 400, "Flow request could not be completed") for code in range(139000, 139005)),
    MetaError(BLOCK_FAILED, 400, "Failed to block or unblock some users"),
    MetaError(BLOCK_LIST_FULL, 400, "Block list limit reached"),
    MetaError(139102, 400, "Block list changed while it was read"),
    MetaError(139103, 400, "Block list: internal error"),
    *(MetaError(code, 400, "Username request could not be completed") for code in range(147001, 147006)),
    *(MetaError(code, 400, "Template insights are not available") for code in range(200005, 200008)),
    MetaError(1752041, 400, "Duplicate request"),
    *(
        MetaError(code, 400, "Phone number migration could not be completed")
        for code in (2388001, 2388012, 2388091, 2388093, 2388103)
    ),
    MetaError(TEMPLATE_COUNT, 400, "Message template limit exceeded", is_subcode=True),
    MetaError(TEMPLATE_FIELD_TOO_LONG, 400, "Character limit exceeded", is_subcode=True),
    MetaError(HEADER_FORMAT, 400, "Message header format is incorrect", is_subcode=True),
    MetaError(BODY_FORMAT, 400, "Message body format is incorrect", is_subcode=True),
    MetaError(FOOTER_FORMAT, 400, "Message footer format is incorrect", is_subcode=True),
    MetaError(TOO_MANY_VARIABLES, 400, "Parameter words ratio exceeds limit", is_subcode=True),
    MetaError(VARIABLE_AT_EDGE, 400, "Leading or trailing parameters are not allowed", is_subcode=True),
    MetaError(2494100, 400, "Phone number is in maintenance"),
    *(MetaError(code, 400, "Phone number sign-up could not be completed") for code in range(2494164, 2494180)),
    MetaError(2494191, 400, "Another owner holds the thread"),
    *(MetaError(code, 400, "Account migration could not be completed") for code in (2593079, 2593085)),
    *(MetaError(code, 400, "Synchronisation with the phone app failed") for code in range(2593107, 2593110)),
)
ERRORS = {error.code: error for error in _TABLE}
"""Every error that the sandbox can give, by its code."""


class Refused(Exception):  # noqa: N818 -- an answer, not a fault of the program
    """A request is answered with one of Meta's errors.

    Args:
        code: a key of `ERRORS`; one that is a subcode is answered as code 100 with it beside.
        details: what is wrong with this request.
        subcode: for `error_subcode`.
        http_status: another one than the table has: throttles come as 400 or 429.
        beside: members of the body beside `error`, where a request failed in part.
    """

    def __init__(
        self,
        code: int,
        details: str = "",
        *,
        subcode: int | None = None,
        http_status: int | None = None,
        beside: dict[str, Any] | None = None,
    ) -> None:
        error = ERRORS[code]
        super().__init__(error.title)
        self.code = INVALID_PARAMETER if error.is_subcode else code
        self.subcode = code if error.is_subcode else subcode
        self.title = error.title
        self.details = details
        self.http_status = http_status or error.http_status
        self.beside = beside or {}


def error_body(refused: Refused, *, trace_id: str) -> dict[str, Any]:
    """The body with which Meta refuses."""
    error: dict[str, Any] = {
        "message": f"(#{refused.code}) {refused.title}",
        "type": "OAuthException",
        "code": refused.code,
    }
    if refused.subcode is not None:
        error["error_subcode"] = refused.subcode
    if refused.details:
        error["error_data"] = {"messaging_product": "whatsapp", "details": refused.details}
    error["fbtrace_id"] = trace_id
    return refused.beside | {"error": error}


def status_error(code: int, details: str) -> dict[str, Any]:
    """One member of `errors` on a `failed` status."""
    title = ERRORS[code].title
    return {
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": details or title},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    }
