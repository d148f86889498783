"""What is set up at Meta for a firm: its account, numbers, app and tokens, as values that do not change."""

from __future__ import annotations

from dataclasses import dataclass, field

from lhwa.domain.instants import Instant

MESSAGING = "whatsapp_business_messaging"
MANAGEMENT = "whatsapp_business_management"
SCOPES = (MESSAGING, MANAGEMENT)
MESSAGES_PER_S = 80


TOKEN_PREFIX = "sandbox-"  # noqa: S105 -- how the sandbox's own tokens begin


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxToken:
    """An access token of a system user."""

    value: str = field(repr=False)
    scopes: tuple[str, ...] = SCOPES
    expires_at: Instant | None = None
    """None: never."""

    @property
    def is_of_sandbox(self) -> bool:
        """It opens nothing at Meta, and may be shown; a firm's real token may not."""
        return self.value.startswith(TOKEN_PREFIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxNumber:
    """One number of a firm."""

    phone_number_id: str
    display_phone_number: str = field(repr=False)
    """International digits, as webhooks name it."""
    verified_name: str = "Kantor Hukum Contoh"
    country_code: str = "62"
    messages_per_s: int = MESSAGES_PER_S
    """In and out together; 20 for a number that is also in the phone app."""
    allowed_recipients: frozenset[str] | None = field(default=None, repr=False)
    """International digits whom a test number may write to; None for an ordinary number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxAccount:
    """A WhatsApp Business account with the app that serves it."""

    name: str
    waba_id: str
    app_id: str
    app_secret: str = field(repr=False)
    """Signs the webhooks."""
    webhook_url: str
    numbers: tuple[SandboxNumber, ...]
    tokens: tuple[SandboxToken, ...]
    verify_token: str = field(default="sandbox-verify-token", repr=False)
    is_subscribed: bool = True
    """The app is subscribed to the account. Without it no webhook ever comes."""


def sample_account(index: int = 0, *, webhook_url: str = "http://127.0.0.1:8080/webhooks/whatsapp") -> SandboxAccount:
    """A plain sample firm with one number. Each index gives another one.

    Args:
        index: 0 to 99.
    """
    tail = f"{index:02}"
    return SandboxAccount(
        name=f"Kantor Hukum Contoh {index + 1}",
        waba_id=f"2003004005006{tail}",
        app_id=f"4004004004004{tail}",
        app_secret=f"sandbox-app-secret-{tail}",
        webhook_url=webhook_url,
        numbers=(
            SandboxNumber(
                phone_number_id=f"3013013013013{tail}",
                display_phone_number=f"6221500012{tail}",
                verified_name=f"Kantor Hukum Contoh {index + 1}",
            ),
        ),
        tokens=(SandboxToken(value=f"sandbox-token-{tail}"),),
        verify_token=f"sandbox-verify-token-{tail}",
    )
