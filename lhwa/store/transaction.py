"""One transaction: the tables as attributes, and the law that nothing changes without an audit record.

Invariants: a commit that changed rows appended at least one audit record, or touched nothing but the tables of a named
door that needs none and came through it; new data keys are durable before the rows that need them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import apsw
import msgspec

from lhwa.domain.events import EventType
from lhwa.domain.ids import TenantId
from lhwa.domain.instants import Instant, to_ms
from lhwa.domain.jobs import JobKind
from lhwa.errors import InvariantError, UnauditedWriteError, UnavailableError
from lhwa.store.attachments import Attachments
from lhwa.store.connection import is_storage_failure, rows
from lhwa.store.recall import Recall
from lhwa.store.tables.alerts import AcknowledgedAlerts
from lhwa.store.tables.allowances import Allowances
from lhwa.store.tables.audit_log import AuditLog
from lhwa.store.tables.blocks import Blocks
from lhwa.store.tables.completeness import Completeness
from lhwa.store.tables.consents import Consents
from lhwa.store.tables.contacts import Contacts
from lhwa.store.tables.conversations import Conversations
from lhwa.store.tables.dead_letters import DeadLetters
from lhwa.store.tables.derived import Derived
from lhwa.store.tables.drafts import Drafts
from lhwa.store.tables.events import Events, NewEvent
from lhwa.store.tables.jobs import Jobs
from lhwa.store.tables.matters import Matters
from lhwa.store.tables.messages import Messages
from lhwa.store.tables.notes import Notes
from lhwa.store.tables.outbox import Outbox
from lhwa.store.tables.parties import Parties
from lhwa.store.tables.platform_events import PlatformEvents
from lhwa.store.tables.presence import Presence
from lhwa.store.tables.restrictions import Restrictions
from lhwa.store.tables.statuses import Statuses
from lhwa.store.tables.template_files import TemplateFiles
from lhwa.store.tables.templates import Templates
from lhwa.store.tables.thread_lists import ThreadLists
from lhwa.store.tables.thread_order import ThreadOrder
from lhwa.store.tables.threads import Threads
from lhwa.store.vault import Vault

if TYPE_CHECKING:
    from lhwa.store.tables.intakes import Intakes
    from lhwa.store.tables.trees import Trees


@dataclass(frozen=True, slots=True)
class Reaction:
    """A job that an event puts only where something in the firm's file asks for it."""

    job: JobKind
    when: Callable[[Tx, NewEvent], bool]


Reactions = Mapping[EventType, tuple[JobKind | Reaction, ...]]
"""Which jobs each type of event puts; the table itself is in `routes.py`."""
QUEUE_TABLES = frozenset({"job"})
"""Tables whose bookkeeping (claims, leases, retries) is no act of anybody and needs no audit record."""
DESK_TABLES = frozenset({"draft", "presence"})
"""Tables of what lies on people's desks: typed and not sent, looked at and not decided."""
_AUDIT_TABLES = frozenset({"audit_entry", "audit_frontier"})


class TogetherError(UnavailableError):
    """Something failed in a transaction without savepoints: run it again with them."""


class _Together(AbstractContextManager[None]):
    """In place of a savepoint: what fails takes the whole transaction with it, unless there is nothing to undo."""

    __slots__ = ("_before", "_tx")

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._before = tx.changes_made()

    def __exit__(self, _kind: object, error: BaseException | None, _trace: TracebackType | None) -> None:
        if error is None or not isinstance(error, Exception) or is_storage_failure(error):
            return
        if self._tx.changes_made() != self._before:
            raise TogetherError("A part of a transaction failed.") from error


class Tx:
    """A transaction that somebody else opened and will end. Valid only inside the function it was given to."""

    def __init__(
        self,
        connection: apsw.Connection,
        vault: Vault,
        *,
        tenant: TenantId,
        now: Instant,
        changed: set[str],
        reactions: Reactions,
        recall: Recall,
        folder: Path,
        written: list[Path],
        is_together: bool = False,
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._written = written
        self._is_together = is_together
        self._changed = changed
        self._reactions = reactions
        self._recall = recall
        self.vault = vault
        self.tenant = tenant
        self.now = now
        self.now_ms = to_ms(now)
        self.audit = AuditLog(connection, now=now)

    @cached_property
    def contacts(self) -> Contacts:
        """People."""
        return Contacts(self._connection, self.vault, self._recall, now_ms=self.now_ms, holds_back=self._is_together)

    @cached_property
    def conversations(self) -> Conversations:
        """Threads."""
        return Conversations(self._connection, self._recall, holds_back=self._is_together)

    @cached_property
    def notes(self) -> Notes:
        """What people note about threads for each other."""
        return Notes(self._connection, self.vault, now_ms=self.now_ms)

    @cached_property
    def drafts(self) -> Drafts:
        """What people are writing."""
        return Drafts(self._connection, self.vault, now_ms=self.now_ms)

    @cached_property
    def presence(self) -> Presence:
        """Who has which thread open."""
        return Presence(self._connection, now_ms=self.now_ms)

    @cached_property
    def threads(self) -> Threads:
        """Messages and their threads together."""
        return Threads(self._connection, self.conversations)

    @cached_property
    def thread_lists(self) -> ThreadLists:
        """Threads as they are listed."""
        return ThreadLists(self._connection, self.conversations)

    @cached_property
    def thread_order(self) -> ThreadOrder:
        """The messages of one thread, from any place of it."""
        return ThreadOrder(self._connection)

    @cached_property
    def messages(self) -> Messages:
        """Messages."""
        return Messages(self._connection, self.vault, now_ms=self.now_ms)

    @cached_property
    def statuses(self) -> Statuses:
        """Status facts."""
        return Statuses(self._connection, self.vault, now_ms=self.now_ms)

    @cached_property
    def platform_events(self) -> PlatformEvents:
        """Account, number, template, call and preference events."""
        return PlatformEvents(self._connection, self.vault, now_ms=self.now_ms)

    @cached_property
    def acknowledged_alerts(self) -> AcknowledgedAlerts:
        """What somebody took notice of."""
        return AcknowledgedAlerts(self._connection, now_ms=self.now_ms)

    @cached_property
    def events(self) -> Events:
        """Facts for the rest of the system."""
        return Events(self._connection, tenant=self.tenant)

    @cached_property
    def jobs(self) -> Jobs:
        """Waiting work."""
        return Jobs(self._connection, self.vault, now_ms=self.now_ms)

    @cached_property
    def outbox(self) -> Outbox:
        """What the firm sends."""
        return Outbox(self._connection, self.vault, now_ms=self.now_ms)

    @cached_property
    def attachments(self) -> Attachments:
        """Files, sealed."""
        return Attachments(self._folder, self.vault, now_ms=self.now_ms, written=self._written)

    @cached_property
    def templates(self) -> Templates:
        """Message templates as Meta has them."""
        return Templates(self._connection, now_ms=self.now_ms)

    @cached_property
    def template_files(self) -> TemplateFiles:
        """Message templates as the firm's files have them."""
        return TemplateFiles(self._connection, now_ms=self.now_ms)

    @cached_property
    def restrictions(self) -> Restrictions:
        """What keeps messages from contacts."""
        return Restrictions(self._connection, now_ms=self.now_ms)

    @cached_property
    def blocks(self) -> Blocks:
        """Blocks at Meta."""
        return Blocks(self._connection, now_ms=self.now_ms)

    @cached_property
    def allowances(self) -> Allowances:
        """How much may leave when."""
        return Allowances(self._connection)

    @cached_property
    def trees(self) -> Trees:
        """Published question trees."""
        from lhwa.store.tables.trees import Trees  # noqa: PLC0415 -- most commands look at no tree

        return Trees(self._connection, now_ms=self.now_ms)

    @cached_property
    def intakes(self) -> Intakes:
        """Clients going through a tree."""
        from lhwa.store.tables.intakes import Intakes  # noqa: PLC0415 -- as above

        return Intakes(self._connection, self.vault, now_ms=self.now_ms)

    @cached_property
    def consents(self) -> Consents:
        """Who agreed to what."""
        return Consents(self._connection, self.vault, now_ms=self.now_ms)

    @cached_property
    def parties(self) -> Parties:
        """Names that conflicts are looked for among."""
        return Parties(self._connection, self.vault, now_ms=self.now_ms)

    @cached_property
    def matters(self) -> Matters:
        """What lawyers accepted."""
        return Matters(self._connection, self.vault, now_ms=self.now_ms)

    @cached_property
    def dead_letters(self) -> DeadLetters:
        """What could not be processed."""
        return DeadLetters(self._connection, self.vault, now_ms=self.now_ms)

    @cached_property
    def derived(self) -> Derived:
        """Rows as two files of one firm are compared."""
        return Derived(self._connection, self.vault)

    @cached_property
    def completeness(self) -> Completeness:
        """Rows as the completeness ledger looks at them."""
        return Completeness(self._connection)

    def announce(self, event: NewEvent) -> None:
        """Put an event on the bus, with the jobs that react to its type: recorded and queued together."""
        self.events.add(event)
        for reaction in self._reactions.get(event.type, ()):
            if isinstance(reaction, Reaction) and not reaction.when(self, event):
                continue
            kind = reaction.job if isinstance(reaction, Reaction) else reaction
            payload = msgspec.json.encode(self.events.envelope(event))
            self.jobs.put(kind, payload, place=f"event:{event.id}", once=True)

    def savepoint(self) -> AbstractContextManager[None]:
        """All of the block or nothing of it, without ending the transaction. An exception leaves the block undone.

        In a transaction of `Store.write_together` it costs nothing, and raises TogetherError for an exception that
        leaves something to undo.
        """
        return _Together(self) if self._is_together else self._own_savepoint()

    def changes_made(self) -> tuple[int, ...]:
        """A mark that moves with every changed row and every audit record, held back or not."""
        held_back = self.contacts.held_back, self.conversations.held_back
        return (self._connection.total_changes(), self.audit.appended, *held_back)

    @contextmanager
    def _own_savepoint(self) -> Iterator[None]:
        mark, changed = self.audit.mark(), frozenset(self._changed)
        self._connection.execute("SAVEPOINT element")
        try:
            yield
        except BaseException:
            # A full disk may have ended the whole transaction already: then there is nothing to go back to.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK TO element")
                self._connection.execute("RELEASE element")
            self.audit.rewind(mark)
            self._recall.forget_rows()
            self._changed.intersection_update(changed)
            raise
        self._connection.execute("RELEASE element")

    def firm(self) -> str | None:
        """The firm that this file is named after."""
        found = rows(self._connection, "SELECT tenant FROM firm WHERE id = 1")
        return str(found[0][0]) if found else None

    def claim_firm(self) -> bool:
        """Name the firm in its file; False when it is named already."""
        before = self._connection.total_changes()
        self._connection.execute(
            "INSERT INTO firm (id, tenant, keys_fingerprint, keys_made, created_at) VALUES (1, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (self.tenant, self.vault.fingerprint(), self.vault.keys_made(), self.now_ms),
        )
        return self._connection.total_changes() > before

    def data_version(self) -> int:
        """A number that changes when another connection commits to this file."""
        ((version,),) = rows(self._connection, "PRAGMA data_version")
        return int(version)

    def seal_law(self, *, unaudited: frozenset[str], is_read: bool) -> None:
        """Refuse the commit of a transaction that breaks the law of the audit log.

        Args:
            unaudited: of a door that needs no audit record, all the tables that may change through it; else empty.
            is_read: nothing may change.
        Raises: UnauditedWriteError, InvariantError.
        """
        if self._is_together:
            self.contacts.write_held()
            self.conversations.write_held()
        touched = self._changed - _AUDIT_TABLES
        if is_read and (touched or self.audit.appended):
            raise InvariantError("A read changed rows.")
        if unaudited:
            if touched - unaudited or self.audit.appended:
                strange = sorted(touched - unaudited) or ["the audit log"]
                raise InvariantError(f"A transaction that needs no audit record touched {', '.join(strange)}.")
        elif touched and not self.audit.appended:
            raise UnauditedWriteError(f"A transaction changed {', '.join(sorted(touched))} without an audit record.")
        self.audit.write_frontier()
