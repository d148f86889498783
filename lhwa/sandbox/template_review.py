"""What Meta does to templates by itself: review, approval, rejection, pauses, disabling, another category.

Each change is told by a webhook. Source: WhatsApp Cloud API, template webhooks.
"""

from __future__ import annotations

from typing import Any

from lhwa.domain.instants import Instant
from lhwa.sandbox.exchange import present
from lhwa.sandbox.firms import Firm
from lhwa.sandbox.platform import Platform
from lhwa.sandbox.template_rules import rejection_of
from lhwa.sandbox.templates import Template, TemplateStatus

REVIEW_S = (20.0, 120.0)
"""How long a review takes; Meta's takes minutes, up to a day."""
PAUSES_MAX = 2
"""The third one disables."""


def plan_review(platform: Platform, firm: Firm, template: Template, *, now: Instant) -> None:
    """Decide about a template after a while, unless somebody has decided before."""

    def decide(at: Instant) -> None:
        if template.status is TemplateStatus.PENDING and firm.templates.get(template.id) is template:
            reason = rejection_of(template)
            if reason is None:
                approve(platform, firm, template, now=at)
            else:
                reject(platform, firm, template, reason=reason, now=at)

    platform.agenda.plan(decide, at=now + platform.chance.between(*REVIEW_S))


def approve(platform: Platform, firm: Firm, template: Template, *, now: Instant) -> None:
    """Let it be sent."""
    template.status, template.rejected_reason = TemplateStatus.APPROVED, "NONE"
    _tell_status(platform, firm, template, "APPROVED", now=now, reason="NONE")


def reject(platform: Platform, firm: Firm, template: Template, *, reason: str, now: Instant) -> None:
    """Refuse it for one of Meta's reasons."""
    template.status, template.rejected_reason = TemplateStatus.REJECTED, reason
    _tell_status(platform, firm, template, "REJECTED", now=now, reason=reason)


def pause(platform: Platform, firm: Firm, template: Template, *, now: Instant) -> None:
    """Stop it for low quality: the third time for good."""
    template.pauses += 1
    if template.pauses > PAUSES_MAX:
        disable(platform, firm, template, now=now)
        return
    template.status, template.quality = TemplateStatus.PAUSED, "RED"
    title = "FIRST_PAUSE" if template.pauses == 1 else "SECOND_PAUSE"
    info = {"title": title, "description": "Your WhatsApp message template has been paused."}
    _tell_status(platform, firm, template, "PAUSED", now=now, other_info=info)


def unpause(platform: Platform, firm: Firm, template: Template, *, now: Instant) -> None:
    """Let a paused one be sent again."""
    template.status = TemplateStatus.APPROVED
    info = {"title": "UNPAUSE", "description": "Your WhatsApp message template has been unpaused."}
    _tell_status(platform, firm, template, "APPROVED", now=now, reason="NONE", other_info=info)


def disable(platform: Platform, firm: Firm, template: Template, *, now: Instant) -> None:
    """Stop it for good."""
    template.status = TemplateStatus.DISABLED
    info = {"title": "DISABLED", "description": "Your WhatsApp message template has been disabled."}
    _tell_status(platform, firm, template, "DISABLED", now=now, other_info=info)


def recategorise(platform: Platform, firm: Firm, template: Template, *, category: str, now: Instant) -> None:
    """Move it to another category, as Meta does with a UTILITY that advertises."""
    template.previous_category, template.category = template.category, category
    value = _named(template) | {"previous_category": template.previous_category, "new_category": category}
    platform.tell(firm, "template_category_update", value, at=now)


def rate(platform: Platform, firm: Firm, template: Template, *, quality: str, now: Instant) -> None:
    """Give it another quality score."""
    previous, template.quality = template.quality, quality
    scores = {"previous_quality_score": previous, "new_quality_score": quality}
    platform.tell(firm, "message_template_quality_update", scores | _named(template), at=now)


def _named(template: Template) -> dict[str, Any]:
    return {
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
    }


def _tell_status(
    platform: Platform,
    firm: Firm,
    template: Template,
    event: str,
    *,
    now: Instant,
    reason: str | None = None,
    other_info: dict[str, str] | None = None,
) -> None:
    facts = present(reason=reason, message_template_category=template.category, other_info=other_info)
    value = {"event": event} | _named(template) | facts
    platform.tell(firm, "message_template_status_update", value, at=now)
