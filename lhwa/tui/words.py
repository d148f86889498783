"""Marks for states: a sign and a word, so that no colour is ever the only sign. Pure."""

from __future__ import annotations

from typing import NamedTuple

from lhwa.tui.lines import Role, one_line


class Mark(NamedTuple):
    """How a state looks to somebody."""

    sign: str
    word: str
    role: Role


class State(NamedTuple):
    """How a state looks in both languages."""

    sign: str
    english: str
    bahasa: str
    role: Role


OUTBOUND: dict[str, State] = {
    "draft": State("✎", "draft", "konsep", "muted"),
    "pending_approval": State("◇", "waits for approval", "menunggu persetujuan", "warning"),
    "queued": State("◷", "queued", "antre", "muted"),
    "sending": State("→", "leaving", "sedang dikirim", "muted"),
    "accepted": State("↑", "accepted", "diterima", "muted"),
    "sent": State("✓", "sent", "terkirim", "muted"),
    "delivered": State("✓✓", "delivered", "sampai", "muted"),
    "read": State("✓✓", "read", "dibaca", "good"),
    "played": State("✓✓", "played", "diputar", "good"),
    "failed": State("✗", "failed", "gagal", "bad"),
    "in_doubt": State("?", "in doubt", "diragukan", "bad"),
    "cancelled": State("⊘", "cancelled", "dibatalkan", "muted"),
    "expired": State("⊘", "expired", "kedaluwarsa", "warning"),
}
INTAKE: dict[str, State] = {
    "new": State("○", "new", "baru", "muted"),
    "awaiting_consent": State("○", "awaiting consent", "menunggu persetujuan data", "muted"),
    "in_progress": State("◔", "in progress", "berjalan", "accent"),
    "submitted": State("●", "submitted", "lengkap", "warning"),
    "under_review": State("◑", "under review", "ditinjau", "warning"),
    "needs_info": State("◔", "needs info", "perlu keterangan", "accent"),
    "accepted": State("✓", "accepted", "diterima", "good"),
    "declined": State("⊘", "declined", "tidak setuju", "muted"),
    "rejected": State("✗", "rejected", "ditolak", "muted"),
    "withdrawn": State("⊘", "withdrawn", "ditarik", "muted"),
    "expired": State("⊘", "expired", "kedaluwarsa", "muted"),
}
URGENCY: dict[str, State] = {
    "": State("", "", "", ""),
    "routine": State("", "", "", ""),
    "soon": State("!", "soon", "segera", "warning"),
    "urgent": State("!!", "urgent", "mendesak", "bad"),
    "emergency": State("!!!", "emergency", "darurat", "bad"),
}
CONFLICTS: dict[str, State] = {
    "unchecked": State("?", "not checked", "belum diperiksa", "warning"),
    "none": State("✓", "no hit", "tanpa temuan", "good"),
    "outdated": State("?", "names have changed since", "nama berubah sejak itu", "warning"),
    "found": State("!", "hits to look at", "ada temuan", "warning"),
    "cleared": State("✓", "cleared", "dinyatakan bersih", "good"),
    "conflict": State("✗", "conflict", "benturan", "bad"),
}
SEVERITY: dict[str, State] = {
    "info": State("i", "info", "info", "muted"),
    "warning": State("!", "warning", "peringatan", "warning"),
    "critical": State("!!", "critical", "kritis", "bad"),
}

CHOICES: dict[str, str] = {
    "conflict": "benturan",
    "outside_practice": "di luar bidang kami",
    "no_capacity": "tidak ada waktu",
    "no_legal_matter": "bukan perkara hukum",
    "not_reached": "tidak dapat dihubungi",
    "other": "lain",
    "no_conflict": "tidak ada benturan",
    "waived": "dikesampingkan",
    "client": "klien",
    "opponent": "lawan",
    "related": "terkait",
    "sent": "terkirim",
    "resend": "kirim lagi",
    "outbound_hold": "pesan ditahan",
    "opt_out": "berhenti menerima pesan",
    "blocked": "diblokir",
    "identity_changed": "identitas berubah",
}
"""What can be chosen in a dialog -> its name in Bahasa Indonesia. Lines and the audit log have the English word."""


def choice_word(choice: str, language: str) -> str:
    """What a choice is called."""
    return (CHOICES.get(choice) if language == "id" else None) or choice.replace("_", " ")


def mark_of(states: dict[str, State], name: str | None, language: str) -> Mark:
    """How a state looks in a language; one that this table does not know is shown by its own word."""
    if name is None:
        return Mark("", "", "")
    state = states.get(name)
    if state is None:
        return Mark("", one_line(name).replace("_", " "), "")
    return Mark(state.sign, state.bahasa if language == "id" else state.english, state.role)
