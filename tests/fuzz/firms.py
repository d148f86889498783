"""Three sample firms with their numbers and accounts, and the routing table that knows them. One account is shared."""

from __future__ import annotations

from datetime import UTC, datetime

from lhwa.domain.ids import AppName, TenantId
from lhwa.domain.keys import TenantKeys
from lhwa.domain.sealing import Key
from lhwa.registry.routing import AppSecret, MetaApp, RoutingTable
from lhwa.testing.webhooks import BusinessNumber, Client

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
SECRET = b"sample-app-secret-of-fuzz"
FIRMS = (TenantId("firma"), TenantId("firmb"), TenantId("firmc"))
NUMBERS = {"301301301301301": FIRMS[0], "302302302302302": FIRMS[1], "303303303303303": FIRMS[2]}
ACCOUNTS = {"200200200200200": FIRMS[0], "201201201201201": FIRMS[1]}
"""The third firm has its number under the account of the first."""
KEYS = {firm: Key.random() for firm in FIRMS}
ROOT = Key.random()

BUSINESS_NUMBERS = tuple(
    BusinessNumber(phone_number_id=number, display_phone_number="6221500012" + number[:2], waba_id=waba)
    for number, waba in (
        ("301301301301301", "200200200200200"),
        ("302302302302302", "201201201201201"),
        ("303303303303303", "200200200200200"),
        ("304304304304304", "201201201201201"),
        ("305305305305305", "209209209209209"),
    )
)
"""The last two belong to nobody; one of them lies under the account of a firm."""
CLIENTS = (
    Client(name="Contoh Klien", wa_id="6281230001111", bsuid="ID.88001122334455", username="contoh.klien"),
    Client(name="Sampel Satu", wa_id="6281230002222", bsuid=None),
    Client(name="Sampel Dua", wa_id=None, bsuid="ID.88001122334466"),
    Client(name="\u202eContoh \U0001f64f", wa_id="6281230003333", bsuid="ID.ENT.88001122334477", username="@contoh"),
)


def routing_table() -> RoutingTable:
    """Everybody, and one Meta app."""
    app = MetaApp(AppName("main"), (AppSecret(SECRET, "current"),), (AppSecret(b"verify-me", "current"),))
    return RoutingTable(
        revision=1,
        apps={app.name: app},
        tenant_of_number=NUMBERS,
        tenant_of_waba=ACCOUNTS,
        app_of_tenant={},
        state_of_tenant={},
        root=ROOT,
        wrapped_keys={},
        _unwrapped={firm: TenantKeys(key) for firm, key in KEYS.items()},
    )
