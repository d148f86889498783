"""What can be typed in the line mode besides acts and `lhwa` lines, each with what it does in both languages."""

from __future__ import annotations

from typing import NamedTuple

from lhwa.tui.plain.queues import QUEUES


class Word(NamedTuple):
    """One thing that can be typed."""

    name: str
    english: str
    bahasa: str
    takes: str = ""
    """What may stand behind it."""

    def line(self, language: str) -> str:
        """As help says it."""
        typed = f"{self.name} {self.takes}".rstrip()
        return f"{typed}: {self.bahasa if language == 'id' else self.english}"


WORDS: tuple[Word, ...] = (
    Word("list", "read the list again", "bacakan daftar lagi"),
    Word("more", "the next part of the list", "bagian daftar berikutnya"),
    Word("back", "the part of the list before", "bagian daftar sebelumnya"),
    Word("filter", "only what fits; alone, everything", "hanya yang cocok; sendiri, semuanya", "WORDS"),
    Word("open", "open what has this number in the list", "buka nomor ini dari daftar", "NUMBER"),
    Word("next", "open the next one of the list", "buka yang berikutnya"),
    Word("previous", "open the one before", "buka yang sebelumnya"),
    Word("unread", "open the next unread conversation", "buka percakapan belum dibaca berikutnya"),
    Word("close", "back to the list", "kembali ke daftar"),
    Word("messages", "read the messages again", "bacakan pesan lagi"),
    Word("older", "the messages before", "pesan sebelumnya"),
    Word("newer", "the messages after", "pesan sesudahnya"),
    Word("newest", "the newest messages", "pesan terbaru"),
    Word("message", "acts are about this message; alone, about all", "tindakan tentang pesan ini", "NUMBER"),
    Word("about", "all that is known of what is open", "semua yang diketahui tentang yang terbuka"),
    Word("follow", "open the conversation behind it", "buka percakapannya"),
    Word("reply", "write to the client, maybe to one message", "tulis kepada klien", "NUMBER"),
    Word("template", "write with an approved template", "tulis dengan templat", "NUMBER"),
    Word("do", "choose an act by number", "pilih tindakan dengan nomor"),
    Word("counts", "how much waits", "berapa yang menunggu"),
    Word("where", "where you are", "di mana Anda"),
    Word("log", "the lhwa lines that ran", "baris lhwa yang sudah dijalankan"),
    Word("language", "the other language", "bahasa lain"),
    Word("lock", "lock now", "kunci sekarang"),
    Word("help", "this", "ini"),
    Word("quit", "leave", "keluar"),
)
ALIASES = {"?": "help", "q": "quit", "exit": "quit", "m": "message", "prev": "previous", "n": "next", "r": "reply"}
KNOWN = (*QUEUES, *(word.name for word in WORDS))
