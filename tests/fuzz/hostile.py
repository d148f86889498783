"""Webhooks that aim at cost: many tiny items, deep nesting, long digits, what makes a careless regex go back and forth.

Each shape is a function of its size in bytes; the same shapes are used small (for laws) and large (for time).
"""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

_HEAD = b'{"object":"whatsapp_business_account","entry":[{"id":"200200200200200","changes":['
_META = b'"metadata":{"display_phone_number":"62215000123","phone_number_id":"301301301301301"}'
_OTHER = _META.replace(b"301301301301301", b"302302302302302")
_TAIL = b"]}]}"


def _changes(inner: bytes) -> bytes:
    return _HEAD + inner + _TAIL


def _value(inner: bytes, *, field: bytes = b"messages", meta: bytes = _META) -> bytes:
    return b'{"field":"%b","value":{%b,%b}}' % (field, meta, inner)


def _fill(unit: bytes, size: int, *, joint: bytes = b",") -> bytes:
    return joint.join([unit] * max(size // (len(unit) + len(joint)), 1))


def _list(key: bytes, unit: bytes, *, field: bytes = b"messages") -> Callable[[int], bytes]:
    return lambda size: _changes(_value(b'"%b":[%b]' % (key, _fill(unit, size)), field=field))


def _text(key: bytes, unit: bytes) -> Callable[[int], bytes]:
    item = b'{"id":"wamid.A","from":"6281230001111","timestamp":"1795392000","type":"text","text":{"body":"%b"},"%b":1}'
    return lambda size: _changes(_value(b'"messages":[%b]' % (item % (_fill(unit, size, joint=b""), key))))


def _inside(opener: bytes, closer: bytes, *, by: int = 1) -> Callable[[int], bytes]:
    def made(size: int) -> bytes:
        deep = size // (len(opener) + len(closer)) // by
        return _changes(_value(b'"messages":[%b]' % _fill(opener * deep + b"1" + closer * deep, size)))

    return made


def _numbered(pattern: bytes) -> Callable[[int], bytes]:
    def made(size: int) -> bytes:
        count = max(size // (len(pattern) + 4), 1)
        return _changes(_value(b'"messages":[%b]' % b",".join(pattern % number for number in range(count))))

    return made


def _keys(size: int) -> bytes:
    return _changes(_value(b",".join(b'"k%d":{"a":1}' % number for number in range(max(size // 16, 1)))))


def _keys_of_item(size: int) -> bytes:
    inner = b",".join(b'"k%d":1' % number for number in range(max(size // 11, 1)))
    return _changes(_value(b'"messages":[{%b}]' % inner))


def _firms_by_turns(size: int) -> bytes:
    pair = _value(b'"messages":[]') + b"," + _value(b'"messages":[]', meta=_OTHER)
    return _changes(_fill(pair, size))


def _broken_between_firms(size: int) -> bytes:
    deep = b"[" * 250 + b"]" * 250
    pair = _value(b'"messages":[%b,"\\ud83d"]' % deep) + b"," + _value(b'"messages":[]', meta=_OTHER)
    return _changes(_fill(pair, size))


def _contacts(size: int) -> bytes:
    half = size // 2
    people = b",".join(b'{"wa_id":"62812%08d"}' % number for number in range(max(half // 26, 1)))
    item = b'{"id":"w%d","from":"62812%08d","type":"text"}'
    items = b",".join(item % (number, number) for number in range(max(half // 52, 1)))
    return _changes(_value(b'"contacts":[%b],"messages":[%b]' % (people, items)))


SHAPES: dict[str, Callable[[int], bytes]] = {
    "tiny_numbers": _list(b"messages", b"1"),
    "tiny_objects": _list(b"messages", b"{}"),
    "tiny_lists": _list(b"messages", b"[]"),
    "no_ids": _list(b"messages", b'{"a":1}'),
    "no_ids_statuses": _list(b"statuses", b'{"status":"sent"}'),
    "same_message": _list(b"messages", b'{"id":"w","from":"6281230001111"}'),
    "many_messages": _numbered(b'{"id":"w%d","from":"6281230001111","type":"text","text":{"body":"x"}}'),
    "many_nobodies": _numbered(b'{"id":"w%d"}'),
    "many_statuses": _numbered(b'{"id":"w%d","status":"sent"}'),
    "history_threads": _list(b"history", b'{"threads":[{"id":"1","messages":[{}]}]}', field=b"history"),
    "history_empty": _list(b"history", b'{"threads":[{}]}', field=b"history"),
    "user_actions": _list(b"user_actions", b'{"a":1}'),
    "calls": _list(b"calls", b'{"id":1}', field=b"calls"),
    "odd_lists": _list(b"holograms", b'{"a":1}'),
    "broken_numbers": _list(b"messages", b"1e999"),
    "broken_objects": _list(b"messages", b'{"a":1,"a":1}'),
    "broken_and_sound": _list(b"messages", b'{"id":"w"},{"a":1,"a":1}'),
    "broken_deep": _list(b"messages", b"[" * 40 + b"]" * 40),
    "broken_deep_apart": _list(b"messages", b"[ " * 40 + b"] " * 40),
    "broken_words": _list(b"messages", b"nope"),
    "half_surrogates": _list(b"messages", b'"\\ud83d"'),
    "half_surrogates_messages": _list(b"messages", b'{"id":"\\ud83d"}'),
    "deep_lists": _inside(b"[", b"]"),
    "deep_objects": _inside(b'{"a":', b"}"),
    "deep_messages": _inside(b'{"messages":[', b"]}"),
    "deep_pairs": _inside(b"[{}, ", b"]", by=50),
    "deep_hundreds": _inside(b"[", b"]", by=2_000),
    "open_brackets": lambda size: b"[" * size,
    "open_objects": lambda size: _fill(b'{"a":', size, joint=b""),
    "open_strings": lambda size: _HEAD + b'"' + b"\\\\" * (size // 2),
    "open_in_value": lambda size: _HEAD + b'{"value":' + b"[" * size,
    "quotes": lambda size: b'"' * size,
    "escapes": _text(b"a", b"\\\\"),
    "escaped_quotes": _text(b"a", b'\\"'),
    "escaped_halves": _text(b"a", b"\\ud83d"),
    "escaped_pairs_and_half": _text(b"\\ud83d", b"\\ud83d\\ude00"),
    "half_escapes": _text(b"\\ud83d", b"\\\\ud83d"),
    "commas": lambda size: _HEAD + b"," * size,
    "colons": lambda size: _HEAD + b":" * size,
    "spaces": lambda size: _changes(b" " * size + _value(b'"messages":[1]')),
    "spaces_between": _list(b"messages", b" " * 50 + b"1"),
    "spaces_and_broken": _list(b"messages", b" " * 50 + b"1e999" + b"\t" * 50),
    "digits": lambda size: _changes(_value(b'"messages":[%b]' % (b"7" * size))),
    "digits_in_id": lambda size: _changes(_value(b'"messages":[{"id":%b}]' % (b"7" * size))),
    "digit_numbers": _list(b"messages", b"7" * 300),
    "digit_ids": _list(b"messages", b'{"id":%b}' % (b"7" * 300)),
    "timestamps": _text(b"a", b'\\"timestamp\\": '),
    "timestamp_spaces": lambda size: _changes(_value(b'"timestamp":%b"x","messages":[1]' % (b" " * size))),
    "keys": _keys,
    "keys_of_item": _keys_of_item,
    "same_key": lambda size: _changes(_value(_fill(b'"messages":[]', size))),
    "same_key_entry": lambda size: b"{" + _fill(b'"entry":[]', size) + b"}",
    "entries": lambda size: b'{"object":"whatsapp_business_account","entry":[%b]}' % _fill(b"{}", size),
    "entries_odd": lambda size: b'{"object":"whatsapp_business_account","entry":[%b]}' % _fill(b"1", size),
    "entries_changes": lambda size: (
        b'{"object":"whatsapp_business_account","entry":[%b]}' % _fill(b'{"id":"1","changes":[{}]}', size)
    ),
    "changes": lambda size: _changes(_fill(b"{}", size)),
    "changes_odd": lambda size: _changes(_fill(b"1", size)),
    "changes_values": lambda size: _changes(_fill(_value(b'"messages":[1]'), size)),
    "changes_broken": lambda size: _changes(_fill(_value(b'"messages":[1e999]'), size)),
    "changes_unknown": lambda size: _changes(_fill(b'{"field":"x","value":{"a":[]}}', size)),
    "numbers_unknown": lambda size: _changes(
        b",".join(b'{"value":{"metadata":{"phone_number_id":%d}}}' % number for number in range(max(size // 50, 1)))
    ),
    "firms_by_turns": _firms_by_turns,
    "broken_between_firms": _broken_between_firms,
    "contacts": _contacts,
    "contacts_broken": _list(b"contacts", b"1"),
}
"""By name, in the order in which they are read best."""


def bodies(*, size_max: int = 3_000) -> st.SearchStrategy[bytes]:
    """A small one of any shape, whole or cut."""
    made = st.builds(lambda name, size: SHAPES[name](size), st.sampled_from(sorted(SHAPES)), st.integers(1, size_max))
    return made | st.builds(lambda body, cut: body[: len(body) - cut], made, st.integers(0, 60))
