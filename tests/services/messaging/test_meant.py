from __future__ import annotations

import pytest

from lhwa.domain.access import NOT_YOURS, Role
from lhwa.errors import NotAllowedError, UsageError
from lhwa.services.messaging.meant import CANDIDATES_MAX, PREFIX_CHARS_MIN, Item, item_meant, outbound_meant
from lhwa.services.messaging.outbox_decisions import approve_outbound, cancel_outbound
from lhwa.services.messaging.outbox_views import show_outbound
from lhwa.services.messaging.template_submissions import submit_template
from lhwa.testing.builders import acting_as
from tests.domain.template_samples import PLAIN
from tests.outbound.desk import Desk

OWNER, LAWYER = acting_as(Role.OWNER), acting_as(Role.LAWYER)
SUBMISSION = "01KAN5T9YB6Q2R8W4X7V3M0ZJD"


@pytest.fixture
def several(desk: Desk) -> list[str]:
    """Messages of one minute: their ids begin alike."""
    return [desk.send() for _ in range(CANDIDATES_MAX + 2)]


def begins(first: str, second: str) -> int:
    return next(place for place, (one, other) in enumerate(zip(first, second, strict=True)) if one != other)


def test_the_beginning_of_an_id_is_enough(desk: Desk) -> None:
    outbound = desk.send(role=Role.STAFF)
    for chars in (PREFIX_CHARS_MIN, 10, 25, 26):
        assert desk.store.read(outbound_meant, outbound[:chars]) == outbound
    assert desk.store.write(show_outbound, OWNER, outbound[:8]).message.id == outbound
    assert desk.store.write(approve_outbound, OWNER, outbound[:8]).id == outbound
    assert desk.store.write(cancel_outbound, OWNER, outbound[:8]).id == outbound
    assert "outbound.read" in desk.actions(outbound)


@pytest.mark.parametrize("wanted", ["", "0", "01KAN", "%", "01%%%%%%", "______", "01_____", "~~~~~~", "0" * 27])
def test_what_is_no_beginning_of_an_id_finds_nothing(desk: Desk, wanted: str) -> None:
    desk.send()
    assert desk.store.read(outbound_meant, wanted) == wanted
    with pytest.raises(NotAllowedError, match=NOT_YOURS):
        desk.store.write(show_outbound, OWNER, wanted)


def test_five_characters_are_too_few(desk: Desk) -> None:
    outbound = desk.send()
    with pytest.raises(NotAllowedError, match=NOT_YOURS):
        desk.store.write(show_outbound, OWNER, outbound[:5])


def test_a_beginning_of_several_is_wrong_usage_that_names_them(desk: Desk, several: list[str]) -> None:
    with pytest.raises(UsageError, match="Several") as refused:
        desk.store.write(show_outbound, OWNER, several[0][:8])
    assert all(each in refused.value.hint for each in several[:CANDIDATES_MAX])
    assert several[-1] not in refused.value.hint
    assert "and more" in refused.value.hint
    two = several[0][: begins(several[0], several[1]) + 1]
    assert desk.store.read(outbound_meant, two) == several[0]


def test_who_may_not_decide_learns_no_id(desk: Desk, several: list[str]) -> None:
    for role in (Role.FINANCE, Role.AUDITOR, Role.SERVICE):
        with pytest.raises(NotAllowedError) as refused:
            desk.store.write(approve_outbound, acting_as(role), several[0][:8])
        assert several[0] not in str(refused.value) + refused.value.hint


def test_what_is_decided_about_is_a_message_or_a_template(desk: Desk) -> None:
    outbound = desk.send(role=Role.STAFF)
    desk.store.write(submit_template, acting_as(Role.STAFF), PLAIN, submission=SUBMISSION)
    assert desk.store.read(item_meant, LAWYER, SUBMISSION[:6]) == (SUBMISSION, Item.TEMPLATE)
    assert desk.store.read(item_meant, LAWYER, outbound[:6]) == (outbound, Item.MESSAGE)
    assert desk.store.read(item_meant, LAWYER, "tiada") == ("tiada", Item.MESSAGE)


def test_a_message_and_a_template_that_begin_alike_are_two(desk: Desk) -> None:
    outbound = desk.send(role=Role.STAFF)
    twin = outbound[:-1] + ("0" if outbound[-1] != "0" else "1")
    desk.store.write(submit_template, acting_as(Role.STAFF), PLAIN, submission=twin)
    with pytest.raises(UsageError) as refused:
        desk.store.read(item_meant, LAWYER, outbound[:25])
    assert outbound in refused.value.hint
    assert twin in refused.value.hint
    assert desk.store.read(item_meant, LAWYER, twin) == (twin, Item.TEMPLATE)
