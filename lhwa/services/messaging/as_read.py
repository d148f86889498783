"""A message that the firm is about to send, as the client will read it."""

from __future__ import annotations

from lhwa.domain.outbound import Content, Document, FilledTemplate
from lhwa.domain.template_filling import Rendered, render, values_of
from lhwa.services.messaging.outbox_views import said
from lhwa.store.gate_facts import stored_template
from lhwa.store.transaction import Tx


def as_read(tx: Tx, content: Content) -> Rendered:
    """Its parts, with the values of a template in their places; the values alone where the template is not known."""
    if isinstance(content, FilledTemplate):
        stored = tx.templates.get(content.name, content.language)
        if stored is not None:
            template = stored_template(stored.definition)
            return render(template, values_of(template, content))
    if isinstance(content, Document):
        header = f"[document: {content.filename}, {content.size:,} bytes]"
        return Rendered(header=header, body=content.caption or "", footer=None, buttons=())
    return Rendered(header=None, body=said(content), footer=None, buttons=())


def text_as_read(tx: Tx, content: Content) -> str:
    """The same as one text, without its buttons."""
    rendered = as_read(tx, content)
    return "\n\n".join(part for part in (rendered.header, rendered.body, rendered.footer) if part)
