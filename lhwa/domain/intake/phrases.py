"""What a session says besides the texts of its tree, in both languages. A firm approves them with each tree.

They ask and explain; none of them advises or promises.
"""

from __future__ import annotations

import msgspec

from lhwa.domain.intake.wording import AnswerKind, Words


def _words(indonesian: str, english: str) -> Words:
    return Words(id=indonesian, en=english)


class Phrases(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One wording of everything; a tree may have its own."""

    skip: Words = _words("Lewati", "Skip")
    yes: Words = _words("Ya", "Yes")
    no: Words = _words("Tidak", "No")
    choose: Words = _words("Pilih", "Choose")
    other_language: Words = _words("English", "Bahasa Indonesia")
    """The button that changes the language: each in the words of those who need it."""
    withdraw: Words = _words("Tarik persetujuan", "Withdraw consent")
    footer: Words = _words("Ketik ORANG untuk bicara dengan staf", "Type PERSON to talk to our staff")
    consent_unclear: Words = _words(
        "Mohon pilih salah satu tombol, atau ketik SETUJU atau TIDAK SETUJU.",
        "Please choose one of the buttons, or type AGREE or DISAGREE.",
    )
    consent_noted: Words = _words(
        "Terima kasih, persetujuan Anda kami catat. Anda dapat menariknya kapan saja: ketik BERHENTI.",
        "Thank you, we have noted your consent. You can withdraw it at any time: type STOP.",
    )
    declined: Words = _words(
        "Baik, kami tidak akan menanyakan apa pun. Jika berubah pikiran, silakan ketik MULAI.",
        "All right, we will not ask anything. If you change your mind, please type START.",
    )
    withdrawn: Words = _words(
        "Persetujuan Anda sudah ditarik. Kami berhenti bertanya dan berhenti memakai jawaban Anda.",
        "Your consent is withdrawn. We stop asking and stop using your answers.",
    )
    person_comes: Words = _words(
        "Baik, staf kami akan membalas di sini pada jam kerja.",
        "All right, our staff will reply here during office hours.",
    )
    invalid_text: Words = _words("Mohon jawab dengan kata-kata.", "Please answer in words.")
    invalid_choice: Words = _words("Mohon pilih salah satu jawaban.", "Please choose one of the answers.")
    invalid_date: Words = _words(
        "Mohon tulis tanggalnya, misalnya 17-08-2026.", "Please write the date, for example 17-08-2026."
    )
    invalid_money: Words = _words(
        "Mohon tulis jumlahnya dalam rupiah, misalnya 2.500.000.", "Please write the amount in rupiah: 2,500,000."
    )
    invalid_phone: Words = _words(
        "Mohon tulis nomor teleponnya, misalnya 0812 3000 1111.", "Please write the number, such as 0812 3000 1111."
    )
    invalid_nik: Words = _words(
        "NIK terdiri dari 16 angka. Mohon periksa lagi.", "A NIK has 16 digits. Please check it again."
    )
    invalid_yes_no: Words = _words("Mohon jawab YA atau TIDAK.", "Please answer YES or NO.")
    invalid_document: Words = _words("Mohon kirim foto atau berkas.", "Please send a photo or a file.")
    invalid_location: Words = _words(
        "Mohon bagikan lokasi, atau tulis alamatnya.", "Please share the location, or write the address."
    )
    document_noted: Words = _words(
        "Berkas Anda sudah kami terima. Mohon jawab dulu pertanyaan tadi.",
        "We have received your file. Please answer the question above first.",
    )
    reminder: Words = _words(
        "Kami masih menunggu jawaban Anda atas pertanyaan ini:", "We are still waiting for your answer to this:"
    )
    closing: Words = _words(
        "Terima kasih telah menghubungi kami. Setelah kami pelajari, kami tidak dapat menangani perkara ini. Anda "
        "bebas menghubungi kantor hukum lain; mohon perhatikan bahwa sebagian perkara memiliki batas waktu.",
        "Thank you for contacting us. Having looked at it, we cannot take this matter. You are free to contact another "
        "law firm; please mind that some matters have time limits.",
    )
    """Offered to whoever rejects an intake; it is never sent by itself."""
    nothing_before: Words = _words("Ini pertanyaan pertama.", "This is the first question.")
    required: Words = _words("Pertanyaan ini tidak dapat dilewati.", "This question cannot be skipped.")

    def invalid(self, kind: AnswerKind) -> Words:
        """What is said when an answer of a kind does not fit."""
        words: Words = getattr(self, f"invalid_{kind.value}")
        return words
