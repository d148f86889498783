"""Scene: everything that a sample webhook is made from, and nothing random.

Every id is a hash of what it is for and of `seq`: the same scene gives the same webhook, another `seq` another one.
An outgoing message is `wamid("out")` in all kinds, so that its statuses, replies and reactions belong together.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from lhwa.domain.instants import Instant

_T = TypeVar("_T")
_WAMID_BYTES = 27


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessNumber:
    """One of the firm's numbers, as webhooks name it."""

    phone_number_id: str
    display_phone_number: str
    waba_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A sample person. Without `wa_id` every webhook is that of somebody who hides the number."""

    name: str
    wa_id: str | None
    bsuid: str | None
    username: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Who writes to whom, which of many it is, and when."""

    number: BusinessNumber
    client: Client
    seq: int
    at: Instant

    def wamid(self, what: str) -> str:
        """A message id; the same for the same purpose."""
        return "wamid." + base64.b64encode(self._hash(what)[:_WAMID_BYTES]).decode()

    def digits(self, what: str, *, count: int = 16) -> str:
        """A numeric id, such as that of a media file or a template."""
        return str(int.from_bytes(self._hash(what)[:8], "big") % (9 * 10 ** (count - 1)) + 10 ** (count - 1))

    def sha256(self, what: str) -> bytes:
        """The digest of a file that nobody has."""
        return self._hash(f"file {what}")

    def pick(self, choices: Sequence[_T]) -> _T:
        """One of several samples, in turn."""
        return choices[self.seq % len(choices)]

    def stamp(self, *, after_s: int = 0) -> str:
        """Unix seconds as text, as messages and statuses carry them."""
        return str(self.unix(after_s=after_s))

    def unix(self, *, after_s: int = 0) -> int:
        """Unix seconds as a number, as entries carry them."""
        return int((self.at + timedelta(seconds=after_s)).timestamp())

    def without_phone(self) -> Scene:
        """The same scene with a client whose number nobody sees."""
        return replace(self, client=replace(self.client, wa_id=None, bsuid=self.client.bsuid or "ID.70000000000001"))

    def _hash(self, what: str) -> bytes:
        return hashlib.sha256(f"{self.number.phone_number_id}|{what}|{self.seq}".encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of webhook that can be triggered."""

    name: str
    summary: str
    field: str
    """The webhook field; empty when the kind lacks it on purpose."""
    build: Callable[[Scene], dict[str, Any]]
    gives: str = "message"
    """What it should become: `message`, `status`, `platform`, `poison` or `mixed`."""


def present(**members: Any) -> dict[str, Any]:
    """An object without the members that are None: Meta leaves keys out, it does not send null."""
    return {key: value for key, value in members.items() if value is not None}
