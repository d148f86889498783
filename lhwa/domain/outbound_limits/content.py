"""Limits of what an outgoing message says. A finding names the place, never what stands there.

Lengths count characters. What an interactive message may hold is in `interactive.py`.

Source: WhatsApp Cloud API, sending messages and templates.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from lhwa.domain.outbound import Content, Document, FilledTemplate, Interactive, Media, Parameter, Reaction, Text
from lhwa.domain.outbound_limits.finding import Finding, text_findings
from lhwa.domain.outbound_limits.interactive import interactive_findings
from lhwa.domain.outbound_limits.media import MEDIA_RULES
from lhwa.domain.text import safe_text

TEXT_CHARS_MAX = 4_096
CAPTION_CHARS_MAX = 1_024
FILENAME_CHARS_MAX = 240
"""Meta's own limit on a document's name is not confirmed; this much is known to arrive."""
PAYLOAD_CHARS_MAX = 128
"""Of a quick reply. Meta names no limit; this much is known to arrive."""
BUTTONS_MAX = 10
_CAPTIONED = frozenset({"image", "video", "document"})
_TEMPLATE_NAME = re.compile(r"[a-z0-9_]{1,512}", re.ASCII)
_UNSENDABLE_BLANKS = re.compile(r"[\n\r\t]| {5}")


def content_findings(content: Content) -> tuple[Finding, ...]:
    """Everything in a content that Meta would refuse; empty when it may be posted."""
    return tuple(_content(content))


def _content(content: Content) -> Iterator[Finding]:
    match content:
        case Text(body=body):
            yield from text_findings("text", "text.body", body, chars_max=TEXT_CHARS_MAX)
        case Media() as media:
            yield from _media(media, media.media)
        case Document() as document:
            yield from _document(document)
        case FilledTemplate() as template:
            yield from _template(template)
        case Interactive(interactive=interactive):
            yield from interactive_findings(interactive)
        case Reaction(wamid=wamid):
            if not wamid:
                yield Finding("reaction-target", "reaction.message_id", "Name the message to react to.")


def _media(media: Media, place: str) -> Iterator[Finding]:
    if not media.media_id:
        yield Finding("media-id", f"{place}.id", "Upload the file first.")
    if media.caption is not None:
        if media.media not in _CAPTIONED:
            yield Finding("caption-kind", f"{place}.caption", "Send the text as a message of its own.")
        elif len(media.caption) > CAPTION_CHARS_MAX:
            yield Finding("caption-length", f"{place}.caption", f"Shorten it to {CAPTION_CHARS_MAX} characters.")
    if media.filename is not None and media.media != "document":
        yield Finding("filename-kind", f"{place}.filename", "Send it as a document to give it a name.")
    if media.voice and media.media != "audio":
        yield Finding("voice-kind", f"{place}.voice", "Mark audio alone as a voice message.")


def _document(document: Document) -> Iterator[Finding]:
    place, name = "document", document.filename
    yield from _media(document.at_meta("later"), place)
    if not name or len(name) > FILENAME_CHARS_MAX or "/" in name or safe_text(name, newlines=False) != name:
        hint = f"Give it a name of 1 to {FILENAME_CHARS_MAX} printable characters, without folders."
        yield Finding("filename-form", f"{place}.filename", hint)
    rule = MEDIA_RULES.get(document.mime)
    if rule is None or rule.kind != "document":
        yield Finding("document-type", place, "Send a PDF, Word, Excel, PowerPoint or plain text file.")


def _template(template: FilledTemplate) -> Iterator[Finding]:
    if not _TEMPLATE_NAME.fullmatch(template.name):
        yield Finding("template-name", "template.name", "Use the name as Meta has it.")
    if not template.language:
        yield Finding("template-language", "template.language", "Use the language as Meta has it, such as id.")
    yield from _template_header(template)
    yield from _values(template.body, "template.body")
    yield from _template_buttons(template)


def _template_header(template: FilledTemplate) -> Iterator[Finding]:
    media = template.header_media
    if media is None:
        yield from _values(template.header, "template.header")
        return
    if template.header:
        yield Finding("header-twice", "template.header", "Give the header a file or values, not both.")
    if media.media not in _CAPTIONED:
        yield Finding("header-kind", "template.header", "Use an image, a video or a document.")
    if media.caption is not None:
        yield Finding("header-caption", "template.header", "Leave the caption out: a header has none.")
    else:
        yield from _media(media, "template.header")


def _values(parameters: tuple[Parameter, ...], place: str) -> Iterator[Finding]:
    for number, each in enumerate(parameters):
        where = f"{place}[{number}]"
        if not each.value.strip():
            yield Finding("value-empty", where, "Give every variable a value.")
        elif _UNSENDABLE_BLANKS.search(each.value):
            yield Finding("value-blanks", where, "Write the value on one line with single spaces.")
        if each.name == "":
            yield Finding("value-name", where, "Name the variable, or leave all names out.")
    named = sum(each.name is not None for each in parameters)
    if 0 < named < len(parameters):
        yield Finding("value-names-mixed", place, "Name all variables of the part, or none.")
    elif len({each.name for each in parameters}) < named:
        yield Finding("value-names-unique", place, "Give each variable one value.")


def _template_buttons(template: FilledTemplate) -> Iterator[Finding]:
    counts = Counter(button.index for button in template.buttons)
    for number, button in enumerate(template.buttons):
        where = f"template.buttons[{number}]"
        if not 0 <= button.index < BUTTONS_MAX or counts[button.index] > 1:
            yield Finding("button-index", where, f"Count the buttons from 0 to {BUTTONS_MAX - 1}, each once.")
        if not button.value.strip():
            yield Finding("button-value", where, "Give the button a value.")
        elif button.sub_type == "quick_reply" and len(button.value) > PAYLOAD_CHARS_MAX:
            yield Finding("payload-length", where, f"Shorten it to {PAYLOAD_CHARS_MAX} characters.")
