"""Before each request: who asks, how often, from which page, and whether he may."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from callcenter.accounts.limits import Buckets, Limit
from callcenter.web.addresses import address_of
from callcenter.web.auth import GATE, VISITOR, Visitor
from callcenter.web.errors import ApiFault, Handler
from callcenter.web.log_in_ends import log_in_ends
from callcenter.web.person import PERSON, need
from callcenter.web.rights import Right

BACKGROUND = "X-Hotline-Background"  # sent by a page of its own accord: nobody need be there
JSON = "application/json"
OF_A_PERSON = Limit(a_second=20, burst=200)
OF_AN_ADDRESS = Limit(a_second=200, burst=2000)  # a whole hotline may sit behind one address


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the guard needs to know of a route."""

    right: Right | None
    takes: str = JSON
    """Content type of a changing request's body."""
    is_stream: bool = False
    """Goes on for as long as the page is open."""


GUARDED = web.AppKey("guarded", Mapping[tuple[str, str], Guarded])


class Turnstile:
    """How often each person and each address may ask."""

    def __init__(self, *, person: Limit = OF_A_PERSON, address: Limit = OF_AN_ADDRESS) -> None:
        self._persons = Buckets(person, clock=time.monotonic)
        self._addresses = Buckets(address, clock=time.monotonic)

    def address(self, request: web.Request) -> None:
        """Count a request of this address; raises ApiFault 429."""
        _refuse(self._addresses.take(address_of(request)))

    def person(self, name: str) -> None:
        """Count a request of this person; raises ApiFault 429."""
        _refuse(self._persons.take(name))


TURNSTILE = web.AppKey("turnstile", Turnstile)


def _refuse(wait_s: float) -> None:
    if wait_s:
        raise ApiFault(429, "too_often", "请求过于频繁，请稍后再试。", retry_after_s=wait_s)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep strangers out, hold each to his rights, and keep other sites from using his cookie."""
    resource = request.match_info.route.resource
    if request.match_info.http_exception is not None or resource is None:
        return await handler(request)
    gate = request.app[GATE]
    method = "GET" if request.method == "HEAD" else request.method
    guarded = request.app[GUARDED][method, resource.canonical]
    has_bearer = gate.has_bearer(request)
    if guarded.right is not None and not has_bearer:
        request.app[TURNSTILE].address(request)
    if method != "GET":
        _check_same_site(request, guarded, has_bearer=has_bearer)
    elif _is_upgrade(request):
        _check_origin(request)
    visitor = await gate.visitor(request)
    if visitor is not None:
        request[VISITOR], request[PERSON] = visitor, visitor.person
    if guarded.right is not None:
        _check_right(visitor, guarded.right)
    if visitor is None:
        return await handler(request)
    if visitor.session is not None:
        request.app[TURNSTILE].person(visitor.person.name)
    return await _serve(request, handler, guarded.is_stream)


async def _serve(request: web.Request, handler: Handler, is_stream: bool) -> web.StreamResponse:
    """Serve who is known, streams only for as long as he is."""
    gate, session = request.app[GATE], request[VISITOR].session
    if _is_upgrade(request):
        return await handler(request)  # a telephone's line, which ends itself, never in mid-talk
    if is_stream:
        return await _while_known(request, handler)
    if session is not None and gate.accounts is not None and BACKGROUND not in request.headers:
        await gate.accounts.sessions.touch(session.id)
    return await handler(request)


async def _while_known(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A log-in that has ended, or a right that was taken away, ends the stream too."""
    person = request[PERSON]

    async def serve() -> web.StreamResponse:
        return await handler(request)

    serving, watching = (
        asyncio.create_task(serve()),
        asyncio.create_task(log_in_ends(request, lambda now: now != person)),
    )
    try:
        await asyncio.wait({serving, watching}, return_when=asyncio.FIRST_COMPLETED)
        if not serving.done():
            # The page hears that its line is cut, comes back, and is asked to log in.
            serving.cancel()
            await asyncio.wait({serving})
            if request.transport is not None:
                request.transport.close()
            return web.Response(status=401)
        return serving.result()
    finally:
        watching.cancel()
        serving.cancel()


def _check_right(visitor: Visitor | None, right: Right) -> None:
    if visitor is None:
        raise ApiFault(401, "login_needed", "请先登录。")
    if visitor.person.is_limited and not visitor.person.may(right):
        raise ApiFault(403, "account_unfinished", "请先修改密码或设置动态验证码。")
    need(visitor.person, right)


def _is_upgrade(request: web.Request) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"


def _check_origin(request: web.Request) -> None:
    """A page elsewhere cannot forge Origin."""
    origin = request.headers.get("Origin")
    is_foreign = origin is not None and urlsplit(origin).netloc != request.host
    if is_foreign or request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        raise ApiFault(403, "foreign_origin", "不接受其他网站发来的请求。")


def _check_same_site(request: web.Request, guarded: Guarded, *, has_bearer: bool) -> None:
    """A page elsewhere can neither send JSON nor forge Origin, so both are demanded."""
    is_bare = "Content-Type" not in request.headers and not request.can_read_body
    if request.content_type != guarded.takes and not is_bare:
        what = "application/json" if guarded.takes == JSON else guarded.takes
        error = "json_needed" if guarded.takes == JSON else "wrong_content_type"
        raise ApiFault(415, error, f"请求内容须为 {what}。")
    _check_origin(request)
    if request.headers.get("Origin") is None and not has_bearer and request.cookies:
        raise ApiFault(403, "foreign_origin", "更改须来自本站页面。")
