"""The endpoints of subscriptions: whether the app hears of the account at all, and where.

Source: WhatsApp Cloud API, subscribed apps and callback overrides.
"""

from __future__ import annotations

from lhwa.sandbox.errors import INVALID_PARAMETER, Refused
from lhwa.sandbox.exchange import ApiReply, answer, present
from lhwa.sandbox.numbers import read_override
from lhwa.sandbox.platform import Call


def read_subscriptions(call: Call) -> ApiReply:
    """The app, when it is subscribed."""
    firm = call.firm
    app = {"id": firm.account.app_id, "name": firm.account.name, "link": "https://developers.facebook.com/apps/"}
    told = present(whatsapp_business_api_data=app, override_callback_uri=firm.override_url)
    return answer({"data": [told] if firm.is_subscribed else []})


def subscribe(call: Call) -> ApiReply:
    """Subscribe the app. A callback may be overridden only once it is; without one the override is cleared."""
    override = read_override(call.json())
    if override and not call.firm.is_subscribed:
        raise Refused(
            INVALID_PARAMETER,
            "Before override the current callback uri, your app must be subscribed to receive messages.",
        )
    call.firm.is_subscribed = True
    call.firm.override_url = override or None
    return answer({"success": True})


def unsubscribe(call: Call) -> ApiReply:
    """End the subscription: no webhook comes any more."""
    call.firm.is_subscribed, call.firm.override_url = False, None
    return answer({"success": True})
