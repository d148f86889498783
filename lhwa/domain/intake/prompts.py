"""Prompts: a node of a tree as the message that a client reads, with buttons or a list where they fit.

Every reply carries the session and the node it answers, so that a tap on an old message is known as one.
Source: WhatsApp Cloud API, interactive messages.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from lhwa.domain.intake.phrases import Phrases
from lhwa.domain.intake.trees import Consent, Option, Question
from lhwa.domain.intake.wording import AnswerKind, Language, Words
from lhwa.domain.outbound import Content, Interactive, Text

BUTTONS_MAX = 3
AGREE, DECLINE, SWITCH, SKIP, WITHDRAW = "agree", "decline", "language", "skip", "withdraw"
"""Replies that steer a session."""
_MARK = "intake"
_SEPARATOR = "|"


class Reply(NamedTuple):
    """What a tapped button or row says."""

    session: str
    node: str
    value: str


def reply_id(session: str, node: str, value: str) -> str:
    """The id of a button or row."""
    return _SEPARATOR.join((_MARK, session, node, value))


def read_reply(text: str | None) -> Reply | None:
    """What a tapped id says; None when it is none of ours."""
    parts = (text or "").split(_SEPARATOR, 3)
    return Reply(*parts[1:]) if len(parts) == 4 and parts[0] == _MARK else None


def consent_prompt(session: str, node: Consent, phrases: Phrases, language: Language) -> Content:
    """The notice with its two answers, and a way to read it in the other language."""
    buttons = [
        (reply_id(session, node.id, AGREE), node.agree.in_language(language)),
        (reply_id(session, node.id, DECLINE), node.decline.in_language(language)),
        (reply_id(session, node.id, SWITCH), phrases.other_language.in_language(language)),
    ]
    return _buttons(node.notice.in_language(language), buttons)


def question_prompt(
    session: str, node: Question, phrases: Phrases, language: Language, *, before: Words | None = None
) -> Content:
    """A question with its answers.

    Args:
        before: said first, such as why the last answer did not fit.
    """
    text = node.text.in_language(language)
    if before is not None:
        text = f"{before.in_language(language)}\n\n{text}"
    footer = phrases.footer.in_language(language)
    choices = _choices(session, node, phrases, language)
    if node.kind is AnswerKind.LOCATION and not choices:
        return Interactive(
            interactive={
                "type": "location_request_message",
                "body": {"text": text},
                "action": {"name": "send_location"},
            }
        )
    if not choices:
        return Text(body=f"{text}\n\n_{footer}_")
    if len(choices) <= BUTTONS_MAX and not any(description for _, _, description in choices):
        return _buttons(text, [(identity, title) for identity, title, _ in choices], footer=footer)
    return _list(text, choices, label=phrases.choose.in_language(language), footer=footer)


def withdrawal_prompt(session: str, node: str, phrases: Phrases, language: Language) -> Content:
    """The receipt of a consent, with the button that takes it back."""
    button = (reply_id(session, node, WITHDRAW), phrases.withdraw.in_language(language))
    return _buttons(phrases.consent_noted.in_language(language), [button])


def _choices(session: str, node: Question, phrases: Phrases, language: Language) -> list[tuple[str, str, str]]:
    """Id, title and description of each answer that can be tapped."""
    options = node.options
    if node.kind is AnswerKind.YES_NO:
        options = (Option(value="yes", title=phrases.yes), Option(value="no", title=phrases.no))
    found = [
        (
            reply_id(session, node.id, option.value),
            option.title.in_language(language),
            "" if option.description is None else option.description.in_language(language),
        )
        for option in options
    ]
    if node.is_optional:
        found.append((reply_id(session, node.id, SKIP), phrases.skip.in_language(language), ""))
    return found


def _buttons(text: str, buttons: list[tuple[str, str]], *, footer: str = "") -> Interactive:
    made: dict[str, Any] = {
        "type": "button",
        "body": {"text": text},
        "action": {"buttons": [{"type": "reply", "reply": {"id": id_, "title": title}} for id_, title in buttons]},
    }
    return Interactive(interactive=made | ({"footer": {"text": footer}} if footer else {}))


def _list(text: str, rows: list[tuple[str, str, str]], *, label: str, footer: str) -> Interactive:
    made = [
        {"id": id_, "title": title} | ({"description": description} if description else {})
        for id_, title, description in rows
    ]
    return Interactive(
        interactive={
            "type": "list",
            "body": {"text": text},
            "footer": {"text": footer},
            "action": {"button": label, "sections": [{"title": label, "rows": made}]},
        }
    )
