"""Clients and their intakes as bare rows, for the tests of the tables that hang on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import apsw

from lhwa.domain.audit import AuditRecord
from lhwa.domain.elements import Party
from lhwa.domain.ids import ContactId, ConversationId
from lhwa.domain.intake.session import Session
from lhwa.domain.intake.states import IntakeState
from lhwa.store.store import Store
from lhwa.store.tables.intakes import IntakeRow
from lhwa.store.transaction import Tx
from lhwa.store.vault import contact_subject
from lhwa.testing.builders import NUMBER

T = TypeVar("T")


class OfficeRows:
    """A firm whose rows are written one by one."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def write(self, fn: Callable[[Tx], T]) -> T:
        def audited(tx: Tx) -> T:
            tx.audit.append(AuditRecord("system:test", "test.wrote", "test"))
            return fn(tx)

        return self.store.write(audited)

    def client(self, name: str) -> ContactId:
        """A contact with a thread."""
        contact = ContactId(name)
        self.write(lambda tx: tx.contacts.add(contact, Party(wa_id="6281230001111"), at_ms=1))
        self.write(
            lambda tx: tx.conversations.add(ConversationId(f"T-{name}"), NUMBER, contact=contact, group_hash=None)
        )
        return contact

    def intake(self, intake: str, contact: ContactId, state: IntakeState = IntakeState.NEW) -> IntakeRow:
        """A session that has just begun, in any state."""
        session = Session(id=intake, tree="umum", version=1, state=state)
        thread = ConversationId(f"T-{contact}")
        return self.write(lambda tx: tx.intakes.begin(session, contact=contact, conversation=thread))

    def destroy_key(self, contact: ContactId) -> None:
        """What is sealed for this client is unreadable from here on."""
        self.store.close()
        keys = apsw.Connection(str(self.store._keys))
        keys.execute("DELETE FROM data_key WHERE subject = ?", (contact_subject(contact),))
        keys.close()

    def holds(self, *words: str) -> list[str]:
        """Which of these words stand in clear somewhere in the firm's files, logs included."""
        self.store.read(lambda tx: tx.data_version())
        folder: Path = self.store._database.parent
        held = b"".join(path.read_bytes() for path in folder.glob("*.db*")).lower()
        return [word for word in words if word.lower().encode() in held]
