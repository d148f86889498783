"""What alerts say of Meta's events, and what to do about them: our words, whatever Meta's are.

Source: WhatsApp Cloud API, webhook fields and their events.
"""

from __future__ import annotations

_TEMPLATE_STATUS = {
    "APPROVED": "may be sent",
    "ARCHIVED": "was archived and cannot be sent",
    "DELETED": "was deleted at Meta",
    "DISABLED": "is disabled and cannot be sent any more",
    "FLAGGED": "is disliked by clients; Meta may pause it soon",
    "IN_APPEAL": "is being looked at again",
    "LIMIT_EXCEEDED": "is one more than Meta allows",
    "LOCKED": "is locked and cannot be changed for now",
    "PAUSED": "is paused and cannot be sent for now",
    "PENDING": "is being looked at",
    "PENDING_DELETION": "will be deleted",
    "REINSTATED": "may be sent again",
    "REJECTED": "was refused",
    "UNARCHIVED": "is back from the archive",
}
_TEMPLATE_QUALITY = {
    "GREEN": "is liked well enough",
    "RED": "is disliked by clients; Meta may pause it soon",
    "YELLOW": "is liked less by clients",
}
_TEMPLATES = {
    "message_template_status_update": _TEMPLATE_STATUS,
    "message_template_quality_update": _TEMPLATE_QUALITY,
    "message_template_components_update": {"": "has another wording at Meta"},
    "template_category_update": {"": "has another category, or will have it soon"},
    "template_correct_category_detection": {"": "is in the wrong category, Meta thinks"},
}
"""Field -> event -> what is said of a template; an empty event stands for every other one."""
_ACCOUNT = {
    "account_update": {
        "ACCOUNT_DELETED": "The WhatsApp Business account was deleted.",
        "ACCOUNT_OFFBOARDED": "The account was taken off the platform.",
        "ACCOUNT_RECONNECTED": "The account is connected again.",
        "ACCOUNT_RESTRICTION": "Meta restricts what the account may do.",
        "ACCOUNT_VIOLATION": "Meta says that the account broke a rule.",
        "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE": "Prices abroad will be others.",
        "DISABLED_UPDATE": "Meta disables the account, or says when it will.",
        "DISABLED_UPDATE:info": "Meta opened the account again.",
        "PARTNER_ADDED": "An app was connected to the account.",
        "PARTNER_APP_INSTALLED": "An app was connected to the account.",
        "PARTNER_APP_UNINSTALLED": "An app was taken off the account.",
        "PARTNER_REMOVED": "The account was taken off its app.",
        "VOLUME_BASED_PRICING_TIER_UPDATE": "Prices are others from some number of messages on.",
        "": "Something about the account changed.",
    },
    "account_alerts": {
        "OBA_APPROVED": "The firm's name has a badge now.",
        "OBA_REJECTED": "Meta refused the firm a badge for its name.",
        "PROFILE_PICTURE_LOST": "The number has lost its picture.",
        "INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED": "Meta decides later whether the firm may write to more people.",
        "INCREASED_CAPABILITIES_ELIGIBILITY_FAILED": "The firm may not write to more people.",
        "INCREASED_CAPABILITIES_ELIGIBILITY_NEED_MORE_INFO": "Meta asks for documents of the firm.",
        "": "Meta has something to say about the account.",
    },
    "account_review_update": {
        "APPROVED": "Meta approved the account.",
        "DEFERRED": "Meta decides later about the account.",
        "REJECTED": "Meta refused the account.",
        "": "Meta looks at the account.",
    },
    "account_settings_update": {"": "A setting of the account changed."},
    "business_capability_update": {"": "What the firm may send, or how many numbers it may have, changed."},
    "business_status_update": {"": "Meta sees the business in another state."},
    "business_username_update": {"DELETED": "The firm's user name is gone.", "": "The firm's user name changed."},
    "business_username_updates": {"DELETED": "The firm's user name is gone.", "": "The firm's user name changed."},
    "phone_number_name_update": {
        "APPROVED": "The number's name was approved.",
        "REJECTED": "The number's name was refused.",
        "": "The number's name is being looked at.",
    },
    "phone_number_quality_update": {
        "DOWNGRADE": "Fewer people can be written to from the number.",
        "FLAGGED": "Clients complain about the number; Meta may lower its limit.",
        "THROUGHPUT_UPGRADE": "The number may send faster.",
        "UNFLAGGED": "The number is liked well enough again.",
        "UPGRADE": "More people can be written to from the number.",
        "": "The number's limit or quality changed.",
    },
    "security": {
        "PIN_CHANGED": "Somebody changed the PIN of the number.",
        "PIN_REQUEST_SUCCESS": "Somebody took the PIN off the number.",
        "PIN_RESET_REQUEST": "Somebody wants the PIN off the number.",
        "": "Something about the security of the number changed.",
    },
    "calls": {"FAILED": "A call did not come about.", "": "Somebody called."},
    "errors": {"": "Meta reports an error of the account or the app."},
    "flows": {"": "A form of the firm's has a fault, or another state."},
    "history": {"": "The phone does not share its older messages."},
    "messaging_handovers": {"": "Another app took over a thread, or gave it back."},
}
"""Field -> event, or event and severity -> a sentence; as above."""
_OTHER = "Meta tells of something that lhwa has no words for."

NEWS_FIELDS = frozenset(_TEMPLATES) | frozenset(_ACCOUNT) - {"calls", "history", "messaging_handovers"}
"""Fields whose good news are worth a line."""

_TEMPLATE_ADVICE = "Look at it with `lhwa templates list`; lawyers decide whether another one takes its place."
_ADVICE = {
    "security": "If nobody of the firm did that, secure the number in the WhatsApp Manager at once.",
    "errors": "`lhwa status` shows whether messages leave.",
    "calls": "Call back, or write.",
}
_ACCOUNT_ADVICE = "Look into the WhatsApp Manager; `lhwa status` shows whether messages leave."


def is_about_template(field: str) -> bool:
    """True for events of one template."""
    return field in _TEMPLATES


def title_of(field: str, event: str, severity: str, *, template: str | None = None) -> str:
    """What happened, in one sentence.

    Args:
        template: its name and language, when the event is about one that is known.
    """
    if field in _TEMPLATES:
        who = "A template" if template is None else f"Template {template}"
        said = _word(_TEMPLATES[field], event) or "has another state"
        return f"{who} {said}."
    said_of_account = _ACCOUNT.get(field, {})
    return said_of_account.get(f"{event.upper()}:{severity}") or _word(said_of_account, event) or _OTHER


def advice_on(field: str) -> str:
    """What to do about an event of this field."""
    return _TEMPLATE_ADVICE if field in _TEMPLATES else _ADVICE.get(field, _ACCOUNT_ADVICE)


def _word(by_event: dict[str, str], event: str) -> str | None:
    return by_event.get(event.upper(), by_event.get(""))
