"""The sandbox on a port: Starlette over the core, with replies that get lost and the courier beside it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from lhwa.sandbox.control import control_routes
from lhwa.sandbox.courier import SandboxClock, WebhookCourier
from lhwa.sandbox.exchange import ApiRequest, Form, UploadedFile
from lhwa.sandbox.sandbox import Sandbox

__all__ = ["WebhookCourier", "sandbox_app"]

_METHODS = ["GET", "POST", "DELETE"]


def sandbox_app(sandbox: Sandbox, clock: SandboxClock, *, courier: WebhookCourier | None = None) -> Starlette:
    """The API, and the control routes under `/_sandbox/`.

    Args:
        clock: the time of every request.
        courier: runs as long as the app does, and is woken by every request; None where somebody else fetches
            the webhooks.
    """

    async def api(request: Request) -> Response:
        reply = sandbox.handle(await _read(request), now=clock.now())
        if reply.is_lost:
            return _HangUp()
        return Response(reply.body, status_code=reply.status, headers=reply.headers)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        running = asyncio.create_task(courier.run()) if courier is not None else None
        yield
        if running is not None:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    routes = [*control_routes(sandbox, clock), Route("/{path:path}", api, methods=_METHODS)]
    app = Starlette(routes=routes, lifespan=lifespan)
    if courier is not None:
        app.add_middleware(_Waking, courier=courier)
    return app


class _Waking:
    """Lets the courier look again after each request."""

    def __init__(self, app: Any, *, courier: WebhookCourier) -> None:
        self._app = app
        self._courier = courier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
        self._courier.wake()


class _HangUp(Response):
    """No answer: the connection ends.

    uvicorn shows its transport to nobody, but `receive` belongs to the cycle that holds it. Under another server the
    connection stays silent until the caller gives up, which is the other way in which an answer gets lost.
    """

    async def __call__(self, _scope: Scope, receive: Receive, _send: Send) -> None:
        transport = getattr(getattr(receive, "__self__", None), "transport", None)
        if transport is not None:
            transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass


async def _read(request: Request) -> ApiRequest:
    content_type = request.headers.get("content-type", "")
    form = await _read_form(request) if content_type.startswith("multipart/form-data") else None
    return ApiRequest(
        method=request.method,
        path=request.url.path,
        query=dict(request.query_params),
        headers=dict(request.headers),
        body=b"" if form is not None else await request.body(),
        content_type=content_type,
        form=form,
        origin=f"{request.url.scheme}://{request.url.netloc}",
    )


async def _read_form(request: Request) -> Form:
    fields: dict[str, str] = {}
    files: dict[str, UploadedFile] = {}
    async with request.form() as given:
        for name, value in given.items():
            if isinstance(value, UploadFile):
                files[name] = UploadedFile(
                    name=value.filename or "", content_type=value.content_type or "", content=await value.read()
                )
            else:
                fields[name] = value
    return Form(fields=fields, files=files)
