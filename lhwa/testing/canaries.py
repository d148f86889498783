"""Canaries: a client's secrets that are easy to find again, webhooks full of them, and a search for every spelling.

A secret that leaks seldom leaks as it was: it is escaped, encoded, grouped for reading, or cut out of its prefix.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any
from urllib.parse import quote, quote_plus

from lhwa.testing.webhooks.scene import Client

PHONE = "6289912345677"
NAME = "Klien Contoh Xyzzy"
SENTENCE = "kutipan rahasia \u201cxyzzy\u201d klien"
BSUID = "ID.77665544332211"
USERNAME = "klien.xyzzy"
WAMID = "wamid." + base64.b64encode(b"\x1d\x17\x0d" + PHONE.encode() + b"\x15\x02\x00\x12\x18").decode()
EMAIL = "xyzzy@klien.example"
NIK = "3175091206900077"
URL = "https://klien.example/xyzzy/berkas?w=0899-1234-5677"
WORD = "Namaklienxyzzy"
"""Looks like a word of Meta's, and is a person's name."""
SECRETS: Mapping[str, str] = {
    "phone": PHONE,
    "name": NAME,
    "sentence": SENTENCE,
    "bsuid": BSUID,
    "username": USERNAME,
    "wamid": WAMID,
    "email": EMAIL,
    "nik": NIK,
    "url": URL,
    "word": WORD,
}
EVERYTHING = " ".join(SECRETS.values())
"""A text that holds them all."""
CLIENT = Client(name=NAME, wa_id=PHONE, bsuid=BSUID, username=USERNAME)

Step = str | int
_STRUCTURE = re.compile(r"object|field|type|event|status|messaging_product|timestamp|time")
_ROUTE = re.compile(r"phone_number_id|display_phone_number")
_DIGITS = re.compile(r"[0-9]+", re.ASCII)


def groupings(phone: str) -> list[str]:
    """A telephone number as people and programs write it."""
    country, first, middle, last = phone[:2], phone[2:5], phone[5:9], phone[9:]
    found = [phone, "0" + phone[2:], phone[::-1]]
    for gap in ("-", " ", "."):
        national = gap.join((first, middle, last))
        found += ["0" + national, national, f"{country}{gap}{national}"]
    return found


def spellings(secret: str) -> set[bytes]:
    """How a text can lie in a file: as it is, in UTF-16, in hexadecimal, escaped, and inside base64 at every offset."""
    raw = secret.encode()
    inside = [base64.b64encode(b"\0" * shift + raw)[4 if shift else 0 : -4] for shift in range(3)]
    escaped = json.dumps(secret).encode()[1:-1]
    coded = [secret.encode("utf-16-le"), secret.encode("utf-16-be"), raw.hex().encode(), raw.hex().upper().encode()]
    escapes = [escaped, escaped.replace(b"/", rb"\/"), repr(secret).encode()[1:-1], repr(raw).encode()[2:-1]]
    every = "".join(f"\\u{ord(character):04x}" for character in secret).encode()
    quoted = [quote(secret, safe="").encode(), quote_plus(secret).encode()]
    urlsafe = [each.replace(b"+", b"-").replace(b"/", b"_") for each in inside]
    return {raw, every, *coded, *escapes, *quoted, *inside, *urlsafe}


def _needles() -> Iterator[tuple[bytes, str]]:
    for name, secret in SECRETS.items():
        texts = {"phone": groupings(secret), "wamid": [secret.removeprefix("wamid.")]}.get(name, [secret])
        yield from ((needle, name) for text in texts for needle in spellings(text))
    yield from ((needle, "bsuid") for needle in spellings(BSUID.removeprefix("ID.")))


NEEDLES: Mapping[bytes, str] = dict(_needles())


def found_in(held: bytes | str) -> set[str]:
    """The names of the secrets that lie in there, in whatever spelling."""
    raw = held.encode("utf-8", "surrogateescape") if isinstance(held, str) else held
    return {name for needle, name in NEEDLES.items() if needle in raw}


def poisoned(make: Callable[[int], dict[str, Any]], *, start: int) -> Iterator[dict[str, Any]]:
    """Many webhook bodies of one kind: with secrets in all free places at once, then with one in each single place.

    What decides the firm stays as it is in every one.

    Args:
        make: a fresh body for each number, so that none is a duplicate of another.
        start: the first of these numbers.
    """
    body, numbers = make(start), count(start)
    places = [place for place in _leaves(body) if not _ROUTE.fullmatch(str(place[-1]))]
    whole = make(next(numbers))
    for place in places:
        if not _STRUCTURE.fullmatch(str(place[-1])):
            _put(whole, place, _likeness(_at(body, place)))
    yield whole
    for place in places:
        for secret in _secrets_for(_at(body, place)):
            single = make(next(numbers))
            _put(single, place, secret)
            yield single


def _likeness(value: Any) -> Any:
    """A secret of the same kind as a value."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return int(PHONE)
    for beginning, secret in (("wamid.", WAMID), ("ID.", BSUID), ("http", URL)):
        if value.startswith(beginning):
            return secret
    return PHONE if _DIGITS.fullmatch(value) else EVERYTHING


def _secrets_for(value: Any) -> Sequence[Any]:
    """What a hostile or unlucky sender could put there."""
    if isinstance(value, bool) or value is None:
        return (EVERYTHING,)
    return (int(PHONE), EVERYTHING) if isinstance(value, int | float) else (PHONE, WORD, EVERYTHING)


def _leaves(value: Any, place: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(item, (*place, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, (*place, index))
    elif place:
        yield place


def _at(value: Any, place: tuple[Step, ...]) -> Any:
    for step in place:
        value = value[step]
    return value


def _put(value: Any, place: tuple[Step, ...], secret: Any) -> None:
    _at(value, place[:-1])[place[-1]] = secret
