"""The consent ledger and its proofs, checked with code that is not lhwa's own."""

from __future__ import annotations

import base64
import hashlib
import json

import apsw
import msgspec
import pytest

from lhwa.domain.access import Role
from lhwa.domain.gates import Rule
from lhwa.domain.intake.wording import Language
from lhwa.errors import NotAllowedError, UsageError
from lhwa.services.audit.proofs import check_proof, compare_with_log, read_proof
from lhwa.services.intake.consent_views import ConsentProof, list_consents, prove_consent
from lhwa.services.messaging.sending import TemplateChoice
from lhwa.testing.builders import CLIENT, acting_as
from lhwa.testing.intake import SMALL_TREE
from tests.services.intake.office import Office

LAWYER, AUDITOR = acting_as(Role.LAWYER), acting_as(Role.AUDITOR)


def agreed(office: Office, *, typed: bool = False) -> str:
    office.says("Selamat malam")
    if typed:
        office.says("Saya setuju")
    else:
        office.taps("agree")
    (entry,) = office.store.read(lambda tx: tx.consents.newest(rows_max=10))
    return entry.id


def proof_of(office: Office, entry: str) -> ConsentProof:
    return office.store.write(prove_consent, LAWYER, entry)


def hashed(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def root_from(entry: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.3.2, written from its text."""
    node, last, found = index, size - 1, hashed(b"\x00" + entry)
    for step in path:
        if node & 1 or node == last:
            found = hashed(b"\x01" + step + found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = hashed(b"\x01" + found + step)
        node, last = node >> 1, last >> 1
    return found


@pytest.mark.parametrize("typed", [False, True])
def test_an_entry_binds_the_notice_the_question_and_the_reply(office: Office, typed: bool) -> None:  # noqa: FBT001 -- a parameter
    proof = proof_of(office, agreed(office, typed=typed))
    assert proof.notice == "Notice on intake (id)"
    assert hashlib.sha256(proof.notice.encode()).hexdigest() == proof.notice_sha256
    for name in ("reply", "reply_wamid", "prompt_wamid"):
        salted = bytes.fromhex(proof.salt or "") + getattr(proof, name).encode()
        assert hashlib.sha256(salted).hexdigest() == proof.record["data"][f"{name}_sha256"]
    assert proof.reply == ("Saya setuju" if typed else "agree")
    assert proof.consent.method == ("typed" if typed else "button")
    assert proof.prompt_wamid is not None
    assert proof.reply_wamid is not None
    assert (proof.record["action"], proof.record["target"]) == ("consent.given", f"consent:{proof.consent.id}")
    assert proof.record["data"]["notice_sha256"] == proof.notice_sha256


def test_a_proof_leads_to_the_root_by_the_rules_of_the_rfc(office: Office) -> None:
    proof = proof_of(office, agreed(office))
    path = [bytes.fromhex(each) for each in proof.inclusion]
    root = root_from(base64.b64decode(proof.entry), proof.leaf_index, proof.tree_size, path)
    assert root.hex() == proof.root_hash
    assert json.loads(base64.b64decode(proof.entry)) == proof.record


def test_a_proof_holds_later_and_no_changed_one_does(office: Office) -> None:
    shown = msgspec.json.encode(proof_of(office, agreed(office)))
    office.says("Rina Contoh")
    proof = read_proof(shown)
    assert check_proof(proof).ok
    assert office.store.read(compare_with_log, LAWYER, proof) == ""
    changes: list[dict[str, object]] = [
        {"notice": "Something else"},
        {"reply": "tidak"},
        {"root_hash": "00" * 32},
        {"leaf_index": proof.leaf_index - 1},
        {"entry": base64.b64encode(b"{}").decode()},
        {"entry": "#"},
        {"inclusion": proof.inclusion[1:]},
        {"inclusion": ["zz"]},
        {"tree_size": 0},
        {"leaf_index": -1},
        {"salt": "zz"},
        {"reply": "tidak", "salt": None},
        {"reply_wamid": "wamid.other"},
        {"prompt_wamid": "wamid.other"},
        {"prompt": "01KAN5T9YB6Q2R8W4X7V3M0ZJD"},
        {"guardian": "Somebody"},
    ]
    for change in changes:
        assert not check_proof(msgspec.structs.replace(proof, **change)).ok, change


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("consent", "what", "withdrawn"),
        ("consent", "purpose", "marketing"),
        ("consent", "id", "01KAN5T9YB6Q2R8W4X7V3M0ZJD"),
        ("consent", "contactId", "SOMEBODYELSE"),
        ("consent", "noticeVersion", "2"),
        ("consent", "at", "2026-01-01T00:00:00Z"),
        ("record", "action", "consent.refused"),
    ],
)
def test_what_a_proof_says_for_people_is_what_its_record_says(office: Office, part: str, name: str, value: str) -> None:
    shown = msgspec.json.decode(msgspec.json.encode(proof_of(office, agreed(office))))
    assert check_proof(read_proof(msgspec.json.encode(shown))).ok
    shown[part][name] = value
    assert not check_proof(read_proof(msgspec.json.encode(shown))).ok


def test_a_proof_that_is_nested_without_end_is_refused(office: Office) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    with pytest.raises(UsageError):
        read_proof(b'{"more":' + deep + b"}")
    proof = read_proof(msgspec.json.encode(proof_of(office, agreed(office))))
    entry = base64.b64encode(b'{"data":' + deep + b"}").decode()
    assert not check_proof(msgspec.structs.replace(proof, entry=entry)).ok


def test_a_proof_of_another_firm_is_told_apart(office: Office, empty_office: Office) -> None:
    proof = read_proof(msgspec.json.encode(proof_of(office, agreed(office))))
    other = msgspec.structs.replace(proof, root_hash="11" * 32)
    assert office.store.read(compare_with_log, LAWYER, other) != ""
    longer = msgspec.structs.replace(proof, tree_size=10_000)
    assert "shorter" in office.store.read(compare_with_log, LAWYER, longer)


def test_what_is_no_proof_is_refused() -> None:
    for source in (b"", b"{}", b"[1]", b"\xff" * 10):
        with pytest.raises(UsageError):
            read_proof(source)


def test_the_ledger_is_never_rewritten(office: Office) -> None:
    agreed(office)
    for sql in ("UPDATE consent SET what = 'refused'", "DELETE FROM consent"):
        with pytest.raises(apsw.ConstraintError):
            office.write(lambda tx, sql=sql: tx._connection.execute(sql))  # type: ignore[misc]  # bound now


def test_a_role_without_content_sees_the_entry_and_no_word(office: Office) -> None:
    proof = office.store.write(prove_consent, AUDITOR, agreed(office))
    assert (proof.notice, proof.reply, proof.reply_wamid, proof.consent.contact) == (None, None, None, None)
    assert check_proof(read_proof(msgspec.json.encode(proof))).ok
    listed = office.store.write(list_consents, AUDITOR, contact=f"+{CLIENT.wa_id}", rows_max=10)
    assert [each.what for each in listed] == ["given"]
    with pytest.raises(NotAllowedError):
        office.store.write(prove_consent, LAWYER, "01KAN5T9YB6Q2R8W4X7V3M0ZJD")


def test_who_taps_the_notice_above_agreed_to_its_words(office: Office) -> None:
    office.says("Selamat malam")
    above = office.outbox()[-1]
    office.taps("language")
    wamid = f"wamid.P{above.seq}"
    office.taps("agree", reply_to_wamid=wamid)
    (entry,) = office.store.read(lambda tx: tx.consents.newest(rows_max=10))
    proof = proof_of(office, entry.id)
    assert office.session().language is Language.EN
    assert (proof.consent.language, proof.notice, proof.prompt) == ("id", "Notice on intake (id)", above.id)


def test_a_guardian_is_named_in_the_entry(empty_office: Office) -> None:
    office = empty_office
    nodes = tuple(
        msgspec.structs.replace(node, is_for_guardian=True) if node.id == "news" else node for node in SMALL_TREE.nodes
    )
    office.publish(msgspec.structs.replace(SMALL_TREE, nodes=nodes))
    agreed(office)
    office.says("Rina Contoh")
    office.taps("family")
    office.says("ya")
    office.taps("agree")
    entry = office.store.read(lambda tx: tx.consents.newest(rows_max=1))[0]
    assert entry.is_guardian
    assert proof_of(office, entry.id).guardian == "Rina Contoh"


def test_marketing_reaches_only_who_agreed_to_it_and_stops_with_the_consent(office: Office) -> None:
    office.put_template(category="MARKETING")
    choice = TemplateChoice(name="kabar_berkas", language="id", values={"1": "Rina"})
    agreed(office)
    refused = office.ask(choice).refused
    assert refused is not None
    assert refused.rule is Rule.MARKETING
    office.says("Rina Contoh")
    office.taps("family")
    office.says("ya")
    office.taps("agree")
    assert office.ask(choice).refused is None
    office.says("berhenti")
    assert office.ask(choice).refused is not None
    contact = office.intake().contact
    assert office.store.read(lambda tx: tx.consents.in_force(contact)) == []


def test_nothing_of_a_message_from_before_consent_is_in_the_intake(office: Office) -> None:
    office.says("Suami saya ditahan di Polsek Contoh")
    row = office.intake()
    acts = office.store.read(lambda tx: [tx.intakes.act(each) for each in tx.intakes.acts(row)])
    held = [msgspec.json.encode(act) for act in acts] + [msgspec.json.encode(office.session())]
    assert not any(b"ditahan" in each for each in held)
    assert office.store.read(lambda tx: tx.intakes.flags(row)) == []
