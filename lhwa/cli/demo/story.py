"""The script: about forty webhooks in Bahasa Indonesia, and what each must become. All people are invented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from lhwa.domain.instants import Instant
from lhwa.testing.webhooks import BusinessNumber, Client, build, encode, merge, set_path

FIRM_A, FIRM_B = "contoh-jakarta", "contoh-makassar"
NUMBERS = {
    FIRM_A: BusinessNumber(
        phone_number_id="301301301301301", display_phone_number="622150001234", waba_id="200300400500600"
    ),
    FIRM_B: BusinessNumber(
        phone_number_id="302302302302302", display_phone_number="624115005678", waba_id="200300400500601"
    ),
}
NAMES = {FIRM_A: "Kantor Hukum Contoh Jakarta", FIRM_B: "Kantor Hukum Contoh Makassar"}
ZONES = {FIRM_A: "WIB", FIRM_B: "WITA"}

RINA = Client(name="Rina Contoh", wa_id="6281230001111", bsuid="ID.88001122334455", username="rina.contoh")
BUDI = Client(name="Budi Sampel 🙏", wa_id="6281230002222", bsuid="ID.88001122334466")
SITI = Client(name="Siti Contoh", wa_id=None, bsuid="ID.88001122334477", username="siti.contoh")
ANDI = Client(name="Andi Sampel", wa_id="6281230004444", bsuid="ID.88001122334488")

_BODY = "entry.0.changes.0.value.messages.0.text.body"
_FIRST_SEQ = 41_000


class Outcome(StrEnum):
    """What must come of a webhook."""

    MESSAGE = "message"
    STATUS = "status"
    PLATFORM = "platform"
    DUPLICATE = "duplicate"
    """Nothing changes: it was here before."""
    DEAD_LETTER = "dead letter"
    MIXED = "two firms"
    """One request for both firms: each gets its own part."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Step:
    """One webhook of the script."""

    firm: str
    sender: str
    what: str
    """One line for the person who watches."""
    body: bytes
    outcome: Outcome
    forged: bool = False
    status: int = 200


class _Script:
    """Writes steps; every call is a moment later than the one before."""

    def __init__(self, start: Instant) -> None:
        self._at = start
        self._seq = _FIRST_SEQ

    def says(self, firm: str, client: Client, text: str, *, kind: str = "text") -> Step:
        payload = self._build(firm, client, kind)
        return _step(firm, client, text, set_path(payload, _BODY, text), Outcome.MESSAGE)

    def sends(self, firm: str, client: Client, kind: str, what: str, outcome: Outcome = Outcome.MESSAGE) -> Step:
        return _step(firm, client, what, self._build(firm, client, kind), outcome)

    def staff_replies(self, firm: str, client: Client, text: str, *statuses: str) -> Iterator[Step]:
        """A reply written in the phone app, its statuses in the given order; the reply itself comes second."""
        seq = self._next()
        states = [self._at_seq(firm, client, f"status_{status}", seq) for status in statuses]
        wamid = states[0]["entry"][0]["changes"][0]["value"]["statuses"][0]["id"]
        echo = self._at_seq(firm, client, "echo", seq)
        echo = set_path(echo, "entry.0.changes.0.value.message_echoes.0.id", wamid)
        echo = set_path(echo, "entry.0.changes.0.value.message_echoes.0.text.body", text)
        first = f"status '{statuses[0]}' arrives before the message it is about"
        yield _step(firm, client, first, states[0], Outcome.STATUS)
        yield _step(firm, client, f"(staff, in the phone app) {text}", echo, Outcome.MESSAGE)
        for status, payload in zip(statuses[1:], states[1:], strict=True):
            yield _step(firm, client, f"status '{status}', out of order", payload, Outcome.STATUS)

    def regrets(self, firm: str, client: Client, text: str) -> Iterator[Step]:
        """A text that is reworded and then deleted by its author."""
        seq = self._next()
        yield _step(firm, client, text, set_path(self._at_seq(firm, client, "text", seq), _BODY, text), Outcome.MESSAGE)
        for kind, what in (
            ("edit", "rewords it: the original is kept"),
            ("revoke", "deletes it: marked, never erased"),
        ):
            yield _step(firm, client, what, self._at_seq(firm, client, kind, seq), Outcome.MESSAGE)

    def both_firms(self) -> Step:
        one = self._build(FIRM_A, ANDI, "text")
        other = self._build(FIRM_B, BUDI, "text")
        body = merge([one, other])
        return _step(FIRM_A, ANDI, "one request with a message for each firm", body, Outcome.MIXED)

    def _build(self, firm: str, client: Client, kind: str) -> dict[str, Any]:
        return self._at_seq(firm, client, kind, self._next())

    def _at_seq(self, firm: str, client: Client, kind: str, seq: int) -> dict[str, Any]:
        self._at += timedelta(seconds=2)
        return build(kind, number=NUMBERS[firm], client=client, seq=seq, at=self._at)

    def _next(self) -> int:
        self._seq += 1
        return self._seq


def _step(firm: str, client: Client, what: str, payload: dict[str, Any], outcome: Outcome) -> Step:
    return Step(firm, client.name, what, encode(payload), outcome)


def _again(step: Step, what: str) -> Step:
    return replace(step, what=what, outcome=Outcome.DUPLICATE)


def story(start: Instant) -> list[Step]:
    """The whole script, in the order in which it is sent."""
    write = _Script(start - timedelta(minutes=3))
    steps = [*_first_client(write), *_more_clients(write), *_oddities(write)]
    return [*steps, *_ending(write)]


def _first_client(write: _Script) -> Iterator[Step]:
    hello = write.says(FIRM_A, RINA, "Selamat malam, apakah kantor masih buka? Saya perlu bantuan hukum.")
    yield hello
    yield write.says(FIRM_A, RINA, "Tanah warisan ayah saya dijual kakak tanpa persetujuan saya.")
    yield write.sends(FIRM_A, RINA, "voice", "voice note, 48 seconds")
    yield write.sends(FIRM_A, RINA, "document", "document: sertifikat dan surat jual beli (PDF)")
    yield _again(hello, "Meta sends the first message once more")
    yield from write.staff_replies(
        FIRM_A, RINA, "Terima kasih, Ibu Rina. Kami pelajari dulu dokumennya.", "read", "sent", "delivered"
    )
    yield write.sends(FIRM_A, RINA, "button", "taps the template button 'Konfirmasi'")
    yield write.says(FIRM_A, RINA, "Baik, saya tunggu kabarnya. Terima kasih banyak.", kind="text_reply")
    yield write.sends(FIRM_A, RINA, "reaction", "reacts with an emoji")


def _more_clients(write: _Script) -> Iterator[Step]:
    yield write.says(FIRM_B, BUDI, "Siang Pak, saya dapat surat panggilan sidang untuk besok pagi.")
    yield write.sends(FIRM_B, BUDI, "image", "photo: surat panggilan")
    yield from write.regrets(FIRM_B, BUDI, "Nomor perkara 123/Pdt.G/2026, eh maaf salah tulis.")
    yield write.says(
        FIRM_A, SITI, "Halo, nomor saya disembunyikan. Bisa konsultasi soal perceraian?", kind="text_bsuid_only"
    )
    yield write.says(FIRM_A, SITI, "Anak saya dua, usia empat dan tujuh tahun.", kind="text_bsuid_only")
    yield write.sends(FIRM_B, ANDI, "location", "location: kantor polisi")
    yield write.says(FIRM_B, ANDI, "Adik saya ditahan sejak tadi malam, tolong segera.")
    yield write.sends(FIRM_B, ANDI, "contacts", "contact card: keluarga")
    yield write.sends(FIRM_B, ANDI, "list_reply", "chooses from a list")
    yield from write.staff_replies(
        FIRM_B, ANDI, "Kami ke sana sekarang. Mohon jangan tanda tangan apa pun.", "delivered", "sent", "read"
    )
    yield write.sends(FIRM_A, BUDI, "sticker", "the same person writes to the other firm: another record, another key")


def _oddities(write: _Script) -> Iterator[Step]:
    forged = write.says(FIRM_A, RINA, "Transfer biaya perkara ke rekening baru ini ya.")
    yield replace(forged, what="forged: signed with a guessed secret", outcome=Outcome.REFUSED, forged=True, status=403)
    yield write.sends(FIRM_A, BUDI, "poison", "a message without an id: kept aside, sealed", Outcome.DEAD_LETTER)
    yield write.says(FIRM_A, BUDI, "\x1b]0;retas\x07\x1b[2JTeks ini mencoba menguasai terminal Anda.")
    yield write.both_firms()
    yield write.sends(FIRM_B, BUDI, "future_type", "a message type that does not exist yet: kept as unsupported")
    yield write.sends(FIRM_B, BUDI, "system_number_changed", "a client has a new number: flagged, never merged")
    yield write.sends(FIRM_A, ANDI, "unknown_field", "a webhook field of the future: kept", Outcome.PLATFORM)


def _ending(write: _Script) -> Iterator[Step]:
    yield write.sends(FIRM_A, RINA, "template_approved", "Meta approves a template", Outcome.PLATFORM)
    yield write.sends(FIRM_B, RINA, "phone_quality_flagged", "Meta flags a number: staff are alerted", Outcome.PLATFORM)
    yield write.sends(
        FIRM_A, RINA, "status_failed", "a message of another app failed: the fact is parked", Outcome.STATUS
    )
    last = write.says(FIRM_A, SITI, "Apakah besok pagi bisa bertemu?", kind="text_bsuid_only")
    yield last
    yield _again(last, "Meta sends the last message once more")
