from __future__ import annotations

import json

import pytest

from lhwa.domain.access import Role
from lhwa.errors import NotAllowedError, UsageError
from lhwa.services.messaging.mark_read import mark_read, number_of
from lhwa.store.store import Store
from lhwa.testing.builders import NUMBER, acting_as, message, reply
from tests.services.messaging.conftest import Apply


def entries(store: Store) -> list[dict[str, object]]:
    return store.read(lambda tx: [json.loads(each.entry) for each in tx.audit.entries()])


@pytest.fixture
def written(store: Store, apply: Apply) -> str:
    apply(message(), reply())
    found = store.read(lambda tx: tx.messages.by_dedup(tx.messages.dedup_of(NUMBER, "wamid.SAMPLE-IN-1")))
    assert found is not None
    return found.id


@pytest.mark.parametrize("role", [Role.OWNER, Role.LAWYER, Role.STAFF])
@pytest.mark.parametrize("is_typing", [False, True])
def test_who_writes_to_clients_may_show_that_it_was_read(
    store: Store, written: str, role: Role, *, is_typing: bool
) -> None:
    mark = store.write(mark_read, acting_as(role), written, is_typing=is_typing)
    assert (mark.wamid, mark.phone_number_id) == ("wamid.SAMPLE-IN-1", NUMBER)
    assert store.read(number_of, acting_as(role), "wamid.SAMPLE-IN-1") == NUMBER
    last = entries(store)[-1]
    assert (last["action"], last["target"]) == ("message.marked_read", f"message:{written}")
    assert last["data"] == {"typing": is_typing}


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR, Role.SERVICE])
def test_nobody_else_shows_the_client_anything(store: Store, written: str, role: Role) -> None:
    before = entries(store)
    for attempt in (mark_read, number_of):
        with pytest.raises(NotAllowedError):
            store.write(attempt, acting_as(role), written)
    assert entries(store) == before


def test_what_the_firm_wrote_is_not_marked(store: Store, written: str) -> None:
    assert written
    with pytest.raises(UsageError, match="client"):
        store.write(mark_read, acting_as(Role.LAWYER), "wamid.SAMPLE-OUT-1")


def test_what_is_not_there_is_not_yours(store: Store) -> None:
    with pytest.raises(NotAllowedError):
        store.write(mark_read, acting_as(Role.LAWYER), "wamid.NOBODY")
