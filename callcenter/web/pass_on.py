"""Passes a request on to the controller that has the call it is about, and its answer back.

The page need not know which node has a call: whichever serves it checks who asks, then asks the
other in his name. The other checks his rights, writes the audit trail and does it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from aiohttp import web

from callcenter.address import Address
from callcenter.web.auth import VISITOR
from callcenter.web.peers import Places
from callcenter.web.route import Route
from callcenter.web.web_parts import PARTS


def passed_on(route: Route) -> Route:
    """The route as it is served: where its call is."""
    if route.at == "here":
        return route
    serve, at = route.handler, route.at

    async def handler(request: web.Request) -> web.StreamResponse:
        peers = request.app[PARTS].peers
        if peers is None or request[VISITOR].is_passed_on:
            return await serve(request)
        address = await _address(request, peers.places, at)
        return await serve(request) if address is None else await peers.ask(request, address)

    return replace(route, handler=handler)


async def _address(request: web.Request, places: Places, at: str) -> Address | None:
    if at == "seat":
        return places.of_seat(request.match_info["number"])
    if at == "desk":
        return places.of_desk(request.match_info["number"])
    call_id = request.match_info.get("call_id") or _named(await request.read())
    return places.of_call(call_id) if call_id else None


def _named(body: bytes) -> str:
    """The call that a request's body is about; what is wrong with it the handler will say."""
    try:
        said = json.loads(body)
    except ValueError:
        return ""
    call_id = said.get("call_id") if isinstance(said, Mapping) else None
    return call_id if isinstance(call_id, str) else ""
