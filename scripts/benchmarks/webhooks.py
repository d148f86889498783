"""Signed webhooks of the Cloud API as complete HTTP requests: distinct, of 0.7 to 1.5 KB, the same for the same seed.

The people and matters in them are invented. They are built from prepared pieces, because a load generator that
serialises JSON for every request measures itself.
"""

from __future__ import annotations

import hashlib
import hmac
import random
from dataclasses import dataclass

from lhwa.testing.webhooks import encode

APP_SECRET = "sample-app-secret-for-benchmarks"
PATH = "/webhooks/whatsapp"
TEXTS = 64
TEXT_CHARS_MIN, TEXT_CHARS_MAX = 120, 900
_SENTENCES = (
    "Selamat siang, mohon informasi mengenai jadwal sidang perkara saya minggu depan.",
    "Apakah dokumen yang kemarin sudah diterima?",
    "Terima kasih, kami tunggu kabar dari kantor soal perjanjian sewa itu.",
    "Surat kuasa yang perlu ditandatangani sudah ada di meja saya.",
    "Mohon maaf baru membalas, kemarin saya di luar kota.",
    "Kapan sebaiknya kami datang ke kantor untuk membicarakannya?",
)


@dataclass(frozen=True, slots=True)
class Traffic:
    """Who writes to whom. `tag` makes the message ids of one run different from those of all others."""

    tag: str
    firms: int
    contacts: int = 4_000
    seed: int = 1
    at_s: int = 1_795_305_600

    @property
    def contacts_of_firm(self) -> int:
        """People who write to one firm."""
        return max(self.contacts // self.firms, 20)


def tenant_of(firm: int) -> str:
    """The id of a sample firm."""
    return f"firma-{firm:05d}"


def number_of(firm: int) -> str:
    """Its phone number id."""
    return f"3013{firm:011d}"


def waba_of(firm: int) -> str:
    """Its WhatsApp Business Account."""
    return f"2002{firm:011d}"


def wamid_of(tag: str, index: int) -> str:
    """The message id of one request of a run, as long as Meta's."""
    return f"wamid.HBgNNjI4MTIzMDAwMDAwFQIAEhg{tag}{index:010d}AA=="


def index_of(wamid: str) -> int:
    """Which request of its run carried a message id."""
    return int(wamid[-14:-4])


def owner_of(traffic: Traffic, index: int) -> int:
    """The firm that a request is for: spread evenly, in an order that is not a pattern."""
    return (index * 2_654_435_761 >> 7) % traffic.firms


def requests(traffic: Traffic, first: int, count: int) -> list[bytes]:
    """Complete requests number `first` and on."""
    return [as_request(each) for each in bodies(traffic, first, count)]


def bodies(traffic: Traffic, first: int, count: int) -> list[bytes]:
    """The bodies alone."""
    texts = [b'","type":"text","text":{"body":"%s"}}]},"field":"messages"}]}]}' % each for each in _texts(traffic.seed)]
    fronts: dict[tuple[int, int], bytes] = {}
    made = []
    for index in range(first, first + count):
        firm = owner_of(traffic, index)
        who = firm, (index * 48_271 + firm) % traffic.contacts_of_firm
        front = fronts.get(who)
        if front is None:
            front = fronts[who] = _front(*who)
        when = b'","timestamp":"%d' % (traffic.at_s + index // 1000)
        made.append(front + wamid_of(traffic.tag, index).encode() + when + texts[index % TEXTS])
    return made


def as_request(body: bytes, *, secret: bytes = APP_SECRET.encode()) -> bytes:
    """One signed HTTP request with this body."""
    signature = hmac.digest(secret, body, hashlib.sha256).hex().encode()
    return (
        b"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: facebookexternalua\r\nAccept: */*\r\n"
        b"Content-Type: application/json\r\nX-Hub-Signature-256: sha256=%s\r\nContent-Length: %d\r\n\r\n%s"
        % (PATH.encode(), signature, len(body), body)
    )


def _front(firm: int, person: int) -> bytes:
    """A body of one person up to the message id."""
    wa_id, user_id = f"62812{firm % 1000:03d}{person:05d}", f"ID.8800{firm:06d}{person:06d}"
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": f"6221500{firm:05d}", "phone_number_id": number_of(firm)},
        "contacts": [{"profile": {"name": f"Contoh Klien {person}"}, "wa_id": wa_id, "user_id": user_id}],
        "messages": [{"from": wa_id, "from_user_id": user_id, "id": ""}],
    }
    entry = {"id": waba_of(firm), "changes": [{"value": value}]}
    return encode({"object": "whatsapp_business_account", "entry": [entry]}).removesuffix(b'"}]}}]}]}')


def _texts(seed: int) -> list[bytes]:
    """Sample messages of all lengths."""
    dice = random.Random(seed)
    made = []
    for _ in range(TEXTS):
        chars, text = dice.randint(TEXT_CHARS_MIN, TEXT_CHARS_MAX), ""
        while len(text) < chars:
            text += dice.choice(_SENTENCES) + " "
        made.append(text[:chars].strip().encode())
    return made
