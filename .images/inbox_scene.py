"""The sample firm of the pictures of the inbox: clients who are plainly samples, and a day of messages."""

# ruff: noqa: INP001 -- a script beside its pictures, not a package

from __future__ import annotations

from pathlib import Path
from typing import Any

from lhwa.domain.access import Role
from lhwa.domain.elements import Party
from lhwa.domain.ids import OperatorId
from lhwa.domain.messages import MessageType
from lhwa.domain.outbound import Text
from lhwa.services.inbox.assigning import assign_thread
from lhwa.services.inbox.desk import be_at
from lhwa.services.inbox.notes import add_note
from lhwa.services.inbox.seeing import mark_seen
from lhwa.services.intake.conflicts import check_conflicts
from lhwa.services.intake.reviewing import accept
from lhwa.services.intake.tree_files import read_tree_file
from lhwa.services.messaging.identity import known_contact
from lhwa.testing.builders import acting_as
from tests.services.intake.office import Office

HOUR_S, MINUTE_S = 3_600, 60
TREE = Path(__file__).parent.parent / "lhwa" / "cli" / "demo" / "konsultasi.yaml"


def _sample(number: int, name: str) -> Party:
    return Party(wa_id=f"62812300{number:05}", bsuid=f"ID.7700{number:010}", profile_name=name)


DEWI = _sample(1111, "Dewi Contoh")
HENDRA = _sample(2222, "Hendra Contoh")
SITI = _sample(3333, "Siti Contoh")
BAMBANG = _sample(4444, "Bambang Contoh")
MAYA = _sample(5555, "Maya Contoh")
AGUS = _sample(6666, "Agus Contoh")
LAWYER, STAFF = acting_as(Role.LAWYER), acting_as(Role.STAFF)
COLLEAGUE = OperatorId("contoh-rani")
REMINDER: dict[str, Any] = {
    "name": "pengingat_sidang",
    "language": "id",
    "category": "UTILITY",
    "components": [
        {
            "type": "BODY",
            "text": "Yth. {{1}}, sidang perkara Anda dijadwalkan {{2}}. Balas pesan ini bila ada pertanyaan.",
            "example": {"body_text": [["Ibu Contoh", "Senin, 30 November, pukul 09.00 WIB"]]},
        }
    ],
}


def fill(office: Office) -> dict[str, str]:
    """Yesterday's clients, and this morning's; returns the threads by the names of their clients."""
    office.put_template(**REMINDER)
    office.put_template()
    _closes(office)
    office.clock.advance(3 * HOUR_S)
    office.publish(read_tree_file(TREE).tree)
    _taken_in(office)
    office.clock.advance(21 * HOUR_S)
    _intakes(office)
    _morning(office)
    _of_staff(office)
    _asks_for_people(office)
    _answered(office)
    return {party.profile_name or "": _thread_of(office, party) for party in (DEWI, HENDRA, SITI, AGUS)}


def _closes(office: Office) -> None:
    """Somebody whose window is closed by now."""
    office.hear(AGUS, text="Selamat siang, apakah salinan putusan saya sudah bisa diambil?")
    office.write(lambda tx: mark_seen(tx, LAWYER, _thread_of(office, AGUS, tx)))


def _taken_in(office: Office) -> None:
    """A client of yesterday: every question was answered, and a lawyer accepted."""
    _goes_through(office, DEWI, "Dewi Contoh Lestari", "PT Contoh Makmur", "Tanah warisan ayah saya dijual tanpa izin.")
    intake = office.intake().id
    office.clock.advance(20 * MINUTE_S)
    office.store.write(check_conflicts, LAWYER, intake)
    office.store.write(accept, LAWYER, intake, reason="Perkara jelas", title="Sengketa tanah warisan")


def _goes_through(office: Office, party: Party, name: str, opponent: str, story: str) -> None:
    office.says("Selamat siang, saya perlu bantuan hukum.", party=party)
    office.taps("agree", party=party)
    office.says(name, party=party)
    office.taps("tanah", party=party)
    office.says(opponent, party=party)
    office.says(story, party=party)


def _intakes(office: Office) -> None:
    """One whose opponent is a client of the firm, one who is on the way, and one who asks for a person."""
    story = "Ibu itu menggugat saya karena tanah di Bogor. Saya punya sertifikatnya."
    _goes_through(office, HENDRA, "Hendra Contoh Wijaya", "Dewi Contoh Lestari", story)
    office.store.write(check_conflicts, LAWYER, office.intake().id)
    office.says("Halo, mau tanya soal pesangon", party=SITI)
    office.taps("agree", party=SITI)
    office.says("Adik saya ditahan sejak tadi malam, tolong segera dibantu.", party=BAMBANG)
    office.says("ORANG", party=BAMBANG)


def _morning(office: Office) -> None:
    """This morning with the client of yesterday, who sends a paper and asks."""
    document: dict[str, Any] = {
        "type": "document",
        "document": {"filename": "sertifikat-contoh.pdf", "mime_type": "application/pdf", "id": "1234567890"},
    }
    office.clock.advance(5 * MINUTE_S)
    office.hear(DEWI, text="Selamat siang Pak, ini sertifikat tanahnya.", wamid="wamid.D1")
    office.hear(DEWI, text="sertifikat-contoh.pdf", type=MessageType.DOCUMENT, wire_type="document", content=document)
    office.clock.advance(4 * MINUTE_S)
    answer = _sends(office, Text(body="Terima kasih, Bu Dewi. Sudah kami terima dan kami periksa hari ini."), "read")
    office.clock.advance(2 * MINUTE_S)
    office.store.write(
        add_note, STAFF, _thread_of(office, DEWI), "Nomor sertifikat cocok dengan surat ukur.", note_id=office.next_id()
    )
    office.store.write(assign_thread, STAFF, _thread_of(office, DEWI), operator=LAWYER.operator)
    office.clock.advance(12 * MINUTE_S)
    office.hear(DEWI, text="Kapan kita bertemu dengan notaris?", reply_to_wamid=answer, wamid="wamid.D2")


def _sends(office: Office, content: Text, *words: str) -> str:
    """The firm writes, and Meta tells what became of it; returns Meta's id."""
    outbound = office.send(content, contact=f"+{DEWI.wa_id}")
    office.post()
    wamid = f"wamid.P{office.row(outbound).seq}"
    for word in words:
        office.tell(word, outbound, wamid=wamid)
    return wamid


def _of_staff(office: Office) -> None:
    """What waits for a second person."""
    for party, text in (
        (SITI, "Terima kasih, Bu Siti. Mohon kirim surat pemutusan kerja dan slip gaji tiga bulan terakhir."),
        (HENDRA, "Selamat siang Pak Hendra, jawaban Bapak sudah lengkap. Advokat kami segera membacanya."),
    ):
        office.clock.advance(MINUTE_S)
        office.send(Text(body=text), role=Role.STAFF, contact=f"+{party.wa_id}")


def _asks_for_people(office: Office) -> None:
    """A message that did not arrive."""
    office.clock.advance(3 * MINUTE_S)
    office.hear(MAYA, text="Apakah jadwal mediasinya sudah ada?")
    failed = office.send(Text(body="Sudah, hari Rabu pukul 10."), contact=f"+{MAYA.wa_id}")
    office.take()
    office.refuse(failed, 131026)
    office.clock.advance(2 * MINUTE_S)


def _answered(office: Office) -> None:
    """The newest words, while a colleague begins to write, too."""
    thread = _thread_of(office, DEWI)
    _sends(office, Text(body="Kamis pukul 10, di kantor kami. Mohon bawa KTP asli dan kartu keluarga."), "delivered")
    office.hear(DEWI, text="Baik Pak, saya datang dengan adik saya.", wamid="wamid.D3")
    colleague = acting_as(Role.LAWYER)
    object.__setattr__(colleague, "operator", COLLEAGUE)
    office.store.jot(be_at, colleague, desk="0" * 16, conversation=thread, is_writing=True)


def _thread_of(office: Office, party: Party, tx: Any = None) -> str:
    contact = office.store.read(known_contact, party) if tx is None else known_contact(tx, party)

    def look(tx: Any) -> str:
        return next(str(each.id) for each in tx.conversations.newest(rows_max=100) if each.contact == contact)

    return office.store.read(look) if tx is None else look(tx)
