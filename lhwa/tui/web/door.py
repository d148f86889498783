"""Who may come in, and what every answer carries: the checks before each request.

A request must name this server by an address of this machine (DNS rebinding), must not come from another page (a
websocket is not bound by the browser's same-origin rule), and must belong to a session, unless it is for the login.

Invariants: whoever has no session cannot tell what exists; no page quotes what was asked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from lhwa.ports.clock import Clock
from lhwa.tui.web import pages
from lhwa.tui.web.moments import Moment
from lhwa.tui.web.sessions import Session, Sessions

LOOPBACK = ("127.0.0.1", "localhost")
PLACES = "/i/"
LOGIN = "/login"
SESSION: web.RequestKey[Session] = web.RequestKey("session", Session)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "Server": "lhwa",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Door:
    """The checks of one server."""

    def __init__(
        self, sessions: Sessions, clock: Clock, *, port: int, say_of_defect: Callable[[Exception], None]
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._port = port
        self._authorities = frozenset(f"{host}:{port}" for host in LOOPBACK)
        self._say_of_defect = say_of_defect

    def cookie_name(self) -> str:
        """Two servers on one machine share the cookies of the host, so each has a name of its own."""
        return f"lhwa_inbox_{self._port}"

    @web.middleware
    async def check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let a request through to its handler, or refuse it."""
        try:
            return self._refusal(request) or await handler(request)
        except web.HTTPException as refused:
            return pages.refusal(refused.status, f"{refused.reason}.")
        except Exception as error:  # noqa: BLE001 -- the outermost frame: what it says may be content
            self._say_of_defect(error)
            return pages.refusal(500, "This failed. The terminal of the server says more.")

    def _refusal(self, request: web.Request) -> web.StreamResponse | None:
        hosts = request.headers.getall("Host", [])
        if len(hosts) != 1 or hosts[0] not in self._authorities:
            return pages.refusal(421, f"This server answers to 127.0.0.1:{self._port} alone.")
        origins = request.headers.getall("Origin", [])
        changes = request.method != "GET" or "Upgrade" in request.headers
        if (changes or origins) and origins != [f"http://{hosts[0]}"]:
            return pages.refusal(403, "This came from another page.")
        if request.path == LOGIN or request.path.startswith(f"{LOGIN}/"):
            return None
        session = self._session_of(request)
        if session is None:
            return pages.refusal(401, pages.HOW_TO_COME_IN)
        request[SESSION] = session
        return None

    def _session_of(self, request: web.Request) -> Session | None:
        place = request.path.removeprefix(PLACES).partition("/")[0] if request.path.startswith(PLACES) else ""
        cookie = request.cookies.get(self.cookie_name(), "")
        return self._sessions.find(place, cookie, Moment.of(self._clock))


async def put_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Give every answer the headers that close what a browser leaves open. To be run before it is sent."""
    for name, value in _HEADERS.items():
        response.headers[name] = value
    response.headers.setdefault("Content-Security-Policy", pages.NOTHING_MAY_LOAD)
