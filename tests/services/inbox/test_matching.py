from __future__ import annotations

import pytest

from lhwa.services.inbox.matching import has_all, words_of


@pytest.mark.parametrize(
    ("wanted", "texts", "fits"),
    [
        ("tanah", ("Sengketa Tanah",), True),
        ("TANAH sengketa", ("Sengketa", "tanah"), True),
        ("tanah sewa", ("Sengketa tanah",), False),
        ("TANAH", ("\uff34\uff21\uff2e\uff21\uff28",), True),  # the same letters, as wide as Chinese ones
        ("stra\u00dfe", ("STRASSE",), True),
        ("anta", ("Contoh", None, "Fantasi"), True),
        ("x", (None, ""), False),
        ("", (), True),
    ],
)
def test_words_are_found_however_both_are_written(wanted: str, texts: tuple[str | None, ...], *, fits: bool) -> None:
    assert has_all(words_of(wanted), *texts) is fits
