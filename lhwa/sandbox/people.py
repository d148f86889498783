"""People: who is on WhatsApp, by which number, and under which user id each firm knows them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from lhwa.domain.phones import is_bsuid, normalise_number
from lhwa.errors import UsageError
from lhwa.sandbox.chance import Chance

_COUNTRIES = {"62": "ID", "60": "MY", "65": "SG", "61": "AU", "1": "US"}
_SOME_COUNTRY = "GB"


@dataclass(slots=True, kw_only=True, eq=False)
class Person:
    """Somebody on WhatsApp."""

    key: str = field(repr=False)
    """Tells people apart inside the sandbox: the digits, or the user id of somebody without a known number."""
    number: str | None = field(default=None, repr=False)
    """International digits; None when nobody knows them."""
    name: str = "Klien Contoh"
    hides_number: bool = False
    """Uses a username: firms that never wrote to the number do not see it."""
    shows_read: bool = True
    bsuids: dict[str, str] = field(default_factory=dict, repr=False)
    """By account: the same person has another one at each firm."""

    @property
    def identity_key_hash(self) -> str:
        """Changes when the person's keys do; here it never does."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:28]


class People:
    """Everybody whom the sandbox has met. A number that is not here is not on WhatsApp."""

    def __init__(self, chance: Chance, *, bsuid_only: float) -> None:
        self._chance = chance
        self._bsuid_only = bsuid_only
        self._by_key: dict[str, Person] = {}
        self._by_bsuid: dict[tuple[str, str], Person] = {}

    def with_number(self, digits: str) -> Person | None:
        """Who has this number."""
        return self._by_key.get(digits)

    def with_bsuid(self, waba_id: str, bsuid: str) -> Person | None:
        """Whom this account knows under this user id."""
        return self._by_bsuid.get((waba_id, bsuid))

    def find(self, contact: str, *, waba_id: str) -> Person | None:
        """The person behind a number or a user id; None when nobody met them."""
        if is_bsuid(contact):
            return self.with_bsuid(waba_id, contact)
        return self.with_number((normalise_number(contact) or "+")[1:])

    def meet(self, contact: str, *, waba_id: str, name: str | None = None, hides_number: bool | None = None) -> Person:
        """The person behind a number or a user id, who from now on is on WhatsApp.

        Args:
            contact: a number as people write it, or a user id for somebody whose number nobody knows.
            hides_number: None leaves it as it is; for somebody new the fault `bsuid-only` decides.
        Raises: UsageError when it is neither a number nor a user id.
        """
        person = self._found_or_new(contact, waba_id=waba_id)
        if name is not None:
            person.name = name
        if hides_number is not None and person.number is not None:
            person.hides_number = hides_number
        return person

    def bsuid_of(self, person: Person, waba_id: str) -> str:
        """The user id under which an account knows somebody; the first question makes it."""
        bsuid = person.bsuids.get(waba_id)
        if bsuid is None:
            country = _country(person.number or "")
            # The same in every run: a firm that met somebody before a restart would take another id for a stranger.
            digest = hashlib.sha256(f"{waba_id}|{person.key}".encode()).digest()
            bsuid = person.bsuids[waba_id] = f"{country}.{int.from_bytes(digest[:8], 'big') % 10**14:014}"
            self._by_bsuid[waba_id, bsuid] = person
        return bsuid

    def _found_or_new(self, contact: str, *, waba_id: str) -> Person:
        if is_bsuid(contact):
            return self.with_bsuid(waba_id, contact) or self._add_unnumbered(contact, waba_id)
        number = normalise_number(contact)
        if number is None:
            raise UsageError(
                "A client is named by a telephone number or a user id.",
                hint="Write +62812... with the country code, or a user id such as ID.88001122334455.",
            )
        digits = number[1:]
        person = self._by_key.get(digits)
        if person is None:
            hides = self._chance.hits(self._bsuid_only)
            person = self._by_key[digits] = Person(key=digits, number=digits, hides_number=hides)
        return person

    def _add_unnumbered(self, bsuid: str, waba_id: str) -> Person:
        person = Person(key=f"{waba_id}|{bsuid}", hides_number=True, bsuids={waba_id: bsuid})
        self._by_key[person.key] = self._by_bsuid[waba_id, bsuid] = person
        return person


def _country(digits: str) -> str:
    return next((name for code, name in _COUNTRIES.items() if digits.startswith(code)), _SOME_COUNTRY)
