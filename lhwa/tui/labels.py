"""Every word of the inbox that is not a record's own, in English and in Bahasa Indonesia.

Invariant: both languages have every label, and a label takes the same values in both; a test asks.
What commands answer is English: those are the sentences that the documents and the audit log speak.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The words of one language. `{}` stands for a value."""

    code: str
    """Of the language."""
    # Queues
    inbox: str
    review: str
    approvals: str
    outbox: str
    alerts: str
    audit: str
    # The line at the top
    daemon_down: str
    locked: str
    unlock_typed: str
    unlock_entered: str
    unlock_refused: str
    idle_note: str
    # Empty places
    no_threads: str
    no_hits: str
    no_review: str
    no_approvals: str
    no_outbox: str
    no_alerts: str
    no_entries: str
    choose_thread: str
    loading: str
    not_for_your_role: str
    searching: str
    # Conversations
    window_closed: str
    window_closes: str
    group: str
    automatic: str
    nobody: str
    with_person: str
    writes_now: str
    looks_now: str
    needs_review: str
    you: str
    client: str
    firm: str
    # A thread
    edited: str
    deleted_by_client: str
    cannot_be_opened: str
    quoted_gone: str
    leaves_at: str
    template: str
    note: str
    hidden_content: str
    file: str
    today: str
    yesterday: str
    new_below: str
    # The context
    contact: str
    consent: str
    matter: str
    intake: str
    conflicts: str
    suggestions: str
    costs: str
    holds: str
    none: str
    no_suggestions: str
    as_of_act: str
    since: str
    # Writing
    write_to: str
    gates_open: str
    gates_wait: str
    draft_kept: str
    draft_words_kept: str
    too_long: str
    template_pick: str
    template_value: str
    no_templates: str
    preview: str
    attach: str
    attached: str
    schedule: str
    schedule_hint: str
    sends: str
    reply: str
    keep_draft: str
    needs_second_person: str
    # Dialogs
    confirm: str
    cancel: str
    go: str
    fill_in: str
    enter_opens: str
    look_first: str
    names_compared: str
    changed: str
    slid: str
    optional: str
    marked: str
    done: str
    refused: str
    help: str
    help_here: str
    help_everywhere: str
    go_to: str
    top: str
    language: str
    verified: str
    verifying: str
    not_verified: str


ENGLISH = Labels(
    code="en",
    inbox="Inbox",
    review="Intake review",
    approvals="Approvals",
    outbox="Outbox",
    alerts="Alerts",
    audit="Audit",
    daemon_down="lhwa serve is not running: nothing arrives or leaves",
    locked="Locked",
    unlock_typed="Paste your token to go on. q ends the inbox.",
    unlock_entered="You are here as the user of this machine: press Enter to go on. q ends the inbox.",
    unlock_refused="That token does not open this inbox.",
    idle_note="Nobody has touched the keyboard for {} minutes.",
    no_threads="No conversation yet. It begins when a client writes.",
    no_hits="Nothing fits this filter. Esc takes it away.",
    no_review="No intake waits for the firm.",
    no_approvals="Nothing waits for a decision.",
    no_outbox="Nothing is scheduled, in doubt or failed.",
    no_alerts="No alert is open.",
    no_entries="No message here yet.",
    choose_thread="Choose a conversation: j and k, then Enter.",
    loading="Loading …",
    not_for_your_role="Your role does not see this.",
    searching="Searched {} conversations …",
    window_closed="closed",
    window_closes="{} left",
    group="group",
    automatic="automatic",
    nobody="nobody",
    with_person="with a person",
    writes_now="{} is writing here",
    looks_now="{} has this open",
    needs_review="look at this contact",
    you="you",
    client="client",
    firm="firm",
    edited="edited {}",
    deleted_by_client="deleted by its sender {}; kept here",
    cannot_be_opened="cannot be opened",
    quoted_gone="a message that is not here",
    leaves_at="leaves {}",
    template="template {}",
    note="note by {}",
    hidden_content="content is hidden from your role",
    file="file",
    today="Today",
    yesterday="Yesterday",
    new_below="{} new below",
    contact="Contact",
    consent="Consent",
    matter="Matter",
    intake="Intake",
    conflicts="Conflicts",
    suggestions="Suggestions",
    costs="Costs",
    holds="Holds",
    none="none",
    no_suggestions="none: no assistant is switched on",
    as_of_act="as of act {}",
    since="since {}",
    write_to="To {}",
    gates_open="May leave now.",
    gates_wait="May leave {}.",
    draft_kept="Draft kept.",
    draft_words_kept="Draft kept: its words, for now also template, file and time. After a restart the words alone.",
    too_long="A message has at most {} characters here; the last part was not taken.",
    template_pick="Template",
    template_value="Value of {}",
    no_templates="Meta has approved no template yet: lhwa templates list",
    preview="The client reads",
    attach="Attach a file",
    attached="attached: {}",
    schedule="Send later",
    schedule_hint="28 Nov 14:30, tomorrow 08:00 or +2h",
    sends="Send",
    reply="Reply",
    keep_draft="Keep the draft",
    needs_second_person="A second person has to approve it.",
    confirm="Sure?",
    cancel="Cancel",
    go="Do it",
    fill_in="This is needed.",
    enter_opens="Enter opens it; that goes on record.",
    look_first="Read it first, then decide.",
    names_compared="The names are compared: look at what was found, then decide.",
    changed="This has changed while you read it.",
    slid="Another one stands here since a moment ago: look at it, then press again.",
    optional="may be empty",
    marked="{} marked",
    done="Done.",
    refused="Refused",
    help="Help",
    help_here="Here",
    help_everywhere="Everywhere",
    go_to="Go to",
    top="Top of the list",
    language="Language",
    verified="verified to {}",
    verifying="checked {} of {}",
    not_verified="NOT VERIFIED at {}",
)

BAHASA = Labels(
    code="id",
    inbox="Kotak masuk",
    review="Tinjau klien",
    approvals="Persetujuan",
    outbox="Keluar",
    alerts="Peringatan",
    audit="Audit",
    daemon_down="lhwa serve tidak berjalan: tidak ada yang masuk atau keluar",
    locked="Terkunci",
    unlock_typed="Tempel token Anda untuk melanjutkan. q menutup kotak masuk.",
    unlock_entered="Anda di sini sebagai pengguna komputer ini: tekan Enter untuk melanjutkan. q menutup.",
    unlock_refused="Token itu tidak membuka kotak masuk ini.",
    idle_note="Papan ketik tidak disentuh selama {} menit.",
    no_threads="Belum ada percakapan. Percakapan dimulai saat klien menulis.",
    no_hits="Tidak ada yang cocok dengan saringan ini. Esc menghapusnya.",
    no_review="Tidak ada calon klien yang menunggu kantor.",
    no_approvals="Tidak ada yang menunggu keputusan.",
    no_outbox="Tidak ada yang terjadwal, diragukan atau gagal.",
    no_alerts="Tidak ada peringatan.",
    no_entries="Belum ada pesan di sini.",
    choose_thread="Pilih percakapan: j dan k, lalu Enter.",
    loading="Memuat …",
    not_for_your_role="Peran Anda tidak melihat ini.",
    searching="{} percakapan diperiksa …",
    window_closed="tertutup",
    window_closes="sisa {}",
    group="grup",
    automatic="otomatis",
    nobody="belum ada",
    with_person="dengan petugas",
    writes_now="{} sedang menulis di sini",
    looks_now="{} membuka ini",
    needs_review="periksa kontak ini",
    you="Anda",
    client="klien",
    firm="kantor",
    edited="diubah {}",
    deleted_by_client="dihapus pengirimnya {}; tersimpan di sini",
    cannot_be_opened="tidak dapat dibuka",
    quoted_gone="pesan yang tidak ada di sini",
    leaves_at="dikirim {}",
    template="templat {}",
    note="catatan {}",
    hidden_content="isi disembunyikan dari peran Anda",
    file="berkas",
    today="Hari ini",
    yesterday="Kemarin",
    new_below="{} baru di bawah",
    contact="Kontak",
    consent="Persetujuan data",
    matter="Perkara",
    intake="Penerimaan",
    conflicts="Benturan",
    suggestions="Saran",
    costs="Biaya",
    holds="Penahanan",
    none="tidak ada",
    no_suggestions="tidak ada: asisten tidak dinyalakan",
    as_of_act="per langkah {}",
    since="sejak {}",
    write_to="Kepada {}",
    gates_open="Boleh dikirim sekarang.",
    gates_wait="Boleh dikirim {}.",
    draft_kept="Konsep disimpan.",
    draft_words_kept="Konsep disimpan; setelah dibuka ulang hanya kata-katanya, tanpa templat, berkas dan waktu.",
    too_long="Pesan di sini paling banyak {} karakter; bagian terakhir tidak diambil.",
    template_pick="Templat",
    template_value="Isi {}",
    no_templates="Meta belum menyetujui satu templat pun: lhwa templates list",
    preview="Klien membaca",
    attach="Lampirkan berkas",
    attached="lampiran: {}",
    schedule="Kirim nanti",
    schedule_hint="28 Nov 14:30, besok 08:00 atau +2h",
    sends="Kirim",
    reply="Balas",
    keep_draft="Simpan konsep",
    needs_second_person="Orang kedua harus menyetujuinya.",
    confirm="Yakin?",
    cancel="Batal",
    go="Lakukan",
    fill_in="Ini harus diisi.",
    enter_opens="Enter membukanya; itu tercatat.",
    look_first="Baca dulu, baru putuskan.",
    names_compared="Nama-nama dibandingkan: lihat hasilnya, baru putuskan.",
    changed="Ini berubah saat Anda membacanya.",
    slid="Baru saja yang lain berada di sini: lihat dulu, lalu tekan lagi.",
    optional="boleh kosong",
    marked="{} ditandai",
    done="Selesai.",
    refused="Ditolak",
    help="Bantuan",
    help_here="Di sini",
    help_everywhere="Di mana saja",
    go_to="Ke",
    top="Awal daftar",
    language="Bahasa",
    verified="terverifikasi sampai {}",
    verifying="{} dari {} diperiksa",
    not_verified="TIDAK TERVERIFIKASI pada {}",
)

LANGUAGES: dict[str, Labels] = {"en": ENGLISH, "id": BAHASA}


def names() -> tuple[str, ...]:
    """The names of all labels."""
    return tuple(each.name for each in fields(Labels))
