"""Meta's vocabulary: the words and keys that may lie in clear, in columns, audit records, logs and positions.

Whatever is not here is `other`, or `[?]` in a position, however much it looks like a word: a name does too. Nothing is
lost by that. The sealed content keeps the word, and a new word of Meta's is one line here.

Source: WhatsApp Cloud API, webhook fields, message types, statuses and events.
"""

from __future__ import annotations

import re

from lhwa.domain.messages import MessageType, Status, Via

NOT_A_WORD = "other"
_CODE = re.compile(r"[0-9]{1,7}")
"""Error codes and phases; a telephone number is longer."""

_MESSAGE_TYPES = "voice unknown ephemeral request_welcome media_placeholder"
_STATUSES = "deleted warning ringing rejected completed"
_FIELDS = """
    messages statuses errors user_actions message_echoes smb_message_echoes smb_app_state_sync history standby
    messaging_handovers calls call_recording_available user_preferences groups group_lifecycle_update
    group_participants_update group_settings_update group_status_update message_template_status_update
    message_template_quality_update message_template_components_update template_category_update
    template_correct_category_detection phone_number_quality_update phone_number_name_update account_update
    account_alerts account_review_update account_settings_update business_capability_update business_status_update
    business_username_update business_username_updates security flows tracking_events automatic_events
    partner_solutions payment_configuration_update conversation_context
    object: object:user object:page object:instagram object:permissions object:application
"""
_TEMPLATE_EVENTS = """
    APPROVED ARCHIVED UNARCHIVED DELETED DISABLED FLAGGED IN_APPEAL LIMIT_EXCEEDED LOCKED PAUSED PENDING REINSTATED
    PENDING_DELETION REJECTED GREEN YELLOW RED AUTHENTICATION MARKETING UTILITY SERVICE
"""
_ACCOUNT_EVENTS = """
    ONBOARDING THROUGHPUT_UPGRADE UNFLAGGED UPGRADE DOWNGRADE DEFERRED RESERVED ACTIVE NONE
    ACCOUNT_DELETED ACCOUNT_RESTRICTION ACCOUNT_VIOLATION DISABLED_UPDATE DISABLE REINSTATE SCHEDULE_FOR_DISABLE BAN
    BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE AUTH_INTL_PRICE_ELIGIBILITY_UPDATE VOLUME_BASED_PRICING_TIER_UPDATE
    AD_ACCOUNT_LINKED MM_LITE_TERMS_SIGNED PARTNER_ADDED PARTNER_REMOVED PARTNER_APP_INSTALLED PARTNER_APP_UNINSTALLED
    PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE ACCOUNT_OFFBOARDED ACCOUNT_RECONNECTED
    INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED INCREASED_CAPABILITIES_ELIGIBILITY_FAILED
    INCREASED_CAPABILITIES_ELIGIBILITY_NEED_MORE_INFO OBA_APPROVED OBA_REJECTED PROFILE_PICTURE_LOST
    CRITICAL WARNING INFORMATIONAL PIN_CHANGED PIN_RESET_REQUEST PIN_REQUEST_SUCCESS
    VERIFIED SETTINGS_CHANGED SOLUTION_UPDATED
    FLOW_STATUS_CHANGE ENDPOINT_ERROR_RATE ENDPOINT_LATENCY ENDPOINT_AVAILABILITY CLIENT_ERROR_RATE
    FLOW_VERSION_EXPIRY_WARNING DRAFT PUBLISHED DEPRECATED BLOCKED THROTTLED ACTIVATED DEACTIVATED
"""
_OTHER_EVENTS = """
    stop resume signup connect terminate add remove control_passed control_taken
    marketing_messages_link_click landing_page_view
    group_create group_delete group_participants_add group_participants_remove group_join_request_created
    group_join_request_revoked group_settings_update group_suspend group_suspend_cleared
"""
_WORDS = frozenset(
    word.lower()
    for words in (_MESSAGE_TYPES, _STATUSES, _FIELDS, _TEMPLATE_EVENTS, _ACCOUNT_EVENTS, _OTHER_EVENTS)
    for word in words.split()
).union(*({member.value for member in kind} for kind in (MessageType, Status, Via)))

_KEYS = """
    object entry changes field value metadata contacts messages statuses errors user_actions message_echoes standby
    history threads state_sync calls user_preferences groups conversation_context control_passed control_taken
"""
KEYS = frozenset(_KEYS.split())
"""Keys of Meta's envelope that a position may name."""


def clear_word(text: str) -> str:
    """A word of Meta's as it may lie in clear, in any case of its letters; anything else becomes `other`."""
    if text in _WORDS:  # as it nearly always is
        return text
    return text if not text or _CODE.fullmatch(text) or text.lower() in _WORDS else NOT_A_WORD
