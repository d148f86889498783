"""Webhooks that something happened to: to their structure, or to their bytes."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.fuzz import valid
from tests.fuzz.trees import Members, Place, Raw, Tree, copy, places

Draw = Any
DEEP = 300
NUMBERS = (
    *(b"0", b"-0", b"-0.0", b"1.5", b"1E5", b"1e-400", b"1e400", b"-1e309", b"NaN", b"-Infinity", b"01", b"+1", b"1."),
    *(b"9007199254740993", b"9223372036854775807", b"9223372036854775808", b"18446744073709551616", b"-1"),
    *(b"301301301301301", b"302302302302302", b"200200200200200", b"9" * 25, b"7" * 400, b"1795392000", b"4e15"),
)
WORDS = (
    b"null",
    b"true",
    b"false",
    b'""',
    b"{}",
    b"[]",
    b'" "',
    b'"0"',
    b"[null]",
    b'{"":null}',
    b"[[]]",
    b'{"id":{}}',
)
BROKEN = (
    *(
        b"",
        b"nope",
        b"'x'",
        b'"x',
        b"[1,]",
        b'{"a":1,}',
        b"{a:1}",
        b"[1 2]",
        b'{"a" 1}',
        b"/**/1",
        b"]",
        b"}",
        b"{",
        b",",
    ),
    *(
        b'"\\x"',
        b'"\\u12"',
        b'"\xff"',
        b'"\xed\xa0\xbd"',
        b'"a\x01b"',
        b'"a\nb"',
        b"\xef\xbb\xbf1",
        b"\x00",
        b'"\\ud83d"',
    ),
    *(b'{"a":1,"a":2}', b'{"id":"1","id":"2","type":"text"}', b"[" * 40 + b"]" * 40, b"[" * DEEP + b"]" * DEEP),
    *(b'{"a":' * DEEP + b"1" + b"}" * DEEP, b"[" * 40 + b"}" * 40, b"[" * 5_000, b'"\\ud83d\\u0041\\udc00"'),
)
TEXTS = (
    *(*valid.TEXTS, *valid.STAMPS, "0", "301301301301301", "302302302302302", "303303303303303", "200200200200200"),
    *(
        "ID.88001122334455",
        "ID.ENT.88001122334477",
        "+6281230001111",
        "6281230001111",
        "messages",
        "x" * 1_100,
        "x" * 70_000,
    ),
)
KEYS = (
    *(
        "messages",
        "statuses",
        "contacts",
        "metadata",
        "errors",
        "history",
        "threads",
        "value",
        "field",
        "changes",
        "entry",
    ),
    *("id", "type", "from", "to", "text", "object", "phone_number_id", "message_echoes", "standby", "calls", "context"),
    *("state_sync", "user_preferences", "user_actions", "groups", "status", "system", "identity", "pricing", "event"),
    *("", "holograms", "\u202e", "a.b[0]", "[?]", "x" * 300, "\ud83d", "entry[0]", "6281230001111", "__proto__"),
)
JUNK = st.binary(min_size=1, max_size=3) | st.sampled_from((*BROKEN, b'"', b"\\", b"{}", b",", b":"))
ODD = st.sampled_from([*NUMBERS, *WORDS, *BROKEN]).map(Raw) | st.sampled_from(TEXTS)


@st.composite
def trees(draw: Draw) -> Tree:
    """A webhook with up to five changes to its structure."""
    tree = draw(valid.merged(most=3))
    for _ in range(draw(st.integers(1, 5))):
        found = list(places(tree))
        if not found:
            break
        _change(draw, draw(st.sampled_from(found)), found)
    return tree


@st.composite
def structures(draw: Draw) -> bytes:
    """The bytes of such a webhook."""
    return valid.written(draw, draw(trees()))


def _change(draw: Draw, place: Place, others: list[Place]) -> None:
    kind = draw(
        st.sampled_from(("drop", "repeat", "rename", "odd", "odd", "wrap", "swap", "graft", "insert", "key_twice"))
    )
    if kind == "drop":
        del place.inside[place.index]
    elif kind == "repeat":
        again = copy(place.value)
        place.inside.insert(place.index, _as_member(place, again) if isinstance(place.inside, Members) else again)
    elif kind == "rename":
        place.rename(draw(st.sampled_from(KEYS)))
    elif kind == "odd":
        place.put(draw(ODD))
    elif kind == "wrap":
        place.put(draw(st.sampled_from(([copy(place.value)], Members([("value", copy(place.value))])))))
    elif kind == "swap":
        place.put(copy(draw(st.sampled_from(others)).value))
    elif kind == "graft":
        donors = list(places(draw(valid.trees())))
        place.put(copy(draw(st.sampled_from(donors)).value) if donors else None)
    elif isinstance(place.inside, Members):
        key = place.path[-1] if kind == "key_twice" else draw(st.sampled_from(KEYS))
        place.inside.append((str(key), draw(ODD)))
    else:
        place.inside.insert(place.index, draw(ODD))


def _as_member(place: Place, value: Tree) -> tuple[str, Tree]:
    return str(place.path[-1]), value


@st.composite
def damaged(draw: Draw) -> bytes:
    """A webhook with damage to its bytes."""
    body: bytes = draw(valid.bodies() | structures())
    for _ in range(draw(st.integers(1, 3))):
        body = _damage(draw, body)
    return body


def _damage(draw: Draw, body: bytes) -> bytes:
    kind: str = draw(st.sampled_from(("flip", "insert", "delete", "truncate", "repeat", "whole")))
    at: int = draw(st.integers(0, max(len(body) - 1, 0)))
    if kind == "flip" and body:
        return body[:at] + bytes([body[at] ^ 1 << draw(st.integers(0, 7))]) + body[at + 1 :]
    if kind == "insert":
        junk: bytes = draw(JUNK)
        return body[:at] + junk + body[at:]
    if kind == "delete":
        return body[:at] + body[at + draw(st.integers(1, 40)) :]
    if kind == "truncate":
        return body[:at]
    if kind == "repeat":
        end: int = at + draw(st.integers(1, 300))
        return body[:end] + body[at:end] + body[end:]
    return _as_whole(draw, body)


def _as_whole(draw: Draw, body: bytes) -> bytes:
    kind = draw(st.sampled_from(("bom", "utf16", "utf32", "latin", "space", "trailing", "twice", "quoted")))
    text = body.decode("utf-8", "replace")
    return {
        "bom": b"\xef\xbb\xbf" + body,
        "utf16": text.encode("utf-16"),
        "utf32": text.encode("utf-32-be"),
        "latin": text.encode("latin-1", "replace"),
        "space": b" \r\n\t" + body + b"\n \n",
        "trailing": body + b"\x00garbage",
        "twice": body + body,
        "quoted": b'"' + body.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"',
    }[kind]


def bodies() -> st.SearchStrategy[bytes]:
    """A webhook with damage of either sort, or bytes that never were one."""
    return structures() | structures() | damaged() | st.binary(max_size=40)
