"""Words that only the line mode says, in English and in Bahasa Indonesia; what it shares is in `lhwa.tui.labels`.

Invariant: both languages have every saying, and a saying takes the same values in both; a test asks.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sayings:
    """The words of one language. `{}` stands for a value."""

    # Times and numbers
    weekdays: tuple[str, ...]
    """Monday first."""
    months: tuple[str, ...]
    units: tuple[str, str, str]
    """Days, hours, minutes."""
    under_a_minute: str
    ending_in: str
    lines: str
    # A row
    unread: str
    inbox_unread: str
    assigned_to: str
    message: str
    window_left: str
    window_closed: str
    from_whom: str
    intake_is: str
    conflicts_are: str
    record: str
    verified: str
    outbound: str
    template: str
    tree: str
    # A page
    forwarded: str
    answers_to: str
    reactions: str
    deleted_at: str
    asks: str
    documents: str
    left: str
    edited_by: str
    done_by: str
    also: str
    of_kind: str
    # Where somebody is
    welcome: str
    page: str
    has_more: str
    has_older: str
    end_of_queue: str
    begin_of_queue: str
    no_hits: str
    changed: str
    no_unread: str
    nothing_open: str
    nothing_to_follow: str
    whole_thread: str
    new_here: str
    # Questions
    optional: str
    number_or_word: str
    choose_one: str
    yes_or_no: str
    text_ends: str
    given_up: str
    which_act: str
    no_acts: str
    which_template: str
    example: str
    # Writing
    draft_begins: str
    draft_choice: str
    letter_choice: str
    draft_dropped: str
    sent: str
    no_file: str
    ask_time: str
    ask_path: str
    only_template: str
    no_group: str
    # Coming and going
    how_to_leave: str
    secret: str
    enter: str
    say_again: str
    unlocked: str
    not_welcome: str
    serving_again: str
    no_lines: str
    stopped: str
    not_here: str
    not_here_hint: str
    no_such_word: str
    no_such_word_hint: str
    # Help
    help_numbers: str
    help_acts: str
    help_lines: str


ENGLISH = Sayings(
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    units=("d", "h", "min"),
    under_a_minute="less than 1 min",
    ending_in="ending in",
    lines="{} lines",
    unread="unread {}",
    inbox_unread="{}, unread",
    assigned_to="assigned to",
    message="Message",
    window_left="window {} left",
    window_closed="window closed",
    from_whom="from {}",
    intake_is="intake {}",
    conflicts_are="conflicts: {}",
    record="record {}",
    verified="verified",
    outbound="message",
    template="template",
    tree="tree",
    forwarded="forwarded",
    answers_to="answers {}",
    reactions="reactions",
    deleted_at="deleted",
    asks="asked now: {}",
    documents="files {}",
    left="left by the client",
    edited_by="edited by {}",
    done_by="by {}",
    also="also {}",
    of_kind="id",
    welcome="{}, you are {}. help says what can be typed.",
    page="{} to {} of {}.",
    has_more="more goes on.",
    has_older="older reads what was before.",
    end_of_queue="This was the last one.",
    begin_of_queue="This is the first one.",
    no_hits="Nothing fits this filter. filter alone takes it away.",
    changed="It has changed: about reads it, and then a decision is about that.",
    no_unread="No other conversation is unread.",
    nothing_open="Nothing is open. A number opens what has it.",
    nothing_to_follow="No conversation belongs to this.",
    whole_thread="Acts are about the whole conversation again.",
    new_here="New here: {}. newest reads it.",
    optional="{}, or Enter for none",
    number_or_word="number or word",
    choose_one="That is none of them: a number from 1 to {}, or one of the words.",
    yes_or_no="yes or no",
    text_ends="A line with only a dot ends the text.",
    given_up="Given up, nothing was done.",
    which_act="Number of the act, or Enter for none",
    no_acts="Nothing can be done here.",
    which_template="Number of the template, or Enter for none",
    example="for example {}",
    draft_begins="You have a draft:",
    draft_choice="Draft: 1 go on, 2 take it as it is, 3 throw it away, Enter leaves it",
    letter_choice="1 send, 2 read, 3 more, 4 attach, 5 later, 6 template, 7 throw away, Enter keeps the draft",
    draft_dropped="The draft is thrown away.",
    sent="{}, to {}",
    no_file="There is no such file.",
    ask_time="When, such as {}",
    ask_path="Path of the file",
    only_template="Only a template can leave now: template chooses one.",
    no_group="Nobody can be answered here: it is a group.",
    how_to_leave="quit or Ctrl-D leaves; Ctrl-C once more leaves, too.",
    secret="Token",  # noqa: S106 -- a question, and not its answer
    enter="Enter",
    say_again="Unlocked. What you typed last was not done: type it again.",
    unlocked="Unlocked.",
    not_welcome="You may not work here any more as who you were. Start the inbox again.",
    serving_again="lhwa serve is running again.",
    no_lines="No line has run yet.",
    stopped="Stopped here: the lines that follow may be answers to this one.",
    not_here="{} cannot be done here.",
    not_here_hint="Open what it is about with its number; do reads what can be done there.",
    no_such_word="This word is not known.",
    no_such_word_hint="help says what can be typed.",
    help_numbers="A number is of what was read last: of the list, or of the messages of the open conversation.",
    help_acts="What can be done here. Type its word, and numbers to do it to these. do chooses by number.",
    help_lines="Any lhwa line works, too, such as: outbox list",
)

BAHASA = Sayings(
    weekdays=("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    months=(
        *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
        *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
    ),
    units=("hari", "jam", "menit"),
    under_a_minute="kurang dari 1 menit",
    ending_in="berakhiran",
    lines="{} baris",
    unread="belum dibaca {}",
    inbox_unread="{}, belum dibaca",
    assigned_to="ditangani",
    message="Pesan",
    window_left="jendela sisa {}",
    window_closed="jendela tertutup",
    from_whom="dari {}",
    intake_is="penerimaan {}",
    conflicts_are="benturan: {}",
    record="catatan {}",
    verified="terverifikasi",
    outbound="pesan",
    template="templat",
    tree="pohon",
    forwarded="diteruskan",
    answers_to="membalas {}",
    reactions="reaksi",
    deleted_at="dihapus",
    asks="ditanyakan sekarang: {}",
    documents="berkas {}",
    left="ditinggalkan klien",
    edited_by="diubah {}",
    done_by="oleh {}",
    also="juga {}",
    of_kind="id",
    welcome="{}, Anda {}. help menyebut apa yang dapat diketik.",
    page="{} sampai {} dari {}.",
    has_more="more melanjutkan.",
    has_older="older membacakan yang sebelumnya.",
    end_of_queue="Ini yang terakhir.",
    begin_of_queue="Ini yang pertama.",
    no_hits="Tidak ada yang cocok. filter saja menghapus saringannya.",
    changed="Sudah berubah: about membacakannya, lalu keputusan berdasarkan itu.",
    no_unread="Tidak ada percakapan lain yang belum dibaca.",
    nothing_open="Tidak ada yang terbuka. Sebuah nomor membukanya.",
    nothing_to_follow="Tidak ada percakapan untuk ini.",
    whole_thread="Tindakan kembali tentang seluruh percakapan.",
    new_here="Baru di sini: {}. newest membacakannya.",
    optional="{}, atau Enter bila tidak ada",
    number_or_word="nomor atau kata",
    choose_one="Tidak ada pilihan itu: nomor 1 sampai {}, atau salah satu katanya.",
    yes_or_no="ya atau tidak",
    text_ends="Baris yang hanya berisi titik mengakhiri teks.",
    given_up="Dibatalkan, tidak ada yang dilakukan.",
    which_act="Nomor tindakan, atau Enter bila tidak ada",
    no_acts="Tidak ada yang dapat dilakukan di sini.",
    which_template="Nomor templat, atau Enter bila tidak ada",
    example="misalnya {}",
    draft_begins="Anda punya konsep:",
    draft_choice="Konsep: 1 lanjutkan, 2 pakai apa adanya, 3 buang, Enter membiarkannya",
    letter_choice="1 kirim, 2 baca, 3 tambah, 4 lampirkan, 5 nanti, 6 templat, 7 buang, Enter menyimpan konsep",
    draft_dropped="Konsep dibuang.",
    sent="{}, kepada {}",
    no_file="Berkas itu tidak ada.",
    ask_time="Kapan, misalnya {}",
    ask_path="Lokasi berkas",
    only_template="Hanya templat yang dapat dikirim sekarang: template memilihnya.",
    no_group="Tidak ada yang dapat dibalas di sini: ini grup.",
    how_to_leave="quit atau Ctrl-D keluar; Ctrl-C sekali lagi juga keluar.",
    secret="Token",  # noqa: S106 -- a question, and not its answer
    enter="Enter",
    say_again="Terbuka. Yang terakhir Anda ketik tidak dilakukan: ketik lagi.",
    unlocked="Terbuka.",
    not_welcome="Anda tidak lagi boleh bekerja di sini seperti tadi. Buka kotak masuk lagi.",
    serving_again="lhwa serve berjalan lagi.",
    no_lines="Belum ada baris yang dijalankan.",
    stopped="Berhenti di sini: baris berikutnya mungkin jawaban untuk baris ini.",
    not_here="{} tidak dapat dilakukan di sini.",
    not_here_hint="Buka yang dimaksud dengan nomornya; do membacakan yang dapat dilakukan.",
    no_such_word="Kata ini tidak dikenal.",
    no_such_word_hint="help menyebut apa yang dapat diketik.",
    help_numbers="Nomor memilih dari yang terakhir dibacakan: dari daftar, atau dari pesan percakapan yang terbuka.",
    help_acts="Yang dapat dilakukan di sini. Ketik katanya, dan nomor untuk nomor itu. do memilih nomor.",
    help_lines="Baris lhwa apa pun juga dapat dijalankan, misalnya: outbox list",
)

SPOKEN: dict[str, Sayings] = {"en": ENGLISH, "id": BAHASA}
