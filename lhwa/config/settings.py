"""Every setting with its default, its limits and one sentence. Everything else about settings is derived from here.

Invariants: units are in the names (`_s`, `_bytes`, `_days`); no secret is a setting.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


def _setting(default: Any, about: str, *, least: int | None = None, most: int | None = None, shape: str = "") -> Any:
    """One setting. `shape` names a check in `values.py` that goes beyond the type."""
    return field(default=default, metadata={"about": about, "least": least, "most": most, "shape": shape})


@dataclass(frozen=True, slots=True)
class Server:
    """The two HTTP listeners."""

    host: str = _setting("127.0.0.1", "Address of the webhook listener; a reverse proxy with TLS stands before it.")
    port: int = _setting(8080, "Port of the webhook listener.", least=0, most=65_535)
    admin_host: str = _setting("127.0.0.1", "Address of the listener for health and metrics. Keep it private.")
    admin_port: int = _setting(9090, "Port of the listener for health and metrics.", least=0, most=65_535)
    trusted_proxies: tuple[str, ...] = _setting(
        ("127.0.0.1",), "Addresses or networks whose word about the client's address is believed.", shape="network"
    )
    forwarded: Literal["x-forwarded-for", "off"] = _setting(
        "x-forwarded-for", "Which header a trusted proxy uses for the client's address; off: use the connection's."
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """What the webhook listener accepts. Generous to bursts: Meta replays whole days after an outage."""

    webhook_body_bytes_max: int = _setting(4 * MIB, "Largest request body. Meta sends up to 3 MiB.", least=KIB)
    header_bytes_max: int = _setting(16 * KIB, "Largest request head.", least=KIB)
    header_timeout_s: int = _setting(5, "Longest wait for the request head.", least=1, most=600)
    body_timeout_s: int = _setting(10, "Longest wait for the request body.", least=1, most=600)
    idle_timeout_s: int = _setting(15, "How long an idle connection stays open.", least=1, most=3600)
    connections_per_source_max: int = _setting(256, "Open connections from one address.", least=1)
    requests_per_s_per_source: int = _setting(1000, "Requests per second from one address, in the long run.", least=1)
    burst_per_source: int = _setting(5000, "Requests that one address may send at once.", least=1)
    requests_per_s_total: int = _setting(5000, "Requests per second from everywhere, in the long run.", least=1)
    burst_total: int = _setting(20_000, "Requests that may arrive at once from everywhere.", least=1)
    bad_signatures_per_minute_per_source: int = _setting(
        60, "Wrong signatures from one address before it has to wait.", least=1
    )


@dataclass(frozen=True, slots=True)
class Spool:
    """The sealed raw webhook requests."""

    retention_days: int = _setting(7, "How long a finished request is kept for replay.", least=1, most=365)
    pending_bytes_max: int = _setting(2 * GIB, "Waiting requests beyond this are refused with 503.", least=MIB)


@dataclass(frozen=True, slots=True)
class Worker:
    """The jobs behind the listener."""

    processes: int = _setting(0, "Processes that share the firms; 0: one for each core, at most 4.", least=0, most=64)
    batch_elements_max: int = _setting(
        1_024, "Elements that are applied before others get their turn.", least=1, most=10_000
    )
    tries_max: int = _setting(8, "Tries before an element goes to the dead letters.", least=1, most=100)
    first_delay_s: int = _setting(2, "Wait before the second try; it doubles from there.", least=0, most=3600)
    delay_max_s: int = _setting(900, "Longest wait between two tries.", least=1, most=86_400)
    lease_s: int = _setting(60, "After this a job of a dead worker is taken over.", least=5, most=3600)
    open_tenants_max: int = _setting(256, "Firms whose files one process has open at once.", least=1, most=10_000)


@dataclass(frozen=True, slots=True)
class Outbound:
    """What leaves, and who may let it."""

    graph_url: str = _setting(
        "https://graph.facebook.com",
        "Where messages are posted: Meta, or a sandbox on this machine.",
        shape="graph_url",
    )
    api_version: str = _setting("v25.0", "Version of Meta's API.", shape="api_version")
    messages_per_s: int = _setting(80, "What Meta takes from one number in a second.", least=1, most=1_000)
    direct_roles: tuple[str, ...] = _setting(
        ("owner", "lawyer"), "Roles whose messages leave without a second person.", shape="role"
    )
    approval_roles: tuple[str, ...] = _setting(
        ("staff",), "Roles whose messages a second person has to approve.", shape="role"
    )
    quiet_hours: str = _setting(
        "", "When only answers leave, by the firm's clock, such as 21:00-07:00; empty: never.", shape="quiet_hours"
    )
    expires_hours: int = _setting(24, "Messages that could not leave by then are dropped.", least=1, most=720)


@dataclass(frozen=True, slots=True)
class Log:
    """What `lhwa serve` says on stderr."""

    level: Literal["debug", "info", "warning", "error"] = _setting("info", "Least important level that is written.")
    format: Literal["auto", "json", "human"] = _setting("auto", "auto: human on a terminal, JSON lines elsewhere.")


@dataclass(frozen=True, slots=True)
class RootKey:
    """Where the root key is kept; it is never a setting itself."""

    store: str = _setting("auto", "auto, keyring, systemd, file, or the name of an allowed plugin.", shape="name")
    path: str = _setting("", "Folder of the file store; empty: `secrets` in the home.")


@dataclass(frozen=True, slots=True)
class Plugins:
    """Code of others that lhwa may import. It can see client confidences."""

    allow: tuple[str, ...] = _setting((), "Names of the distributions that may be imported.", shape="distribution")


@dataclass(frozen=True, slots=True)
class Cli:
    """What commands assume."""

    tenant: str = _setting("", "The firm that commands speak of when none is named.", shape="tenant")


@dataclass(frozen=True, slots=True)
class Inbox:
    """What `lhwa inbox` looks like and how it behaves."""

    language: Literal["en", "id"] = _setting("en", "Of its labels: English or Bahasa Indonesia.")
    theme: Literal["dark", "light"] = _setting("dark", "How it looks at first.")
    lock_minutes: int = _setting(10, "The screen locks when nobody has touched a key for so long.", least=1, most=480)
    keys: tuple[str, ...] = _setting((), "Other keys for an action, such as approve=ctrl+a.", shape="key")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one installation, checked."""

    server: Server = field(default_factory=Server)
    limits: Limits = field(default_factory=Limits)
    spool: Spool = field(default_factory=Spool)
    worker: Worker = field(default_factory=Worker)
    outbound: Outbound = field(default_factory=Outbound)
    log: Log = field(default_factory=Log)
    root_key: RootKey = field(default_factory=RootKey)
    plugins: Plugins = field(default_factory=Plugins)
    cli: Cli = field(default_factory=Cli)
    inbox: Inbox = field(default_factory=Inbox)


SECTIONS: dict[str, type[Any]] = {
    "server": Server,
    "limits": Limits,
    "spool": Spool,
    "worker": Worker,
    "outbound": Outbound,
    "log": Log,
    "root_key": RootKey,
    "plugins": Plugins,
    "cli": Cli,
    "inbox": Inbox,
}
