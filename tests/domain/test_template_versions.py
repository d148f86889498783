"""The one spelling of a template, and its digest."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

from lhwa.domain.template_versions import digest, key_of, read_back, spelled
from lhwa.domain.template_wire import differences
from lhwa.domain.templates import Template
from tests.domain.template_samples import PLAIN, templates


@given(templates())
@settings(max_examples=60)
def test_a_template_that_is_read_back_is_the_same_and_spelled_the_same(template: Template) -> None:
    again = read_back(spelled(template))
    assert differences(template, again) == [] == differences(again, template)
    assert spelled(again) == spelled(template)


def test_notes_for_people_make_no_version_and_a_word_to_clients_does() -> None:
    assert spelled(replace(PLAIN, purpose="Lain.", notes="Lain.")) == spelled(PLAIN)
    assert digest(spelled(replace(PLAIN, footer="Lain."))) != digest(spelled(PLAIN))


def test_the_digest_is_one_that_anybody_can_count() -> None:
    assert digest('{"a":1}').hex() == "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"


def test_a_language_has_one_spelling_in_keys() -> None:
    assert (
        key_of(replace(PLAIN, language="en-US")) == key_of(replace(PLAIN, language="en_US")) == ("jam_kerja", "en_US")
    )
