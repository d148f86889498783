"""Kinds: what happens to the account, its numbers, its security, its calls and its flows."""

from __future__ import annotations

from typing import Any

from lhwa.testing.webhooks.envelope import Part, contact, platform_kind, value_of
from lhwa.testing.webhooks.scene import Kind, Scene, present

ACCOUNT_EVENTS: dict[str, dict[str, Any]] = {
    "ACCOUNT_DELETED": {},
    "ACCOUNT_RESTRICTION": {
        "restriction_info": [
            {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 1_795_564_800},
            {"restriction_type": "RESTRICTED_ADD_PHONE_NUMBER_ACTION", "expiration": 1_795_564_800},
        ]
    },
    "ACCOUNT_VIOLATION": {"violation_info": {"violation_type": "SCAM"}},
    "DISABLED_UPDATE": {"ban_info": {"waba_ban_state": "DISABLE", "waba_ban_date": "November 22, 2026"}},
    "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE": {"country": "ID"},
    "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE": {"auth_international_rate_eligibility": {"start_time": 1_795_392_000}},
    "VOLUME_BASED_PRICING_TIER_UPDATE": {
        "volume_tier_info": {
            "tier_update_time": 1_795_305_600,
            "pricing_category": "UTILITY",
            "tier": "25000:50000",
            "effective_month": "2026-11",
            "region": "Indonesia",
        }
    },
    "AD_ACCOUNT_LINKED": {},
    "MM_LITE_TERMS_SIGNED": {},
    "PARTNER_ADDED": {"waba_info": {"waba_id": "200300400500600", "owner_business_id": "100200300400500"}},
    "PARTNER_REMOVED": {"disconnection_info": {"reason": "CHANGE_NUMBER", "initiated_by": "USER"}},
    "PARTNER_APP_INSTALLED": {"waba_info": {"partner_app_id": "400500600700800"}},
    "PARTNER_APP_UNINSTALLED": {"waba_info": {"partner_app_id": "400500600700800"}},
    "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE": {"partner_client_certification_info": {"status": "APPROVED"}},
    "ACCOUNT_OFFBOARDED": {},
    "ACCOUNT_RECONNECTED": {},
}


def _account(event: str, more: dict[str, Any]) -> Kind:
    plain = event.lower().replace("_", " ")
    name = f"account_{event.lower().removeprefix('account_')}"
    return platform_kind(name, f"The account: {plain}", lambda _scene: {"event": event, **more}, field="account_update")


def _reinstated(_scene: Scene) -> dict[str, Any]:
    return {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}}


def _alert(severity: str, kind: str) -> Part:
    def value(scene: Scene) -> dict[str, Any]:
        alert = {
            "alert_severity": severity,
            "alert_status": "ACTIVE",
            "alert_type": kind,
            "alert_description": "Contoh pemberitahuan akun.",
        }
        return {"entity_type": "PHONE_NUMBER", "entity_id": scene.number.phone_number_id, "alert_info": alert}

    return value


def _number(**more: Any) -> Part:
    return lambda scene: {"display_phone_number": scene.number.display_phone_number, **more}


def _fixed(**value: Any) -> Part:
    return lambda _scene: dict(value)


def _call(event: str) -> Part:
    def value(scene: Scene) -> dict[str, Any]:
        call = present(
            id=f"wacid.{scene.digits('incoming call')}",
            to=scene.number.display_phone_number,
            **{"from": scene.client.wa_id},
            from_user_id=scene.client.bsuid,
            event=event,
            timestamp=scene.stamp(after_s=0 if event == "connect" else 75),
            direction="USER_INITIATED",
            session={"sdp_type": "offer", "sdp": "v=0 (contoh)"} if event == "connect" else None,
            status="COMPLETED" if event == "terminate" else None,
            duration=75 if event == "terminate" else None,
        )
        return value_of(scene, contacts=[contact(scene)], calls=[call])

    return value


def _preference(word: str) -> Part:
    def value(scene: Scene) -> dict[str, Any]:
        preference = present(
            wa_id=scene.client.wa_id,
            user_id=scene.client.bsuid,
            detail="User requested a change of marketing messages (sample)",
            category="marketing_messages",
            value=word,
            timestamp=scene.unix(),
        )
        return value_of(scene, contacts=[contact(scene)], user_preferences=[preference])

    return value


def _flow(scene: Scene, **more: Any) -> dict[str, Any]:
    return {"flow_id": scene.digits("flow"), **more}


def _flow_blocked(scene: Scene) -> dict[str, Any]:
    return _flow(scene, event="FLOW_STATUS_CHANGE", old_status="PUBLISHED", new_status="BLOCKED",
                 message="Flow blocked (sample)")  # fmt: skip


def _flow_errors(scene: Scene) -> dict[str, Any]:
    errors = [{"error_type": "TIMEOUT", "error_rate": 14.2, "error_count": 7}]
    return _flow(scene, event="ENDPOINT_ERROR_RATE", error_rate=14.2, threshold=10, alert_state="ACTIVATED",
                 requests_count=49, errors=errors)  # fmt: skip


def _group(scene: Scene) -> dict[str, Any]:
    event = {
        "timestamp": scene.stamp(),
        "group_id": f"grup-contoh-{scene.digits('group', count=12)}",
        "type": "group_participants_add",
        "added_participants": [present(wa_id=scene.client.wa_id, user_id=scene.client.bsuid)],
    }
    return value_of(scene, groups=[event])


KINDS = (
    *(_account(event, more) for event, more in ACCOUNT_EVENTS.items()),
    platform_kind("account_reinstated", "The account is open again", _reinstated, field="account_update"),
    platform_kind("account_alert", "A critical alert", _alert("CRITICAL", "PROFILE_PICTURE_LOST"),
                  field="account_alerts"),
    platform_kind("account_alert_info", "A friendly alert", _alert("INFORMATIONAL", "OBA_APPROVED"),
                  field="account_alerts"),
    platform_kind("account_review_rejected", "The account's review is lost", _fixed(decision="REJECTED"),
                  field="account_review_update"),
    platform_kind("account_settings_update", "Settings of the account changed", _fixed(event="SETTINGS_CHANGED")),
    platform_kind("business_capability_update", "The firm may send to more people a day",
                  _fixed(max_daily_conversations_per_business="TIER_2K", max_phone_numbers_per_business=10)),
    platform_kind("business_status_update", "The business has another status", _fixed(event="VERIFIED")),
    platform_kind("business_username_update", "The firm's user name is approved",
                  _number(username="kantor.contoh", status="approved")),
    platform_kind("phone_quality_flagged", "A number is flagged", _number(event="FLAGGED", current_limit="TIER_250"),
                  field="phone_number_quality_update"),
    platform_kind("phone_quality_upgrade", "A number may send faster",
                  _number(event="THROUGHPUT_UPGRADE", max_daily_conversations_per_business="TIER_10K"),
                  field="phone_number_quality_update"),
    platform_kind("phone_name_approved", "A display name is approved",
                  _number(decision="APPROVED", requested_verified_name="Kantor Hukum Contoh"),
                  field="phone_number_name_update"),
    platform_kind("phone_name_rejected", "A display name is rejected",
                  _number(decision="REJECTED", requested_verified_name="Kantor", rejection_reason="NAME_TOO_SHORT"),
                  field="phone_number_name_update"),
    platform_kind("security_pin_changed", "Somebody changed the PIN of a number",
                  _number(event="PIN_CHANGED", requester="100200300400500"), field="security"),
    platform_kind("security_pin_reset_request", "Somebody asked to turn the PIN off",
                  _number(event="PIN_RESET_REQUEST"), field="security"),
    platform_kind("security_pin_request_success", "The PIN is turned off", _number(event="PIN_REQUEST_SUCCESS"),
                  field="security"),
    platform_kind("call_connect", "A client calls", _call("connect"), field="calls"),
    platform_kind("call_terminate", "The call ends", _call("terminate"), field="calls"),
    platform_kind("marketing_stop", "A client stops marketing messages", _preference("stop"),
                  field="user_preferences"),
    platform_kind("marketing_resume", "A client wants them again", _preference("resume"), field="user_preferences"),
    platform_kind("flow_blocked", "A form is blocked", _flow_blocked, field="flows"),
    platform_kind("flow_errors", "A form's endpoint fails too often", _flow_errors, field="flows"),
    platform_kind("group_participants_update", "Somebody joined a group", _group),
    platform_kind("payment_configuration_update", "Payment settings changed", _fixed(status="ACTIVE")),
    platform_kind("partner_solutions", "A partner solution changed",
                  _fixed(event="SOLUTION_UPDATED", solution_id="700800900100200", solution_status="ACTIVE")),
    platform_kind("call_recording_available", "A recorded call can be fetched", _fixed(recording_id="contoh-1")),
    platform_kind("tracking_events", "An event of an advertisement", _fixed(event_name="LeadSubmitted")),
    platform_kind("automatic_events", "An event that Meta recognised by itself", _fixed(event_name="Purchase")),
)  # fmt: skip
