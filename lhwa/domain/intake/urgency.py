"""The urgency floor: what in a client's message may not wait, by rules that anybody can read.

A flag says which words were found and what they mention. It is a pointer for a lawyer and never advice: a date is
shown, no time limit is computed. Rules may raise urgency; nothing here lowers what somebody else has set.

Where it is not sure (a negation further away, another sentence) the higher urgency stands.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from lhwa.domain.intake import urgency_words as words_of
from lhwa.domain.intake.mentioned_dates import MentionedDate, mentioned_dates
from lhwa.domain.intake.message_words import MessageWord, message_words
from lhwa.domain.intake.phrase_search import PhraseFound, PhraseSearch
from lhwa.domain.intake.urgency_phrases import RULES, FlagKind, Rule, Urgency

__all__ = ["Flag", "FlagKind", "Urgency", "flags", "floor"]

CHARS_MAX = 65_536
"""Of a message; what follows is not looked at. WhatsApp's own limit is lower."""
FLAGS_MAX = 40
"""The most urgent of one message."""
DAYS_URGENT_MAX = 3
"""A hearing or a time limit within so many days is urgent."""
DAYS_EMERGENCY_MAX = 1
"""Enforcement, or the end of time for an appeal, within so many days is an emergency."""
_DATED = {
    FlagKind.COURT_DATE, FlagKind.SUMMONS, FlagKind.DEADLINE, FlagKind.DEMAND, FlagKind.ENFORCEMENT, FlagKind.BORDER,
}  # fmt: skip
"""A day in the same sentence is the day of these."""
_DATED_EMERGENCIES = {FlagKind.DEADLINE, FlagKind.ENFORCEMENT, FlagKind.BORDER}
_HAPPENING = {FlagKind.VIOLENCE, FlagKind.THREAT}
"""More urgent while it goes on."""
_FEARED = {
    FlagKind.ARREST, FlagKind.DETENTION, FlagKind.SUSPECT, FlagKind.SUMMONS, FlagKind.SEARCH, FlagKind.ENFORCEMENT,
    FlagKind.DISMISSAL, FlagKind.BORDER,
}  # fmt: skip
"""Less urgent as a question (`kalau ditahan`); the fear of violence is none."""
_SEARCH = PhraseSearch((phrase, number) for number, rule in enumerate(RULES) for phrase in rule.phrases)
_OVER = PhraseSearch((phrase, 0) for phrase in words_of.OVER)
_PAST = PhraseSearch((phrase, 0) for phrase in words_of.PAST)
_VOCABULARY = _SEARCH.vocabulary


@dataclass(frozen=True, slots=True)
class Flag:
    """Something in a message that a lawyer should see soon."""

    kind: FlagKind
    urgency: Urgency
    start: int
    """Where the words begin in the message, in characters."""
    end: int
    note: str
    """What they mention, in plain English; no words of the message."""
    day: date | None = None
    """A day that the same sentence names, for kinds that have one."""


def floor(*urgencies: Urgency) -> Urgency:
    """The least urgency that all of these leave: their maximum, and routine without any."""
    return max(urgencies, default=Urgency.ROUTINE)


def flags(text: str, *, sent_on: date) -> tuple[Flag, ...]:
    """What a message mentions that may not wait, the most urgent first: one flag of each kind and day.

    Args:
        text: the message, in Bahasa Indonesia, English or both, with the spelling of a chat.
        sent_on: the day on which it was sent, where the firm is; `besok` is the day after it.
    """
    text = text[:CHARS_MAX]
    words = message_words(text, vocabulary=_VOCABULARY)
    context = _Context.of(text, words, sent_on)
    best: dict[tuple[FlagKind, date | None], Flag] = {}
    for found in _SEARCH.find(words):
        flag = _flag(RULES[found.number], found, words, context)
        if flag is not None:
            key = flag.kind, flag.day
            best[key] = min(flag, best.get(key, flag), key=_rank)
    return tuple(sorted(best.values(), key=_rank)[:FLAGS_MAX])


def _rank(flag: Flag) -> tuple[int, int, int]:
    return -flag.urgency, flag.start, flag.end


@dataclass(frozen=True, slots=True)
class _Context:
    """What sentences and clauses say besides the event: looked up once for the whole message."""

    sent_on: date
    days: dict[int, MentionedDate]
    """By sentence: the first day that is not over, else the last that is."""
    over: list[int]
    """Words, by their index in order, that begin to say that it is over."""
    past: list[int]
    """Words that begin to say that it was some time ago."""
    now: list[int]
    """Words that say that it happens now."""

    @classmethod
    def of(cls, text: str, words: Sequence[MessageWord], sent_on: date) -> _Context:
        over = [found.first for found in _OVER.find(words) if not _is_denied(words, found.first)]
        past = sorted([found.first for found in _PAST.find(words)] + _years_past(words, sent_on))
        now = [index for index, word in enumerate(words) if word.text in words_of.NOW]
        return cls(sent_on, _days_by_sentence(text, words, sent_on), over, past, now)


def _years_past(words: Sequence[MessageWord], sent_on: date) -> list[int]:
    """Where it says `tahun 2020`, or `in 2020`: a year that is over."""
    return [
        index
        for index, word in enumerate(words[1:], start=1)
        if len(word.text) == 4
        and word.text.isdecimal()
        and words[index - 1].text in {"tahun", "in"}
        and 1900 < int(word.text) < sent_on.year
    ]


def _days_by_sentence(text: str, words: Sequence[MessageWord], sent_on: date) -> dict[int, MentionedDate]:
    chosen: dict[int, MentionedDate] = {}
    at = 0
    for mentioned in mentioned_dates(text, words, sent_on=sent_on):
        while at < len(words) and words[at].end <= mentioned.start:
            at += 1
        if at == len(words):
            break
        sentence = words[at].sentence
        chosen[sentence] = _sooner(chosen.get(sentence), mentioned, sent_on)
    return chosen


def _sooner(one: MentionedDate | None, other: MentionedDate, sent_on: date) -> MentionedDate:
    if one is None:
        return other
    ahead = [each for each in (one, other) if each.day >= sent_on]
    return min(ahead, key=lambda each: each.day) if ahead else max((one, other), key=lambda each: each.day)


def _flag(rule: Rule, found: PhraseFound, words: Sequence[MessageWord], context: _Context) -> Flag | None:
    first, last = words[found.first], words[found.last]
    before = next((each.text for each in _before(words, found.first, 2) if each.text not in words_of.PRONOUNS), "")
    behind = words[found.last + 1].text if found.last + 1 < len(words) else ""
    if before in rule.not_after or behind in rule.not_before or _is_denied(words, found.first):
        return None
    flag = Flag(rule.kind, rule.urgency, first.start, last.end, rule.note)
    mentioned = context.days.get(first.sentence) if rule.kind in _DATED else None
    if mentioned is not None:
        flag = _with_day(flag, mentioned.day, context.sent_on)
    lowered = _lowered(flag, rule, found, words, context)
    if lowered is not None:
        return replace(lowered, urgency=min(lowered.urgency, flag.urgency))
    if rule.kind in _HAPPENING and _is_near(context.now, found, words):
        return replace(flag, urgency=Urgency.EMERGENCY, note=f"{flag.note}, perhaps at this moment")
    return flag


def _lowered(
    flag: Flag, rule: Rule, found: PhraseFound, words: Sequence[MessageWord], context: _Context
) -> Flag | None:
    """The flag with less urgency where the message itself says that it is over, long ago, or a question."""
    is_ahead = flag.day is not None and flag.day >= context.sent_on
    if _is_over(found, words, context):
        urgency = Urgency.ROUTINE if rule.if_past is Urgency.ROUTINE else Urgency.SOON
        return replace(flag, urgency=urgency, note=f"{flag.note}; the message says that it is over")
    if rule.if_past is not None and not is_ahead and _is_near(context.past, found, words):
        return replace(flag, urgency=rule.if_past, note=f"{flag.note}, some time ago")
    if rule.if_past is not None and flag.day is not None and not is_ahead and rule.kind is FlagKind.COURT_DATE:
        return replace(flag, urgency=rule.if_past, note=f"{flag.note} on a day that has passed")
    if rule.kind in _FEARED and any(word.text in words_of.FORMERLY for word in _before(words, found.first, 1)):
        return replace(flag, urgency=Urgency.SOON, note=f"{flag.note}, formerly")
    if rule.kind in _FEARED and any(
        word.text in words_of.DOUBTS for word in _before(words, found.first, words_of.DOUBT_WORDS_MAX)
    ):
        return replace(flag, urgency=Urgency.SOON, note=f"{flag.note}, perhaps as a question or a fear")
    return None


def _is_near(indexes: list[int], found: PhraseFound, words: Sequence[MessageWord]) -> bool:
    """Whether one of these words stands near a phrase, in its clause."""
    at = bisect_left(indexes, found.first - words_of.CONTEXT_WORDS_MAX)
    near = indexes[at : at + 2 * words_of.CONTEXT_WORDS_MAX + found.last - found.first + 1]
    return any(
        index <= found.last + words_of.CONTEXT_WORDS_MAX and words[index].clause == words[found.first].clause
        for index in near
    )


def _is_over(found: PhraseFound, words: Sequence[MessageWord], context: _Context) -> bool:
    """Whether the words soon behind a phrase say so, in its clause or at the very beginning of the next one."""
    at = bisect_left(context.over, found.last + 1)
    for index in context.over[at : at + 1]:
        is_soon = index - found.last <= words_of.CONTEXT_WORDS_MAX
        clauses = words[index].clause - words[found.first].clause
        starts = words[index - 1].clause != words[index].clause or words[index - 1].text in words_of.CLAUSE_STARTS
        is_same_sentence = words[index].sentence == words[found.first].sentence
        return is_soon and is_same_sentence and (clauses == 0 or starts)
    return False


def _with_day(flag: Flag, day: date, sent_on: date) -> Flag:
    """The flag with its day, more urgent the nearer that is. The day is what the message says, no time limit."""
    days = (day - sent_on).days
    urgency = flag.urgency
    if 0 <= days <= DAYS_URGENT_MAX:
        urgency = floor(urgency, Urgency.URGENT)
    if 0 <= days <= DAYS_EMERGENCY_MAX and flag.kind in _DATED_EMERGENCIES and flag.urgency is Urgency.URGENT:
        urgency = Urgency.EMERGENCY
    return replace(flag, urgency=urgency, day=day, note=f"{flag.note} and names {day:%Y-%m-%d}")


def _before(words: Sequence[MessageWord], at: int, count: int) -> Iterable[MessageWord]:
    """Up to so many words before one, in its clause, the nearest first."""
    for index in range(at - 1, max(at - 1 - count, -1), -1):
        if words[index].clause != words[at].clause:
            return
        yield words[index]


def _is_denied(words: Sequence[MessageWord], at: int) -> bool:
    """Whether a negation stands before, with nothing between but words that belong to it."""
    for word in _before(words, at, words_of.NEGATION_WORDS_MAX):
        if word.text in words_of.NEGATIONS:
            return True
        if word.text not in words_of.BETWEEN_NEGATION:
            return False
    return False
