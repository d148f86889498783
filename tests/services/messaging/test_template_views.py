from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from lhwa.domain.access import Role
from lhwa.domain.templates import Template
from lhwa.services.messaging.sourced import Outcome
from lhwa.services.messaging.template_submissions import submit_template
from lhwa.services.messaging.template_views import (
    TemplateDifference,
    TemplateList,
    list_templates,
    pending_submissions,
    template_at_meta,
)
from lhwa.store.store import Store
from lhwa.testing.builders import SENT_AT_MS, acting_as
from tests.domain.template_samples import PLAIN
from tests.services.messaging.template_scene import CATEGORY, STATUS, listed, news, sync

Apply = Callable[..., list[Outcome]]
SUBMISSION = "01KAN5T9YB6Q2R8W4X7V3M0ZJD"
SAME = [{"type": "BODY", "text": PLAIN.body}]


def shown(store: Store, *files: Template, role: Role = Role.AUDITOR) -> TemplateList:
    return store.write(list_templates, acting_as(role), files)


def test_files_and_meta_stand_side_by_side(store: Store) -> None:
    sync(store, listed(components=SAME), listed(id="700100200300401", name="hanya_meta"))
    views = shown(store, PLAIN, replace(PLAIN, name="hanya_berkas")).templates
    assert [(view.name, view.where, view.status) for view in views] == [
        ("hanya_berkas", "file", None),
        ("hanya_meta", "meta", "APPROVED"),
        ("jam_kerja", "both", "APPROVED"),
    ]
    assert (views[2].differs, views[2].versions, views[2].quality) == ((), 1, "GREEN")


def test_every_difference_is_named_with_both_sides(store: Store) -> None:
    sync(store, listed(components=SAME, category="MARKETING"))
    (view,) = shown(store, replace(PLAIN, footer="Kantor Contoh")).templates
    assert view.differs == (
        TemplateDifference(place="category", in_file="UTILITY", at_meta="MARKETING"),
        TemplateDifference(place="footer", in_file="Kantor Contoh"),
    )


def test_a_deleted_template_differs_from_nothing(store: Store) -> None:
    sync(store, listed())
    sync(store, at_ms=SENT_AT_MS + 5_000)
    (view,) = shown(store, PLAIN).templates
    assert (view.status, view.differs) == ("DELETED", ())
    assert store.read(template_at_meta, acting_as(Role.OWNER), "jam_kerja", "id") is None


def test_an_announced_category_is_shown_until_it_is_done(store: Store, apply: Apply) -> None:
    sync(store, listed())
    apply(news(CATEGORY, correct_category="MARKETING", new_category="UTILITY"))
    assert shown(store).templates[0].coming_category == "MARKETING"
    apply(news(CATEGORY, new_category="MARKETING", at_ms=SENT_AT_MS + 90_000))
    assert shown(store).templates[0].coming_category is None


def test_what_meta_told_of_and_no_sync_has_brought_is_counted(store: Store, apply: Apply) -> None:
    sync(store, listed())
    assert shown(store).unknown == 0
    apply(news(STATUS, event="APPROVED", template="700100200300499", name="baru"))
    assert shown(store).unknown == 1


def test_what_waits_is_shown_to_everybody_who_reads(store: Store) -> None:
    store.write(submit_template, acting_as(Role.STAFF), PLAIN, submission=SUBMISSION)
    (waiting,) = store.read(pending_submissions, acting_as(Role.FINANCE))
    assert (waiting.id, waiting.kind, waiting.by) == (SUBMISSION, "template", "contoh-staff")
    assert (waiting.about, waiting.text) == ("jam_kerja/id", PLAIN.body)
    assert shown(store, PLAIN).templates[0].waits_for_approval == SUBMISSION


@pytest.mark.parametrize("role", list(Role))
def test_a_template_at_meta_can_be_read(store: Store, role: Role) -> None:
    sync(store, listed(components=SAME))
    found = store.read(template_at_meta, acting_as(role), "jam_kerja", "id")
    assert found is not None
    assert found.body == PLAIN.body
