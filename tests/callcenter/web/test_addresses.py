"""Where a request came from: a proxy is believed when it is one of ours, nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from callcenter.web.addresses import networks
from callcenter.web.auth import SESSION_COOKIE
from callcenter.web.rights import Role
from callcenter.web.web_parts import WebParts
from reports import audit
from tests.callcenter.web.conftest import OpenClient
from tests.callcenter.web.people import PASSWORD, People

OURS = networks(["127.0.0.0/8", "10.1.0.0/16"])
HSTS = "Strict-Transport-Security"


@pytest.mark.parametrize(
    ("said", "is_https"),
    [
        ({"X-Forwarded-Proto": "https"}, True),
        ({"X-Forwarded-Proto": "http, https"}, True),
        ({"X-Forwarded-Proto": "https, http"}, False),
        ({"X-Forwarded-Proto": "http"}, False),
        ({}, False),
    ],
    ids=["https", "appended", "forged", "http", "silent"],
)
async def test_a_page_over_https_is_told_to_come_so_for_a_year(
    open_client: OpenClient, people: People, said: dict[str, str], is_https: bool
) -> None:
    client = await open_client(known=False, parts=WebParts(accounts=people.accounts), proxies=OURS)
    body = {"name": await people.add(Role.SUPERVISOR), "password": PASSWORD}
    answer = await client.post("/api/v1/login", json=body, headers=said)
    assert bool(answer.cookies[SESSION_COOKIE]["secure"]) == is_https
    assert answer.headers.get(HSTS) == ("max-age=31536000" if is_https else None)
    for path in ("/health", "/", "/api/v1/nothing"):
        async with client.get(path, headers=said) as answer:
            assert (HSTS in answer.headers) == is_https


@pytest.mark.parametrize(
    ("said", "proxies", "told"),
    [
        ("203.0.113.7", OURS, "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7, 10.1.2.3", OURS, "203.0.113.7"),
        ("10.1.2.3", OURS, "10.1.2.3"),
        ("203.0.113.7", (), "127.0.0.1"),
        ("203.0.113.7, unknown", OURS, "unknown"),
        ("", OURS, "127.0.0.1"),
    ],
    ids=["one", "two", "inside", "untrusted", "odd", "silent"],
)
async def test_who_asks_is_the_first_that_is_no_proxy_of_ours(
    open_client: OpenClient, people: People, said: str, proxies: Any, told: str
) -> None:
    client = await open_client(
        known=False, parts=WebParts(accounts=people.accounts), proxies=proxies
    )
    body = {"name": await people.add(Role.SUPERVISOR), "password": PASSWORD}
    await client.post("/api/v1/login", json=body, headers={"X-Forwarded-For": said})
    (session,) = await people.accounts.sessions.of("supervisor")
    assert session.address == told
    assert (await audit.entries(people.store, limit=1))[0].action == "log_in"


async def test_figures_are_for_near_addresses_behind_a_proxy_too(open_client: OpenClient) -> None:
    client = await open_client(known=False, proxies=OURS)
    assert (await client.get("/metrics")).status == 200
    far = {"X-Forwarded-For": "203.0.113.7"}
    assert (await client.get("/metrics", headers=far)).status == 403
