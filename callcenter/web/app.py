"""Builds the aiohttp application: routes, gate, headers."""

import asyncio
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from aiohttp import web

from callcenter.web.auth import GATE, Gate, guard, load_api_key
from callcenter.web.errors import errors_as_json
from callcenter.web.live import (
    SNAPSHOTS,
    STOPPING,
    STREAMS,
    VIEW,
    get_events,
    get_live,
    post_seat_state,
)
from callcenter.web.models import DialIn
from callcenter.web.openapi import openapi_document
from callcenter.web.pages import get_asset, get_page, post_login
from callcenter.web.snapshot import Snapshots
from callcenter.web.status import (
    METRICS,
    METRICS_FROM,
    WebMetrics,
    count_requests,
    get_health,
    get_metrics,
    networks,
)
from callcenter.web.talk import post_city, post_filed, post_release, post_talk
from callcenter.web.view import HotlineView, WebSettings

HOTLINE_NUMBER = "12348"
MAX_BODY_BYTES = 64 * 1024

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


def make_app(
    view: HotlineView,
    settings: WebSettings,
    *,
    metrics_from: Iterable[str] = ("127.0.0.0/8", "::1/128"),
) -> web.Application:
    """The web role; `metrics_from`: addresses or networks that may read /metrics.

    Raises KeyFault when HOME/api.key cannot be used, ValueError for a wrong network.
    """
    app = web.Application(
        middlewares=[count_requests, errors_as_json, guard], client_max_size=MAX_BODY_BYTES
    )
    dial = DialIn(number=HOTLINE_NUMBER, sip=f"{settings.sip.host}:{settings.sip.port}")
    app[VIEW] = view
    app[GATE] = Gate(key=load_api_key(settings.home), demo=settings.demo)
    app[SNAPSHOTS] = Snapshots(view=view, dial=dial, demo=settings.demo)
    app[STOPPING] = asyncio.Event()
    app[STREAMS] = set()
    app[METRICS] = WebMetrics(view)
    app[METRICS_FROM] = networks(metrics_from)
    app.on_response_prepare.append(_add_headers)
    app.on_shutdown.append(_end_streams)
    _add_routes(app)
    return app


def _add_routes(app: web.Application) -> None:
    document = openapi_document(_version())

    async def get_openapi(_request: web.Request) -> web.Response:
        return web.json_response(document)

    app.router.add_get("/", get_page)
    app.router.add_get("/assets/{name}", get_asset)
    app.router.add_get("/health", get_health)
    app.router.add_get("/metrics", get_metrics)
    app.router.add_get("/api/openapi.json", get_openapi)
    app.router.add_get("/api/v1/live", get_live)
    app.router.add_get("/api/v1/live/events", get_events)
    app.router.add_post("/api/v1/login", post_login)
    app.router.add_post("/api/v1/seats/{number}/state", post_seat_state)
    app.router.add_post("/api/v1/seats/{number}/talk/{what}", post_talk)
    app.router.add_post("/api/v1/seats/{number}/release", post_release)
    app.router.add_post("/api/v1/seats/{number}/filed", post_filed)
    app.router.add_post("/api/v1/seats/{number}/city", post_city)


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)
    # aiohttp names its own and Python's version otherwise
    response.headers["Server"] = "hotline"


async def _end_streams(app: web.Application) -> None:
    app[STOPPING].set()


def _version() -> str:
    try:
        return version("hotline-12348")
    except PackageNotFoundError:
        return "0"
