"""Message templates as the firm owns them: what they are made of, and where their variables stand.

A template here may still break Meta's rules: `lhwa.domain.template_lint` says which. Its texts are the firm's own words
and hold nothing of a client.

Values are named by keys that hold for examples, filling and preview alike:

    client_name, 1      a variable of the body, and a named one of the header
    header.1            the positional variable of a header text
    header.media        the uploaded file of a media header; `header.filename` names a document
    button.0            what a button takes, counted over all buttons from 0: the end of its link, a code to copy,
                        the payload of a quick reply, the token of a flow
    code                the one-time code of an authentication template

Source: WhatsApp Cloud API, template rules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

NAME_CHARS_MAX = 512
BODY_CHARS_MAX = 1_024
"""Before and after the values are in."""
HEADER_CHARS_MAX = 60
FOOTER_CHARS_MAX = 60
BUTTON_TEXT_CHARS_MAX = 25
BUTTONS_MAX = 10
URL_CHARS_MAX = 2_000
PHONE_CHARS_MAX = 20
COPY_CODE_CHARS_MAX = 20
AUTHENTICATION_CODE_CHARS_MAX = 15
PAYLOAD_CHARS_MAX = 128
"""Of a quick reply; Meta publishes no limit, and this one is safe."""

HEADER_VARIABLE_KEY = "header.1"
HEADER_MEDIA_KEY = "header.media"
HEADER_FILENAME_KEY = "header.filename"
CODE_KEY = "code"

VARIABLE = re.compile(r"\{\{([^{}]*)\}\}")
"""A variable, whatever stands between its braces. Linear on any text."""
POSITION = re.compile(r"[1-9][0-9]{0,2}")
"""The name of a positional variable."""
NAME_OF_VARIABLE = re.compile(r"[a-z_][a-z0-9_]*")
"""The name of a named variable."""


class Category(StrEnum):
    """What a template is for; it decides price, limits and review."""

    UTILITY = "UTILITY"
    """Not promotional, and asked for by the client, about the client's own matter, or essential."""
    MARKETING = "MARKETING"
    """Everything mixed or unclear."""
    AUTHENTICATION = "AUTHENTICATION"
    """One-time codes only; Meta writes the text."""
    OTHER = "OTHER"
    """A word of Meta's that is not known here. No file can say this."""


class ParameterFormat(StrEnum):
    """How variables are named."""

    POSITIONAL = "POSITIONAL"
    NAMED = "NAMED"


class HeaderFormat(StrEnum):
    """What stands above the body."""

    TEXT = "TEXT"
    IMAGE = "IMAGE"
    VIDEO = "VIDEO"
    DOCUMENT = "DOCUMENT"
    LOCATION = "LOCATION"


MEDIA_HEADERS = frozenset({HeaderFormat.IMAGE, HeaderFormat.VIDEO, HeaderFormat.DOCUMENT})


class ButtonKind(StrEnum):
    """What happens when the client taps."""

    QUICK_REPLY = "QUICK_REPLY"
    """Sends its text as the client's answer."""
    URL = "URL"
    """Opens a link."""
    PHONE_NUMBER = "PHONE_NUMBER"
    """Calls a number."""
    COPY_CODE = "COPY_CODE"
    """Copies a code; Meta writes its text."""
    VOICE_CALL = "VOICE_CALL"
    """Calls the firm inside WhatsApp."""
    FLOW = "FLOW"
    """Opens a form."""
    REQUEST_CONTACT_INFO = "REQUEST_CONTACT_INFO"
    """Asks for the client's number; Meta writes its text."""
    OTP = "OTP"
    """Copies a one-time code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What stands above the body."""

    format: HeaderFormat
    text: str = ""
    """Of a text header."""
    media_example: str | None = None
    """Of a media header: the handle of an uploaded sample, or the name of the sample file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """One button; which fields count depends on its kind."""

    kind: ButtonKind
    text: str = ""
    url: str | None = None
    phone_number: str | None = None
    example: str | None = None
    """Of a link with a variable: the value of the variable alone. Of a code to copy: the code."""
    flow_id: str | None = None
    flow_action: str | None = None
    navigate_screen: str | None = None
    otp_type: str | None = None
    """How a one-time code reaches the client's app; None means `COPY_CODE`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One template in one language."""

    name: str
    language: str
    """As Meta has it: `id`, `en_US`."""
    category: Category
    parameter_format: ParameterFormat = ParameterFormat.POSITIONAL
    header: Header | None = None
    body: str = ""
    """Empty in an authentication template: Meta writes that one."""
    footer: str | None = None
    buttons: tuple[Button, ...] = ()
    examples: Mapping[str, str] = field(default_factory=dict)
    """A sample value for each variable of header text and body, by its key."""
    message_send_ttl_seconds: int | None = None
    """How long Meta tries to deliver; -1 for 30 days, None for the category's own time."""
    add_security_recommendation: bool = False
    """Of an authentication template: add the advice not to share the code."""
    code_expiration_minutes: int | None = None
    """Of an authentication template: say how long the code holds."""
    purpose: str = ""
    """When to use it; for people, never sent."""
    notes: str = ""
    """For people, never sent."""
    unknown_parts: tuple[str, ...] = ()
    """Parts that Meta has and this type has no field for. No file can say these."""

    @property
    def title(self) -> str:
        """Its name and language, as findings call it."""
        return f"{self.name} ({self.language})"

    @property
    def header_text(self) -> str | None:
        """The text of a text header; None when there is no such header."""
        return self.header.text if self.header is not None and self.header.format is HeaderFormat.TEXT else None

    @property
    def is_authentication(self) -> bool:
        """True when Meta writes the text around a one-time code."""
        return self.category is Category.AUTHENTICATION


def variables_in(text: str) -> tuple[str, ...]:
    """What stands between the braces of each variable, in order of first appearance, each once."""
    return tuple(dict.fromkeys(VARIABLE.findall(text)))


def header_variables(template: Template) -> dict[str, str]:
    """The key of each variable of the header text, by its name."""
    return {name: header_key(name) for name in variables_in(template.header_text or "")}


def body_variables(template: Template) -> tuple[str, ...]:
    """The variables of the body in the order in which Meta takes them: by number, or as they stand."""
    names = variables_in(template.body)
    if names and all(POSITION.fullmatch(name) for name in names):
        return tuple(sorted(names, key=int))
    return names


def has_link_variable(button: Button) -> bool:
    """True when the link ends in a variable that each message fills."""
    return button.kind is ButtonKind.URL and bool(VARIABLE.search(button.url or ""))


def link_prefix(button: Button) -> str:
    """The fixed part of a link: everything before its variable."""
    return VARIABLE.split(button.url or "", maxsplit=1)[0]


def format_of(*texts: str) -> ParameterFormat:
    """How the variables of these texts are named; POSITIONAL where there are none."""
    names = [name for text in texts for name in variables_in(text)]
    is_positional = all(POSITION.fullmatch(name) for name in names)
    return ParameterFormat.POSITIONAL if is_positional else ParameterFormat.NAMED


def button_key(index: int) -> str:
    """The key of what a button takes."""
    return f"button.{index}"


def header_key(name: str) -> str:
    """The key of a variable of the header text: the header counts on its own, so its number says so."""
    return f"header.{name}" if POSITION.fullmatch(name) else name
