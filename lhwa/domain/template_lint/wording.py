"""Words that make Meta take a UTILITY template for MARKETING, in Bahasa Indonesia and English."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lhwa.domain.findings import Finding, warning
from lhwa.domain.templates import Category, Template

_INDONESIAN = (
    *("promo", "promosi", "diskon", "gratis", "cuma-cuma", "hemat", "hadiah", "bonus", "voucer", "kupon", "undian"),
    *("potongan harga", "harga spesial", "harga khusus", "penawaran khusus", "penawaran spesial", "penawaran terbatas"),
    *("jangan lewatkan", "jangan sampai ketinggalan", "buruan", "beli sekarang", "daftar sekarang", "terbatas hanya"),
)
_ENGLISH = (
    *("promotion", "promotional", "discount", "discounts", "cashback", "voucher", "vouchers", "coupon", "coupons"),
    *("giveaway", "special offer", "limited offer", "exclusive offer", "special price", "limited time", "best price"),
    *("free of charge", "free consultation", "buy now", "sign up now", "don't miss", "do not miss out"),
)
_PROMOTIONAL = re.compile(
    r"(?<!\w)(?:" + "|".join(map(re.escape, (*_INDONESIAN, *_ENGLISH))) + r"|\d{1,3} ?% off)(?!\w)", re.IGNORECASE
)


def check(template: Template) -> Iterator[Finding]:
    """Promotional words in a UTILITY template: Meta approves it silently as MARKETING, which costs more."""
    if template.category is not Category.UTILITY:
        return
    texts = {"header": template.header_text or "", "body": template.body, "footer": template.footer or ""}
    texts |= {f"buttons[{index}].text": button.text for index, button in enumerate(template.buttons)}
    for place, text in texts.items():
        if (found := _PROMOTIONAL.search(text)) is not None:
            yield warning(
                "category-promotional",
                place,
                f"`{found[0]}` sounds like advertising; Meta may make this template MARKETING.",
                "Say it plainly, or submit the template as MARKETING.",
            )
