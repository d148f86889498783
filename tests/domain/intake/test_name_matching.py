"""Names of parties: the labelled table, and what holds for all names."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.intake.name_matching import NameMatch, PartyKind, Strength, blocking_keys, match, parse
from tests.domain.intake.sample_names import changed, companies, names, people, words_of_people

PRECISION_MIN = 0.97
"""Of the pairs that are found, so many are labelled the same."""
KEYS_MAX = 12
TABLE = Path(__file__).with_name("name_pairs.tsv")
with TABLE.open(encoding="utf-8") as lines:
    PAIRS = [tuple(row) for row in csv.reader(lines, delimiter="\t") if not row[0].startswith("#")]
SAME = [pair[1:] for pair in PAIRS if pair[0] == "same"]
DIFFERENT = [pair[1:] for pair in PAIRS if pair[0] == "different"]


def matched(one: str, other: str) -> NameMatch | None:
    return match(parse(one), parse(other))


def strength(one: str, other: str) -> Strength | None:
    found = matched(one, other)
    return None if found is None else found.strength


def test_the_table_is_large_and_balanced() -> None:
    assert len(SAME) >= 100
    assert len(DIFFERENT) >= 100
    assert len(SAME) + len(DIFFERENT) == len(PAIRS) == len({pair[1:3] for pair in PAIRS})


@pytest.mark.parametrize(("one", "other", "shows"), SAME)
def test_one_party_is_found_under_both_names(one: str, other: str, shows: str) -> None:
    assert matched(one, other) is not None, shows
    assert blocking_keys(parse(one)) & blocking_keys(parse(other)), shows


def test_few_different_parties_are_taken_for_one(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = [(one, other, shows) for one, other, shows in DIFFERENT if matched(one, other) is not None]
    right = sum(matched(one, other) is not None for one, other, _ in SAME)
    precision = right / (right + len(wrong))
    with capsys.disabled():
        print(
            f"\nnames: {right} of {len(SAME)} found, {len(wrong)} too many, precision {precision:.3f}", file=sys.stderr
        )
    assert precision >= PRECISION_MIN, wrong


@pytest.mark.parametrize(("one", "other", "shows"), DIFFERENT)
def test_different_parties_are_at_most_a_weak_hit(one: str, other: str, shows: str) -> None:
    assert strength(one, other) in {None, Strength.WEAK}, shows


@pytest.mark.parametrize(
    ("one", "other", "expected", "reasons"),
    [
        ("Budi Santoso", "budi santoso.", Strength.EXACT, ()),
        ("Budi Santoso", "Budi Santoso, S.H., M.Kn.", 3, ("degrees left out: M.Kn., S.H.",)),
        ("Budi Santoso", "Dr. H. Budi Santoso", 3, ("titles left out: Dr., H.",)),
        ("Soeharto", "Suharto", 3, ("old spelling: Soeharto = Suharto",)),
        ("Budi Santoso", "Santoso Budi", 3, ("order of words",)),
        ("Moh. Rizky Pratama", "Muhammad Rizky Pratama", 3, ("Moh = Muhammad (Muhammad)",)),
        ("Abd. Salam", "Abdul Salam", 3, ("short form: Abd = Abdul",)),
        ("Nur Hayati", "Nurhayati", 3, ("spaces in other places",)),
        ("Rina Dewi Wulandari", "Rina Wulandari", 2, ("left out in one name: Dewi",)),
        ("Siti Rahmawati", "Siti Rahmwati", 2, ("one letter typed differently: Rahmawati, Rahmwati",)),
        ("Bambang Sutrisno", "B. Sutrisno", 1, ("initials: B. = Bambang",)),
        ("PT Tirta Contoh", "CV Tirta Contoh", 1, ("different legal forms: CV, PT",)),
        ("PT BRI", "Bank Rakyat Indonesia", 1, ("BRI may stand for the initials of the other name",)),
        ("Ucok Contoh", "Slamet Riyadi alias Ucok Contoh", 3, ("by an alias",)),
    ],
)
def test_a_match_tells_how_strong_it_is_and_why(one: str, other: str, expected: int, reasons: tuple[str, ...]) -> None:
    found = matched(one, other)
    assert found is not None
    assert (found.strength, found.reasons) == (expected, reasons)


@given(names | st.text(max_size=60))
def test_a_name_with_words_matches_itself_exactly(text: str) -> None:
    name = parse(text)
    found = match(name, parse(text))
    assert (found is not None) == bool(name.given)
    if found is not None:
        assert found.strength is Strength.EXACT


@given(st.data(), names)
def test_a_match_is_symmetric_and_shares_a_key(data: st.DataObject, text: str) -> None:
    one, other = parse(text), parse(data.draw(changed(text)))
    found = match(one, other)
    assert found == match(other, one)
    if found is not None:
        assert blocking_keys(one) & blocking_keys(other)


@given(names, names)
def test_any_two_names_that_match_share_a_key(text: str, text_of_other: str) -> None:
    one, other = parse(text), parse(text_of_other)
    assert match(one, other) is None or blocking_keys(one) & blocking_keys(other)


@given(names)
def test_capitals_are_of_no_matter(text: str) -> None:
    found = matched(text, text.upper())
    assert found is not None
    assert found.strength is Strength.EXACT


@given(words_of_people, st.sampled_from((", S.H.", " SH", ", S.H., M.H.", " S. Kom.", ", Ph.D.", ", LL.M")))
def test_degrees_are_of_no_matter(words: list[str], degrees: str) -> None:
    text = " ".join(words)
    assert strength(text, text + degrees) == Strength.SAME_AFTER_RULES


@given(words_of_people, st.randoms(use_true_random=False))
def test_the_order_of_words_is_of_no_matter(words: list[str], random: object) -> None:
    turned = [*words[1:], words[0]]
    found = strength(" ".join(words), " ".join(turned))
    assert found is not None
    assert found >= Strength.SAME_AFTER_RULES


@given(people | companies)
def test_a_name_has_few_keys(text: str) -> None:
    name = parse(text)
    limit = KEYS_MAX if not (name.father or name.aliases) else 3 * KEYS_MAX
    assert bool(name.given) <= len(blocking_keys(name)) <= limit


def test_one_frequent_word_is_no_key_of_longer_names() -> None:
    for text in ("Muhammad Rizky", "Siti Aminah", "Nur Hayati Contoh", "PT Maju Jaya"):
        keys = {key.partition(":")[2] for key in blocking_keys(parse(text))}
        assert not keys & {"muamad", "siti", "nur", "mayu", "yaya"}


def test_a_name_shows_nothing_in_its_repr() -> None:
    name = parse("Budi Santoso, S.H.")
    found = match(name, name)
    assert not any("udi" in repr(each) for each in (name, name.given, found))


@pytest.mark.parametrize(
    "text",
    [
        "a " * 100_000, "bin " * 50_000, "alias " * 50_000, "S.H., " * 50_000, "PT " * 50_000, "a" * 500_000,
        "\u200b" * 100_000, "ﷺ" * 10_000, "M. " * 1_000, "e\u0301" * 10_000, "\ud800" * 300, "," * 10_000,
    ],
)  # fmt: skip
def test_hostile_names_are_cut_and_bounded(text: str) -> None:
    name = parse(text)
    assert len(name.text) <= 400
    assert len(name.whole) <= 25
    assert len(name.aliases) <= 3
    assert len(blocking_keys(name)) <= 100
    assert sum(map(len, blocking_keys(name))) <= 4_000
    match(name, parse(text + "x"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Budi Santoso", PartyKind.PERSON),
        ("Siti Aminah, S.Pd.", PartyKind.PERSON),
        ("PT Contoh", PartyKind.ORGANISATION),
        ("Contoh, CV", PartyKind.ORGANISATION),
        ("Contoh Tbk", PartyKind.ORGANISATION),
        ("Rumah Sakit Contoh", PartyKind.ORGANISATION),
        ("Bank Contoh", PartyKind.ORGANISATION),
    ],
)
def test_a_name_tells_its_kind(text: str, kind: PartyKind) -> None:
    assert parse(text).kind is kind


def test_a_known_kind_is_not_guessed() -> None:
    assert parse("Contoh Sejahtera", kind=PartyKind.ORGANISATION).kind is PartyKind.ORGANISATION
    assert parse("Bank Contoh", kind=PartyKind.PERSON).kind is PartyKind.PERSON


def test_what_is_left_out_is_remembered() -> None:
    name = parse("Prof. Dr. H. Budi Santoso bin Umar, S.H., M.Kn.")
    assert name.titles == ("prof", "dr", "h")
    assert name.degrees == ("sh", "mkn")
    assert name.descent == "bin"
    assert [word.text for word in name.given] == ["budi", "santoso"]
    assert [word.text for word in name.father] == ["umar"]
