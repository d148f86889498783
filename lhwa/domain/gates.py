"""The gates: may this message leave now? One function for each rule; all of them are asked when a message is requested,
and again when it is about to be posted.

A gate that stays shut names its rule and what to do instead. Some only ask for patience: the message waits then.

Invariants: pure; in doubt a gate is shut; event times count, never times of receipt.
Source: WhatsApp Cloud API, customer service window, templates, opt-in; the firm's own policy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

import msgspec

from lhwa.domain.access import Role
from lhwa.domain.instants import AHEAD_MS_MAX

WINDOW_MS = 86_400_000
"""How long a client's message lets the firm write freely."""
WINDOW_GUARD_MS = 300_000
"""Free text does not leave in the last minutes of the window: on its way to Meta it would come too late."""
APPROVED = "APPROVED"
MARKETING = "MARKETING"
_WAITS = "Meta has not decided yet: look again with `lhwa templates list`."
_HOUR_MS = 3_600_000
_MINUTE_MS = 60_000


class Rule(StrEnum):
    """Why a message does not leave."""

    ROLE = "role"
    RECIPIENT = "recipient"
    CONTENT = "content"
    OPT_OUT = "opt_out"
    BLOCKED = "blocked"
    HOLD = "outbound_hold"
    IDENTITY = "identity_changed"
    CONSENT = "consent"
    TEMPLATE = "template"
    PARAMETERS = "parameters"
    WINDOW = "window"
    MARKETING = "marketing"
    EXPIRED = "expired"
    QUIET_HOURS = "quiet_hours"
    ACCOUNT = "account"


class TemplateFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A template as Meta has it."""

    name: str
    language: str
    status: str
    category: str


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the gates look at, read in one transaction."""

    now_ms: int
    """When it leaves: now, or the time that somebody asked for."""
    is_later: bool = False
    is_template: bool
    template: TemplateFacts | None = None
    """The one that the message names, if Meta has it."""
    offers: tuple[str, ...] = ()
    """Approved templates, as `name/language`: what may be sent instead of free text."""
    has_address: bool
    """A number or a user id is known, and its key opens."""
    findings: tuple[str, ...] = ()
    """What is wrong with the content or with the values of a template."""
    last_inbound_ms: int | None = None
    has_written: bool = False
    """The client wrote to the firm at some time: the consent that is on record in any case."""
    restrictions: frozenset[str] = frozenset()
    """What is in force: `opt_out`, `marketing_stop`, `blocked`, `outbound_hold`."""
    has_marketing_consent: bool = False
    sends_paused: bool = False
    """A changed number or user id waits for somebody to look at it."""
    expires_ms: int
    role: Role | None = None
    """Of who asks; None when nobody does: then the decision was made before."""
    senders: frozenset[Role] = frozenset()
    """Roles that may write to clients at all."""
    quiet_until_ms: int | None = None
    """The end of the quiet hours that it is in; None outside of them."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What one gate says."""

    rule: Rule
    passes: bool
    says: str
    """One sentence."""
    hint: str = ""
    """What would be allowed instead, or what to do first."""
    offers: tuple[str, ...] = ()
    wait_until_ms: int | None = None
    """It passes, but not before."""


Gate = Callable[[Facts], Verdict]


def verdicts(facts: Facts) -> list[Verdict]:
    """What every gate says, in the order in which people want to hear it."""
    return [gate(facts) for gate in GATES]


def refusal(found: Sequence[Verdict]) -> Verdict | None:
    """The first gate that is shut."""
    return next((verdict for verdict in found if not verdict.passes), None)


def wait_until_ms(found: Sequence[Verdict]) -> int | None:
    """Until when the most patient gate asks to wait; None when it may leave now."""
    return max((verdict.wait_until_ms for verdict in found if verdict.wait_until_ms is not None), default=None)


def role_gate(facts: Facts) -> Verdict:
    """Only some roles write to clients."""
    if facts.role is None or facts.role in facts.senders:
        return _open(Rule.ROLE, "Who asks may write to clients.")
    names = ", ".join(sorted(role.value for role in facts.senders)) or "nobody"
    return _shut(Rule.ROLE, f"The role {facts.role.value} does not write to clients.", hint=f"These do: {names}.")


def recipient_gate(facts: Facts) -> Verdict:
    """There must be somewhere to send it."""
    if facts.has_address:
        return _open(Rule.RECIPIENT, "The recipient is known.")
    return _shut(Rule.RECIPIENT, "No number and no user id of this contact can be read.", hint="Choose another one.")


def content_gate(facts: Facts) -> Verdict:
    """What is said keeps Meta's limits."""
    rule = Rule.PARAMETERS if facts.is_template else Rule.CONTENT
    if not facts.findings:
        return _open(rule, "The content keeps Meta's limits.")
    return _shut(rule, facts.findings[0], hint=" ".join(facts.findings[1:]))


def opt_out_gate(facts: Facts) -> Verdict:
    """Who said stop is left in peace."""
    if "opt_out" not in facts.restrictions:
        return _open(Rule.OPT_OUT, "The client has not asked to be left in peace.")
    return _shut(Rule.OPT_OUT, "The client asked not to be written to.", hint="Call, or wait until they write.")


def blocked_gate(facts: Facts) -> Verdict:
    """The firm blocked this contact."""
    if "blocked" not in facts.restrictions:
        return _open(Rule.BLOCKED, "The contact is not blocked.")
    return _shut(
        Rule.BLOCKED,
        "This contact is blocked.",
        hint="Run `lhwa hold release CONTACT --kind blocked --reason TEXT` first.",
    )


def hold_gate(facts: Facts) -> Verdict:
    """A lawyer put outgoing messages to this contact on hold."""
    if "outbound_hold" not in facts.restrictions:
        return _open(Rule.HOLD, "No hold on messages to this contact.")
    return _shut(
        Rule.HOLD, "Messages to this contact are on hold.", hint="A lawyer releases it with `lhwa hold release`."
    )


def identity_gate(facts: Facts) -> Verdict:
    """After a changed number or user id somebody must make sure who is there."""
    if not facts.sends_paused:
        return _open(Rule.IDENTITY, "Nothing suggests that somebody else has this number now.")
    return _shut(
        Rule.IDENTITY,
        "The contact's number or user id changed, and nobody has looked at it.",
        hint="Ask by telephone who has it; then `lhwa hold release CONTACT --kind identity_changed --reason TEXT`.",
    )


def consent_gate(facts: Facts) -> Verdict:
    """The firm writes to people who wrote to it."""
    if facts.has_written:
        return _open(Rule.CONSENT, "The client has written to the firm.")
    return _shut(
        Rule.CONSENT,
        "The client never wrote to this firm.",
        hint="Ask them to write to the firm first.",
    )


def template_gate(facts: Facts) -> Verdict:
    """A template must be approved in the very language."""
    if not facts.is_template:
        return _open(Rule.TEMPLATE, "It is no template.")
    if facts.template is None:
        return _shut(
            Rule.TEMPLATE,
            "This firm has no such template in this language.",
            hint="Run `lhwa templates sync`, then choose one of the offers.",
            offers=facts.offers,
        )
    if facts.template.status != APPROVED:
        return _shut(
            Rule.TEMPLATE,
            f"The template is {facts.template.status} at Meta.",
            hint=_WAITS if facts.template.status == "PENDING" else "Only approved templates can be sent.",
            offers=facts.offers,
        )
    return _open(Rule.TEMPLATE, "The template is approved.")


def marketing_gate(facts: Facts) -> Verdict:
    """Nobody gets marketing who has not agreed to it, or who stopped it since."""
    template, has_stopped = facts.template, "marketing_stop" in facts.restrictions
    if template is None or template.category != MARKETING:
        return _open(Rule.MARKETING, "It is no marketing.")
    if facts.has_marketing_consent and not has_stopped:
        return _open(Rule.MARKETING, "The client agreed to marketing.")
    says = "Meta counts this template as marketing, and the client has not agreed to marketing."
    if has_stopped:
        says = "The client stopped marketing messages."
    return _shut(Rule.MARKETING, says, hint="Use a utility template.", offers=facts.offers)


def window_gate(facts: Facts) -> Verdict:
    """Free text only while the customer service window is open, and not in its last minutes."""
    if facts.is_template:
        return _open(Rule.WINDOW, "Templates may leave outside the window.")
    last_ms = facts.last_inbound_ms
    if last_ms is None or last_ms > facts.now_ms + AHEAD_MS_MAX:
        says = "The window is closed: the client has not written lately."
    else:
        left_ms = last_ms + WINDOW_MS - facts.now_ms
        if left_ms > WINDOW_GUARD_MS:
            return _open(Rule.WINDOW, f"The window is open for {_span(left_ms)} more.")
        says = _closing(left_ms, is_later=facts.is_later)
    hint = "Send an approved template." if facts.offers else "Have a template approved; there is none yet."
    return _shut(Rule.WINDOW, says, hint=hint, offers=facts.offers)


def expiry_gate(facts: Facts) -> Verdict:
    """A message that waited too long does not surprise anybody."""
    if facts.now_ms < facts.expires_ms:
        return _open(Rule.EXPIRED, "It is still in time.")
    return _shut(Rule.EXPIRED, "It waited longer than it may.", hint="Send it again if it is still wanted.")


def quiet_hours_gate(facts: Facts) -> Verdict:
    """What the firm begins waits for the morning; answers do not."""
    is_answer = facts.last_inbound_ms is not None and facts.now_ms - facts.last_inbound_ms < WINDOW_MS
    if facts.quiet_until_ms is None or is_answer:
        return _open(Rule.QUIET_HOURS, "These are no quiet hours for it.")
    return Verdict(
        rule=Rule.QUIET_HOURS,
        passes=True,
        says="It waits for the end of the quiet hours.",
        wait_until_ms=facts.quiet_until_ms,
    )


GATES: tuple[Gate, ...] = (
    role_gate,
    recipient_gate,
    opt_out_gate,
    blocked_gate,
    hold_gate,
    identity_gate,
    consent_gate,
    template_gate,
    marketing_gate,
    window_gate,
    content_gate,
    expiry_gate,
    quiet_hours_gate,
)


def _open(rule: Rule, says: str) -> Verdict:
    return Verdict(rule=rule, passes=True, says=says)


def _shut(rule: Rule, says: str, *, hint: str, offers: tuple[str, ...] = ()) -> Verdict:
    return Verdict(rule=rule, passes=False, says=says, hint=hint, offers=offers)


def _closing(left_ms: int, *, is_later: bool) -> str:
    if left_ms > 0:
        when = f"{_span(left_ms)} after that" if is_later else f"in {_span(left_ms)}"
        return f"The window closes {when}, too soon to be safe."
    span = _span(-left_ms)
    return f"The window closes {span} before that." if is_later else f"The window closed {span} ago."


def _span(ms: int) -> str:
    """Hours from two hours on, else minutes, rounded down and at least one."""
    if ms >= 2 * _HOUR_MS:
        return f"{ms // _HOUR_MS} h"
    return f"{max(ms // _MINUTE_MS, 1)} min"
