"""Streams and telephone lines, open for hours, ask here whether their log-in still holds."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from aiohttp import web

from callcenter.web.auth import GATE
from callcenter.web.errors import ApiFault
from callcenter.web.person import Person

LOOK_S = 2.0


async def log_in_ends(request: web.Request, is_over: Callable[[Person | None], bool]) -> None:
    """Wait until `is_over` says so of who asks now (None: nobody, any more)."""
    gate = request.app[GATE]
    while True:
        await asyncio.sleep(LOOK_S)
        # Who asks cannot be known while the database is away, when a board is needed most.
        with suppress(ApiFault):
            if is_over(await gate.person(request)):
                return
