"""What the gates look at, gathered from the firm's file in one transaction."""

from __future__ import annotations

import msgspec

from lhwa.domain.access import Role
from lhwa.domain.findings import Severity
from lhwa.domain.gates import APPROVED, MARKETING, Facts, TemplateFacts
from lhwa.domain.ids import ContactId
from lhwa.domain.outbound import Content, FilledTemplate, Recipient
from lhwa.domain.outbound_limits import content_findings
from lhwa.domain.send_policy import SendPolicy
from lhwa.domain.template_filling import parameter_findings, values_of
from lhwa.domain.template_wire import from_wire
from lhwa.domain.templates import Template
from lhwa.domain.text import safe_text
from lhwa.store.tables.conversations import ConversationRow
from lhwa.store.transaction import Tx

MARKETING_PURPOSE = "marketing"
"""As the consent ledger names it."""


def facts_of(
    tx: Tx,
    *,
    contact: ContactId,
    thread: ConversationRow | None,
    recipient: Recipient,
    content: Content,
    findings: tuple[str, ...],
    expires_ms: int,
    policy: SendPolicy,
    role: Role | None,
    at_ms: int | None = None,
) -> Facts:
    """Everything the gates ask about one message.

    Args:
        findings: what is wrong with its content.
        role: of the person who asks for it; None when it is posted later.
        at_ms: when it is to leave, if not now.
    """
    leaves_ms = tx.now_ms if at_ms is None else at_ms
    row = tx.contacts.row(contact)
    template = None
    if isinstance(content, FilledTemplate):
        stored = tx.templates.get(content.name, content.language)
        if stored is not None:
            template = TemplateFacts(
                name=stored.name, language=stored.language, status=stored.status, category=stored.category
            )
    return Facts(
        now_ms=leaves_ms,
        is_later=leaves_ms > tx.now_ms,
        is_template=isinstance(content, FilledTemplate),
        template=template,
        offers=offers(tx),
        has_address=recipient.phone is not None or recipient.bsuid is not None,
        findings=findings,
        last_inbound_ms=None if thread is None else thread.last_inbound_at_ms,
        has_written=thread is not None and thread.last_inbound_at_ms is not None,
        restrictions=restrictions_of(tx, contact),
        sends_paused=row is None or row.sends_paused,
        has_marketing_consent=template is not None and template.category == MARKETING and _agreed(tx, contact),
        expires_ms=expires_ms,
        role=role,
        senders=policy.senders,
        quiet_until_ms=None if policy.quiet is None else policy.quiet.until_ms(leaves_ms, policy.zone),
    )


def _agreed(tx: Tx, contact: ContactId) -> bool:
    """True while a person's consent to marketing is in force."""
    parts = {contact, *tx.contacts.parts(contact)}
    return any(row.purpose == MARKETING_PURPOSE for part in parts for row in tx.consents.in_force(part))


def restrictions_of(tx: Tx, contact: ContactId) -> frozenset[str]:
    """What keeps messages from a person, whichever of their identifiers it was said of."""
    return frozenset().union(*(tx.restrictions.of(part) for part in {contact, *tx.contacts.parts(contact)}))


def offers(tx: Tx) -> tuple[str, ...]:
    """Templates that may be sent outside the window, as `name/language`."""
    usable = (row for row in tx.templates.all() if row.status == APPROVED and row.category != MARKETING)
    return tuple(f"{row.name}/{row.language}" for row in usable)


def findings_in(tx: Tx, content: Content) -> tuple[str, ...]:
    """What is wrong with a content, one sentence each: by Meta's limits, and by the template as it is now."""
    found = tuple(f"{each.place}: {each.hint}" for each in content_findings(content))
    if found or not isinstance(content, FilledTemplate):
        return found
    stored = tx.templates.get(content.name, content.language)
    if stored is None:
        return ()
    template = stored_template(stored.definition)
    return value_findings(template, values_of(template, content))


def value_findings(template: Template, values: dict[str, str]) -> tuple[str, ...]:
    """What is wrong with the values of a template, one sentence each; none of them quotes a value."""
    return tuple(
        safe_text(f"{each.place}: {each.what} {each.mend}", newlines=False)
        for each in parameter_findings(template, values)
        if each.severity is Severity.ERROR
    )


def stored_template(definition: str) -> Template:
    """A template as Meta has it."""
    return from_wire(msgspec.json.decode(definition))
