"""Telephone numbers and business-scoped user ids: telling them apart, normalising, masking.

Source: WhatsApp Cloud API, business-scoped user IDs; ITU E.164.
"""

from __future__ import annotations

import re

WA_ID = re.compile(r"[0-9]{6,20}")
"""What Meta calls `wa_id`: international digits without the plus."""
BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,160}")
"""ISO country, a dot, letters and digits; a parent id has `.ENT.` after the country."""
E164 = re.compile(r"\+[1-9][0-9]{5,14}")
_NUMBER_IN_TEXT = re.compile(r"\+?\d{9,15}(?!\d)")
_BSUID_IN_TEXT = re.compile(r"\b[A-Z]{2}\.(?=[A-Za-z.]*[0-9])[A-Za-z0-9.]{4,160}(?<!\.)")
_MASK = "••••"


def e164_of_wa_id(wa_id: str) -> str:
    """`+` and the digits. Inbound ids are international already: national rules are never applied to them."""
    return "+" + wa_id


def is_wa_id(text: str) -> bool:
    """True for digits that can be a telephone number."""
    return WA_ID.fullmatch(text) is not None


def is_bsuid(text: str) -> bool:
    """True for a business-scoped user id, parent ids included."""
    return BSUID.fullmatch(text) is not None


def mask_e164(e164: str) -> str:
    """A number as people may see it: `+62 812-••••-1111`. At least 4 of its digits are hidden, whatever its length."""
    digits = e164.lstrip("+")
    if len(digits) < 11:
        return f"+{_MASK}{digits[-2:]}"
    return f"+{digits[:2]} {digits[2:5]}-{_MASK}-{digits[-min(len(digits) - 9, 4) :]}"


def mask_bsuid(bsuid: str) -> str:
    """A user id as people may see it: `ID.••••3322`."""
    return f"{bsuid[:2]}.{_MASK}{bsuid[-4:] if len(bsuid) > 10 else ''}"


def mask_numbers_in(text: str) -> str:
    """A text of the platform with every telephone number in it masked."""
    return _NUMBER_IN_TEXT.sub(lambda found: mask_e164(found[0]), text)


def mask_ids_in(text: str) -> str:
    """A text of the platform with every user id and every telephone number in it masked."""
    return mask_numbers_in(_BSUID_IN_TEXT.sub(lambda found: mask_bsuid(found[0]), text))


def normalise_number(text: str) -> str | None:
    """E.164 of a number typed by an operator in Indonesia; None when it cannot be one.

    `0812…`, `62812…`, `62 0812…`, `0062 812…` and `+62 812-…` all become `+62812…`. A bare `812…` is refused: it
    could be a mobile number here or any number in Japan, and a guess would address a stranger.
    """
    stripped = re.sub(r"[\s().-]", "", text)
    if stripped.startswith("+"):
        digits = stripped[1:]
    elif stripped.startswith("00"):
        digits = stripped[2:]
    elif stripped.startswith("8"):
        return None
    elif stripped.startswith("0"):
        digits = "62" + stripped[1:]
    else:
        digits = stripped
    if digits.startswith("620"):
        digits = "62" + digits[3:]
    candidate = "+" + digits
    return candidate if E164.fullmatch(candidate) else None
