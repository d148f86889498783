"""Whom a message is to: a contact by id, by number or by the masked number that people see, and where it is sent."""

from __future__ import annotations

import re

import msgspec

from lhwa.domain.access import NOT_YOURS
from lhwa.domain.elements import Party
from lhwa.domain.ids import ContactId
from lhwa.domain.outbound import Recipient
from lhwa.domain.phones import e164_of_wa_id, mask_e164, normalise_number
from lhwa.errors import NotAllowedError, SealError, UsageError
from lhwa.services.messaging.identity import known_contact, profile_of
from lhwa.store.tables.conversations import ConversationRow
from lhwa.store.transaction import Tx

THREADS_SEARCHED_MAX = 20_000
"""A masked number is looked for among so many of the newest threads."""
_CONTACT_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{16}")
_WHOM = "lhwa writes only to people who wrote to the firm first: see `lhwa conversations list`."
_MASK = "•"


class Addressee(msgspec.Struct, frozen=True, kw_only=True):
    """A contact in one of the firm's threads."""

    contact: ContactId
    thread: ConversationRow | None
    """None when nobody ever wrote to them, or they to us, on any of the firm's numbers."""
    phone_number_id: str
    """The firm's number that the message leaves from."""
    recipient: Recipient

    def __repr__(self) -> str:
        return f"Addressee({self.contact})"


def addressee(tx: Tx, wanted: str, *, numbers: tuple[str, ...], phone_number_id: str | None = None) -> Addressee:
    """The contact that a person named.

    Args:
        wanted: a contact's id, a telephone number, or a masked number that fits one contact alone.
        numbers: the firm's own phone number ids.
        phone_number_id: which of them to send from; else that of the newest thread, else the firm's only one.
    Raises: NotAllowedError when there is no such contact; UsageError when the words could mean several things.
    """
    contact = contact_named(tx, wanted)
    threads = tx.conversations.of_contact(contact)
    if phone_number_id is not None:
        threads = [thread for thread in threads if thread.phone_number_id == phone_number_id]
    thread = threads[0] if threads else None
    number = phone_number_id or (thread.phone_number_id if thread else None)
    if number is None and len(numbers) == 1:
        number = numbers[0]
    if number is None or number not in numbers:
        if phone_number_id is not None:
            raise UsageError("--from names no phone number id of the firm.", hint="See `lhwa tenant show`.")
        raise UsageError("It is not clear which of the firm's numbers to send from.", hint="Name it with --from.")
    return Addressee(contact=contact, thread=thread, phone_number_id=number, recipient=recipient_of(tx, contact))


def recipient_of(tx: Tx, contact: ContactId) -> Recipient:
    """Where messages to a contact go: the number where one is known, else the user id; empty when neither opens."""
    try:
        profile = profile_of(tx, contact)
    except SealError:
        return Recipient()
    if profile.wa_id:
        return Recipient(phone=e164_of_wa_id(profile.wa_id))
    return Recipient(bsuid=profile.bsuid)


def contact_named(tx: Tx, wanted: str) -> ContactId:
    """A contact by id, number or masked number. Raises as `addressee`."""
    if _MASK in wanted:
        return _by_mask(tx, wanted)
    if _CONTACT_ID.fullmatch(wanted) is not None:
        found = ContactId(wanted) if tx.contacts.row(ContactId(wanted)) is not None else None
    else:
        number = normalise_number(wanted)
        if number is None:
            raise UsageError(
                "This is no telephone number with its country code, and no contact id.",
                hint="Write +62812…, or the masked number from `lhwa conversations list`.",
            )
        found = known_contact(tx, Party(wa_id=number.removeprefix("+")))
    if found is None:
        raise NotAllowedError(NOT_YOURS, hint=_WHOM)
    return found


def _by_mask(tx: Tx, masked: str) -> ContactId:
    wanted = masked.strip()
    fits: set[ContactId] = set()
    for thread in tx.conversations.newest(rows_max=THREADS_SEARCHED_MAX):
        if thread.contact is not None and thread.contact not in fits:
            phone = recipient_of(tx, thread.contact).phone
            if phone is not None and mask_e164(phone) == wanted:
                fits.add(thread.contact)
    if not fits:
        raise NotAllowedError(NOT_YOURS, hint=_WHOM)
    if len(fits) > 1:
        raise UsageError(
            f"{len(fits)} contacts have numbers that look like this.", hint="Give the whole number or the contact's id."
        )
    return fits.pop()
