"""Log-in over HTTP: cookies, lock-out, second factor, idleness, streams, limits."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pyotp
import pytest
from aiohttp import ClientError
from aiohttp.test_utils import TestClient

from callcenter.accounts.account import Rules
from callcenter.accounts.limits import Limit
from callcenter.web import log_in_ends
from callcenter.web.auth import SESSION_COOKIE
from callcenter.web.guard import BACKGROUND, TURNSTILE, Turnstile
from callcenter.web.rights import Role
from callcenter.web.sessions import TRIES, LoginTries
from callcenter.web.web_parts import WebParts
from tests.callcenter.web.conftest import OpenClient
from tests.callcenter.web.fake_view import FakeView
from tests.callcenter.web.people import PASSWORD, People, enter, people_in

Client = TestClient[Any, Any]


@pytest.fixture
async def client(open_client: OpenClient, people: People, view: FakeView) -> Client:
    parts = WebParts(figures=view, accounts=people.accounts)
    return await open_client(known=False, parts=parts)


async def said(client: Client, path: str, body: Any, **headers: str) -> tuple[int, Any]:
    """POST below /api/v1, as a page of ours would."""
    origin = {"Origin": str(client.make_url("/")).rstrip("/")}
    answer = await client.post(f"/api/v1/{path}", json=body, headers=origin | headers)
    return answer.status, await answer.json()


async def refusal(client: Client, path: str, body: Any) -> tuple[int, str]:
    status, answer = await said(client, path, body)
    return status, answer["error"]


async def me(client: Client, **headers: str) -> Any:
    answer = await client.get("/api/v1/me", headers=headers)
    return (await answer.json()) if answer.status == 200 else answer.status


async def test_who_logs_in_is_known_by_a_cookie_that_scripts_cannot_read(
    client: Client, people: People
) -> None:
    await people.add(Role.SUPERVISOR, city="220100")
    body = {"name": "Supervisor ", "password": PASSWORD}
    answer = await client.post("/api/v1/login", json=body)
    cookie = answer.cookies[SESSION_COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Strict", "")
    assert int(cookie["max-age"]) == 7200
    told = await answer.json()
    assert told == await me(client)
    assert (told["name"], told["city_name"], told["roles"]) == (
        "supervisor",
        "长春市",
        ["supervisor"],
    )
    assert "live.see" in told["rights"] and "users.edit" not in told["rights"]
    assert (told["totp"], told["must_change_password"], told["idle_s"]) == (False, False, 1800)
    behind = await client.post("/api/v1/login", json=body, headers={"X-Forwarded-Proto": "https"})
    assert behind.status == 403  # a page that is logged in says whence it comes
    origin = {"Origin": str(client.make_url("/")).rstrip("/"), "X-Forwarded-Proto": "https"}
    behind = await client.post("/api/v1/login", json=body, headers=origin)
    assert not behind.cookies[SESSION_COOKIE]["secure"]  # anybody may say that
    assert "Strict-Transport-Security" not in behind.headers


async def test_wrong_password_then_lock_out_even_for_the_right_one(
    client: Client, people: People
) -> None:
    name = await people.add(Role.SEAT)
    wrong = {"name": name, "password": "wrong"}
    assert await refusal(client, "login", wrong) == (401, "wrong_login")
    assert await refusal(client, "login", wrong) == (401, "wrong_login")
    status, told = await said(client, "login", wrong)
    assert (status, told["error"]) == (401, "locked") and "10 分钟" in told["message"]
    right = {"name": name, "password": PASSWORD}
    assert await refusal(client, "login", right) == (401, "locked")
    people.clock.pass_s(601)
    assert (await said(client, "login", right))[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "x"},
        {"password": "x"},
        {"name": "x", "password": "y", "key": "z"},
        {"name": "x", "password": ""},
        {"name": "x" * 101, "password": "y"},
        {"name": "a\x00b", "password": "y"},
        [],
        "x",
    ],
)
async def test_a_log_in_that_is_none_is_refused(client: Client, body: Any) -> None:
    assert await refusal(client, "login", body) == (422, "invalid")


async def test_a_second_factor_is_set_up_and_asked_for(client: Client, people: People) -> None:
    name = await people.add(Role.ADMIN)
    await enter(client, name)
    status, made = await said(client, "me/second_factor", {})
    assert status == 200 and made["secret"] in made["address"]
    wrong = await refusal(client, "me/second_factor/confirm", {"code": "000000"})
    assert wrong == (409, "wrong_code")
    totp = pyotp.TOTP(made["secret"])
    code = totp.at(people.clock())
    assert (await said(client, "me/second_factor/confirm", {"code": code}))[0] == 200
    assert (await me(client))["totp"] is True
    await said(client, "logout", {})
    body = {"name": name, "password": PASSWORD}
    assert await refusal(client, "login", body) == (401, "code_needed")
    assert await refusal(client, "login", body | {"code": code}) == (401, "wrong_code")
    people.clock.pass_s(30)
    await enter(client, name, code=totp.at(people.clock()))
    wrong = await refusal(client, "me/second_factor/remove", {"password": "wrong"})
    assert wrong == (409, "wrong_password")
    assert (await said(client, "me/second_factor/remove", {"password": PASSWORD}))[0] == 200
    assert (await me(client))["totp"] is False


async def test_a_role_that_demands_a_second_factor_opens_nothing_before(
    open_client: OpenClient, view: FakeView, tmp_path: Any
) -> None:
    rules = Rules(second_factor=frozenset({Role.SUPERVISOR}))
    people = await people_in(tmp_path, rules)
    client = await open_client(known=False, parts=WebParts(figures=view, accounts=people.accounts))
    name = await people.add(Role.SUPERVISOR)
    await enter(client, name)
    told = await me(client)
    assert (told["must_add_second_factor"], told["rights"]) == (True, ["self"])
    answer = await client.get("/api/v1/live")
    assert (answer.status, (await answer.json())["error"]) == (403, "account_unfinished")
    _, made = await said(client, "me/second_factor", {})
    code = pyotp.TOTP(made["secret"]).at(people.clock())
    await said(client, "me/second_factor/confirm", {"code": code})
    assert (await client.get("/api/v1/live")).status == 200
    refused = await refusal(client, "me/second_factor/remove", {"password": PASSWORD})
    assert refused == (409, "second_factor_demanded")
    await people.store.close()


async def test_a_given_password_is_changed_before_anything_else(
    client: Client, people: People
) -> None:
    name = await people.add(Role.SUPERVISOR, must_change=True)
    await enter(client, name)
    assert (await me(client))["must_change_password"] is True
    assert (await client.get("/api/v1/live")).status == 403
    change = {"old": PASSWORD, "password": "short"}
    assert await refusal(client, "me/password", change) == (409, "weak_password")
    change = {"old": "wrong", "password": "Battery-staple8"}
    status, told = await said(client, "me/password", change)
    assert (status, told["error"], told["where"]) == (409, "wrong_password", "old")
    change = {"old": PASSWORD, "password": "Battery-staple8"}
    assert (await said(client, "me/password", change))[0] == 200
    assert (await client.get("/api/v1/live")).status == 200


async def test_a_changed_password_ends_all_other_log_ins(
    client: Client, people: People, open_client: OpenClient, view: FakeView
) -> None:
    name = await people.add(Role.SEAT)
    other = await open_client(known=False, parts=WebParts(figures=view, accounts=people.accounts))
    await enter(client, name)
    await enter(other, name)
    listed = (await (await client.get("/api/v1/me/sessions")).json())["sessions"]
    assert [one["is_this"] for one in listed] == [False, True]
    assert all(one["address"] == "127.0.0.1" for one in listed)
    change = {"old": PASSWORD, "password": "Battery-staple8"}
    assert (await said(client, "me/password", change))[0] == 200
    assert await me(other) == 401
    assert (await me(client))["name"] == name


async def test_a_log_in_elsewhere_is_ended_from_here(
    client: Client, people: People, open_client: OpenClient, view: FakeView
) -> None:
    name, stranger = await people.add(Role.SEAT), await people.add(Role.QUALITY)
    other = await open_client(known=False, parts=WebParts(figures=view, accounts=people.accounts))
    await enter(client, name)
    await enter(other, stranger)
    (theirs,) = (await (await other.get("/api/v1/me/sessions")).json())["sessions"]
    ended = await refusal(client, f"me/sessions/{theirs['id']}/end", {})
    assert ended == (404, "session_unknown")  # of another person
    await enter(other, name)
    (mine,) = [
        one
        for one in (await (await client.get("/api/v1/me/sessions")).json())["sessions"]
        if not one["is_this"]
    ]
    assert (await said(client, f"me/sessions/{mine['id']}/end", {}))[0] == 200
    assert await me(other) == 401


async def test_who_touches_nothing_is_out_and_background_requests_do_not_count(
    client: Client, people: People
) -> None:
    await enter(client, await people.add(Role.SEAT))
    people.clock.pass_s(1700)
    assert (await said(client, "me/touch", {}))[0] == 200
    people.clock.pass_s(1700)
    assert (await me(client, **{BACKGROUND: "1"}))["name"] == "seat"
    people.clock.pass_s(200)
    assert await me(client) == 401


async def test_a_log_in_ends_after_its_time_whatever_happens(
    client: Client, people: People
) -> None:
    await enter(client, await people.add(Role.SEAT))
    for _ in range(5):
        people.clock.pass_s(1430)
        assert (await me(client))["name"] == "seat"
    people.clock.pass_s(51)
    assert await me(client) == 401


async def test_what_is_asked_without_a_body_needs_no_content_type(
    client: Client, people: People
) -> None:
    origin = await enter(client, await people.add(Role.SEAT))
    for sent, status in ((origin, 200), ({"Origin": "https://attacker.example"}, 403)):
        answer = await client.post(
            "/api/v1/me/touch", headers=sent, skip_auto_headers=["Content-Type"]
        )
        assert answer.status == status


async def test_who_logs_out_is_out_on_the_server_too(client: Client, people: People) -> None:
    await enter(client, await people.add(Role.SEAT))
    cookies = client.session.cookie_jar.filter_cookies(client.make_url("/"))
    token = cookies[SESSION_COOKIE].value
    assert (await said(client, "logout", {}))[0] == 200
    assert await me(client) == 401
    assert await me(client, Cookie=f"{SESSION_COOKIE}={token}") == 401


async def test_a_stream_ends_with_its_log_in(
    client: Client, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_in_ends, "LOOK_S", 0.05)
    name = await people.add(Role.SUPERVISOR)
    await enter(client, name)
    stream = await client.get("/api/v1/events")
    assert stream.status == 200
    assert await stream.content.readline()
    await people.accounts.sessions.end(name)
    with suppress(ClientError):  # cut in the middle of a chunk
        while await stream.content.readany():
            pass
    assert stream.content.at_eof() or stream.content.exception()
    assert await me(client) == 401


async def test_another_site_opens_no_socket_in_a_persons_name(
    client: Client, people: People
) -> None:
    await enter(client, await people.add(Role.SEAT))
    headers = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Origin": "https://attacker.example",
    }
    answer = await client.get("/api/v1/me", headers=headers)
    assert (answer.status, (await answer.json())["error"]) == (403, "foreign_origin")


async def test_who_asks_too_often_waits(client: Client, people: People) -> None:
    app = client.app
    assert app is not None
    client.server.app._state[TURNSTILE] = Turnstile(person=Limit(a_second=0.01, burst=3))
    await enter(client, await people.add(Role.SEAT))
    assert [await me(client) for _ in range(4)][-1] == 429
    answer = await client.get("/api/v1/me")
    assert int(answer.headers["Retry-After"]) >= 90


async def test_passwords_are_not_guessed_fast_from_one_address(
    client: Client, people: People
) -> None:
    client.server.app._state[TRIES] = LoginTries(address=Limit(a_second=0.01, burst=2))
    errors = [
        await refusal(client, "login", {"name": f"nobody{n}", "password": "x"}) for n in range(3)
    ]
    assert errors == [(401, "wrong_login"), (401, "wrong_login"), (429, "too_often")]


async def test_a_key_has_no_account_of_its_own(open_client: OpenClient, people: People) -> None:
    client = await open_client(parts=WebParts(accounts=people.accounts))
    told = await me(client)
    assert (told["name"], told["ends_at"], "users.edit" in told["rights"]) == (
        "api-key",
        None,
        True,
    )
    assert await refusal(client, "me/second_factor", {}) == (409, "no_account")


async def test_while_the_database_is_away_nobody_new_comes_in_and_it_is_said(
    client: Client, people: People
) -> None:
    name = await people.add(Role.SEAT)
    assert people.store.file is not None
    people.store.file.rename(people.store.file.with_suffix(".away"))
    body = {"name": name, "password": PASSWORD}
    assert await refusal(client, "login", body) == (503, "database_away")
    stale = await me(client, Cookie=f"{SESSION_COOKIE}=anything")
    assert stale == 503
