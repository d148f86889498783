"""A desk: one firm's real files, and the words in which tests write, send, answer and tell."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, TypeVar

import msgspec

from lhwa.domain.access import Role
from lhwa.domain.audit import AuditRecord
from lhwa.domain.elements import Party
from lhwa.domain.ids import ContactId, ulid
from lhwa.domain.instants import to_ms
from lhwa.domain.outbound import Content, OutboundMessage, OutboundState, Recipient, Text
from lhwa.domain.send_errors import NOT_CONNECTED, verdict_of
from lhwa.domain.send_policy import SendPolicy
from lhwa.errors import InvariantError
from lhwa.outbound.settling import accepted, refused, unanswered
from lhwa.outbound.taking import Posting, take
from lhwa.ports.channel import ChannelAccess, MediaFile, Receipt, SendError
from lhwa.services.messaging.handlers import apply_batch
from lhwa.services.messaging.identity import known_contact
from lhwa.services.messaging.outbox_decisions import resolve_outbound, retry_outbound
from lhwa.services.messaging.sending import SendOutcome, SendRequest, TemplateChoice, request_send
from lhwa.services.messaging.sourced import Outcome, SourcedElement
from lhwa.store.store import Store
from lhwa.store.tables.outbox import OutboundRow
from lhwa.store.tables.templates import TemplateRow
from lhwa.store.transaction import Tx
from lhwa.testing.builders import CLIENT, NUMBER, acting_as, message, status
from lhwa.testing.fakes import FakeClock

T = TypeVar("T")
PER_S = 80
SECOND_NUMBER = "301301301301399"
TEMPLATE: dict[str, Any] = {
    "name": "kabar_berkas",
    "language": "id",
    "category": "UTILITY",
    "components": [
        {
            "type": "BODY",
            "text": "Halo {{1}}, berkas Anda sudah kami terima dan sedang diperiksa.",
            "example": {"body_text": [["Contoh"]]},
        }
    ],
}


class QuietChannel:
    """A channel of which nothing was expected."""

    async def send(self, message: OutboundMessage, *, access: ChannelAccess) -> Receipt:
        raise InvariantError("Nobody asked for it.")

    async def mark_read(self, wamid: str, *, access: ChannelAccess, is_typing: bool = False) -> None:
        raise InvariantError("Nobody asked for it.")

    async def upload_media(self, file: MediaFile, *, access: ChannelAccess) -> str:
        raise InvariantError("Nobody asked for it.")

    async def history(self, wamid: str, *, access: ChannelAccess) -> tuple[str, ...] | None:
        raise InvariantError("Nobody asked for it.")

    async def block(self, recipient: Recipient, *, access: ChannelAccess, is_on: bool) -> None:
        raise InvariantError("Nobody asked for it.")


@dataclass
class Desk:
    """Who writes is a lawyer unless told otherwise."""

    store: Store
    clock: FakeClock
    policy: SendPolicy = field(default_factory=lambda: SendPolicy(zone=UTC, numbers=(NUMBER, SECOND_NUMBER)))
    ids: int = 0

    @property
    def now_ms(self) -> int:
        return to_ms(self.clock.now())

    def next_id(self) -> str:
        self.ids += 1
        return ulid(self.now_ms, self.ids.to_bytes(10, "big"))

    def hear(self, party: Party = CLIENT, *, number: str = NUMBER, **changes: Any) -> ContactId:
        """A client writes now, unless `sent_at_ms` says otherwise."""
        self.ids += 1
        facts: dict[str, Any] = {
            "sent_at_ms": self.now_ms,
            "wamid": f"wamid.IN{self.ids}",
            "phone_number_id": number,
        } | changes
        self.apply(message(party=party, **facts))
        found = self.store.read(known_contact, party)
        assert found is not None
        return found

    def apply(self, *elements: Any) -> list[Outcome]:
        self.ids += 1
        raw = f"01RAW{self.ids:05}"
        batch = [SourcedElement(element=each, raw_event=raw, received_at_ms=self.now_ms) for each in elements]
        return self.store.write(apply_batch, batch)

    def ask(
        self, content: Content | TemplateChoice | None = None, *, role: Role = Role.LAWYER, **changes: Any
    ) -> SendOutcome:
        wanted = {"contact": f"+{CLIENT.wa_id}", "content": content or Text(body="Kami bantu.")} | changes
        return self.store.write(
            request_send, acting_as(role), SendRequest(**wanted), self.policy, outbound_id=self.next_id()
        )

    def send(self, content: Content | TemplateChoice | None = None, **changes: Any) -> str:
        """The id of a message that the gates let through."""
        outcome = self.ask(content, **changes)
        assert outcome.id is not None, outcome.refused
        return outcome.id

    def put_template(self, **changes: Any) -> None:
        definition = TEMPLATE | changes
        row = TemplateRow(
            name=definition["name"],
            language=definition["language"],
            vendor_id=None,
            status=definition.get("status", "APPROVED"),
            category=definition["category"],
            quality="",
            definition=msgspec.json.encode(definition).decode(),
            synced_at_ms=self.now_ms,
        )
        self.write(lambda tx: tx.templates.put(row))

    def restrict(self, contact: ContactId, kind: str) -> None:
        self.write(lambda tx: tx.restrictions.begin(contact, kind, source="operator:contoh-owner"))

    def write(self, fn: Callable[[Tx], T]) -> T:
        """Anything, with an audit record."""

        def run(tx: Tx) -> T:
            tx.audit.append(AuditRecord("system:test", "test.noted", "t"))
            return fn(tx)

        return self.store.write(run)

    def row(self, outbound: str) -> OutboundRow:
        found = self.store.read(lambda tx: tx.outbox.get(outbound))
        assert found is not None
        return found

    def state(self, outbound: str) -> OutboundState:
        return self.row(outbound).state

    def take(self, *, per_s: int = PER_S) -> list[Posting]:
        return self.store.write(take, self.policy, per_s=per_s)

    def taken(self, *, per_s: int = PER_S) -> list[str]:
        return [each.message.id for each in self.take(per_s=per_s)]

    def accept(self, outbound: str, wamid: str = "wamid.OUT1") -> None:
        self.store.write(accepted, outbound, Receipt(wamid=wamid, wa_id=CLIENT.wa_id), per_s=PER_S)

    def refuse(self, outbound: str, code: int | None = None, *, attempt: int | None = None, **changes: Any) -> None:
        """Meta refuses it with a code; without one no connection came about."""
        verdict = NOT_CONNECTED if code is None else verdict_of(code, http_status=400)
        error = SendError("refused", verdict=verdict, vendor_code=code, **changes)
        tries = self.row(outbound).attempts if attempt is None else attempt
        self.store.write(refused, outbound, error, attempt=tries, per_s=PER_S, jitter=0.5)

    def lose(self, outbound: str) -> None:
        """No answer came."""
        self.store.write(unanswered, outbound, attempt=self.row(outbound).attempts)

    def tell(self, word: str, outbound: str | None = None, *, wamid: str = "wamid.OUT1", **changes: Any) -> None:
        """Meta tells a status; with our id when one is given."""
        opaque = None if outbound is None else f"lhwa:{outbound}"
        codes = (131026,) if word == "failed" else ()
        self.ids += 1
        facts = {"wamid": wamid, "opaque": opaque, "error_codes": codes, "at_ms": self.now_ms + self.ids * 1000}
        assert self.apply(status(word, **(facts | changes))) == [Outcome.APPLIED]

    def retry(self, outbound: str) -> None:
        self.store.write(retry_outbound, acting_as(Role.OWNER), outbound, reason="once more")

    def resend(self, outbound: str) -> None:
        self.store.write(resolve_outbound, acting_as(Role.OWNER), outbound, was_sent=False, reason="did not arrive")

    def in_doubt(self, **changes: Any) -> str:
        """A message whose answer was lost."""
        outbound = self.send(**changes)
        assert self.taken() == [outbound]
        self.lose(outbound)
        return outbound

    def actions(self, outbound: str) -> list[str]:
        entries = self.store.read(lambda tx: [json.loads(each.entry) for each in tx.audit.entries()])
        return [str(each["action"]) for each in entries if each["target"] == f"outbound:{outbound}"]
