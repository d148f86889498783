"""The endpoints of media: upload, the link to a file, the file itself, delete.

Source: WhatsApp Cloud API, media.
"""

from __future__ import annotations

from urllib.parse import urlencode

from lhwa.sandbox.errors import INVALID_PARAMETER, OBJECT_MISSING, Refused
from lhwa.sandbox.exchange import MEDIA_ORIGIN, ApiReply, Form, UploadedFile, answer
from lhwa.sandbox.media import UPLOADED_FOR, MediaFile, MediaType, media_type
from lhwa.sandbox.platform import Call

DOWNLOAD_PATH = "/whatsapp_business/attachments/"


def upload_media(call: Call) -> ApiReply:
    """Keep a file for 30 days."""
    form = call.request.form or Form()
    if form.fields.get("messaging_product") != "whatsapp":
        raise Refused(INVALID_PARAMETER, "The parameter messaging_product is required and must be whatsapp.")
    file = form.files.get("file")
    if file is None:
        raise Refused(INVALID_PARAMETER, "The parameter file is required.")
    mime_type = form.fields.get("type") or file.content_type
    _check_file(file, mime_type)
    kept = MediaFile(
        id=call.platform.chance.digits(),
        number_id=call.node,
        mime_type=mime_type,
        content=file.content,
        expires_at=call.now + UPLOADED_FOR,
    )
    call.firm.media.put(kept)
    return answer({"id": kept.id})


def _check_file(file: UploadedFile, mime_type: str) -> None:
    kind = media_type(mime_type)
    declared = media_type(file.content_type) if file.content_type else kind
    if kind is None or declared is None or not _fits_name(kind, file.name):
        # Meta looks at the extension as well and calls what it does not know an octet stream.
        raise Refused(INVALID_PARAMETER, "Param file must be a file of an allowed type with a name that fits it.")
    if not file.content:
        raise Refused(INVALID_PARAMETER, "Param file is empty.")
    if len(file.content) > kind.bytes_max:
        raise Refused(INVALID_PARAMETER, f"Param file has more than {kind.bytes_max} bytes.")


def _fits_name(kind: MediaType, name: str) -> bool:
    return name.rpartition(".")[2].lower() in kind.extensions


def read_media(call: Call) -> ApiReply:
    """Where a file can be fetched within the next five minutes."""
    file = _file(call)
    key = call.platform.chance.key()
    call.firm.media.link(file, key, now=call.now)
    query = urlencode({"mid": file.id, "source": "webhook", "hash": key})
    return answer(
        {
            "messaging_product": "whatsapp",
            "url": f"{call.request.origin or MEDIA_ORIGIN}{DOWNLOAD_PATH}?{query}",
            "mime_type": file.mime_type,
            "sha256": file.sha256_hex,
            "file_size": str(len(file.content)),
            "id": file.id,
        }
    )


def delete_media(call: Call) -> ApiReply:
    """Delete a file."""
    call.firm.media.remove(_file(call).id)
    return answer({"success": True})


def _file(call: Call) -> MediaFile:
    file = call.firm.media.find(call.node, now=call.now)
    owner = call.request.query.get("phone_number_id")
    if file is None or owner not in (None, file.number_id):
        raise Refused(INVALID_PARAMETER, "The media does not exist for this number.", subcode=OBJECT_MISSING)
    return file


def download(call: Call) -> ApiReply:
    """The bytes behind a link. A dead link is 404; a caller without `User-Agent` is turned away."""
    if not call.request.headers.get("user-agent"):
        return _empty(403)
    file = call.firm.media.linked(call.request.query.get("hash", ""), now=call.now)
    if file is None or file.id != call.request.query.get("mid"):
        return _empty(404)
    return ApiReply(status=200, headers={"content-type": file.mime_type}, body=file.content)


def _empty(status: int) -> ApiReply:
    return ApiReply(status=status, headers={"content-type": "text/plain"}, body=b"")
