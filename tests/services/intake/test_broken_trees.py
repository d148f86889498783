"""A corpus of broken trees: one defect in each, and the check finds exactly that one, at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from lhwa.domain.findings import Finding, Severity
from lhwa.services.intake.tree_files import check_read
from tests.services.intake.tree_samples import GOOD, read

E, W = Severity.ERROR, Severity.WARNING
ELEVEN = "".join(f"      o{index}: {{id: Pilihan {index}, en: Option {index}}}\n" for index in range(11))
THIRTY = "".join(
    f"  q{index}:\n    ask: text\n    text: {{id: Apa {index}, en: What {index}}}\n" for index in range(30)
)
LONG_1025, LONG_4097 = "a" * 1_025, "a" * 4_097
FAMILY = "      family: {id: Keluarga, en: Family}\n"
LAND = "      land: {id: Tanah, en: Land, go: place}\n"
DEBT = "      debt: {id: Utang, en: Debt}\n"
EARLY = "  early:\n    ask: text\n    text: {id: Awal, en: Early}\n"
STRAY = f"{EARLY}    next: review\n"
ROUND = EARLY.replace("early", "again") + "    next: again\n"
HELD = EARLY.replace("early", "again") + "    next: [{when: {area: debt}, to: again}, {to: story}]\n"
FORCED = """\
  news:
    consent: marketing
    version: "1"
    notice: {id: Balas BERHENTI., en: Reply STOP.}
    agree: {id: Ya, en: "Yes"}
    decline: {id: Tidak, en: "No"}
"""
NEWS = f"{FORCED}    required: false\n"
AGAIN = FORCED.replace("marketing", "intake")
PHONE = "  phone:\n    ask: phone\n    party: opponent\n    text: {id: Nomor, en: Number}\n"
SKIPPED = "    next: [{when: {children: yes}, to: story}, {to: story}]\n"

DEFECTS: list[tuple[str, str, str, str, Severity, str]] = [
    # label, what to replace, by what, rule, severity, how the file goes on at the place
    ("name", "name: contoh", "name: Contoh Kita", "tree-name", E, "Contoh Kita"),
    (
        "title in one language",
        "title: {id: Contoh, en: Sample}",
        "title: {id: Contoh}",
        "text-missing",
        E,
        "{id: Contoh}",
    ),
    ("late reminder", "after_h: 20", "after_h: 24", "remind-late", W, "24"),
    ("no reminder", "after_h: 20", "after_h: 0", "remind-hours", E, "0"),
    ("expires before it reminds", "after_h: 336", "after_h: 19", "expire-hours", E, "19"),
    ("kept too long", "after_h: 336", "after_h: 2161", "expire-hours", E, "2161"),
    ("start", "entry: true", "start: nowhere", "start-missing", E, "nowhere"),
    ("unreached", "  by_person:\n", STRAY + "  by_person:\n", "node-unreachable", E, "ask: text\n    text: {id: Awal"),
    ("target", "      - {to: place}", "      - {to: plaza}", "target-missing", E, "{to: plaza}"),
    ("no way for the rest", "      - {to: place}\n", "", "dead-end", E, "- {when: {area"),
    (
        "nothing follows",
        "  by_person:\n    person:",
        "  by_person:\n    ask: text\n    text:",
        "dead-end",
        E,
        "ask: text",
    ),
    (
        "branch behind all",
        "      - {to: place}\n",
        "      - {to: place}\n      - {to: story}\n",
        "branch-never",
        E,
        "{to: story}",
    ),
    (
        "branch that was taken before",
        "      - {to: place}\n",
        "      - {when: {area: family}, to: place}\n      - {to: place}\n",
        "branch-never",
        E,
        "{when: {area: family}",
    ),
    ("loop", "  story:\n", ROUND + "  story:\n", "loop-without-exit", E, "ask: text\n    text: {id: Awal"),
    (
        "loop that an answer before it may close",
        "  story:\n",
        HELD + "  story:\n",
        "loop-without-exit",
        E,
        "ask: text\n    text: {id: Awal",
    ),
    ("condition on nothing", "{area: [family]}", "{arena: [family]}", "condition-node", E, "{when: {arena"),
    ("condition on a text", "{area: [family]}", "{full_name: [Rina]}", "condition-kind", E, "{when: {full"),
    ("condition on a required consent", "{area: [family]}", "{consent: yes}", "condition-kind", E, "{when: {cons"),
    ("answer that is none", "{area: [family]}", "{area: [famili]}", "condition-answer", E, "{when: {area"),
    ("no answer", "{area: [family]}", "{area: []}", "condition-answer", E, "{when: {area"),
    (
        "condition on what comes later",
        "      - {when: {sens",
        "      - {when: {children: yes}, to: by_person}\n      - {when: {sens",
        "condition-order",
        E,
        "{when: {children",
    ),
    (
        "condition on what some skip",
        "    text: {id: Di mana, en: Where}\n",
        "    text: {id: Di mana, en: Where}\n" + SKIPPED,
        "condition-sometimes",
        W,
        "{when: {children",
    ),
    (
        "question before consent",
        "  consent:\n",
        EARLY + "  consent:\n",
        "consent-missing",
        E,
        "ask: text\n    text: {id: Awal",
    ),
    (
        "optional before required",
        "  consent:\n",
        NEWS + "  consent:\n",
        "consent-optional-first",
        E,
        "consent: marketing",
    ),
    ("forced marketing", "  area:\n", FORCED + "  area:\n", "consent-forced", E, "consent: marketing"),
    ("no word to withdraw", "Balas BERHENTI untuk", "Hubungi kami untuk", "consent-withdraw", E, "Kami meminta"),
    ("small letters are not the word", "Reply STOP to", "Do not stop to", "consent-withdraw", E, "We ask"),
    (
        "asked twice",
        "  area:\n",
        AGAIN + "  area:\n",
        "consent-repeated",
        W,
        'consent: intake\n    version: "1"\n    notice: {id: Balas',
    ),
    (
        "sensitive without consent of its own",
        "consent: sensitive_data",
        "consent: news",
        "consent-sensitive",
        W,
        "ask: yes_no",
    ),
    (
        "sensitive after a declined consent",
        "{sensitive: yes}",
        "{sensitive: [yes, no]}",
        "consent-sensitive",
        W,
        "ask: yes_no",
    ),
    ("purpose", "consent: intake", "consent: Our Intake", "purpose-name", E, "Our Intake"),
    ("version", 'version: "1"\n    notice:\n', "version: ''\n    notice:\n", "notice-version", E, "''"),
    (
        "options of a text",
        "    party: client\n",
        "    party: client\n    options: {a: {id: A, en: A}, b: {id: B, en: B}}\n",
        "options-kind",
        E,
        "{a: {id",
    ),
    ("party by telephone", "  area:\n", PHONE + "  area:\n", "party-kind", E, "opponent"),
    ("one option", LAND + DEBT, "", "options-few", E, "family:"),
    ("eleven options", FAMILY, FAMILY + ELEVEN, "options-many", E, "family:"),
    ("title of a button", "id: Utang,", "id: Utang piutang dan KPR,", "button-length", E, "Utang piutang dan KPR"),
    (
        "title of a row",
        DEBT,
        DEBT + "      other: {id: Lain, en: Something else altogether}\n",
        "row-length",
        E,
        "Something else",
    ),
    ("two titles alike", "{id: Utang, en: Debt}", "{id: Utang, en: land }", "title-duplicate", E, "land"),
    ("agree and decline alike", "decline: {id: Tidak setuju,", "decline: {id: setuju,", "title-duplicate", E, "setuju"),
    (
        "description of a button",
        "id: Utang, en: Debt",
        "id: Utang, en: Debt, more: {id: Kredit, en: Loan}",
        "description-unseen",
        W,
        "{id: Kredit",
    ),
    (
        "long description",
        DEBT,
        DEBT + f"      other: {{id: Lain, en: Other, more: {{id: {'a' * 73}, en: b}}}}\n",
        "description-length",
        E,
        "aaa",
    ),
    ("value", "      debt:", "      Debt!:", "option-value", E, "{id: Utang"),
    ("value of a steering button", "      debt:", "      skip:", "option-reserved", E, "{id: Utang"),
    ("long question", "id: Di mana", f"id: {LONG_1025}", "body-length", E, "aaa"),
    ("long question that may be skipped", "id: Apa yang terjadi", f"id: {LONG_1025}", "body-length", E, "aaa"),
    ("long last words", "id: Terima kasih.", f"id: {LONG_4097}", "body-length", E, "aaa"),
    ("long notice", "en: Reply STOP.", f"en: STOP {LONG_1025}", "notice-length", E, "STOP aaa"),
    ("text of one language", ", en: Where", "", "text-missing", E, "{id: Di mana"),
    ("untranslated", "en: What happened", "en: Apa yang terjadi", "text-same", W, "Apa yang terjadi}"),
    ("promise", "en: Thank you.", "en: We guarantee that you win.", "wording-promise", W, "We guar"),
    ("promise in Indonesian", "id: Terima kasih.", "id: Anda pasti menang.", "wording-promise", W, "Anda past"),
    ("advice", "id: Terima kasih.", "id: Sebaiknya Anda menggugat.", "wording-advice", W, "Sebaik"),
    ("no client", "    party: client\n", "", "party-client", W, "review:"),
    (
        "a client who may be skipped",
        "    party: client\n",
        "    party: client\n    optional: true\n",
        "party-client",
        W,
        "review:",
    ),
    ("too many questions", "  area:\n", THIRTY + "  area:\n", "questions-many", W, "consent:\n    consent"),
]


def found_in(folder: Path, text: str) -> list[Finding]:
    return check_read([read(folder, text)])


def test_the_good_tree_is_good(tmp_path: Path) -> None:
    assert found_in(tmp_path, GOOD) == []


@pytest.mark.parametrize(("label", "old", "new", "rule", "severity", "at"), DEFECTS, ids=[each[0] for each in DEFECTS])
def test_one_defect_is_one_finding_at_its_place(
    tmp_path: Path, label: str, old: str, new: str, rule: str, severity: Severity, at: str
) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    findings = found_in(tmp_path, text)
    assert [(each.rule, each.severity) for each in findings] == [(rule, severity)], f"{label}: {findings}"
    (finding,) = findings
    assert finding.position is not None
    rest = "\n".join(text.split("\n")[finding.position.line - 1 :])[finding.position.column - 1 :]
    assert rest.startswith(at), f"{label}: {rest[:60]!r}"
    assert finding.mend
