"""A firm's day for the inbox: something of every kind that people see or decide, made by the store's own services."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from lhwa.domain.access import Role
from lhwa.domain.elements import Party
from lhwa.domain.messages import MessageType
from lhwa.domain.outbound import Text
from lhwa.services.inbox.alerts import list_alerts
from lhwa.services.inbox.assigning import assign_thread
from lhwa.services.inbox.notes import add_note
from lhwa.services.intake.conflicts import check_conflicts
from lhwa.services.intake.publishing import submit_tree
from lhwa.services.intake.reviewing import accept, take_over
from lhwa.services.messaging.identity import known_contact
from lhwa.services.messaging.template_submissions import submit_template
from lhwa.testing.builders import NUMBER, acting_as, platform, reply
from lhwa.testing.intake import SMALL_TREE
from tests.domain.template_samples import PLAIN
from tests.services.intake.office import Office
from tests.services.intake.test_reviewing import through

LAWYER, STAFF, OWNER = (acting_as(role) for role in (Role.LAWYER, Role.STAFF, Role.OWNER))
HOUR_S = 3_600
REFUSED = 131026
"""Meta's code for a message that this recipient cannot get."""
GREETING: dict[str, Any] = {
    "name": "salam_kantor",
    "language": "id",
    "category": "UTILITY",
    "components": [{"type": "BODY", "text": "Kantor kami buka lagi besok pukul sembilan."}],
}


def sample(number: int, name: str) -> Party:
    """Somebody who may write to the firm."""
    return Party(wa_id=f"62812300{number:05}", bsuid=f"ID.7700{number:010}", profile_name=name)


OPEN = sample(21, "Contoh Terbuka")
CLOSED = sample(22, "Contoh Tertutup")
RICH = sample(23, "Contoh Ramai")
TROUBLED = sample(24, "Contoh Gagal")
DOUBTED = sample(25, "Contoh Ragu")
OLD_MATTER = sample(31, "Contoh Lama")
SUBMITTED = sample(32, "Contoh Diajukan")
ON_THE_WAY = sample(33, "Contoh Berjalan")
WITH_PERSON = sample(34, "Contoh Dibantu")
EVERYBODY = {
    "open": OPEN,
    "closed": CLOSED,
    "rich": RICH,
    "troubled": TROUBLED,
    "doubted": DOUBTED,
    "submitted": SUBMITTED,
    "on_the_way": ON_THE_WAY,
    "with_person": WITH_PERSON,
}


def fill(office: Office) -> dict[str, str]:
    """Everything that the inbox can show; returns ids by what they are of.

    `thread.NAME`, `contact.NAME` for everybody above; `intake.*`, `outbound.*`, `message.*`, `template`, `tree`.
    """
    ids = _yesterday(office)
    ids |= _intakes(office)
    ids |= _conversations(office)
    ids |= _outbox(office)
    ids |= _decisions(office)
    ids["alert"] = next(
        each.id for each in office.store.read(list_alerts, LAWYER, everything=False, rows_max=9) if each.may_acknowledge
    )
    for name, party in EVERYBODY.items():
        contact = _contact_of(office, party)
        ids[f"contact.{name}"] = contact
        ids[f"thread.{name}"] = _thread_of(office, contact)
    thread = ids["thread.open"]
    ids["message.open"] = office.store.read(lambda tx: tx.messages.newest(rows_max=1, conversation=thread))[0].id
    office.store.write(add_note, STAFF, thread, "Minta salinan akta sebelum Jumat.", note_id=office.next_id())
    office.store.write(assign_thread, STAFF, thread, operator=LAWYER.operator)
    return ids


def _yesterday(office: Office) -> dict[str, str]:
    """Before any tree: a client whose window has closed, and a matter of old."""
    office.put_template()
    office.put_template(**GREETING)
    office.publish(SMALL_TREE)
    old = through(office, name="Rina Contoh", party=OLD_MATTER)
    office.store.write(check_conflicts, LAWYER, old)
    office.store.write(accept, LAWYER, old, reason="clear case")
    office.hear(CLOSED, text="Halo, apakah kantor buka hari Sabtu?")
    office.clock.advance(26 * HOUR_S)
    return {"intake.old": old}


def _intakes(office: Office) -> dict[str, str]:
    submitted = through(office, name="Dewi Contoh", opponent="Rina Contoh", party=SUBMITTED)
    office.store.write(check_conflicts, LAWYER, submitted)
    office.says("Selamat siang", party=ON_THE_WAY)
    office.taps("agree", party=ON_THE_WAY)
    on_the_way = office.intake().id
    office.says("Saya mau bicara dengan orang", party=WITH_PERSON)
    with_person = office.intake().id
    office.store.write(take_over, LAWYER, with_person)
    return {"intake.submitted": submitted, "intake.on_the_way": on_the_way, "intake.with_person": with_person}


def _conversations(office: Office) -> dict[str, str]:
    """One client with everything that WhatsApp knows, and one who just asks."""
    document: dict[str, Any] = {
        "type": "document",
        "document": {"filename": "surat kuasa.pdf", "mime_type": "application/pdf", "id": "1234567890"},
    }
    office.clock.advance(60)
    office.hear(RICH, text="Sidang hari Senin.", wamid="wamid.RICH1")
    answer = office.send(Text(body="Kami catat."), contact=f"+{RICH.wa_id}")
    office.post()
    office.clock.advance(60)
    about: dict[str, Any] = {"target_wamid": "wamid.RICH1"}
    office.hear(RICH, text="Sidang hari Selasa.", type=MessageType.EDIT, wire_type="edit", **about)
    office.hear(RICH, text="\N{THUMBS UP SIGN}", type=MessageType.REACTION, wire_type="reaction", **about)
    office.hear(RICH, text="Nomor rekening saya 123.", wamid="wamid.RICH2")
    office.clock.advance(60)
    office.hear(RICH, text=None, type=MessageType.REVOKE, wire_type="revoke", target_wamid="wamid.RICH2")
    office.hear(RICH, text="Benar yang ini?", reply_to_wamid="wamid.RICH1", wamid="wamid.RICH3")
    office.hear(RICH, text="surat kuasa.pdf", type=MessageType.DOCUMENT, wire_type="document", content=document)
    office.clock.advance(60)
    office.apply(reply("Dari telepon kantor.", party=RICH, sent_at_ms=office.now_ms, wamid="wamid.ECHO1"))
    office.clock.advance(60)
    office.hear(OPEN, text="Selamat siang, saya perlu bantuan.", wamid="wamid.OPEN1")
    office.hear(OPEN, text="Soal tanah warisan.", wamid="wamid.OPEN2")
    return {"outbound.answered": answer}


def _outbox(office: Office) -> dict[str, str]:
    """Failed, in doubt, scheduled, and waiting for a second person."""
    made = {}
    office.hear(TROUBLED, text="Tolong balas.")
    made["outbound.failed"] = office.send(Text(body="Baik, kami balas."), contact=f"+{TROUBLED.wa_id}")
    office.take()
    office.refuse(made["outbound.failed"], REFUSED)
    office.hear(DOUBTED, text="Sudah diterima?")
    made["outbound.in_doubt"] = office.in_doubt(content=Text(body="Sudah."), contact=f"+{DOUBTED.wa_id}")
    to_open = {"contact": f"+{OPEN.wa_id}"}
    made["outbound.scheduled"] = office.send(
        Text(body="Pengingat besok."), send_at_ms=office.now_ms + 2 * HOUR_S * 1_000, **to_open
    )
    made["outbound.waiting"] = office.send(Text(body="Silakan kirim aktanya."), role=Role.STAFF, **to_open)
    made["outbound.waiting_too"] = office.send(Text(body="Terima kasih."), role=Role.STAFF, contact=f"+{RICH.wa_id}")
    return made


def _decisions(office: Office) -> dict[str, str]:
    """A template and a tree that wait, and what Meta tells."""
    template, tree = office.next_id(), office.next_id()
    office.store.write(submit_template, STAFF, PLAIN, submission=template)
    office.store.write(submit_tree, LAWYER, replace(SMALL_TREE, name="lain"), submission=tree)
    office.apply(platform("FLAGGED", at_ms=office.now_ms, phone_number_id=NUMBER))
    return {"template": template, "tree": tree}


def _thread_of(office: Office, contact: str) -> str:
    return next(
        each.id
        for each in office.store.read(lambda tx: tx.conversations.newest(rows_max=100))
        if each.contact == contact
    )


def _contact_of(office: Office, party: Party) -> str:
    found = office.store.read(known_contact, party)
    assert found is not None
    return found
