"""Every version of a template in the files, and what became of it at Meta."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from lhwa.domain.access import Principal, Role
from lhwa.domain.audit import AuditRecord
from lhwa.domain.ids import OperatorId
from lhwa.domain.template_versions import digest, key_of, spelled
from lhwa.domain.template_wire import to_wire
from lhwa.domain.templates import Header, HeaderFormat, Template
from lhwa.errors import NotAllowedError
from lhwa.services.messaging.template_submissions import begin_posting, decline_template, posted, submit_template
from lhwa.services.messaging.template_versions import VersionView, template_versions
from lhwa.services.messaging.template_views import TemplateView, list_templates
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from lhwa.testing.builders import FIRM, SENT_AT_MS, acting_as
from tests.domain.template_samples import PLAIN
from tests.services.messaging.template_scene import sync

ONE, TWO = PLAIN, replace(PLAIN, footer="Kantor Contoh")
SUBMISSIONS = ("01KAN5T9YB6Q2R8W4X7V3M0ZJD", "01KAN5T9YB6Q2R8W4X7V3M0ZJE")
LAWYER = Principal(OperatorId("contoh-lain"), FIRM, Role.LAWYER)
ID = "700100200300400"


def keep(store: Store, *templates: Template, is_deleted: bool = False) -> None:
    def run(tx: Tx) -> None:
        tx.audit.append(AuditRecord("system:test", "test.wrote", "test"))
        for template in templates:
            definition = spelled(template)
            made = tx.template_files.add_version(*key_of(template), definition, sha256=digest(definition))
            tx.template_files.put(made, file="jam.yaml")
        if is_deleted:
            tx.template_files.mark_deleted(*key_of(templates[-1]))

    store.write(run)


def get_to_meta(store: Store, template: Template, submission: str = SUBMISSIONS[0]) -> None:
    store.write(submit_template, acting_as(Role.STAFF), template, submission=submission)
    store.write(begin_posting, LAWYER, submission)
    wire = to_wire(template) | {"id": ID, "status": "APPROVED"}
    store.write(posted, LAWYER, submission, wire, at_ms=SENT_AT_MS)


def versions(store: Store, language: str | None = None, role: Role = Role.AUDITOR) -> list[VersionView]:
    return store.write(template_versions, acting_as(role), "jam_kerja", language=language)


def listed(store: Store, *files: Template, with_errors: Sequence[Template] = ()) -> TemplateView:
    keys = [key_of(each) for each in with_errors]
    (view,) = store.write(list_templates, acting_as(Role.AUDITOR), files, with_errors=keys).templates
    return view


def test_versions_tell_which_one_counts_and_which_one_is_at_meta(store: Store) -> None:
    keep(store, ONE)
    get_to_meta(store, ONE)
    keep(store, TWO)
    first, second = versions(store)
    assert (first.version, first.is_current, first.file, first.status_at_meta) == (1, False, None, "APPROVED")
    assert [(each.id, each.state, each.decided_by) for each in first.submissions] == [
        (SUBMISSIONS[0], "posted", LAWYER.operator)
    ]
    assert (second.version, second.is_current, second.file) == (2, True, "jam.yaml")
    assert (second.submissions, second.status_at_meta) == ((), None)
    assert second.sha256 == digest(spelled(TWO)).hex()


def test_a_wording_that_comes_back_was_submitted_under_both_numbers(store: Store) -> None:
    keep(store, ONE, TWO, ONE)
    store.write(submit_template, acting_as(Role.STAFF), ONE, submission=SUBMISSIONS[0])
    store.write(decline_template, LAWYER, SUBMISSIONS[0], reason="belum")
    assert [[each.state for each in view.submissions] for view in versions(store)] == [["declined"], [], ["declined"]]


def test_a_sample_that_was_added_later_was_not_submitted(store: Store) -> None:
    text = replace(PLAIN, body="Halo {{1}}, kantor kami buka hari ini.", examples={"1": "Rina"})
    store.write(submit_template, acting_as(Role.STAFF), text, submission=SUBMISSIONS[0])
    keep(store, replace(text, examples={}), text)
    assert [len(view.submissions) for view in versions(store)] == [0, 1]


def test_the_handle_of_a_sample_file_makes_no_difference(store: Store) -> None:
    header = Header(format=HeaderFormat.DOCUMENT, media_example="contoh.pdf")
    template = replace(PLAIN, header=header)
    store.write(
        submit_template, acting_as(Role.STAFF), template, submission=SUBMISSIONS[0], header_handle="4::Y29udG9o"
    )
    keep(store, template)
    assert len(versions(store)[0].submissions) == 1


def test_the_last_version_of_a_deleted_template_says_since_when(store: Store) -> None:
    keep(store, ONE, TWO, is_deleted=True)
    first, second = versions(store)
    assert (first.deleted_at, first.is_current) == (None, False)
    assert (second.deleted_at is not None, second.is_current, second.file) == (True, False, "jam.yaml")


def test_one_language_or_all_of_them(store: Store) -> None:
    keep(store, ONE, replace(ONE, language="en_US"))
    assert [each.language for each in versions(store)] == ["en_US", "id"]
    assert [each.language for each in versions(store, "en-US")] == ["en_US"]


@pytest.mark.parametrize("language", [None, "id"])
def test_a_template_that_no_file_ever_had_is_not_there(store: Store, language: str | None) -> None:
    sync(store)
    with pytest.raises(NotAllowedError):
        versions(store, language)


def test_the_list_shows_the_version_and_what_meta_has_of_it(store: Store) -> None:
    keep(store, ONE)
    view = listed(store, ONE)
    assert (view.file_version, view.version_at_meta, view.where) == (1, None, "file")
    get_to_meta(store, ONE)
    view = listed(store, ONE)
    assert (view.file_version, view.version_at_meta, view.differs) == (1, 1, ())
    keep(store, TWO)
    view = listed(store, TWO, with_errors=[TWO])
    assert (view.file_version, view.version_at_meta, view.file_has_errors) == (2, 1, True)
    assert [each.place for each in view.differs] == ["footer"]
    view = listed(store, replace(PLAIN, footer="Dari folder lain"))
    assert (view.file_version, view.version_at_meta) == (None, 1)
