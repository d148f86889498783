from __future__ import annotations

import asyncio

import pytest

from lhwa.domain.send_errors import verdict_of
from lhwa.errors import ConfigError, InDoubtError
from lhwa.ports.channel import CancelledSendError, ChannelAccess, MediaFile, Receipt, SendError

TOKEN = "EAAG-canary"


def access(
    base_url: str = "https://graph.facebook.com",
    api_version: str = "v25.0",
    number: str = "1060001",
    token: str = TOKEN,
) -> ChannelAccess:
    return ChannelAccess(base_url=base_url, api_version=api_version, phone_number_id=number, token=token)


@pytest.mark.parametrize(
    "base_url",
    [
        "https://graph.facebook.com",
        "https://graph.facebook.com/",
        "https://proxy.example.id:8443/meta",
        "http://127.0.0.1:8090",
        "http://127.8.8.8",
        "http://[::1]:8090",
        "http://localhost:8090",
    ],
)
def test_a_safe_base_url(base_url: str) -> None:
    assert access(base_url=base_url).base_url == base_url


@pytest.mark.parametrize(
    "base_url",
    [
        "http://graph.facebook.com",
        "http://10.0.0.1",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "https://",
        "https://user:secret@graph.facebook.com",
        "http://127.0.0.1@graph.facebook.com",
        "https://graph.facebook.com?x=1",
        "https://graph.facebook.com#x",
        "https://graph.facebook.com:0",
        "https://graph.facebook.com:99999",
        "https://[::1",
        "ftp://127.0.0.1",
        "graph.facebook.com",
        "",
    ],
)
def test_a_token_is_not_sent_in_clear_or_astray(base_url: str) -> None:
    with pytest.raises(ConfigError):
        access(base_url=base_url)


@pytest.mark.parametrize("token", ["", "a b", "canary\r\nX-Injected: 1", "canary\n", "kanarié"])
def test_a_damaged_token_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(ConfigError) as caught:
        access(token=token)
    assert "canary" not in f"{caught.value!r} {caught.value.hint}"


@pytest.mark.parametrize(
    ("api_version", "number"), [("25.0", "1060001"), ("v25.0/../x", "1060001"), ("v25.0", "1/2"), ("v25.0", "")]
)
def test_what_goes_into_the_path_is_checked(api_version: str, number: str) -> None:
    with pytest.raises(ConfigError):
        access(api_version=api_version, number=number)


def test_nothing_private_shows() -> None:
    shown = f"{access()!r} {access()}"
    shown += repr(Receipt("wamid.X", None, "6281230001111", "ID.88001122334455"))
    shown += repr(MediaFile("text/plain", b"canary"))
    assert "canary" not in shown
    assert "6281230001111" not in shown
    assert "ID.88" not in shown


def test_an_error_says_what_its_verdict_says() -> None:
    error = SendError("Refused.", verdict=verdict_of(131056, http_status=400), vendor_code=131056, details="canary")
    assert error.retryable
    assert error.hint == error.verdict.hint
    assert "canary" not in f"{error!r} {error}"
    assert not SendError("Refused.", verdict=verdict_of(100, http_status=400)).retryable


async def test_a_cancelled_send_ends_its_task_as_cancelled() -> None:
    async def send() -> None:
        raise CancelledSendError("In doubt.", hint="Wait.")

    task = asyncio.create_task(send())
    await asyncio.wait([task])
    assert task.cancelled()
    assert issubclass(CancelledSendError, InDoubtError)
