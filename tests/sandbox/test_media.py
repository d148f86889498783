"""Media: what may be uploaded, and how long links and files live."""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qsl, urlsplit

import pytest

from lhwa.sandbox.exchange import ApiReply, ApiRequest, Form
from tests.sandbox.stage import OTHER_FIRM, OTHER_PHONE, PHONE, TOKEN, Stage

MIB = 1024 * 1024
PDF = b"%PDF-1.7 surat kuasa"


def fetch(stage: Stage, url: str, *, token: str | None = TOKEN, user_agent: str = "lhwa") -> ApiReply:
    parts = urlsplit(url)
    headers = {"user-agent": user_agent} | ({"authorization": f"Bearer {token}"} if token else {})
    request = ApiRequest(method="GET", path=parts.path, query=dict(parse_qsl(parts.query)), headers=headers)
    return stage.sandbox.handle(request, now=stage.now)


def test_a_file_goes_up_and_comes_down_again(stage: Stage) -> None:
    media_id = stage.upload(content=PDF).body["id"]
    told = stage.call("GET", f"/{media_id}", query={"phone_number_id": PHONE}).body
    assert (told["mime_type"], told["file_size"], told["id"]) == ("application/pdf", str(len(PDF)), media_id)
    assert told["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert told["url"].startswith("https://lookaside.fbsbx.com/whatsapp_business/attachments/?")
    reply = fetch(stage, told["url"])
    assert (reply.status, reply.body, reply.headers["content-type"]) == (200, PDF, "application/pdf")


def test_a_link_lives_five_minutes_and_needs_a_token_and_a_user_agent(stage: Stage) -> None:
    url = stage.call("GET", f"/{stage.upload().body['id']}").body["url"]
    assert fetch(stage, url, token=None).status == 401
    assert fetch(stage, url, token=OTHER_FIRM.tokens[0].value).status == 404
    assert fetch(stage, url, user_agent="").status == 403
    assert fetch(stage, url.replace("hash=", "hash=0")).status == 404
    stage.wait(299)
    assert fetch(stage, url).status == 200
    stage.wait(1)
    assert fetch(stage, url).status == 404


def test_a_deleted_file_is_gone_with_its_link(stage: Stage) -> None:
    media_id = stage.upload().body["id"]
    url = stage.call("GET", f"/{media_id}").body["url"]
    assert stage.call("DELETE", f"/{media_id}").body == {"success": True}
    assert stage.call("GET", f"/{media_id}").refusal == (400, 100, 33)
    assert fetch(stage, url).status == 404


def test_an_uploaded_file_is_kept_30_days(stage: Stage) -> None:
    media_id = stage.upload().body["id"]
    stage.wait(30 * 86_400 - 1)
    assert stage.call("GET", f"/{media_id}").status == 200
    stage.wait(1)
    assert stage.call("GET", f"/{media_id}").refusal == (400, 100, 33)


def test_a_file_is_of_the_number_that_uploaded_it(stage: Stage) -> None:
    media_id = stage.upload().body["id"]
    asked = {"phone_number_id": OTHER_PHONE}
    assert stage.call("GET", f"/{media_id}", query=asked).refusal == (400, 100, 33)
    assert stage.call("GET", f"/{media_id}", token=OTHER_FIRM.tokens[0].value).refusal == (403, 200, None)


@pytest.mark.parametrize(
    ("name", "mime_type", "size", "status"),
    [
        ("foto.jpg", "image/jpeg", 5 * MIB, 200),
        ("foto.jpg", "image/jpeg", 5 * MIB + 1, 400),
        ("suara.ogg", "audio/ogg; codecs=opus", 10, 200),
        ("suara.ogg", "audio/opus", 10, 400),
        ("surat.exe", "application/pdf", 10, 400),
        ("surat", "application/pdf", 10, 400),
        ("surat.pdf", "application/x-unknown", 10, 400),
        ("surat.pdf", "application/pdf", 0, 400),
    ],
)
def test_type_name_and_size_have_to_fit(stage: Stage, name: str, mime_type: str, size: int, status: int) -> None:
    assert stage.upload(name, mime_type, b"x" * size).status == status


@pytest.mark.parametrize("form", [None, Form(), Form(fields={"messaging_product": "whatsapp"})])
def test_an_upload_without_a_file_is_refused(stage: Stage, form: Form | None) -> None:
    assert stage.call("POST", f"/{PHONE}/media", form=form).refusal == (400, 100, None)
