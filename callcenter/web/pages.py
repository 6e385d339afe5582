"""The live page, the page that asks for the key, and their few assets."""

from pathlib import Path

from aiohttp import web

from callcenter.web.auth import COOKIE, GATE
from callcenter.web.errors import ApiFault
from callcenter.web.live import json_answer, read_model
from callcenter.web.models import Done, LogIn

_FOLDER = Path(__file__).with_name("pages")
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_ASSETS = {
    path.name: path for path in _FOLDER.iterdir() if path.suffix in _TYPES
}  # a closed list: no name from outside ever becomes a path
_HALF_DAY_S = 12 * 3600


async def get_page(request: web.Request) -> web.Response:
    """The live page to those who may see it, the key page to others."""
    name = "live.html" if request.app[GATE].lets_in(request) else "key.html"
    return web.Response(text=(_FOLDER / name).read_text(encoding="utf-8"), content_type="text/html")


async def get_asset(request: web.Request) -> web.Response:
    """A style, script or picture of the pages; holds nothing secret."""
    path = _ASSETS.get(request.match_info["name"])
    if path is None:
        raise web.HTTPNotFound
    text = path.read_text(encoding="utf-8")
    return web.Response(text=text, content_type=_TYPES[path.suffix], charset="utf-8")


async def post_login(request: web.Request) -> web.Response:
    """Exchange the API key for a cookie that scripts cannot read and other sites cannot send."""
    gate = request.app[GATE]
    offered = await read_model(request, LogIn)
    if not gate.is_key(offered.key.strip()):
        raise ApiFault(401, "key_wrong", "密钥不正确。")
    response = json_answer(Done())
    response.set_cookie(
        COOKIE,
        gate.cookie,
        max_age=_HALF_DAY_S,
        httponly=True,
        samesite="Strict",
        secure=request.secure,
        path="/",
    )
    return response
