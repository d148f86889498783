"""The help page and the line at the foot: what the keys do where somebody is. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from lhwa.tui.labels import Labels
from lhwa.tui.lines import Line, Span, cut, width_of

_KEY_CELLS = 16
ACTIONS: dict[str, str] = {
    "back": "Kembali",
    "command": "Perintah",
    "compose.attach": "Lampirkan",
    "compose.close": "Simpan konsep dan tutup",
    "compose.schedule": "Kirim nanti",
    "compose.send": "Kirim",
    "compose.template": "Templat",
    "go.alerts": "Peringatan",
    "go.approvals": "Persetujuan",
    "go.audit": "Audit",
    "go.inbox": "Kotak masuk",
    "go.outbox": "Keluar",
    "go.review": "Tinjau klien",
    "help": "Bantuan",
    "jump": "Ke tempat lain",
    "language": "Bahasa",
    "list.first": "Pertama",
    "list.last": "Terakhir",
    "list.mark": "Tandai",
    "list.next": "Berikutnya",
    "list.open": "Buka",
    "list.page_down": "Satu layar turun",
    "list.page_up": "Satu layar naik",
    "list.previous": "Sebelumnya",
    "lock": "Kunci",
    "log": "Tampilkan perintah",
    "page.down": "Turun",
    "page.page_down": "Satu layar turun",
    "page.page_up": "Satu layar naik",
    "page.up": "Naik",
    "queue.follow": "Percakapan",
    "reply": "Balas",
    "template": "Balas dengan templat",
    "theme": "Terang atau gelap",
    "thread.context": "Tentang klien",
    "thread.copy": "Salin pesan",
    "thread.filter": "Saring",
    "thread.newest": "Terbaru",
    "thread.next": "Pesan berikutnya",
    "thread.oldest": "Terlama",
    "thread.page_down": "Satu layar turun",
    "thread.page_up": "Satu layar naik",
    "thread.previous": "Pesan sebelumnya",
}
"""Action id -> its name in Bahasa Indonesia. The English one stands where the action is; acts have a table."""


def action_word(action: str, english: str, language: str) -> str:
    """What an action is called."""
    return (ACTIONS.get(action) if language == "id" else None) or english


def help_lines(
    here: Sequence[tuple[str, str]], everywhere: Sequence[tuple[str, str]], labels: Labels, width: int
) -> list[Line]:
    """Acts on what the cursor is on first, then how to move."""
    lines: list[Line] = []
    for title, pairs in ((labels.help_here, here), (labels.help_everywhere, everywhere)):
        lines.append((Span(title, "accent"),))
        named: dict[str, list[str]] = {}
        for key, label in pairs:
            named.setdefault(label, [])
            if key not in named[label]:
                named[label].append(key)
        for label, keys in named.items():
            shown = cut(" ".join(keys), _KEY_CELLS)
            lines.append((Span(f"  {shown:<{_KEY_CELLS}}  ", "strong"), Span(cut(label, width - _KEY_CELLS - 4))))
        lines.append((Span(""),))
    return lines


def key_bar(keys: Sequence[tuple[str, str]], width: int, *, marked: str = "") -> Line:
    """Keys with their labels, the most useful first, as many as fit whole; the help has the others.

    Args:
        marked: how many things an act would be about, where it is more than one.
    """
    bar: Line = (Span(f" {marked} ", "accent"),) if marked else ()
    for place, (key, label) in enumerate(keys, start=1):
        longer = (*bar, Span(f" {key} ", "accent"), Span(f"{label} ", "muted"))
        room = width if place == len(keys) else width - len(" …")
        if width_of(longer) > room:
            return (*bar, Span(" …", "muted"))
        bar = longer
    return bar
