from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.access import Role
from lhwa.domain.gates import (
    GATES,
    WINDOW_GUARD_MS,
    WINDOW_MS,
    Facts,
    Rule,
    TemplateFacts,
    Verdict,
    refusal,
    verdicts,
    wait_until_ms,
)
from lhwa.domain.instants import AHEAD_MS_MAX

NOW = 1_795_000_000_000
HOUR_MS = 3_600_000
UTILITY = TemplateFacts(name="kabar", language="id", status="APPROVED", category="UTILITY")
PROMO = TemplateFacts(name="promo", language="id", status="APPROVED", category="MARKETING")
OFFERS = ("kabar/id", "undangan/id")


def facts(**changes: Any) -> Facts:
    """A text by a lawyer to a client who wrote an hour ago: nothing is against it."""
    plain: dict[str, Any] = {
        "now_ms": NOW,
        "is_template": False,
        "offers": OFFERS,
        "has_address": True,
        "last_inbound_ms": NOW - HOUR_MS,
        "has_written": True,
        "expires_ms": NOW + 24 * HOUR_MS,
        "role": Role.LAWYER,
        "senders": frozenset({Role.OWNER, Role.LAWYER}),
    }
    return Facts(**(plain | changes))


def template_facts(template: TemplateFacts | None = UTILITY, **changes: Any) -> Facts:
    """The same with a template, to a client who wrote long ago."""
    return facts(**({"is_template": True, "template": template, "last_inbound_ms": NOW - 9 * WINDOW_MS} | changes))


def verdict_on(found: Facts, rule: Rule) -> Verdict:
    (verdict,) = (each for each in verdicts(found) if each.rule is rule)
    return verdict


SHUT: list[tuple[str, Facts, Rule]] = [
    ("a role that does not write", facts(role=Role.FINANCE), Rule.ROLE),
    ("a firm in which nobody writes", facts(senders=frozenset()), Rule.ROLE),
    ("no address", facts(has_address=False), Rule.RECIPIENT),
    ("content that Meta refuses", facts(findings=("text: Shorten it.", "And mend it.")), Rule.CONTENT),
    ("values that Meta refuses", template_facts(findings=("{{1}}: no line breaks",)), Rule.PARAMETERS),
    ("an opt-out", facts(restrictions=frozenset({"opt_out"})), Rule.OPT_OUT),
    ("a block", facts(restrictions=frozenset({"blocked"})), Rule.BLOCKED),
    ("a hold", facts(restrictions=frozenset({"outbound_hold"})), Rule.HOLD),
    ("a changed identity", facts(sends_paused=True), Rule.IDENTITY),
    ("somebody who never wrote", template_facts(has_written=False, last_inbound_ms=None), Rule.CONSENT),
    ("a template that is not there", template_facts(None), Rule.TEMPLATE),
    *(
        (f"a template that is {word}", template_facts(msgspec.structs.replace(UTILITY, status=word)), Rule.TEMPLATE)
        for word in ("PENDING", "REJECTED", "PAUSED", "DISABLED", "approved", "")
    ),
    ("marketing without consent", template_facts(PROMO), Rule.MARKETING),
    (
        "marketing that was stopped",
        template_facts(PROMO, has_marketing_consent=True, restrictions=frozenset({"marketing_stop"})),
        Rule.MARKETING,
    ),
    ("a window that closed a moment ago", facts(last_inbound_ms=NOW - WINDOW_MS), Rule.WINDOW),
    ("the last minutes of the window", facts(last_inbound_ms=NOW - WINDOW_MS + WINDOW_GUARD_MS), Rule.WINDOW),
    ("a thread in which the client did not write", facts(last_inbound_ms=None), Rule.WINDOW),
    ("a message from the far future", facts(last_inbound_ms=NOW + AHEAD_MS_MAX + 1), Rule.WINDOW),
    ("one that waited too long", facts(expires_ms=NOW), Rule.EXPIRED),
]


@pytest.mark.parametrize(("found", "rule"), [pytest.param(*case[1:], id=case[0]) for case in SHUT])
def test_a_gate_is_shut_by_its_own_rule(found: Facts, rule: Rule) -> None:
    shut = refusal(verdicts(found))
    assert shut is not None
    assert shut.rule is rule
    assert shut.says
    if rule not in (Rule.PARAMETERS, Rule.CONTENT):
        assert shut.hint


OPEN: list[tuple[str, Facts]] = [
    ("a text in the window", facts()),
    ("a text just before the guard", facts(last_inbound_ms=NOW - WINDOW_MS + WINDOW_GUARD_MS + 1)),
    ("a clock that is a little ahead", facts(last_inbound_ms=NOW + 1_000)),
    ("nobody asks any more", facts(role=None, senders=frozenset())),
    ("a template outside the window", template_facts()),
    ("a template to a thread without an answer", template_facts(last_inbound_ms=None)),
    ("marketing with consent", template_facts(PROMO, has_marketing_consent=True)),
    ("a stop of marketing and no marketing", template_facts(restrictions=frozenset({"marketing_stop"}))),
    ("the last moment before it expires", facts(expires_ms=NOW + 1)),
    ("a template that is not used", facts(template=PROMO, is_template=True, has_marketing_consent=True)),
]


@pytest.mark.parametrize("found", [pytest.param(case[1], id=case[0]) for case in OPEN])
def test_every_gate_is_open(found: Facts) -> None:
    assert [each for each in verdicts(found) if not each.passes] == []
    assert wait_until_ms(verdicts(found)) is None


def test_every_rule_that_stops_a_message_has_a_case() -> None:
    asked_elsewhere = {Rule.ACCOUNT, Rule.QUIET_HOURS}
    assert {rule for _name, _facts, rule in SHUT} == set(Rule) - asked_elsewhere
    assert len(GATES) == len({gate(facts()).rule for gate in GATES})


@pytest.mark.parametrize(
    ("closed_ms", "says"),
    [
        (0, "The window closed 1 min ago."),
        (59 * 60_000, "The window closed 59 min ago."),
        (3 * HOUR_MS, "The window closed 3 h ago."),
        (-1, "The window closes in 1 min, too soon to be safe."),
        (-WINDOW_GUARD_MS, "The window closes in 5 min, too soon to be safe."),
        (-WINDOW_GUARD_MS - 1, "The window is open for 5 min more."),
        (-23 * HOUR_MS, "The window is open for 23 h more."),
    ],
)
def test_the_window_says_how_long(closed_ms: int, says: str) -> None:
    assert verdict_on(facts(last_inbound_ms=NOW - WINDOW_MS - closed_ms), Rule.WINDOW).says == says


@pytest.mark.parametrize("found", [facts(last_inbound_ms=None), template_facts(None), template_facts(PROMO)])
def test_what_may_be_sent_instead_is_offered(found: Facts) -> None:
    shut = refusal(verdicts(found))
    assert shut is not None
    assert shut.offers == OFFERS


def test_a_firm_without_templates_is_told_to_get_one() -> None:
    shut = verdict_on(facts(last_inbound_ms=None, offers=()), Rule.WINDOW)
    assert (shut.passes, shut.offers) == (False, ())
    assert "approved" in shut.hint


def test_who_may_write_is_named() -> None:
    assert verdict_on(facts(role=Role.AUDITOR), Rule.ROLE).hint == "These do: lawyer, owner."


@pytest.mark.parametrize(
    ("found", "waits_ms"),
    [
        (template_facts(quiet_until_ms=NOW + 5), NOW + 5),
        (template_facts(quiet_until_ms=NOW + 5, last_inbound_ms=None), NOW + 5),
        (template_facts(quiet_until_ms=NOW + 5, last_inbound_ms=NOW - WINDOW_MS), NOW + 5),
        (template_facts(quiet_until_ms=NOW + 5, last_inbound_ms=NOW - WINDOW_MS + 1), None),
        (facts(quiet_until_ms=NOW + 5), None),
        (template_facts(), None),
    ],
    ids=["begun by the firm", "never answered", "a day ago", "an answer by template", "an answer", "by day"],
)
def test_quiet_hours_hold_what_the_firm_begins_and_no_answer(found: Facts, waits_ms: int | None) -> None:
    said = verdicts(found)
    assert refusal(said) is None
    assert wait_until_ms(said) == waits_ms


def test_the_most_patient_gate_decides_how_long_to_wait() -> None:
    one = Verdict(rule=Rule.QUIET_HOURS, passes=True, says="", wait_until_ms=5)
    assert wait_until_ms([one, msgspec.structs.replace(one, wait_until_ms=7), one]) == 7
    assert wait_until_ms([]) is None


ANY_FACTS = st.builds(
    Facts,
    now_ms=st.just(NOW),
    is_template=st.booleans(),
    template=st.none()
    | st.builds(
        TemplateFacts,
        name=st.just("kabar"),
        language=st.just("id"),
        status=st.sampled_from(("APPROVED", "PAUSED")),
        category=st.sampled_from(("UTILITY", "MARKETING")),
    ),
    offers=st.just(OFFERS),
    has_address=st.booleans(),
    findings=st.sampled_from(((), ("wrong",))),
    last_inbound_ms=st.none() | st.integers(NOW - 2 * WINDOW_MS, NOW + 2 * WINDOW_MS),
    has_written=st.booleans(),
    restrictions=st.frozensets(st.sampled_from(("opt_out", "marketing_stop", "blocked", "outbound_hold")), max_size=2),
    has_marketing_consent=st.booleans(),
    sends_paused=st.booleans(),
    expires_ms=st.integers(NOW - 2, NOW + 2),
    role=st.none() | st.sampled_from(Role),
    senders=st.frozensets(st.sampled_from(Role)),
    quiet_until_ms=st.none() | st.just(NOW + HOUR_MS),
)


@given(found=ANY_FACTS)
def test_whatever_passes_all_gates_keeps_every_law(found: Facts) -> None:
    if refusal(verdicts(found)) is not None:
        return
    assert found.has_address
    assert not found.findings
    assert not found.restrictions & {"opt_out", "blocked", "outbound_hold"}
    assert not found.sends_paused
    assert found.has_written
    assert found.role is None or found.role in found.senders
    if found.is_template:
        assert found.template is not None
        assert found.template.status == "APPROVED"
        is_marketing = found.template.category == "MARKETING"
        assert not is_marketing or (found.has_marketing_consent and "marketing_stop" not in found.restrictions)
    else:
        assert found.last_inbound_ms is not None
        assert NOW - WINDOW_MS + WINDOW_GUARD_MS < found.last_inbound_ms <= NOW + AHEAD_MS_MAX
