"""Rules for buttons: how many, of which kinds, in which order, and what each needs."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence

from lhwa.domain.findings import Finding, error, warning
from lhwa.domain.templates import (
    BUTTON_TEXT_CHARS_MAX,
    BUTTONS_MAX,
    PHONE_CHARS_MAX,
    URL_CHARS_MAX,
    VARIABLE,
    Button,
    ButtonKind,
    Template,
    link_prefix,
    variables_in,
)

_K = ButtonKind
_COUNT_MAX = {
    _K.QUICK_REPLY: 10,
    _K.URL: 2,
    _K.PHONE_NUMBER: 1,
    _K.COPY_CODE: 1,
    _K.VOICE_CALL: 1,
    _K.FLOW: 1,
    _K.REQUEST_CONTACT_INFO: 1,
}
"""One-time codes have their own rules."""
_DESKTOP_MAX = 3
_TEXT_OF_META = frozenset({_K.COPY_CODE, _K.REQUEST_CONTACT_INFO, _K.OTP})
"""Meta writes a text of its own on these when there is none."""
_PLAIN = ("L", "M", "N")
_TYPED = frozenset(" .,;:!?'\"()&/+-\u2019\u2013")
"""Punctuation that people put on buttons; Meta asks for letters and digits and sometimes takes these."""
_LINK = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?P<after_host>[/?#]?)[!-z|~]*")
"""Printable ASCII without the braces."""
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")


def check(template: Template) -> Iterator[Finding]:
    """Buttons of one template."""
    yield from _together(template.buttons)
    for index, button in enumerate(template.buttons):
        place = f"buttons[{index}]"
        yield from _text(place, button)
        if button.kind is _K.URL:
            yield from _link(place, button)
        elif button.kind is _K.PHONE_NUMBER:
            yield from _phone(place, button.phone_number or "")
        elif button.kind is _K.FLOW and not button.flow_id:
            yield error("flow-missing", f"{place}.flow_id", "The button opens no form.", "Name the form in `flow_id`.")


def _together(buttons: Sequence[Button]) -> Iterator[Finding]:
    count = Counter(button.kind for button in buttons)
    if len(buttons) > BUTTONS_MAX:
        yield error(
            "buttons-count",
            "buttons",
            f"There are {len(buttons)} buttons; Meta allows {BUTTONS_MAX}.",
            f"Take out {len(buttons) - BUTTONS_MAX}.",
        )
    for kind, count_max in _COUNT_MAX.items():
        # Ten quick replies are all the buttons there may be: the rule above has said it.
        if count[kind] > count_max and count_max < BUTTONS_MAX:
            yield error(
                "buttons-kind-count",
                "buttons",
                f"There are {count[kind]} buttons of the kind {kind}; Meta allows {count_max}.",
                f"Take out {count[kind] - count_max}.",
            )
    quick = [index for index, button in enumerate(buttons) if button.kind is _K.QUICK_REPLY]
    if quick and quick[-1] - quick[0] != len(quick) - 1:
        yield error(
            "quick-replies-apart",
            "buttons",
            "Other buttons stand between the quick replies.",
            "Put all quick replies first or all last.",
        )
    if len(buttons) > _DESKTOP_MAX or 0 < len(quick) < len(buttons):
        yield warning(
            "buttons-desktop",
            "buttons",
            "More than three buttons, or quick replies beside others, may not show on a desktop.",
            "Keep to three of one sort, or say in the body what else one can do.",
        )


def _text(place: str, button: Button) -> Iterator[Finding]:
    place, text = f"{place}.text", button.text
    if not text.strip():
        if button.kind not in _TEXT_OF_META:
            yield error("button-text-missing", place, "The button has no text.", "Write what stands on the button.")
        return
    if len(text) > BUTTON_TEXT_CHARS_MAX:
        yield error(
            "button-text-length",
            place,
            f"The text has {len(text)} characters; Meta allows {BUTTON_TEXT_CHARS_MAX}.",
            f"Shorten it by {len(text) - BUTTON_TEXT_CHARS_MAX}.",
        )
    odd = {each for each in text if unicodedata.category(each)[0] not in _PLAIN and each != " "}
    if odd - _TYPED:
        yield error(
            "button-text-characters",
            place,
            "The text holds an emoji, a variable, a line break or a formatting character.",
            "Use letters, digits and spaces.",
        )
    elif odd:
        yield warning(
            "button-text-punctuation",
            place,
            "Meta asks for letters and digits and may refuse punctuation.",
            "Take the punctuation out.",
        )


def _link(place: str, button: Button) -> Iterator[Finding]:
    place, url = f"{place}.url", button.url or ""
    if not url:
        yield error("url-missing", place, "The button has no link.", "Write the link in `url`.")
        return
    if len(url) > URL_CHARS_MAX:
        yield error(
            "url-length",
            place,
            f"The link has {len(url):,} characters; Meta allows {URL_CHARS_MAX:,}.",
            f"Shorten it by {len(url) - URL_CHARS_MAX:,}.",
        )
        return
    names, count = variables_in(url), len(VARIABLE.findall(url))
    if count > 1 or (names and (names != ("1",) or not url.endswith("}}"))):
        yield error(
            "url-variable",
            place,
            "A link takes one variable, numbered 1, as its very end.",
            "End the link in `{{1}}` and take other variables out.",
        )
        return
    fixed = _LINK.fullmatch(link_prefix(button))
    if fixed is None:
        yield error(
            "url-form", place, "This is not a link.", "Write it with `https://`, the host and the path, without spaces."
        )
    elif names and not fixed["after_host"]:
        # Otherwise each message could choose whose site it is: contoh.id and .elsewhere.example.
        yield error(
            "url-host",
            place,
            "The variable stands inside the name of the host.",
            "Put a slash and a path before it: `https://contoh.example.id/m/{{1}}`.",
        )


def _phone(place: str, number: str) -> Iterator[Finding]:
    place = f"{place}.phone_number"
    if len(number) > PHONE_CHARS_MAX:
        yield error(
            "phone-length",
            place,
            f"The number has {len(number)} characters; Meta allows {PHONE_CHARS_MAX}.",
            "Write it without spaces and dashes.",
        )
    elif not _PHONE.fullmatch(number):
        yield error(
            "phone-form",
            place,
            "This is not an international telephone number.",
            "Write it with plus and country code and digits only, in quotes.",
        )
