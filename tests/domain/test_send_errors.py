from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.send_errors import (
    DAY_S,
    ERRORS,
    NOT_CONNECTED,
    REFUSED,
    UNANSWERED,
    ErrorClass,
    Scope,
    SendVerdict,
    verdict_of,
)

# Written from the reference, not from the data. Four lines of it are no class; they are listed as what a sender does:
# 131059 and 139102 (begin the paging anew), 131060 (no send error) and 1752041 (was done before) are never repeated.
# 131053 may be repeated for a link, and lhwa posts uploaded files alone.
CLASSES = {
    "retry": "1 2 131000 131016 131057 133000 133004 139103 2494100",
    "slow": "4 613 80007 130429 131048 131056 131208 132069",
    "reauth": "0 3 10 190 200-299 131005",
    "wait": "131049 131064 133008 133009 133015 133016 134101",
    "alt": "131047 131061 131062 131063 132015 2494191",
    "oper": """33 368 131030 131031 131035 131037 131042 131044 131045 132068 133005 133006 133010 134011 134102 137000
        139000-139004 139101 141002 147001-147005 2388001 2388012 2388091 2388093 2388103 2388019 2494164-2494179
        2593079 2593085""",
    "never": """100 130472 130497 131008 131009 131020 131021 131026 131036 131041 131050 131051 131052 131053 131055
        131059 131060 131201-131207 131209-131215 132000 132001 132005 132007 132008 132012 132016 132018 134100 135000
        138000-138024 139100 139102 200005-200007 1752041 2388040 2388047 2388072 2388073 2388293 2388299 2593107
        2593108 2593109""",
}


def expanded(words: str) -> list[int]:
    spans = (word.partition("-") for word in words.split())
    return list(chain.from_iterable(range(int(first), int(last or first) + 1) for first, _, last in spans))


EXPECTED = {code: name for name, words in CLASSES.items() for code in expanded(words)}


def codes_of_the_table() -> set[int]:
    return set(chain.from_iterable(row.codes for row in ERRORS))


def test_the_table_and_the_reference_have_the_same_codes() -> None:
    assert codes_of_the_table() == set(EXPECTED)
    assert len(EXPECTED) == sum(len(expanded(words)) for words in CLASSES.values())


def test_every_code_has_the_class_of_the_reference() -> None:
    found = {code: verdict_of(code, http_status=400).error_class.value for code in codes_of_the_table()}
    assert found == EXPECTED


@pytest.mark.parametrize("http_status", [None, 200, 400, 401, 403, 404, 429, 500, 503])
def test_a_known_code_decides_whatever_the_http_status(http_status: int | None) -> None:
    found = {code: verdict_of(code, http_status=http_status).error_class.value for code in EXPECTED}
    assert found == EXPECTED


def test_a_code_has_one_line_or_one_that_goes_before_its_range() -> None:
    lines = list(chain.from_iterable(row.codes for row in ERRORS))
    assert sorted({code for code in lines if lines.count(code) > 1}) == [131208]


@pytest.mark.parametrize(
    ("codes", "scope"),
    [
        ("131056 131026 131030 131047 131049 131050 137000", Scope.PAIR),
        ("130429 131048 131045 133010 131208", Scope.NUMBER),
        ("80007 0 3 10 190 200 299 131005 368 131031 131042", Scope.ACCOUNT),
        ("4 2 131016", Scope.APP),
        ("100 131008 131009 132000 132012 135000", Scope.MESSAGE),
    ],
)
def test_how_far_an_error_reaches(codes: str, scope: Scope) -> None:
    assert {verdict_of(int(code), http_status=400).scope for code in codes.split()} == {scope}


def test_the_codes_that_come_later() -> None:
    later = {row.codes[0] for row in ERRORS if row.verdict.is_async}
    assert later == {130472, 131000, 131026, 131042, 131047, 131049, 131050, 131053, 137000}


@pytest.mark.parametrize(
    ("code", "also"), [(130472, "alt"), (131048, "oper"), (131063, "oper"), (131064, "oper"), (132015, "oper")]
)
def test_a_second_thing_that_is_asked_for(code: int, also: str) -> None:
    assert verdict_of(code, http_status=400).also == also


@pytest.mark.parametrize(("code", "tries_max"), [(1, 2), (131000, 3), (131049, 1), (131016, None), (131056, None)])
def test_how_often_a_message_is_tried(code: int, tries_max: int | None) -> None:
    assert verdict_of(code, http_status=400).tries_max == tries_max


@pytest.mark.parametrize(
    ("code", "waits_s"),
    [
        (131056, [1, 4, 16, 64, 256, 1024, 3600, 3600]),
        (131049, [DAY_S, DAY_S]),
        (133015, [300, 300]),
        (133016, [3 * DAY_S]),
        (134101, [600]),
        (131057, [120, 120]),
        (4, [60, 120, 240]),
    ],
)
def test_how_long_to_wait(code: int, waits_s: list[float]) -> None:
    verdict = verdict_of(code, http_status=400)
    assert [verdict.wait_s(failures) for failures in range(1, len(waits_s) + 1)] == waits_s


@given(code=st.sampled_from(sorted(EXPECTED)), failures=st.integers(1, 10**6))
def test_no_wait_grows_without_end(code: int, failures: int) -> None:
    wait_s = verdict_of(code, http_status=400).wait_s(failures)
    assert wait_s is None or 1 <= wait_s <= 3 * DAY_S


def test_where_the_table_bounds_no_wait_the_sender_decides() -> None:
    assert verdict_of(131016, http_status=500).wait_s() is None


@pytest.mark.parametrize(
    ("http_status", "error_class", "retryable"),
    [
        (400, ErrorClass.NEVER, False),
        (401, ErrorClass.NEVER, False),
        (404, ErrorClass.NEVER, False),
        (429, ErrorClass.SLOW, True),
        (500, ErrorClass.RETRY, True),
        (503, ErrorClass.RETRY, True),
        (None, ErrorClass.NEVER, False),
    ],
)
@pytest.mark.parametrize("code", [None, 999_999, -1])
def test_an_unknown_code_is_judged_by_its_http_status(
    code: int | None, http_status: int | None, error_class: ErrorClass, *, retryable: bool
) -> None:
    verdict = verdict_of(code, http_status=http_status)
    assert (verdict.code, verdict.error_class, verdict.retryable) == (None, error_class, retryable)


def test_an_unknown_server_error_is_tried_once_more() -> None:
    assert verdict_of(999_999, http_status=500).tries_max == 2


@pytest.mark.parametrize(
    ("code", "subcode", "decides"),
    [
        (100, 2388019, 2388019),
        (100, 2388293, 2388293),
        (100, 2494100, 2494100),
        (100, 2388999, 100),
        (100, 33, 100),
        (100, 190, 100),
        (100, None, 100),
        (190, 2388019, 190),
        (2388040, None, 2388040),
    ],
)
def test_a_long_code_beside_100_is_the_exact_one(code: int, subcode: int | None, decides: int) -> None:
    verdict = verdict_of(code, http_status=400, subcode=subcode)
    assert (verdict.code, verdict.error_class) == (decides, EXPECTED[decides])


def all_verdicts() -> list[SendVerdict]:
    unknown = [verdict_of(None, http_status=status) for status in (400, 429, 500)]
    return [row.verdict for row in ERRORS] + [NOT_CONNECTED, UNANSWERED, REFUSED, *unknown]


@pytest.mark.parametrize("verdict", all_verdicts(), ids=lambda verdict: verdict.hint)
def test_a_hint_is_one_short_sentence(verdict: SendVerdict) -> None:
    assert verdict.hint[0].isupper()
    assert verdict.hint.endswith(".")
    assert verdict.hint.count(". ") == 0
    assert len(verdict.hint) <= 90


@pytest.mark.parametrize("verdict", all_verdicts(), ids=lambda verdict: verdict.hint)
def test_what_will_always_fail_is_never_tried_again(verdict: SendVerdict) -> None:
    again = {ErrorClass.RETRY, ErrorClass.SLOW, ErrorClass.WAIT}
    assert not verdict.retryable or verdict.error_class in again
    assert verdict.retryable or verdict.error_class not in again or verdict.tries_max == 1
