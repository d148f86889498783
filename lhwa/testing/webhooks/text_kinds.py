"""Kinds: texts, and everything that can hang on any message (replies, forwards, ads, groups, hidden numbers)."""

from __future__ import annotations

from typing import Any

from lhwa.testing.webhooks import samples
from lhwa.testing.webhooks.envelope import (
    body,
    contact,
    inbound,
    inbound_item,
    message_kind,
    value_of,
)
from lhwa.testing.webhooks.scene import Kind, Scene


def text(scene: Scene) -> dict[str, Any]:
    """A plain text."""
    return {"type": "text", "text": {"body": scene.pick(samples.CLIENT_TEXTS)}}


def _reply(scene: Scene) -> dict[str, Any]:
    quoted = {"from": scene.number.display_phone_number, "id": scene.wamid("out")}
    return {"context": quoted, "type": "text", "text": {"body": scene.pick(samples.REPLIES)}}


def _forwarded(scene: Scene) -> dict[str, Any]:
    return {
        "context": {"forwarded": True},
        "type": "text",
        "text": {"body": scene.pick(samples.FORWARDED_TEXTS)},
    }


def _often_forwarded(scene: Scene) -> dict[str, Any]:
    return _forwarded(scene) | {"context": {"frequently_forwarded": True}}


def _from_ad(scene: Scene) -> dict[str, Any]:
    return text(scene) | {
        "referral": {
            "source_url": "https://fb.example/iklan-konsultasi",
            "source_id": scene.digits("ad"),
            "source_type": "ad",
            "headline": "Konsultasi hukum pertama gratis",
            "body": "Tanya langsung kepada pengacara kami.",
            "media_type": "image",
            "image_url": "https://fb.example/iklan.jpg",
            "ctwa_clid": f"contoh-klik-{scene.seq}",
            "welcome_message": {"text": "Halo! Ada yang bisa kami bantu?"},
        }
    }


def _product_question(scene: Scene) -> dict[str, Any]:
    product = {"catalog_id": scene.digits("catalog"), "product_retailer_id": "paket-konsultasi-1"}
    return {
        "context": {"from": scene.number.display_phone_number, "referred_product": product},
        "type": "text",
        "text": {"body": "Apakah paket konsultasi ini masih ada?"},
    }


def _in_group(scene: Scene) -> dict[str, Any]:
    return {"group_id": group_id(scene)} | text(scene)


def group_id(scene: Scene) -> str:
    """The sample group of a scene."""
    return f"grup-contoh-{scene.digits('group', count=12)}"


def _hidden_number(scene: Scene) -> dict[str, Any]:
    hidden = scene.without_phone()
    return inbound(hidden, "text_bsuid_only", text(scene))


def _without_profile(scene: Scene) -> dict[str, Any]:
    item = inbound_item(scene, "text_no_profile", text(scene))
    return body(scene, "messages", value_of(scene, contacts=[contact(scene, profile=False)], messages=[item]))


def _bsuid_in_from(scene: Scene) -> dict[str, Any]:
    hidden = scene.without_phone()
    misplaced = hidden.client.bsuid
    item = inbound_item(hidden, "text_bsuid_in_from", {"from": misplaced} | text(scene))
    del item["from_user_id"]
    person = {"profile": {"name": hidden.client.name}, "wa_id": misplaced}
    return body(scene, "messages", value_of(scene, contacts=[person], messages=[item]))


def _handed_over(scene: Scene) -> dict[str, Any]:
    item = inbound_item(scene, "text_handed_over", text(scene))
    summary = {"type": "summary", "summary": {"text": "Klien bertanya tentang biaya konsultasi."}}
    value = value_of(scene, contacts=[contact(scene)], messages=[item], conversation_context=summary)
    return body(scene, "messages", value)


def _verified_identity(scene: Scene) -> dict[str, Any]:
    item = inbound_item(scene, "text_identity_key", text(scene))
    person = contact(scene) | {"identity_key_hash": f"contoh-{scene.digits('identity', count=8)}"}
    return body(scene, "messages", value_of(scene, contacts=[person], messages=[item]))


KINDS = (
    message_kind("text", "A text from a client", text),
    message_kind("text_reply", "A text that quotes a message of the firm", _reply),
    message_kind("text_forwarded", "A forwarded text", _forwarded),
    message_kind("text_often_forwarded", "A text forwarded more than five times", _often_forwarded),
    message_kind("text_from_ad", "The first text after a tap on an advertisement", _from_ad),
    message_kind("text_product_question", "A question about a product of the catalogue", _product_question),
    message_kind("text_in_group", "A text in a group", _in_group),
    Kind(name="text_bsuid_only", summary="A text from somebody who hides the number", field="messages",
         build=_hidden_number),
    Kind(name="text_bsuid_in_from", summary="A user id in the place of the number", field="messages",
         build=_bsuid_in_from),
    Kind(name="text_no_profile", summary="A text whose contact has no profile", field="messages",
         build=_without_profile),
    Kind(name="text_identity_key", summary="A text with the hash of the sender's identity key", field="messages",
         build=_verified_identity),
    Kind(name="text_handed_over", summary="A text with the summary of a thread that was handed over",
         field="messages", build=_handed_over, gives="mixed"),
)  # fmt: skip
