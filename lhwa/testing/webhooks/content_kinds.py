"""Kinds: media, places, cards and orders."""

from __future__ import annotations

import base64
from typing import Any

from lhwa.testing.webhooks import samples
from lhwa.testing.webhooks.envelope import message_kind
from lhwa.testing.webhooks.scene import Scene


def media(scene: Scene, kind: str, mime_type: str, **more: Any) -> dict[str, Any]:
    """A message with one file."""
    media_id = scene.digits(f"media {kind}")
    part = {
        "id": media_id,
        "mime_type": mime_type,
        "sha256": base64.b64encode(scene.sha256(kind)).decode(),
        "url": f"https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid={media_id}",
    }
    return {"type": kind, kind: part | more}


def image(scene: Scene) -> dict[str, Any]:
    """A photo with a caption."""
    return media(scene, "image", "image/jpeg", caption=scene.pick(samples.IMAGE_CAPTIONS))


def document(scene: Scene) -> dict[str, Any]:
    """A PDF with a caption."""
    filename, caption = scene.pick(samples.DOCUMENTS)
    return media(scene, "document", "application/pdf", filename=filename, caption=caption)


def _document_bare(scene: Scene) -> dict[str, Any]:
    return media(scene, "document", "application/pdf", filename=scene.pick(samples.DOCUMENTS)[0])


def voice(scene: Scene) -> dict[str, Any]:
    """A voice note."""
    return media(scene, "audio", "audio/ogg; codecs=opus", voice=True)


def _audio(scene: Scene) -> dict[str, Any]:
    return media(scene, "audio", "audio/mpeg", voice=False)


def _voice_legacy(scene: Scene) -> dict[str, Any]:
    return media(scene, "voice", "audio/ogg; codecs=opus")


def _video(scene: Scene) -> dict[str, Any]:
    return media(scene, "video", "video/mp4", caption="Rekaman kondisi pagar yang dirusak")


def _sticker(scene: Scene) -> dict[str, Any]:
    return media(scene, "sticker", "image/webp", animated=False)


def _media_failed(_scene: Scene) -> dict[str, Any]:
    details = {"details": "Media could not be downloaded. Ask the sender to send it again."}
    error = {"code": 131052, "title": "Media download error", "message": "Media download error"}
    return {"type": "video", "errors": [error | {"error_data": details}]}


def _location(_scene: Scene) -> dict[str, Any]:
    return {
        "type": "location",
        "location": {
            "latitude": -6.2,
            "longitude": 106.8166,
            "name": "Lokasi tanah sengketa (contoh)",
            "address": "Jl. Contoh Raya No. 1, Jakarta",
        },
    }


def _card(**more: Any) -> dict[str, Any]:
    return {
        "name": {"formatted_name": "Budi Contoh", "first_name": "Budi", "last_name": "Contoh"},
        "phones": [{"phone": "+62 812-0000-2222", "wa_id": "6281200002222", "type": "CELL"}],
        "emails": [{"email": "budi@contoh.example", "type": "WORK"}],
        "org": {"company": "PT Contoh Sejahtera", "title": "Saksi"},
    } | more


def _contacts(_scene: Scene) -> dict[str, Any]:
    return {"type": "contacts", "origin": "other", "contacts": [_card()]}


def _contacts_requested(scene: Scene) -> dict[str, Any]:
    wa_id = scene.client.wa_id or "6281200003333"
    own = {"name": {"formatted_name": scene.client.name}, "phones": [{"phone": f"+{wa_id}", "wa_id": wa_id}]}
    return {"type": "contacts", "origin": "contact_request", "contacts": [own]}


def _contacts_nameless(_scene: Scene) -> dict[str, Any]:
    return {"type": "contacts", "contacts": [{"phones": [{"phone": "+62 812-0000-2222"}]}]}


def _order(scene: Scene) -> dict[str, Any]:
    item = {"product_retailer_id": "paket-konsultasi-1", "quantity": 1, "item_price": 500000.0, "currency": "IDR"}
    return {
        "type": "order",
        "order": {
            "catalog_id": scene.digits("catalog"),
            "text": "Saya ambil paket konsultasi satu jam",
            "product_items": [item],
        },
    }


KINDS = (
    message_kind("image", "A photo with a caption", image),
    message_kind("document", "A PDF with a caption", document),
    message_kind("document_no_caption", "A PDF without a caption", _document_bare),
    message_kind("voice", "A voice note", voice),
    message_kind("voice_legacy", "A voice note in the old spelling", _voice_legacy),
    message_kind("audio", "A sound file", _audio),
    message_kind("video", "A video with a caption", _video),
    message_kind("sticker", "A sticker", _sticker),
    message_kind("media_failed", "A video that Meta could not process", _media_failed),
    message_kind("location", "A place", _location),
    message_kind("contacts", "Somebody's contact card", _contacts),
    message_kind("contacts_requested", "The client's own number, after the firm asked for it", _contacts_requested),
    message_kind("contacts_nameless", "A contact card without a name", _contacts_nameless),
    message_kind("order", "An order from the catalogue", _order),
)
