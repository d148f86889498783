"""A firm's real files with sample parties in them: sealed names, keyed hashes of their keys, intakes, matters, clients.

They are written through the store's own tables, many to a transaction and without the questions and answers that lead
to them: rows and indexes are those of the product, the audit log is shorter.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from lhwa.domain.access import Role
from lhwa.domain.audit import AuditRecord
from lhwa.domain.elements import Party
from lhwa.domain.ids import ContactId, ConversationId, short_id, ulid
from lhwa.domain.intake.name_views import blocking_keys
from lhwa.domain.intake.party_names import parse
from lhwa.domain.intake.session import Session
from lhwa.domain.intake.states import IntakeState
from lhwa.services.intake.conflicts import Check, check_conflicts
from lhwa.services.intake.publishing import publish_tree, submit_tree
from lhwa.store.store import Store
from lhwa.store.tables.matters import MatterWords
from lhwa.store.transaction import Tx
from lhwa.testing.builders import NUMBER, SENT_AT_MS, acting_as, open_firm
from lhwa.testing.intake import SMALL_TREE

PARTIES_OF_INTAKE = 10
INTAKES_A_COMMIT = 500
STAFF, LAWYER, OWNER = acting_as(Role.STAFF), acting_as(Role.LAWYER), acting_as(Role.OWNER)
Named = tuple[str, frozenset[str]]
"""A name, and its keys."""
Who = tuple[ContactId, ConversationId]

T = TypeVar("T")


class SampleFirm:
    """One firm's tenant.db and keys.db, made in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.store: Store = open_firm(folder)
        self._numbers = itertools.count(1)
        submission = ulid(SENT_AT_MS, bytes(10))
        self.store.write(submit_tree, LAWYER, SMALL_TREE, submission=submission)
        self.store.write(publish_tree, OWNER, submission)

    def close(self) -> None:
        """Close the files; their logs are copied into them."""
        self.store.close()

    def fill(self, names: Sequence[Named], *, is_one_client: bool) -> None:
        """Matters that name these parties, ten each.

        Args:
            is_one_client: one contact, so one data key, for all of them; else each matter has a client of its own.
        """
        groups = [names[at : at + PARTIES_OF_INTAKE] for at in range(0, len(names), PARTIES_OF_INTAKE)]
        client = self._write(self._client) if is_one_client else None
        for batch in _batches(groups):
            self._write(partial(self._add_matters, groups=batch, client=client))

    def queue(self, names: Sequence[Named]) -> list[str]:
        """Submitted intakes, each of a new client and with one of these parties; their ids."""
        found: list[str] = []
        for batch in _batches(names):
            found += self._write(partial(self._add_intakes, names=batch))
        return found

    def forget(self) -> None:
        """Leave nothing in memory of keys, rows or pages, as if another command had just begun."""
        self.store.close()
        self.store.read(lambda tx: tx.data_version())

    def check(self, intake: str) -> Check:
        """One check, as staff ask for it; recorded."""
        return self.store.write(check_conflicts, STAFF, intake)

    def candidates(self, name: str, intake: str) -> int:
        """How many names a check of this one opens."""
        keys = blocking_keys(parse(name))
        return self.store.read(lambda tx: len(tx.parties.sharing(keys, besides=intake)))

    def file_mib(self) -> float:
        """Size of both files; closes them, so that their logs are in them."""
        self.store.close()
        return sum(path.stat().st_size for path in self._folder.glob("*.db*")) / 2**20

    def _write(self, fn: Callable[[Tx], T]) -> T:
        def audited(tx: Tx) -> T:
            tx.audit.append(AuditRecord("system:bench", "bench.filled", f"firm:{tx.tenant}"))
            return fn(tx)

        return self.store.write(audited)

    def _client(self, tx: Tx) -> Who:
        number = next(self._numbers)
        party = Party(wa_id=f"62812{number:08}", profile_name="Contoh Klien")
        contact = ContactId(short_id(_tail("contact", number)))
        tx.contacts.add(contact, party, at_ms=SENT_AT_MS)
        hashed = tx.contacts.alias_hash("wa_id", f"62812{number:08}")
        tx.contacts.link(contact, "wa_id", hashed, how="seen", since_ms=SENT_AT_MS)
        thread = ConversationId(short_id(_tail("thread", number)))
        tx.conversations.add(thread, NUMBER, contact=contact, group_hash=None)
        return contact, thread

    def _add_matters(self, tx: Tx, *, groups: Sequence[Sequence[Named]], client: Who | None) -> None:
        lawyer = LAWYER.operator
        for names in groups:
            who = client or self._client(tx)
            intake = self._add_intake(tx, names, who, IntakeState.ACCEPTED)
            matter = ulid(SENT_AT_MS, _tail("matter", next(self._numbers)))
            words = MatterWords(title="Contoh perkara")
            tx.matters.open(matter, words, intake=intake, contact=who[0], lawyer=lawyer, by=lawyer)

    def _add_intakes(self, tx: Tx, *, names: Sequence[Named]) -> list[str]:
        return [self._add_intake(tx, [each], self._client(tx), IntakeState.SUBMITTED) for each in names]

    def _add_intake(self, tx: Tx, names: Sequence[Named], client: Who, state: IntakeState) -> str:
        contact, thread = client
        intake = ulid(SENT_AT_MS, _tail("intake", next(self._numbers)))
        session = Session(id=intake, tree=SMALL_TREE.name, version=1, state=state)
        tx.intakes.begin(session, contact=contact, conversation=thread)
        for name, keys in names:
            party = ulid(SENT_AT_MS, _tail("party", next(self._numbers)))
            tx.parties.add(party, contact=contact, intake=intake, role="opponent", name=name, keys=keys)
        return intake


def _batches(of: Sequence[T]) -> list[Sequence[T]]:
    return [of[at : at + INTAKES_A_COMMIT] for at in range(0, len(of), INTAKES_A_COMMIT)]


def _tail(kind: str, number: int) -> bytes:
    return hashlib.sha256(f"{kind} {number}".encode()).digest()
