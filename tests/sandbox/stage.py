"""A stage: one sandbox with a sample firm, and the words in which tests talk to it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from lhwa.domain.instants import Instant
from lhwa.sandbox.accounts import sample_account
from lhwa.sandbox.exchange import ApiReply, ApiRequest, Form, UploadedFile
from lhwa.sandbox.faults import Faults
from lhwa.sandbox.platform import Options
from lhwa.sandbox.sandbox import Sandbox

NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
FIRM = sample_account(0)
OTHER_FIRM = sample_account(1)
PHONE = FIRM.numbers[0].phone_number_id
OTHER_PHONE = OTHER_FIRM.numbers[0].phone_number_id
WABA = FIRM.waba_id
TOKEN = FIRM.tokens[0].value
CLIENT = "+6281230001111"
STRANGER = "+6281230009999"
BODY = {"type": "BODY", "text": "Halo {{1}}, jadwal Anda {{2}} di kantor.", "example": {"body_text": [["A", "B"]]}}
REMINDER: dict[str, Any] = {
    "name": "intake_reminder",
    "language": "id",
    "category": "UTILITY",
    "components": [BODY],
}


@dataclass
class Said:
    """A reply, read."""

    status: int
    body: dict[str, Any]
    is_lost: bool

    @property
    def code(self) -> int | None:
        code = self.body.get("error", {}).get("code")
        return code if code is None else int(code)

    @property
    def refusal(self) -> tuple[int, int | None, int | None]:
        """HTTP status, code, subcode."""
        return self.status, self.code, self.body.get("error", {}).get("error_subcode")

    @property
    def wamid(self) -> str:
        return str(self.body["messages"][0]["id"])


@dataclass
class Stage:
    """A sandbox and the time in it."""

    seed: int = 7
    faults: Faults = field(default_factory=Faults)
    options: Options = field(default_factory=Options)
    now: Instant = NOON
    accounts: tuple[Any, ...] = (FIRM, OTHER_FIRM)

    def __post_init__(self) -> None:
        self.sandbox = Sandbox(*self.accounts, seed=self.seed, faults=self.faults, options=self.options, now=self.now)

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def call(self, method: str, path: str, body: Any = None, **given: Any) -> Said:
        return read(self.raw(method, path, body, **given))

    def raw(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = TOKEN,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        form: Form | None = None,
        version: str = "/v25.0",
    ) -> ApiReply:
        auth = {"authorization": f"Bearer {token}"} if token else {}
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        request = ApiRequest(
            method=method,
            path=f"{version}{path}",
            query=query or {},
            headers=auth | (headers or {}),
            body=content,
            content_type="application/json",
            form=form,
        )
        return self.sandbox.handle(request, now=self.now)

    def send(self, content: dict[str, Any] | None = None, *, to: str | None = CLIENT, **more: Any) -> Said:
        body = {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": "Selamat siang"}}
        return self.call("POST", f"/{PHONE}/messages", {k: v for k, v in (body | (content or {})).items() if v}, **more)

    def hear(self, text: str = "Halo", *, contact: str = CLIENT, **more: Any) -> str:
        return self.sandbox.say(contact, text, now=self.now, **more)

    def upload(self, name: str = "surat.pdf", mime_type: str = "application/pdf", content: bytes = b"%PDF-") -> Said:
        form = Form(
            fields={"messaging_product": "whatsapp", "type": mime_type},
            files={"file": UploadedFile(name=name, content_type=mime_type, content=content)},
        )
        return self.call("POST", f"/{PHONE}/media", form=form)

    def template(self, **changes: Any) -> str:
        """The id of a new approved template."""
        made = self.call("POST", f"/{WABA}/message_templates", REMINDER | changes)
        assert made.status == 200, made.body
        self.sandbox.approve_template(made.body["id"], now=self.now)
        return str(made.body["id"])

    def webhooks(self, *, within_s: float = 3_600) -> list[dict[str, Any]]:
        """The bodies of everything that comes in this time, which passes."""
        self.wait(within_s)
        return [json.loads(post.body) for post in self.sandbox.due_webhooks(now=self.now)]

    def values(self, **more: Any) -> list[dict[str, Any]]:
        return [
            change["value"] for body in self.webhooks(**more) for entry in body["entry"] for change in entry["changes"]
        ]

    def statuses(self, **more: Any) -> list[dict[str, Any]]:
        return [status for value in self.values(**more) for status in value.get("statuses", [])]

    def messages(self, **more: Any) -> list[dict[str, Any]]:
        return [message for value in self.values(**more) for message in value.get("messages", [])]


def filled(*values: str, name: str = "intake_reminder", **changes: Any) -> dict[str, Any]:
    """The body of a template message with these positional values."""
    parameters = [{"type": "text", "text": value} for value in values]
    components = [{"type": "body", "parameters": parameters}] if values else []
    template = {"name": name, "language": {"code": "id"}, "components": components} | changes
    return {"type": "template", "text": None, "template": template}


def read(reply: ApiReply) -> Said:
    is_json = reply.headers["content-type"].startswith("application/json")
    return Said(status=reply.status, body=json.loads(reply.body) if is_json else {}, is_lost=reply.is_lost)
