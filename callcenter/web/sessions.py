"""Log-in and log-out, and who is logged in."""

import time
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from callcenter.accounts.accounts import Accounts
from callcenter.accounts.limits import Buckets, Limit
from callcenter.accounts.login import LoginRefused
from callcenter.web.account_models import (
    LogIn,
    Me,
)
from callcenter.web.addresses import address_of, is_https
from callcenter.web.auth import COOKIE, GATE, SESSION_COOKIE, VISITOR, Visitor
from callcenter.web.errors import ApiFault, Handler
from callcenter.web.models import Done
from callcenter.web.person import KEY_BEARER
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_model
from reports.audit import Entry
from seats.places import seat_places

_HALF_DAY_S = 12 * 3600
TRIES_OF_AN_ADDRESS = Limit(a_second=0.5, burst=30)  # a whole hotline may sit behind one address
TRIES_OF_A_PERSON = Limit(a_second=0.1, burst=10)  # of one's own password, with a session at hand


class LoginTries:
    """How often an address may try to log in, and a person may say his password."""

    def __init__(self, *, address: Limit = TRIES_OF_AN_ADDRESS) -> None:
        self._addresses = Buckets(address, clock=time.monotonic)
        self._persons = Buckets(TRIES_OF_A_PERSON, clock=time.monotonic)

    def address(self, request: web.Request) -> None:
        """Count a log-in; raises ApiFault 429."""
        self._count(self._addresses, address_of(request))

    def person(self, name: str) -> None:
        """Count a password said; raises ApiFault 429."""
        self._count(self._persons, name)

    def _count(self, buckets: Buckets, key: str) -> None:
        if wait_s := buckets.take(key):
            raise ApiFault(429, "too_often", "尝试过于频繁，请稍后再试。", retry_after_s=wait_s)


TRIES = web.AppKey("tries", LoginTries)


async def post_login(request: web.Request) -> web.Response:
    """A cookie that scripts cannot read and other sites cannot send, for name or key."""
    request.app[TRIES].address(request)
    offered = await read_model(request, LogIn)
    gate = request.app[GATE]
    if offered.key is not None:
        if not gate.is_key(offered.key.strip()):
            raise ApiFault(401, "key_wrong", "密钥不正确。")
        response = json_answer(me_of(request, Visitor(KEY_BEARER)))
        _set_cookie(request, response, COOKIE, gate.cookie, _HALF_DAY_S)
        response.del_cookie(SESSION_COOKIE, path="/")
        return response
    accounts = accounts_here(request)
    try:
        opened = await accounts.logins.log_in(
            offered.name or "",
            offered.password or "",
            offered.code,
            address=address_of(request),
            browser=request.headers.get("User-Agent", ""),
        )
    except LoginRefused as refused:
        raise ApiFault(401, refused.error, refused.message) from None
    person = gate.person_of(opened.account, opened.session)
    visitor = Visitor(person, opened.session, opened.account)
    response = json_answer(me_of(request, visitor))
    lasts_s = accounts.rules.session_s
    _set_cookie(request, response, SESSION_COOKIE, opened.token, lasts_s)
    response.del_cookie(COOKIE, path="/")
    return response


def _set_cookie(
    request: web.Request, response: web.Response, name: str, value: str, lasts_s: int
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=lasts_s,
        httponly=True,
        samesite="Strict",
        secure=is_https(request),
        path="/",
    )


async def post_logout(request: web.Request) -> web.Response:
    """End this log-in here and on the server."""
    visitor = request[VISITOR]
    if visitor.session is not None:
        accounts, name = accounts_here(request), visitor.person.name
        await accounts.sessions.end(name, only=visitor.session.id)
        at = accounts.desk.clock()
        reason = f"来自 {address_of(request)}"
        entry = Entry(at=at, by=name, action="log_out", subject=name, reason=reason)
        await accounts.store.write_down(entry)
    response = json_answer(Done())
    for name in (COOKIE, SESSION_COOKIE):
        response.del_cookie(name, path="/")
    return response


async def get_me(request: web.Request) -> web.Response:
    """Who is logged in, and what he may do."""
    return json_answer(me_of(request, request[VISITOR]))


def me_of(request: web.Request, visitor: Visitor) -> Me:
    """The visitor as the pages know him."""
    person, account, session = visitor.person, visitor.account, visitor.session
    accounts = request.app[GATE].accounts
    must_change, must_add = False, False
    if account is not None and accounts is not None:
        rules = accounts.rules
        must_change = account.must_change_password(rules, accounts.desk.clock())
        must_add = account.must_add_second_factor(rules)
    return Me(
        name=person.name,
        display_name=person.display_name,
        roles=sorted(person.roles),
        rights=sorted(person.rights),
        seat=person.seat,
        city=person.city,
        city_name=city_name(person.city),
        totp=account is not None and account.has_second_factor,
        must_change_password=must_change,
        must_add_second_factor=must_add,
        idle_s=accounts.rules.idle_s if accounts and session else None,
        ends_at=session.ends_at if session else None,
    )


def city_name(code: str | None) -> str | None:
    """What people call the place of this code."""
    place = seat_places().get(code or "")
    return place.name if place else None


async def post_touch(request: web.Request) -> web.Response:
    """Somebody is at the page: the idle limit begins anew (the guard has seen to it)."""
    return json_answer(me_of(request, request[VISITOR]))


def accounts_here(request: web.Request) -> Accounts:
    """The accounts of this process; raises ApiFault 503 where there are none."""
    accounts = request.app[GATE].accounts
    if accounts is None:
        raise ApiFault(503, "no_accounts", "这里没有账号服务，请使用访问密钥。")
    return accounts


def post_route(path: str, handler: Handler, name: str, summary: str, **more: Any) -> Route:
    """A change that everybody may make for himself."""
    given: dict[str, Any] = {"right": Right.SELF, "answer": Done, "faults": (409, 503), **more}
    return Route(
        method="POST",
        path=f"/api/v1/{path}",
        handler=handler,
        name=name,
        summary=summary,
        **given,
    )


def get_route(
    path: str, handler: Handler, name: str, summary: str, answer: type[BaseModel]
) -> Route:
    """Something that everybody may know of himself."""
    return Route(
        method="GET",
        path=f"/api/v1/{path}",
        handler=handler,
        name=name,
        summary=summary,
        right=Right.SELF,
        answer=answer,
        faults=(409, 503),
    )


ROUTES = (
    post_route(
        "login",
        post_login,
        "log_in",
        "Name, password and code, or the API key, for a cookie",
        right=None,
        body=LogIn,
        answer=Me,
        faults=(401, 429, 503),
    ),
    post_route("logout", post_logout, "log_out", "End this log-in"),
    get_route("me", get_me, "me", "Who is logged in, and what he may do", Me),
    post_route(
        "me/touch", post_touch, "touch", "Somebody is at the page: idleness ends", answer=Me
    ),
)
