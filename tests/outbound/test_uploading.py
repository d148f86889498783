from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import pytest

from lhwa.domain.ids import TenantId
from lhwa.domain.outbound import Document, Media, OutboundMessage, OutboundState
from lhwa.domain.send_errors import NOT_CONNECTED, verdict_of
from lhwa.errors import ConflictError
from lhwa.outbound import uploading
from lhwa.outbound.allowances import Sluices
from lhwa.outbound.draining import Account, OutboundPorts, drain_outbox
from lhwa.outbound.taking import doubt_lost, leaves_now
from lhwa.ports.channel import ChannelAccess, MediaFile, Receipt, SendError
from lhwa.services.messaging.sending import sender_payload
from tests.outbound.desk import PER_S, Desk, QuietChannel

S = OutboundState
FILE = b"%PDF-1.7 gugatan"
DOCUMENT = Document(
    filename="gugatan.pdf",
    mime="application/pdf",
    sha256=sha256(FILE).hexdigest(),
    size=len(FILE),
    caption="Mohon diperiksa.",
)


@dataclass
class Channel(QuietChannel):
    """Takes uploads as the test wants them to go."""

    uploads: list[MediaFile] = field(default_factory=list)
    posted: list[OutboundMessage] = field(default_factory=list)
    fails: BaseException | None = None
    is_slow: bool = False
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def upload_media(self, file: MediaFile, *, access: ChannelAccess) -> str:
        assert access.token
        self.uploads.append(file)
        self.has_begun.set()
        if self.is_slow:
            await asyncio.sleep(3600)
        if self.fails is not None:
            raise self.fails
        return f"990{len(self.uploads)}"

    async def send(self, message: OutboundMessage, *, access: ChannelAccess) -> Receipt:
        assert access.token
        self.posted.append(message)
        return Receipt(wamid="wamid.OUT1")


@dataclass
class Context:
    outbound: OutboundPorts


async def drain(desk: Desk, channel: Channel) -> None:
    async def write(_tenant: TenantId, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return desk.store.write(fn, *args, **kwargs)

    async def account_of(_tenant: TenantId) -> Account:
        return Account(policy=desk.policy, base_url="http://127.0.0.1:9191", api_version="v25.0", token="sandbox")

    ports = OutboundPorts(
        channel=channel, write=write, account_of=account_of, clock=desk.clock, per_s=PER_S, jitter=lambda: 0.5
    )
    await drain_outbox(desk.store.read(sender_payload), Context(ports))


async def test_a_document_is_uploaded_and_its_message_names_it(desk: Desk) -> None:
    sent, channel = desk.send(DOCUMENT, file=FILE), Channel()
    await drain(desk, channel)
    (upload,) = channel.uploads
    assert (upload.mime, upload.content) == ("application/pdf", FILE)
    (message,) = channel.posted
    assert message.content == Media(
        media="document", media_id="9901", caption="Mohon diperiksa.", filename="gugatan.pdf"
    )
    assert desk.state(sent) is S.ACCEPTED


async def test_other_messages_upload_nothing(desk: Desk) -> None:
    desk.send()
    channel = Channel()
    await drain(desk, channel)
    assert (len(channel.uploads), len(channel.posted)) == (0, 1)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (SendError("later", verdict=verdict_of(131016, http_status=500), vendor_code=131016), S.QUEUED),
        (SendError("no", verdict=verdict_of(100, http_status=400), vendor_code=100), S.FAILED),
        (SendError("not there", verdict=NOT_CONNECTED), S.QUEUED),
    ],
    ids=["later", "never", "no connection"],
)
async def test_an_upload_that_fails_leaves_nothing_in_doubt(desk: Desk, error: SendError, state: S) -> None:
    sent, channel = desk.send(DOCUMENT, file=FILE), Channel(fails=error)
    await drain(desk, channel)
    assert channel.posted == []
    assert desk.state(sent) is state


async def test_an_upload_that_takes_too_long_is_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "UPLOAD_S_MAX", 0.01)
    sent, channel = desk.send(DOCUMENT, file=FILE), Channel(is_slow=True)
    await drain(desk, channel)
    assert (desk.state(sent), channel.posted) == (S.QUEUED, [])


async def test_a_stop_during_an_upload_leaves_nothing_in_doubt(desk: Desk) -> None:
    sent, channel = desk.send(DOCUMENT, file=FILE), Channel(is_slow=True)
    draining = asyncio.ensure_future(drain(desk, channel))
    await channel.has_begun.wait()
    draining.cancel()
    with pytest.raises(asyncio.CancelledError):
        await draining
    assert (desk.state(sent), channel.posted) == (S.QUEUED, [])


async def test_a_crash_during_an_upload_leaves_nothing_in_doubt_and_one_after_it_does(desk: Desk) -> None:
    sent = desk.send(DOCUMENT, file=FILE)
    assert desk.taken() == [sent]
    desk.write(lambda tx: doubt_lost(tx, Sluices(tx, per_s=PER_S)))
    assert desk.state(sent) is S.QUEUED
    assert desk.taken() == [sent]
    desk.store.write(leaves_now, sent, attempt=2)
    desk.write(lambda tx: doubt_lost(tx, Sluices(tx, per_s=PER_S)))
    assert desk.state(sent) is S.IN_DOUBT
    with pytest.raises(ConflictError):
        desk.store.write(leaves_now, sent, attempt=2)


async def test_a_document_that_is_gone_fails_before_anything_leaves(desk: Desk, folder: Any) -> None:
    sent, channel = desk.send(DOCUMENT, file=FILE), Channel()
    (folder / "media" / sent).unlink()
    await drain(desk, channel)
    assert (desk.state(sent), channel.uploads, channel.posted) == (S.FAILED, [], [])


async def test_a_document_that_cannot_be_read_now_leaves_later(desk: Desk, folder: Any) -> None:
    sent, channel = desk.send(DOCUMENT, file=FILE), Channel()
    kept = folder / "media" / sent
    kept.rename(kept.with_name("ASIDE"))
    kept.mkdir()
    await drain(desk, channel)
    assert (desk.state(sent), channel.uploads) == (S.QUEUED, [])


async def test_only_the_document_that_was_approved_leaves(desk: Desk) -> None:
    changed = Document(filename="gugatan.pdf", mime="application/pdf", sha256="0" * 64, size=len(FILE))
    sent, channel = desk.send(changed, file=FILE), Channel()
    await drain(desk, channel)
    assert (desk.state(sent), channel.uploads, channel.posted) == (S.FAILED, [], [])


def test_a_file_that_is_not_what_its_name_says_is_refused(desk: Desk, folder: Any) -> None:
    outcome = desk.ask(DOCUMENT, file=b"MZ not a PDF")
    assert outcome.refused is not None
    assert outcome.refused.rule == "content"
    assert not (folder / "media").exists()
