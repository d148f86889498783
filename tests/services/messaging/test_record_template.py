from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lhwa.domain.elements import PlatformElement
from lhwa.domain.outbound import OutboundState
from lhwa.services.messaging.sourced import Outcome
from lhwa.store.connection import rows
from lhwa.store.store import Store
from lhwa.testing.builders import CLIENT, SENT_AT_MS, message
from tests.services.messaging.template_scene import (
    CATEGORY,
    COMPONENTS,
    ID,
    QUALITY,
    STATUS,
    TOLD_MS,
    known_row,
    listed,
    news,
    outbound,
    queue_message,
    row_of,
    sync,
)

Apply = Callable[..., list[Outcome]]

TOLD: list[tuple[str, PlatformElement, tuple[str, str, str]]] = [
    ("a pause", news(STATUS, event="PAUSED"), ("PAUSED", "UTILITY", "GREEN")),
    ("a category beside a status", news(STATUS, event="APPROVED", message_template_category="MARKETING"),
     ("APPROVED", "MARKETING", "GREEN")),
    ("a reinstatement", news(STATUS, event="REINSTATED"), ("APPROVED", "UTILITY", "GREEN")),
    ("a warning", news(STATUS, event="FLAGGED"), ("APPROVED", "UTILITY", "GREEN")),
    ("a word of the future", news(STATUS, event="SLEEPING"), ("APPROVED", "UTILITY", "GREEN")),
    ("a quality", news(QUALITY, previous_quality_score="GREEN", new_quality_score="RED"),
     ("APPROVED", "UTILITY", "RED")),
    ("a category that is done", news(CATEGORY, previous_category="UTILITY", new_category="MARKETING"),
     ("APPROVED", "MARKETING", "GREEN")),
    ("an announcement", news(CATEGORY, correct_category="MARKETING", new_category="UTILITY"),
     ("APPROVED", "UTILITY", "GREEN")),
    ("an opinion", news("template_correct_category_detection", category="UTILITY", correct_category="MARKETING"),
     ("APPROVED", "UTILITY", "GREEN")),
    ("a language in its other spelling", news(STATUS, event="PAUSED", message_template_language="id"),
     ("PAUSED", "UTILITY", "GREEN")),
    ("another template of this name", news(STATUS, event="PAUSED", template="700100200300499"),
     ("APPROVED", "UTILITY", "GREEN")),
    ("a template without a name", news(STATUS, event="PAUSED", message_template_name=None),
     ("APPROVED", "UTILITY", "GREEN")),
    ("a name that is none", news(STATUS, event="PAUSED", message_template_name="Jam Kerja"),
     ("APPROVED", "UTILITY", "GREEN")),
    ("an event from before the sync", news(STATUS, event="PAUSED", at_ms=SENT_AT_MS - 1_000),
     ("APPROVED", "UTILITY", "GREEN")),
    ("an event without a time", news(STATUS, event="PAUSED", at_ms=None), ("APPROVED", "UTILITY", "GREEN")),
    ("an event of the very second of the sync", news(STATUS, event="PAUSED", at_ms=SENT_AT_MS),
     ("PAUSED", "UTILITY", "GREEN")),
]  # fmt: skip


@pytest.mark.parametrize(("element", "expected"), [case[1:] for case in TOLD], ids=[case[0] for case in TOLD])
def test_what_a_webhook_tells_moves_the_row(
    store: Store, apply: Apply, element: PlatformElement, expected: tuple[str, str, str]
) -> None:
    sync(store, listed())
    assert apply(element) == [Outcome.APPLIED]
    row = known_row(store)
    assert (row.status, row.category, row.quality) == expected


def test_languages_are_the_same_with_a_dash(store: Store, apply: Apply) -> None:
    sync(store, listed(language="en_US"))
    apply(news(STATUS, event="PAUSED", message_template_language="en-US"))
    row = row_of(store, language="en_US")
    assert row is not None
    assert row.status == "PAUSED"


def test_the_same_webhook_twice_changes_nothing(store: Store, apply: Apply, everything: Callable[[], Any]) -> None:
    sync(store, listed())
    apply(news(STATUS, event="PAUSED"))
    before = everything()
    assert apply(news(STATUS, event="PAUSED")) == [Outcome.DUPLICATE]
    assert everything() == before


def test_a_new_wording_is_a_version_and_keeps_what_the_webhook_does_not_tell(store: Store, apply: Apply) -> None:
    sync(store, listed())
    button = {"message_template_button_type": "URL", "message_template_button_text": "Lihat",
              "message_template_button_url": "https://contoh.example"}  # fmt: skip
    apply(
        news(
            COMPONENTS,
            message_template_element="Halo {{1}}, kami tutup.",
            message_template_title="Jam kerja",
            message_template_footer="Kantor Contoh",
            message_template_buttons=[button],
        )
    )
    components = json.loads(known_row(store).definition)["components"]
    assert [each["type"] for each in components] == ["HEADER", "BODY", "FOOTER", "BUTTONS"]
    assert components[1] == {
        "type": "BODY", "text": "Halo {{1}}, kami tutup.", "example": {"body_text": [["Rina"]]}
    }  # fmt: skip
    assert components[3]["buttons"] == [{"type": "URL", "text": "Lihat", "url": "https://contoh.example"}]
    assert len(store.read(lambda tx: tx.templates.versions("jam_kerja", "id"))) == 2


def test_a_template_that_nobody_knows_gets_no_row_until_a_sync_brings_it(store: Store, apply: Apply) -> None:
    apply(news(STATUS, event="PAUSED"))
    assert row_of(store) is None
    sync(store, listed(), at_ms=SENT_AT_MS)
    assert known_row(store).status == "PAUSED", "the webhook is newer than the list"
    sync(store, listed(), at_ms=TOLD_MS + 5_000)
    assert known_row(store).status == "APPROVED"


def test_every_change_is_in_the_audit_log(store: Store, apply: Apply) -> None:
    sync(store, listed())
    apply(news(STATUS, event="PAUSED"), raw_event="01RAW2")
    (entry,) = store.read(lambda tx: rows(tx._connection, "SELECT entry FROM audit_entry ORDER BY seq DESC LIMIT 1"))
    said = json.loads(entry[0])
    assert (said["action"], said["target"]) == ("template.changed", "template:jam_kerja/id")
    assert said["data"] == {"part": "status", "was": "APPROVED", "now": "PAUSED", "raw_event": "01RAW2"}


def test_marketing_stops_what_waits_in_the_same_transaction_and_the_firm_is_told(store: Store, apply: Apply) -> None:
    apply(message())
    sync(store, listed())
    queue_message(store, contact=f"+{CLIENT.wa_id}")
    apply(news(CATEGORY, correct_category="MARKETING", new_category="UTILITY"), raw_event="01RAW2")
    assert outbound(store).state is OutboundState.QUEUED, "an announcement stops nothing"
    done = news(CATEGORY, previous_category="UTILITY", new_category="MARKETING", at_ms=TOLD_MS + 1_000)
    apply(done, raw_event="01RAW3")
    row = outbound(store)
    assert (row.state, row.rule) == (OutboundState.FAILED, "marketing")
    told = store.read(lambda tx: rows(tx._connection, "SELECT type, subject, raw_event FROM event ORDER BY seq"))
    assert told[-2:] == [
        ("OutboundSettled", f"outbound:{row.id}", ""),
        ("AccountAlert", "template:jam_kerja/id", "01RAW3"),
    ]


def test_other_templates_and_categories_stop_nothing(store: Store, apply: Apply) -> None:
    apply(message())
    sync(store, listed(), listed(id="700100200300401", name="lain"))
    queue_message(store, contact=f"+{CLIENT.wa_id}")
    apply(
        news(CATEGORY, new_category="MARKETING", template="700100200300401", name="lain"),
        news(CATEGORY, new_category="AUTHENTICATION"),
    )
    assert outbound(store).state is OutboundState.QUEUED


_SAMPLES: list[dict[str, Any]] = [
    {"field": STATUS, "event": "PAUSED"},
    {"field": STATUS, "event": "APPROVED", "message_template_category": "UTILITY"},
    {"field": STATUS, "event": "DISABLED", "message_template_category": "MARKETING"},
    {"field": QUALITY, "new_quality_score": "RED"},
    {"field": QUALITY, "new_quality_score": "YELLOW"},
    {"field": CATEGORY, "new_category": "MARKETING", "previous_category": "UTILITY"},
    {"field": CATEGORY, "new_category": "UTILITY", "correct_category": "MARKETING"},
    {"field": COMPONENTS, "message_template_element": "Halo {{1}}, satu.", "message_template_footer": "Contoh"},
    {"field": COMPONENTS, "message_template_element": "Halo {{1}}, dua."},
]
_told = st.tuples(st.sampled_from(_SAMPLES), st.integers(-3, 3))
_numbers: Iterator[int] = itertools.count(1)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), told=st.lists(_told, min_size=1, max_size=6), place=st.integers(0, 6))
def test_any_order_of_the_same_webhooks_and_the_sync_ends_in_the_same_row(
    store: Store, apply: Apply, data: st.DataObject, told: list[tuple[dict[str, Any], int]], place: int
) -> None:
    ends = []
    for order in (told, data.draw(st.permutations(told + told[:2]))):
        number = next(_numbers)
        template, name = str(int(ID) + number), f"contoh_{number}"
        bring = listed(id=template, name=name)
        for at, (said, seconds) in enumerate(order):
            if at == place:
                sync(store, bring)
            apply(news(at_ms=SENT_AT_MS + 1_000 * seconds, template=template, name=name, **said))
        if row_of(store, name) is None:
            sync(store, bring)
        row = known_row(store, name)
        wording = json.loads(row.definition)["components"]
        ends.append((row.status, row.category, row.quality, wording))
    assert ends[0] == ends[1]
