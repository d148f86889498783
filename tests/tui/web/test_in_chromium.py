"""The whole way, in a real browser: from the link to a key that reaches the app."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.tui.web.chromium import PROGRAM, chromium_page
from tests.tui.web.conftest import Served, wait_until

WATCH = """
window.drawn = "";
const fillText = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
  window.drawn += text;
  return fillText.call(this, text, ...rest);
};
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""
"""The terminal is drawn on canvases: each sign once, and from then on it is copied."""
SIGNS_ARE_DRAWN = "[...'Kotak Contoh pid='].every((sign) => window.drawn.includes(sign))"
BACKGROUND = "[...document.querySelector('canvas.xterm-text-layer').getContext('2d').getImageData(4, 200, 1, 1).data]"
APP_IS_SHOWN = f"document.querySelector('.-first-byte') && {BACKGROUND}.join() === '0,51,102,255' && {SIGNS_ARE_DRAWN}"


@pytest.mark.skipif(not PROGRAM.exists(), reason=f"there is no Chromium at {PROGRAM}")
async def test_a_link_shows_the_app_once_and_keys_reach_it(served: Served, tmp_path: Path) -> None:
    link = served.inbox.new_link()
    async with chromium_page(tmp_path, before_each_page=WATCH) as page:
        await page.do("Page.navigate", url=link)
        await page.until(APP_IS_SHOWN)
        assert await page.value("location.href.includes('#')") is False, "the word of the link is out of sight"
        assert await page.value("document.cookie") == "", "no script can read the cookie"

        await page.until("document.activeElement.className === 'xterm-helper-textarea'")
        await page.press("Ω")
        await page.until("window.drawn.includes('Ω')")
        assert {address.split("/")[2] for address in page.requested} == {served.url.removeprefix("http://")}
        assert await page.value("window.violations") == []
        assert page.complaints == []

        await page.do("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
        await page.press("d")
        await asyncio.to_thread(wait_until, lambda: bool(list(tmp_path.glob("surat*.html"))))

        await page.press("q")
        await page.until("getComputedStyle(document.querySelector('.ended')).display === 'block'")
        assert await page.value("document.querySelector('canvas')") is None, "nothing of the inbox stays on the screen"

        await page.do("Page.navigate", url="about:blank")
        await page.do("Page.navigate", url=link)
        await page.until("document.body && document.body.innerText.includes('This link was used before')")
