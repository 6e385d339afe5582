"""The demo's work-order service: what a flow asks with `call_api`, on this machine only."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from callcenter.demo.orders import book, progress

log = structlog.get_logger(__name__)

HOST, PORT = "127.0.0.1", 8349  # as in province/services.yaml
AGAIN_S = 5.0  # a port that another demo has is asked for again: that demo may end first
LARGEST = 4_096  # bytes of a request
_ZONE = ZoneInfo("Asia/Shanghai")


def make_app(today: Callable[[], Any] | None = None) -> web.Application:
    """`/progress` and `/booking`: a JSON object each way. `today`: a date, for tests."""
    now = today or (lambda: datetime.now(_ZONE).date())

    async def orders(request: web.Request) -> web.Response:
        return web.json_response(progress(await _sent(request)))

    async def bookings(request: web.Request) -> web.Response:
        return web.json_response(book(await _sent(request), now()))

    app = web.Application(client_max_size=LARGEST)
    app.router.add_post("/progress", orders)
    app.router.add_post("/booking", bookings)
    return app


async def _sent(request: web.Request) -> dict[str, Any]:
    try:
        sent = await request.json()
    except ValueError:
        raise web.HTTPBadRequest(text="not JSON") from None
    if not isinstance(sent, dict):
        raise web.HTTPBadRequest(text="not an object")
    return sent


async def serve(port: int = PORT, *, again_s: float = AGAIN_S) -> None:
    """Answer until cancelled. Where another demo of this machine has the port, it answers."""
    runner = web.AppRunner(make_app(), access_log=None)
    await runner.setup()
    try:
        await web.SockSite(runner, await _port_when_free(port, again_s)).start()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


async def _port_when_free(port: int, again_s: float) -> socket.socket:
    is_told = False
    while True:
        try:
            return socket.create_server((HOST, port))
        except OSError as fault:
            if not is_told:
                log.info("the demo's orders are served elsewhere", port=port, why=str(fault))
            is_told = True
            await asyncio.sleep(again_s)
