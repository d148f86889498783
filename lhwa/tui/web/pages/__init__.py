"""The pages and scripts that a browser gets, and what each may load.

textual-serve's own page takes its font from Google; ours takes everything from this server, and its policy says so.
"""

from __future__ import annotations

from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template

import textual_serve
from aiohttp import web

HOW_TO_COME_IN = (
    "To come in, press Enter in the terminal that runs `lhwa inbox --web`, and open the link that it shows."
)
NO_MORE_ROOM = "As many inboxes are open in this browser as may be. Close a tab with one, then load this page again."

_CLOSED = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
NOTHING_MAY_LOAD = f"{_CLOSED}; sandbox"
"""For refusals, scripts and files: what is only shown or taken."""
_LOGIN_MAY_LOAD = f"{_CLOSED}; script-src 'self'; style-src 'self'; connect-src 'self'"

_OWN = files(__name__)
_LIBRARY = files(textual_serve) / "static"
_FONT = "fonts/RobotoMono-VariableFont_wght.ttf"
ASSETS = {
    "inbox.css": (_OWN / "inbox.css", "text/css"),
    "inbox.js": (_OWN / "inbox.js", "text/javascript"),
    "textual.js": (_LIBRARY / "js/textual.js", "text/javascript"),
    "xterm.css": (_LIBRARY / "css/xterm.css", "text/css"),
    "roboto-mono.ttf": (_LIBRARY / _FONT, "font/ttf"),
}
LOGIN_ASSETS = {
    "login.js": (_OWN / "login.js", "text/javascript"),
    "plain.css": (_OWN / "plain.css", "text/css"),
}


def login() -> web.Response:
    """The page that a login link opens. The word stands behind `#`, which a browser sends to nobody."""
    return _page("login.html", _LOGIN_MAY_LOAD)


def inbox(host: str, place: str) -> web.Response:
    """The page with the terminal.

    Its script gives styles to the elements that it makes, which no nonce can reach; scripts are from here alone.
    """
    socket = f"ws://{host}/i/{place}/ws"
    policy = (
        f"{_CLOSED}; script-src 'self'; style-src 'self'; style-src-elem 'self' 'unsafe-inline'; font-src 'self';"
        f" connect-src {socket}; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return _page("inbox.html", policy, socket=socket)


def refusal(status: int, says: str) -> web.Response:
    """A plain page that says why not, and what to do."""
    page = Template((_OWN / "refusal.html").read_text(encoding="utf-8"))
    return web.Response(status=status, text=page.substitute(says=escape(says)), content_type="text/html")


def asset(name: str, among: dict[str, tuple[Traversable, str]]) -> web.Response:
    """One of the files that a page loads. Raises: HTTPNotFound for any other."""
    if name not in among:
        raise web.HTTPNotFound
    file, mime = among[name]
    return web.Response(body=file.read_bytes(), content_type=mime)


def _page(name: str, policy: str, **words: str) -> web.Response:
    page = Template((_OWN / name).read_text(encoding="utf-8"))
    filled = page.substitute({key: escape(word) for key, word in words.items()})
    return web.Response(text=filled, content_type="text/html", headers={"Content-Security-Policy": policy})
