"""An intake in a firm's file, as a client's messages would have made it: for journeys that are about something else."""

from __future__ import annotations

from typing import Any

from lhwa.domain.access import Principal, Role
from lhwa.domain.ids import OperatorId, TenantId, ulid
from lhwa.domain.intake.answers import Said
from lhwa.domain.intake.prompts import reply_id
from lhwa.domain.intake.session import Begun, Heard, Prompt
from lhwa.domain.messages import MessageType
from lhwa.services.intake.concerning import client_of
from lhwa.services.intake.conflicts import check_conflicts
from lhwa.services.intake.hearing import begin
from lhwa.services.intake.moving import move
from lhwa.services.intake.parties import add_party
from lhwa.services.intake.publishing import publish_tree, submit_tree
from lhwa.store.transaction import Tx
from lhwa.testing.intake import SMALL_TREE
from tests.journeys.outbound_place import write_in


def put_intake(place: Any, *, message: str, words: str, firm: str = "firma") -> dict[str, str]:
    """An intake with answers, consents, a party and a check; all from one message of the client.

    Args:
        message: our id of it.
        words: every answer, and the name of the party.
    Returns: ids of the intake, of a consent and of the tree.
    """
    tenant = TenantId(firm)
    lawyer, owner = (Principal(OperatorId(f"contoh-{role}"), tenant, role) for role in (Role.LAWYER, Role.OWNER))

    def fill(tx: Tx) -> dict[str, str]:
        now = tx.now_ms
        version = ulid(now, b"tree" * 3)
        submit_tree(tx, lawyer, SMALL_TREE, submission=version)
        tree = publish_tree(tx, owner, version)
        row = tx.messages.get(message)
        client = None if row is None else client_of(tx, row.conversation)
        assert client is not None
        intake = begin(tx, client, tree, began=Begun())
        taps = [("consent", "agree"), (None, words), ("area", "land"), (None, words)]
        for node, said in taps:
            reply = None if node is None else reply_id(intake.id, node, said)
            heard = Said(message=message, type=MessageType.TEXT, text=said, reply=reply)
            intake = move(tx, intake, Heard(said=heard, at_ms=now, prompt=Prompt.POSTED, posted_at_ms=now), at_ms=now)
        add_party(tx, lawyer, intake.id, name=words[:100].split("\n", maxsplit=1)[0], role="related")
        check_conflicts(tx, lawyer, intake.id)
        return {"intake": intake.id, "consent": tx.consents.newest(rows_max=1)[0].id, "tree": version}

    found: dict[str, str] = {}
    write_in(place, lambda tx: found.update(fill(tx)), firm=firm)
    return found
