"""What a person should do about a platform event: nothing (`info`), look soon (`warning`), look now (`critical`).

A table, so that it can be read and argued with. `critical` is kept for what stops the firm's messages, or for what may
be somebody taking over the number.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from lhwa.normalizer.fields import facts_of, word_at

Severity = Literal["info", "warning", "critical"]
INFO: Final = "info"
WARNING: Final = "warning"
CRITICAL: Final = "critical"

_DEFAULTS: dict[str, Severity] = {
    "security": CRITICAL,
    "errors": WARNING,
    "messaging_handovers": WARNING,
    "message_template_components_update": WARNING,
    "template_category_update": WARNING,
    "template_correct_category_detection": WARNING,
}
"""For events of a field that the table below does not name. A template whose wording or category changed at Meta is
no longer the one that a lawyer approved."""

_BY_WORD: dict[str, dict[str, Severity]] = {
    "account_update": {
        "ACCOUNT_DELETED": CRITICAL,
        "ACCOUNT_RESTRICTION": CRITICAL,
        "ACCOUNT_VIOLATION": WARNING,
        "ACCOUNT_OFFBOARDED": CRITICAL,
        "DISABLED_UPDATE": CRITICAL,
        "BAN": CRITICAL,
        "PARTNER_REMOVED": CRITICAL,
        "PARTNER_APP_UNINSTALLED": CRITICAL,
        "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE": WARNING,
        "DISABLE": CRITICAL,
        "SCHEDULE_FOR_DISABLE": CRITICAL,
        "REINSTATE": INFO,
    },
    "account_review_update": {"REJECTED": CRITICAL, "DEFERRED": WARNING},
    "account_alerts": {
        "OBA_REJECTED": WARNING,
        "PROFILE_PICTURE_LOST": WARNING,
        "INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED": WARNING,
        "INCREASED_CAPABILITIES_ELIGIBILITY_FAILED": WARNING,
        "INCREASED_CAPABILITIES_ELIGIBILITY_NEED_MORE_INFO": WARNING,
        "CRITICAL": CRITICAL,
        "WARNING": WARNING,
        "INFORMATIONAL": INFO,
        "NONE": INFO,
    },
    "message_template_status_update": {
        "REJECTED": WARNING,
        "PAUSED": WARNING,
        "FLAGGED": WARNING,
        "LOCKED": WARNING,
        "LIMIT_EXCEEDED": WARNING,
        "DELETED": WARNING,
        "PENDING_DELETION": WARNING,
        "ARCHIVED": WARNING,
        "DISABLED": CRITICAL,
    },
    "message_template_quality_update": {"YELLOW": WARNING, "RED": WARNING},
    "phone_number_quality_update": {"FLAGGED": WARNING, "DOWNGRADE": WARNING},
    "phone_number_name_update": {"REJECTED": WARNING},
    "business_username_update": {"DELETED": WARNING},
    "business_username_updates": {"DELETED": WARNING},
    "flows": {
        "ENDPOINT_ERROR_RATE": WARNING,
        "ENDPOINT_LATENCY": WARNING,
        "ENDPOINT_AVAILABILITY": WARNING,
        "CLIENT_ERROR_RATE": WARNING,
        "FLOW_VERSION_EXPIRY_WARNING": WARNING,
        "DEPRECATED": WARNING,
        "THROTTLED": WARNING,
        "BLOCKED": CRITICAL,
        "ACTIVATED": WARNING,
        "DEACTIVATED": INFO,
    },
    "calls": {"FAILED": WARNING},
    "history": {"2593109": WARNING},
    "errors": {
        "0": CRITICAL,
        "10": CRITICAL,
        "190": CRITICAL,
        "368": CRITICAL,
        "131031": CRITICAL,
        "131035": CRITICAL,
        "131042": CRITICAL,
        "131045": CRITICAL,
        "133010": CRITICAL,
    },
}
"""Upper-case words of the event and of its details. Source: WhatsApp Cloud API, webhook fields and error codes."""


def severity_of(field: str, event: str, value: dict[str, Any]) -> Severity:
    """How much one event matters. The most telling word that the table knows decides."""
    by_word = _BY_WORD.get(field, {})
    severity: Severity = by_word.get(event.upper(), _DEFAULTS.get(field, INFO))
    for path in facts_of(field).details:
        severity = by_word.get(word_at(value, path).upper(), severity)
    return severity
