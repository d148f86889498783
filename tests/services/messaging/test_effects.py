from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from lhwa.bus.jobs import claim
from lhwa.domain.elements import Party
from lhwa.domain.jobs import DeadLetterState, RetryPolicy
from lhwa.errors import UnavailableError
from lhwa.ports.notifier import Alert
from lhwa.services.messaging.effects import alert_staff, bury_alert
from lhwa.store.store import Store
from lhwa.testing.builders import FIRM, platform
from lhwa.testing.fakes import FakeNotifier


@dataclass
class Context:
    notifier: FakeNotifier


@pytest.fixture
def payload(store: Store, apply: Any) -> bytes:
    apply(platform("DISABLED_UPDATE", severity="critical", party=Party(wa_id="6281230001111")))
    [job] = claim(store, lease_ms=1_000, jobs_max=9, retries=RetryPolicy())
    return job.payload


async def test_staff_are_told_what_to_look_at_and_not_what_it_says(payload: bytes) -> None:
    context = Context(FakeNotifier())
    await alert_staff(payload, context)
    subject = msgspec.json.decode(payload)["subject"]
    assert context.notifier.alerts == [
        Alert(FIRM, "critical", "phone_number_quality_update", "DISABLED_UPDATE", subject)
    ]
    assert subject.startswith("platform_event:")
    assert b"62812" not in payload


async def test_a_notifier_that_is_down_fails_the_job(payload: bytes) -> None:
    context = Context(FakeNotifier())
    context.notifier.error = UnavailableError("x")
    with pytest.raises(UnavailableError):
        await alert_staff(payload, context)


def test_an_alert_that_cannot_be_delivered_waits_for_a_person(store: Store, payload: bytes) -> None:
    for _ in range(2):
        store.write(bury_alert, payload, error="UnavailableError", tries=8)
    [letter] = store.read(lambda tx: tx.dead_letters.in_states(states=tuple(DeadLetterState), rows_max=9))
    assert (letter.kind, letter.reason, letter.tries, letter.state) == (
        "job",
        "UnavailableError",
        8,
        DeadLetterState.OPEN,
    )
    assert store.read(lambda tx: tx.dead_letters.content(letter)) == payload
