"""Sample webhooks: every kind that the WhatsApp Cloud API sends, written by us and signed like the real ones.

    body = encode(build("text", number=number, client=client, seq=1, at=now))
    headers = {"X-Hub-Signature-256": sign(body, app_secret)}

The people, numbers and matters in them are invented. It uses the standard library only, so `lhwa trigger` starts fast.
"""

from lhwa.testing.webhooks.catalogue import KINDS, build, kind_named
from lhwa.testing.webhooks.paths import set_path
from lhwa.testing.webhooks.scene import BusinessNumber, Client, Kind, Scene
from lhwa.testing.webhooks.wire import encode, merge, sign

__all__ = [
    "KINDS",
    "BusinessNumber",
    "Client",
    "Kind",
    "Scene",
    "build",
    "encode",
    "kind_named",
    "merge",
    "set_path",
    "sign",
]
