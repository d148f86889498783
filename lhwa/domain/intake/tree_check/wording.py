"""Words that promise an outcome or advise, in Bahasa Indonesia and English: neither belongs in an intake.

Source: the advocates' code of ethics (no promise of winning); advice is a lawyer's act.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lhwa.domain.findings import Finding, warning
from lhwa.domain.intake.tree_check.flow import Flow
from lhwa.domain.intake.tree_check.texts import texts_of

_NOT = r"(?<!tidak )(?<!tidak dapat )(?<!bukan )(?<!no )(?<!not )(?<!cannot )"
_PROMISES = (
    *("pasti menang", "pasti berhasil", "pasti bebas", "pasti dikabulkan", "pasti selesai", "dijamin", "menjamin"),
    *("jaminan menang", "jaminan hasil", "kami akan memenangkan", "seratus persen", "tanpa risiko", "kami berjanji"),
    *("guarantee", "guarantees", "guaranteed", "certain to win", "sure to win", "you will win", "we will win"),
    *("never lose", "never lost", "risk-free", "we promise"),
)
_ADVICE = (
    *(
        "sebaiknya anda",
        "kami sarankan",
        "kami menyarankan",
        "saran kami",
        "anda harus menggugat",
        "anda dapat menggugat",
    ),
    *("anda berhak menuntut", "anda bisa menuntut", "perkara anda kuat", "posisi anda kuat", "jangan tanda tangani"),
    *("we advise", "we recommend", "our advice", "you should sue", "you can sue", "you are entitled to compensation"),
    *("your case is strong", "you have a strong case", "do not sign"),
)


def _any_of(words: tuple[str, ...], more: str = "") -> re.Pattern[str]:
    return re.compile(rf"{_NOT}(?<!\w)(?:{'|'.join(map(re.escape, words))}{more})(?!\w)", re.IGNORECASE)


_PROMISE = _any_of(_PROMISES, r"|100 ?%")
_ADVISE = _any_of(_ADVICE)


def check(flow: Flow) -> Iterator[Finding]:
    """Every text of a tree."""
    for place, words in texts_of(flow.tree):
        for language, text in (("id", words.id), ("en", words.en)):
            where, plain = f"{place}.{language}", " ".join(text.split())
            if found := _PROMISE.search(plain):
                what = f"`{found[0]}` promises an outcome, which an advocate must not."
                yield warning("wording-promise", where, what, "Say what will be done, not how it will end.")
            if found := _ADVISE.search(plain):
                what = f"`{found[0]}` sounds like legal advice, which only a lawyer gives after looking at the matter."
                yield warning("wording-advice", where, what, "Ask, and leave the advice to the lawyer.")
