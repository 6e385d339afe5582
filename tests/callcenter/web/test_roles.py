"""Each role at each route: the guard lets in whom the table names, and nobody else."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from callcenter.accounts.limits import Limit
from callcenter.web import app as web_app
from callcenter.web.guard import TURNSTILE, Turnstile
from callcenter.web.rights import RIGHTS, Right, Role
from callcenter.web.route import Route
from callcenter.web.routes import ROUTES
from callcenter.web.sessions import TRIES, LoginTries
from callcenter.web.web_parts import WebParts
from tests.callcenter.web.conftest import OpenClient
from tests.callcenter.web.people import People, enter

TABLE = Path(__file__).with_name("roles_and_routes.txt")
OPEN = {("GET", "/health"), ("GET", "/metrics"), ("POST", "/api/v1/login")}
MANY = Limit(a_second=1e6, burst=10**6)
COLUMNS = " ".join(role.value for role in Role)


def line(route: Route) -> str:
    """`GET /api/v1/live: supervisor`."""
    if route.right is None:
        who = "everybody"
    else:
        who = " ".join(role.value for role in Role if route.right in RIGHTS[role]) or "key"
    return f"{route.method} {route.path}: {who}"


def test_the_table_names_every_route_and_who_may_use_it() -> None:
    """A changed line means changed rights: look twice, then write it into the table."""
    assert sorted(map(line, ROUTES)) == TABLE.read_text("utf-8").splitlines()


def test_nothing_is_open_but_health_metrics_and_log_in() -> None:
    assert {(route.method, route.path) for route in ROUTES if route.right is None} == OPEN


def test_names_of_operations_and_routes_are_there_once() -> None:
    names = [route.name for route in ROUTES]
    assert sorted(names) == sorted(set(names))
    ways = [(route.method, route.path) for route in ROUTES]
    assert sorted(ways) == sorted(set(ways))


def test_each_role_has_the_least_rights() -> None:
    changing = {route.right for route in ROUTES if route.changes}
    assert RIGHTS[Role.AUDITOR] & changing == {Right.SELF}
    ears = {Right.CALLS_HEAR, Right.CALLS_SEE, Right.CALLS_REVEAL, Right.CALLS_SUPERVISE}
    assert not RIGHTS[Role.ADMIN] & ears
    accounts = {Right.USERS_EDIT, Right.AUDIT_SEE}
    assert [role for role in Role if RIGHTS[role] >= accounts] == []  # 三权分立
    assert not RIGHTS[Role.SEAT] & (ears | accounts | {Right.LIVE_SEE, Right.SEATS_ACT})
    assert all(Right.SELF in rights for rights in RIGHTS.values())


@pytest.fixture
async def client(
    open_client: OpenClient, people: People, monkeypatch: pytest.MonkeyPatch
) -> TestClient[Any, Any]:
    """The real guard before every route; behind it somebody who only says that he was reached."""

    async def reached(_request: web.Request) -> web.Response:
        return web.Response(status=200, text="reached")

    behind = tuple(
        route if route.path == "/api/v1/login" else replace(route, handler=reached)
        for route in ROUTES
    )
    monkeypatch.setattr(web_app, "ROUTES", behind)
    made = await open_client(known=False, parts=WebParts(accounts=people.accounts))
    state = made.server.app._state  # type: ignore[union-attr]
    state[TURNSTILE] = Turnstile(person=MANY, address=MANY)
    state[TRIES] = LoginTries(address=MANY)
    return made


async def status(client: TestClient[Any, Any], route: Route, **headers: str) -> tuple[int, str]:
    path = re.sub(r"\{(\w+)(?::[^}]*)?\}", "1", route.path)
    if route.changes:
        headers |= {"Content-Type": route.takes or "application/json"}
        headers |= {"Origin": str(client.make_url("/")).rstrip("/")}
    answer = await client.request(
        route.method, path, headers=headers, data=b"{}" if route.changes else None
    )
    return answer.status, "" if answer.status == 200 else (await answer.json())["error"]


@pytest.mark.parametrize("role", Role)
async def test_each_role_reaches_what_its_rights_open(
    role: Role, client: TestClient[Any, Any], people: People
) -> None:
    await enter(client, await people.add(role))
    wrong = []
    for route in ROUTES:
        if route.path == "/api/v1/login":
            continue
        is_open = route.right is None or route.right in RIGHTS[role]
        found = await status(client, route)
        if found != ((200, "") if is_open else (403, "no_right")):
            wrong.append((route.method, route.path, found))
    assert wrong == []


async def test_strangers_reach_nothing_that_needs_a_right(client: TestClient[Any, Any]) -> None:
    for route in ROUTES:
        if route.right is not None:
            assert await status(client, route) == (401, "login_needed"), route.path
            wrong_key = {"Authorization": "Bearer guess"}
            assert await status(client, route, **wrong_key) == (401, "login_needed"), route.path


async def test_no_other_site_changes_anything_in_a_persons_name(
    client: TestClient[Any, Any], people: People
) -> None:
    await enter(client, await people.add(Role.ADMIN))
    for route in ROUTES:
        if not route.changes:
            continue
        path = re.sub(r"\{(\w+)(?::[^}]*)?\}", "1", route.path)
        sent = {"Content-Type": route.takes or "application/json"}
        for forged in ({"Origin": "https://attacker.example"}, {}):
            answer = await client.request(route.method, path, headers=sent | forged, data=b"{}")
            assert (answer.status, (await answer.json())["error"]) == (403, "foreign_origin"), path
        plain = {"Content-Type": "text/plain", "Origin": str(client.make_url("/")).rstrip("/")}
        answer = await client.request(route.method, path, headers=plain, data=b"{}")
        assert answer.status == 415, path
