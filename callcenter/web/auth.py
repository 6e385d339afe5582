"""Who may ask: the bearer of the API key or its cookie."""

import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from callcenter.web.errors import ApiFault, Handler
from callcenter.web.models import Done, LogIn, Me
from callcenter.web.person import KEY_BEARER, PERSON, Person, need, person_of
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_model

COOKIE = "hotline_key"
_HALF_DAY_S = 12 * 3600


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


class Gate:
    """Knows the API key; stateless, so any number of web processes agree."""

    def __init__(self, *, key: str) -> None:
        """`key`: the API key."""
        self._key = key.encode()
        # the cookie is derived, so the key itself is not kept in the browser
        self.cookie = hmac.new(self._key, b"hotline cookie v1", "sha256").hexdigest()

    def is_key(self, offered: str) -> bool:
        """Compare without telling by time how much was right."""
        return hmac.compare_digest(offered.encode(), self._key)

    def has_bearer(self, request: web.Request) -> bool:
        """Is the API key in the Authorization header?"""
        scheme, _, offered = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self.is_key(offered.strip())

    async def person(self, request: web.Request) -> Person | None:
        """Who asks; None for a stranger."""
        offered = request.cookies.get(COOKIE, "").encode()
        if self.has_bearer(request) or hmac.compare_digest(offered, self.cookie.encode()):
            return KEY_BEARER
        return None


GATE = web.AppKey("gate", Gate)
RIGHTS_NEEDED = web.AppKey("rights_needed", Mapping[tuple[str, str], Right | None])


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep strangers out, hold each to his rights, and keep other sites from using his cookie."""
    resource = request.match_info.route.resource
    if request.match_info.http_exception is not None or resource is None:
        return await handler(request)
    gate = request.app[GATE]
    if request.method not in {"GET", "HEAD"}:
        _check_same_site(request, has_bearer=gate.has_bearer(request))
    person = await gate.person(request)
    if person is not None:
        request[PERSON] = person
    method = "GET" if request.method == "HEAD" else request.method
    right = request.app[RIGHTS_NEEDED][method, resource.canonical]
    if right is not None:
        if person is None:
            raise ApiFault(401, "login_needed", "请先登录。")
        need(person, right)
    return await handler(request)


def _check_same_site(request: web.Request, *, has_bearer: bool) -> None:
    """A page elsewhere can neither send JSON nor forge Origin, so both are demanded."""
    if request.content_type != "application/json":
        raise ApiFault(415, "json_needed", "请求内容须为 application/json。")
    origin = request.headers.get("Origin")
    is_foreign = origin is not None and urlsplit(origin).netloc != request.host
    if is_foreign or request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        raise ApiFault(403, "foreign_origin", "不接受其他网站发来的更改。")
    if origin is None and not has_bearer and request.cookies:
        raise ApiFault(403, "foreign_origin", "更改须来自本站页面。")


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


async def get_me(request: web.Request) -> web.Response:
    """Who is logged in, and what he may do."""
    person = person_of(request)
    return json_answer(
        Me(
            name=person.name,
            display_name=person.name,
            roles=sorted(person.roles),
            rights=sorted(person.rights),
            seat=person.seat,
            city=person.city,
        )
    )


ROUTES = (
    Route(
        method="POST",
        path="/api/v1/login",
        handler=post_login,
        name="log_in",
        summary="Exchange the API key for a cookie",
        right=None,
        body=LogIn,
        answer=Done,
        faults=(401,),
    ),
    Route(
        method="GET",
        path="/api/v1/me",
        handler=get_me,
        name="me",
        summary="Who is logged in, and what he may do",
        right=Right.SELF,
        answer=Me,
    ),
)
