"""The door of the sandbox: requests in, replies and webhooks out, and what a person or a test may do beside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from lhwa.domain.instants import Instant
from lhwa.errors import UsageError
from lhwa.sandbox import template_review
from lhwa.sandbox.accounts import SandboxAccount
from lhwa.sandbox.chance import Chance
from lhwa.sandbox.errors import THROUGHPUT, Refused, error_body
from lhwa.sandbox.exchange import ApiReply, ApiRequest, WebhookPost, answer
from lhwa.sandbox.faults import Faults
from lhwa.sandbox.firms import Firm, Number
from lhwa.sandbox.inbound import Said, SaidText, hear
from lhwa.sandbox.journal import Journal, JournalEntry, Note, Verdict
from lhwa.sandbox.platform import Options, Platform
from lhwa.sandbox.routing import route
from lhwa.sandbox.templates import Template
from lhwa.sandbox.tokens import claimed

_BROKEN = ApiReply(
    status=500,
    headers={"content-type": "text/html"},
    body=b"<!DOCTYPE html><html><body>Sorry, something went wrong.</body></html>",
)
_IN_HALF = 0.5


class Sandbox:
    """A Cloud API in memory.

    Args:
        accounts: the firms; the first number of the first one is whom clients write to unless told otherwise.
        seed: the same seed and the same calls give the same replies, webhooks and ids.
        faults: what goes wrong, and how often.
        now: when it begins.
    """

    def __init__(
        self,
        *accounts: SandboxAccount,
        seed: int,
        now: Instant,
        faults: Faults = Faults(),  # noqa: B008 -- a frozen value
        options: Options = Options(),  # noqa: B008 -- a frozen value
    ) -> None:
        if not accounts or any(not account.numbers for account in accounts):
            raise UsageError("A sandbox needs an account with a number.", hint="sample_account() makes one.")
        chance = Chance(Random(seed))  # noqa: S311 -- a sandbox repeats itself on purpose
        firms = [Firm(account, now=now) for account in accounts]
        self._platform = Platform(firms, chance=chance, faults=faults, options=options)
        self._journal = Journal()

    @property
    def accounts(self) -> tuple[SandboxAccount, ...]:
        """The firms as they were set up."""
        return tuple(firm.account for firm in self._platform.firms)

    def handle(self, request: ApiRequest, *, now: Instant) -> ApiReply:
        """Answer one request to the API."""
        self._platform.agenda.run(now=now)
        note = Note()
        code = None
        try:
            reply, verdict = self._answered(request, note, now=now)
        except Refused as refused:
            code = refused.code
            verdict = Verdict.REFUSED
            body = error_body(refused, trace_id=self._platform.chance.trace_id())
            reply = answer(body, status=refused.http_status)
        self._journal.put(
            JournalEntry(
                at=now,
                method=request.method,
                path=request.path,
                verdict=verdict,
                status=reply.status,
                code=code,
                is_lost=reply.is_lost,
                message_id=note.message_id,
                biz_opaque_callback_data=note.biz_opaque_callback_data,
                recipient=note.recipient,
                type=note.type,
                fails_with=note.fails_with,
                goes_nowhere=note.goes_nowhere,
            )
        )
        return reply

    def due_webhooks(self, *, now: Instant) -> list[WebhookPost]:
        """The webhooks whose time has come, each given once."""
        self._platform.agenda.run(now=now)
        return self._platform.webhooks.due(now=now)

    def next_webhook_at(self) -> Instant | None:
        """When `due_webhooks` may have something next; None when nothing is planned."""
        times = (self._platform.webhooks.next_at(), self._platform.agenda.next_at())
        return min((at for at in times if at is not None), default=None)

    def journal(self) -> tuple[JournalEntry, ...]:
        """Every request that was accepted or refused, in order."""
        return self._journal.entries()

    def meet(
        self,
        contact: str,
        *,
        to: str | None = None,
        name: str | None = None,
        hides_number: bool | None = None,
        shows_read: bool | None = None,
    ) -> str:
        """Put somebody on WhatsApp without a word said; who never was met or wrote cannot be reached.

        Args:
            contact: a number, or a user id of the firm's for somebody whose number nobody knows.
            to: the phone number id whose firm knows the user id.
            hides_number: uses a username; firms that never wrote to the number see a user id alone.
            shows_read: False for somebody whose phone sends no read receipts.
        Returns: the user id under which that firm knows the person.
        Raises: UsageError.
        """
        firm, _ = self._number(to)
        person = self._platform.people.meet(contact, waba_id=firm.waba_id, name=name, hides_number=hides_number)
        if shows_read is not None:
            person.shows_read = shows_read
        return self._platform.people.bsuid_of(person, firm.waba_id)

    def say(
        self, contact: str, what: str | Said, *, now: Instant, to: str | None = None, name: str | None = None
    ) -> str:
        """A client writes in: the window opens for 24 hours and a webhook is on its way.

        Args:
            contact: a number, or a user id of somebody whose number nobody knows.
            what: a text, or another kind of `Said`.
            to: the phone number id that is written to.
        Returns: the message id.
        Raises: UsageError.
        """
        self._platform.agenda.run(now=now)
        firm, number = self._number(to)
        person = self._platform.people.meet(contact, waba_id=firm.waba_id, name=name)
        said = SaidText(body=what) if isinstance(what, str) else what
        return hear(self._platform, firm, number, person, said, now=now)

    def inbox(self, contact: str, *, to: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        """What a person was sent and can read, oldest first; empty for somebody who is not on WhatsApp.

        Args:
            to: the phone number id that wrote.
            after: the `seq` of the last one that is known already.
        """
        firm, number = self._number(to)
        person = self._platform.people.find(contact, waba_id=firm.waba_id)
        inbox = None if person is None else number.inboxes.get(person.key)
        return [] if inbox is None else inbox.after(after)

    def end_token(self, value: str) -> None:
        """Revoke a token: every request with it is refused from now on."""
        self._firm_of_token(value).tokens.end(value)

    def renew_token(self, value: str) -> None:
        """Make an ended token good again, as if the operator had issued it anew."""
        self._firm_of_token(value).tokens.renew(value)

    def approve_template(self, template_id: str, *, now: Instant) -> None:
        """Do not wait for the review."""
        self._change(template_id, now, template_review.approve)

    def reject_template(self, template_id: str, *, now: Instant, reason: str = "INVALID_FORMAT") -> None:
        """Let the review refuse it."""
        firm, template = self._template(template_id, now=now)
        template_review.reject(self._platform, firm, template, reason=reason, now=now)

    def pause_template(self, template_id: str, *, now: Instant) -> None:
        """Pause it for low quality; the third time disables it."""
        self._change(template_id, now, template_review.pause)

    def unpause_template(self, template_id: str, *, now: Instant) -> None:
        """Let a paused one be sent again."""
        self._change(template_id, now, template_review.unpause)

    def disable_template(self, template_id: str, *, now: Instant) -> None:
        """Stop it for good."""
        self._change(template_id, now, template_review.disable)

    def recategorise_template(self, template_id: str, *, category: str, now: Instant) -> None:
        """Move it to another category."""
        firm, template = self._template(template_id, now=now)
        template_review.recategorise(self._platform, firm, template, category=category, now=now)

    def rate_template(self, template_id: str, *, quality: str, now: Instant) -> None:
        """Give it another quality score."""
        firm, template = self._template(template_id, now=now)
        template_review.rate(self._platform, firm, template, quality=quality, now=now)

    def _change(self, template_id: str, now: Instant, change: Callable[..., None]) -> None:
        firm, template = self._template(template_id, now=now)
        change(self._platform, firm, template, now=now)

    def _answered(self, request: ApiRequest, note: Note, *, now: Instant) -> tuple[ApiReply, Verdict]:
        chance, faults = self._platform.chance, self._platform.faults
        if chance.hits(faults.token_expiry):
            self._expire(request)
        if chance.hits(faults.http_429):
            raise Refused(THROUGHPUT, "The sandbox was asked for this fault.", http_status=429)
        is_broken = chance.hits(faults.http_500)
        if is_broken and chance.hits(_IN_HALF):
            return _BROKEN, Verdict.REFUSED
        reply = route(self._platform, request, note=note, now=now)
        verdict = Verdict.ACCEPTED if reply.status < 400 else Verdict.REFUSED
        if is_broken:
            return _BROKEN, verdict
        is_lost = request.method != "GET" and chance.hits(faults.lost_response)
        return (replace(reply, is_lost=True) if is_lost else reply), verdict

    def _expire(self, request: ApiRequest) -> None:
        token = claimed(request.headers)
        for firm in self._platform.firms:
            if firm.tokens.holds(token):
                firm.tokens.end(token)

    def _number(self, phone_number_id: str | None) -> tuple[Firm, Number]:
        for firm in self._platform.firms:
            for number in firm.numbers.values():
                if phone_number_id in (None, number.id):
                    return firm, number
        raise UsageError("The sandbox has no such number.", hint="`to` is a phone number id of one of its accounts.")

    def _firm_of_token(self, value: str) -> Firm:
        for firm in self._platform.firms:
            if firm.tokens.holds(value):
                return firm
        raise UsageError("The sandbox has no such token.", hint="Use one of those that its accounts were given.")

    def _template(self, named: str, *, now: Instant) -> tuple[Firm, Template]:
        """A template by its id, or by its name where that is enough."""
        self._platform.agenda.run(now=now)
        found = [
            (firm, template)
            for firm in self._platform.firms
            for template in firm.templates.all()
            if named in (template.id, template.name)
        ]
        if not found:
            raise UsageError("The sandbox has no such template.", hint="Submit it first: lhwa templates submit NAME.")
        if len(found) > 1:
            known = ", ".join(f"{template.name}/{template.language} ({template.id})" for _, template in found)
            raise UsageError("Several templates are called so.", hint=f"Say which by its id: {known}.")
        return found[0]
