"""Texts that want something of a terminal, of Textual's markup, or of whoever lays lines out."""

from __future__ import annotations

import unicodedata

from hypothesis import strategies as st

JOINERS = "\u200c\u200d"
ATTACKS = (
    "\x1b]52;c;amFoYXQ=\x07",  # writes the clipboard
    "\x1b]0;jahat\x07\x1b]2;jahat\x1b\\",  # names the terminal's window
    "\x1b]8;;https://contoh.invalid\x1b\\bank\x1b]8;;\x1b\\",  # a link under other words
    "\x1b[2J\x1b[H\x1b[?1049l\x1b[6n",  # clears, leaves the screen, asks for an answer on stdin
    "\x1bPq\x1b\\\x1b_x\x1b\\\x1b^x\x1b\\\x1bXx\x1b\\\x1bc",  # DCS, APC, PM, SOS, reset
    "\x9b31m\x9d52;c;amFoYXQ=\x9c\x90q\x9c",  # the same in eight bits
    "\x00\x07\x08\x0b\x0c\r\x0e\x7f",
    "surat\u202efdp.exe\u202c \u2066x\u2069 \u061c\u200e\u200f",
    "a\u200bb\ufeffc\u00add\u2060e",
    "\U000e0041\U000e0042\ue000\u0378",
    "\u2028\u2029\x85",
    "[bold red]tebal[/] [@click=app.quit]klik[/] [link=https://contoh.invalid]bank[/link] [/] [",
    "x" * 10_000,
    "\u5bbd" * 3_000,
    "e" + "\u0301" * 2_000,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 60,
    "\u263a\ufe0f1\ufe0f\u20e3" * 40,
    "\U0001f1ee\U0001f1e9\U0001f44d\U0001f3fd" * 30,
    "\u0e01\u0e47\u0928\u092e\u0938\u094d\u0924\u0947 \u0645\u0631\u062d\u0628\u0627",
    "\n" * 60,
    "\t\ta\tb",
    " " * 300,
    "\u200d\ufe0f\u0301",
    "",
)
SURROGATES = "tunggal \ud83d \udc68"

any_text = st.text(st.characters(exclude_categories=[]), max_size=40)
hostile = st.one_of(
    st.sampled_from((*ATTACKS, SURROGATES)),
    any_text,
    st.lists(st.one_of(st.sampled_from((*ATTACKS, SURROGATES, " ", "kata")), any_text), max_size=4).map("".join),
)


def active(text: str) -> set[str]:
    """What a terminal would act on: controls, bidirectional and other format controls, half signs."""
    return {
        each
        for each in set(text)
        if unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp")
        or (unicodedata.category(each) == "Cf" and each not in JOINERS)
    }
