"""Builds the aiohttp application: routes, gate, headers."""

import asyncio
import json
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from aiohttp import web

from callcenter.web.addresses import PROXIES, Network, is_https, networks
from callcenter.web.auth import GATE, Gate, load_api_key
from callcenter.web.errors import errors_as_json
from callcenter.web.events import FEED, STREAMS
from callcenter.web.guard import GUARDED, JSON, TURNSTILE, Guarded, Turnstile, guard
from callcenter.web.language import in_language
from callcenter.web.live import LIVE, STOPPING, VIEW
from callcenter.web.live_models import DialIn
from callcenter.web.openapi import openapi_document
from callcenter.web.pages import add_pages
from callcenter.web.rights import Right
from callcenter.web.routes import ROUTES
from callcenter.web.sessions import TRIES, LoginTries
from callcenter.web.snapshot import LiveState
from callcenter.web.status import METRICS, METRICS_FROM, WebMetrics, count_requests
from callcenter.web.view import HotlineView, WebSettings
from callcenter.web.web_parts import PARTS, WebParts

HOTLINE_NUMBER = "12348"
MAX_BODY_BYTES = 64 * 1024
_HSTS = "max-age=31536000"  # a year; of other names below this one we know nothing

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "font-src 'self'; media-src 'self' blob:; worker-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    "Cache-Control": "no-store",
}


def make_app(
    view: HotlineView,
    settings: WebSettings,
    *,
    parts: WebParts | None = None,
    metrics_from: Iterable[str] = ("127.0.0.0/8", "::1/128"),
    proxies: Iterable[Network] = (),
) -> web.Application:
    """The web role; `metrics_from`: addresses or networks that may read /metrics.
    `proxies`: whose word is taken for where a request came from, and whether over https.

    Raises KeyFault when HOME/api.key cannot be used, ValueError for a wrong network.
    """
    app = web.Application(
        middlewares=[count_requests, in_language, errors_as_json, guard],
        client_max_size=MAX_BODY_BYTES,
    )
    dial = DialIn(number=HOTLINE_NUMBER, sip=f"{settings.sip.host}:{settings.sip.port}")
    app[VIEW] = view
    parts = parts or WebParts()
    app[PARTS] = parts
    app[GATE] = Gate(key=load_api_key(settings.home), accounts=parts.accounts)
    app[TURNSTILE], app[TRIES] = Turnstile(), LoginTries()
    app[FEED] = parts.feed
    app[LIVE] = LiveState(
        view=view, figures=parts.figures, feed=parts.feed, dial=dial, demo=settings.demo
    )
    app[STOPPING] = asyncio.Event()
    app[STREAMS] = []
    app[METRICS] = WebMetrics(view)
    app[METRICS_FROM] = networks(metrics_from)
    app[PROXIES] = tuple(proxies)
    app.on_response_prepare.append(_add_headers)
    app.on_shutdown.append(_end_streams)
    _add_routes(app)
    return app


def api_document() -> dict[str, Any]:
    """OpenAPI 3.1 of the whole application."""
    return openapi_document(ROUTES, _version())


@cache
def _document() -> str:
    """Made when first asked for: a third of a second that no start has to wait for."""
    return json.dumps(api_document(), ensure_ascii=False)


async def _get_openapi(_request: web.Request) -> web.Response:
    return web.Response(text=_document(), content_type="application/json")


def _add_routes(app: web.Application) -> None:
    guarded = {("GET", "/api/openapi.json"): Guarded(Right.SELF)}
    app.router.add_get("/api/openapi.json", _get_openapi)
    for route in ROUTES:
        added = app.router.add_route(route.method, route.path, route.handler)
        if route.method == "GET":
            app.router.add_route("HEAD", route.path, route.handler)
        if added.resource is not None:
            guarded[route.method, added.resource.canonical] = Guarded(
                route.right, route.takes or JSON, route.answer == "text/event-stream"
            )
    add_pages(app)
    for resource in app.router.resources():
        # What is no route of the API is a page, and holds nothing secret.
        guarded.setdefault(("GET", resource.canonical), Guarded(None))
    app[GUARDED] = guarded


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if is_https(request):
        response.headers["Strict-Transport-Security"] = _HSTS
    # aiohttp names its own and Python's version otherwise
    response.headers["Server"] = "hotline"


async def _end_streams(app: web.Application) -> None:
    app[STOPPING].set()
    app[LIVE].close()


def _version() -> str:
    try:
        return version("hotline-12348")
    except PackageNotFoundError:
        return "0"
