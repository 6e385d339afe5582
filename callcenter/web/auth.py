"""Who may ask: this machine in demo mode, else the bearer of the API key or its cookie."""

import hmac
import ipaddress
import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from callcenter.web.errors import ApiFault, Handler

COOKIE = "hotline_key"
_OPEN_PATHS = frozenset({"/health", "/", "/api/v1/login"})
_OPEN_PREFIX = "/assets/"
_PROXY_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


class KeyFault(Exception):
    """api.key cannot be used; the message says why."""


def load_api_key(home: Path) -> str:
    """The key in HOME/api.key, made on first use with mode 0600; raises KeyFault."""
    path = home / "api.key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        draft = home / f"api.key.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
        try:
            # link, not rename: of two processes that start together the first key stays
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    key = path.read_text(encoding="utf-8").strip()
    if len(key) < 20:
        raise KeyFault(f"{path}: shorter than 20 characters; delete it to have one made")
    return key


def is_loopback(request: web.Request) -> bool:
    """Does the request come straight from this machine, asked for by a local name?

    A proxy makes strangers look local, so its headers rule that out; a foreign Host is a page
    elsewhere that had its name point here (DNS rebinding).
    """
    if any(header in request.headers for header in _PROXY_HEADERS):
        return False
    peer = request.transport.get_extra_info("peername") if request.transport else None
    if not isinstance(peer, tuple) or not _is_loopback_name(str(peer[0])):
        return False
    return _is_loopback_name(urlsplit(f"//{request.host}").hostname or "")


def _is_loopback_name(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


class Gate:
    """Decides who may pass; stateless, so any number of web processes agree."""

    def __init__(self, *, key: str, demo: bool) -> None:
        """`key`: the API key; `demo`: let this machine's own people in without it."""
        self._key = key.encode()
        self._demo = demo
        # the cookie is derived, so the key itself is not kept in the browser
        self.cookie = hmac.new(self._key, b"hotline cookie v1", "sha256").hexdigest()

    def is_key(self, offered: str) -> bool:
        """Compare without telling by time how much was right."""
        return hmac.compare_digest(offered.encode(), self._key)

    def has_bearer(self, request: web.Request) -> bool:
        """Is the API key in the Authorization header?"""
        scheme, _, offered = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self.is_key(offered.strip())

    def lets_in(self, request: web.Request) -> bool:
        """May this request see calls and change seats?"""
        if self._demo and is_loopback(request):
            return True
        offered = request.cookies.get(COOKIE, "").encode()
        return self.has_bearer(request) or hmac.compare_digest(offered, self.cookie.encode())


GATE = web.AppKey("gate", Gate)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep strangers out, and keep other sites from using a person's cookie."""
    if request.match_info.http_exception is not None:
        return await handler(request)
    gate = request.app[GATE]
    if request.method not in {"GET", "HEAD"}:
        _check_same_site(request, has_bearer=gate.has_bearer(request))
    path = request.path
    is_open = path in _OPEN_PATHS or path.startswith(_OPEN_PREFIX) or path == "/metrics"
    if not is_open and not gate.lets_in(request):
        raise ApiFault(401, "key_needed", "请先提供访问密钥。")
    return await handler(request)


def _check_same_site(request: web.Request, *, has_bearer: bool) -> None:
    """A page elsewhere can neither send JSON nor forge Origin, so both are demanded."""
    if request.content_type != "application/json":
        raise ApiFault(415, "json_needed", "请求内容须为 application/json。")
    origin = request.headers.get("Origin")
    is_foreign = origin is not None and urlsplit(origin).netloc != request.host
    if is_foreign or request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        raise ApiFault(403, "foreign_origin", "不接受其他网站发来的更改。")
    if origin is None and not has_bearer and COOKIE in request.cookies:
        raise ApiFault(403, "foreign_origin", "更改须来自本站页面。")
