from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lhwa.domain.keys import TenantKeys, pick, registry_key, spool_key, unrouted_key
from lhwa.domain.sealing import Key
from lhwa.errors import SealError

ROOT = Key(bytes(16), bytes(range(32)))
AT = datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)


def test_a_spool_key_lives_for_one_utc_day() -> None:
    assert spool_key(ROOT, AT) == spool_key(ROOT, AT - timedelta(hours=23))
    assert spool_key(ROOT, AT) != spool_key(ROOT, AT + timedelta(seconds=1))


def test_every_purpose_has_its_own_key() -> None:
    made = {registry_key(ROOT).secret, spool_key(ROOT, AT).secret, unrouted_key(ROOT, AT).secret, ROOT.secret}
    assert len(made) == 4


def test_the_derived_keys_never_change() -> None:
    assert spool_key(ROOT, AT).secret.hex() == "fe7081fc19dca698a36a7e402bcdf3774a4b5e03308c1301e39ec85c775c5179"
    assert registry_key(ROOT).secret.hex() == "95ea4e26fbebcc7975cec281369ec4c103e47ebd1066e78fb7da4933a473b441"


def test_a_key_is_picked_by_its_id_alone() -> None:
    first, second = Key.random(), Key.random()
    assert pick((first, second), second.id) is second
    with pytest.raises(SealError):
        pick((first,), second.id)


def test_the_current_key_comes_first_and_none_is_shown() -> None:
    keys = TenantKeys(Key.random(), (Key.random(),))
    assert keys.all() == (keys.current, *keys.older)
    for key in keys.all():
        assert key.secret.hex() not in repr(keys)
        assert repr(key.secret) not in repr(keys)
