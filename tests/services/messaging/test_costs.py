from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from lhwa.domain.access import Role
from lhwa.services.messaging.costs import CostView, costs
from lhwa.services.messaging.outbox_views import show_outbound
from lhwa.services.messaging.prices import Price
from lhwa.testing.builders import CLIENT, acting_as, status
from tests.outbound.desk import Desk

FREE = {"billable": False, "pricing_model": "PMP", "type": "free_customer_service", "category": "service"}
PAID = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "utility"}


def send(desk: Desk, wamid: str) -> str:
    sent = desk.send()
    assert desk.taken() == [sent]
    desk.accept(sent, wamid)
    return sent


def tell(desk: Desk, wamid: str, word: str, *, at_s: int = 1, pricing: dict[str, Any] | None = None) -> None:
    content = {"id": wamid, "status": word} | ({} if pricing is None else {"pricing": pricing})
    desk.apply(status(word, wamid=wamid, at_ms=desk.now_ms + at_s * 1000, pricing=pricing, content=content))


def counted(desk: Desk, *, role: Role = Role.OWNER, since_ms: int = 0) -> list[CostView]:
    return desk.store.write(costs, acting_as(role), since_ms=since_ms)


def price(desk: Desk, sent: str) -> Price | None:
    return desk.store.write(show_outbound, acting_as(Role.OWNER), sent).price


def test_a_message_counts_once_however_often_its_price_is_told(desk: Desk) -> None:
    sent = send(desk, "wamid.A")
    tell(desk, "wamid.A", "sent", pricing=PAID)
    tell(desk, "wamid.A", "delivered", at_s=2, pricing=PAID)
    tell(desk, "wamid.A", "delivered", at_s=2, pricing=PAID)
    tell(desk, "wamid.A", "read", at_s=3)
    (seen,) = counted(desk)
    assert (seen.category, seen.type, seen.is_charged, seen.messages) == ("utility", "regular", True, 1)
    assert seen.contact == "+62 812-••••-1111"
    assert price(desk, sent) == Price(category="utility", type="regular", is_charged=True)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_newest_word_about_a_price_counts_in_any_order(desk: Desk, order: tuple[int, ...]) -> None:
    sent = send(desk, "wamid.A")
    for place in order:
        tell(desk, "wamid.A", ("sent", "delivered", "read")[place], at_s=place, pricing=(PAID, FREE, None)[place])
    assert price(desk, sent) == Price(category="service", type="free_customer_service", is_charged=False)


def test_contacts_and_categories_are_counted_apart(desk: Desk) -> None:
    for number, pricing in enumerate((PAID, PAID, FREE)):
        desk.clock.advance(10)
        send(desk, f"wamid.{number}")
        tell(desk, f"wamid.{number}", "sent", pricing=pricing)
    assert [(each.category, each.is_charged, each.messages) for each in counted(desk)] == [
        ("utility", True, 2),
        ("service", False, 1),
    ]
    assert counted(desk, since_ms=desk.now_ms + 3_600_000) == []


@pytest.mark.parametrize(
    ("pricing", "expected"),
    [
        ({"billable": True, "category": "utility"}, ("utility", "regular", True)),
        ({"billable": False, "category": "utility"}, ("utility", "free", False)),
        (
            {"type": "REGULAR", "category": "Authentication-International"},
            ("authentication_international", "regular", True),
        ),
        ({"type": "of_the_future", "category": "6281230001111"}, ("other", "other", False)),
    ],
)
def test_words_of_older_and_later_times(desk: Desk, pricing: dict[str, Any], expected: tuple[object, ...]) -> None:
    send(desk, "wamid.A")
    tell(desk, "wamid.A", "sent", pricing=pricing)
    (seen,) = counted(desk)
    assert (seen.category, seen.type, seen.is_charged) == expected


@pytest.mark.parametrize("pricing", [{}, {"category": 7}, {"type": "regular"}])
def test_what_says_nothing_is_no_price(desk: Desk, pricing: dict[str, Any]) -> None:
    sent = send(desk, "wamid.A")
    tell(desk, "wamid.A", "sent", pricing=pricing)
    assert (counted(desk), price(desk, sent)) == ([], None)


def test_finance_sees_how_many_but_not_who(desk: Desk) -> None:
    send(desk, "wamid.A")
    tell(desk, "wamid.A", "sent", pricing=PAID)
    (seen,) = counted(desk, role=Role.FINANCE)
    assert (seen.contact, seen.messages) == (None, 1)
    assert CLIENT.wa_id is not None
    assert CLIENT.wa_id not in str(seen)
