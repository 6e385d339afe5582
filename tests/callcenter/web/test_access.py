"""Who may do what: the table of roles and routes, the key file, the cookie, other sites."""

import stat
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from callcenter.web.auth import COOKIE, KeyFault, load_api_key
from tests.callcenter.web.conftest import OpenClient
from tests.callcenter.web.fake_view import FakeView

CHANGE = {"state": "ready"}

# route -> status for: stranger, wrong key, bearer, cookie
TABLE = [
    ("GET", "/health", 200, 200, 200, 200),
    ("GET", "/metrics", 403, 403, 200, 403),
    ("GET", "/api/openapi.json", 401, 401, 200, 200),
    ("GET", "/api/v1/live", 401, 401, 200, 200),
    ("POST", "/api/v1/seats/8001/state", 401, 401, 200, 200),
    ("GET", "/api/nowhere", 404, 404, 404, 404),
    ("DELETE", "/api/v1/live", 405, 405, 405, 405),
]
ROLES = ["stranger", "wrong_key", "bearer", "cookie"]


async def sign_in(client: TestClient[Any, Any], key: str) -> dict[str, str]:
    answer = await client.post("/api/v1/login", json={"key": key})
    assert answer.status == 200
    # the client keeps the cookie; a page of ours also sends its Origin
    return {"Origin": str(client.make_url("/")).rstrip("/")}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]} {row[1]}")
async def test_each_role_gets_what_the_table_says(
    row: tuple[Any, ...], role: str, open_client: OpenClient, tmp_path: Path
) -> None:
    method, path, *statuses = row
    client = await open_client(known=False, metrics_from=("192.0.2.1",))
    key = load_api_key(tmp_path)
    headers = {
        "wrong_key": {"Authorization": "Bearer wrong"},
        "bearer": {"Authorization": f"Bearer {key}"},
    }.get(role, {})
    if role == "cookie":
        headers = await sign_in(client, key)
    body = {"json": CHANGE} if method == "POST" else {}
    answer = await client.request(method, path, headers=headers, **body)
    assert answer.status == statuses[ROLES.index(role)]


async def test_cookie_is_hidden_from_scripts_and_other_sites_and_is_not_the_key(
    open_client: OpenClient, tmp_path: Path
) -> None:
    client = await open_client(known=False)
    key = load_api_key(tmp_path)
    cookie = (await client.post("/api/v1/login", json={"key": key})).cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert key not in cookie.value


async def test_wrong_key_gives_no_cookie(open_client: OpenClient) -> None:
    client = await open_client(known=False)
    answer = await client.post("/api/v1/login", json={"key": "guess"})
    assert answer.status == 401
    assert (await answer.json())["error"] == "key_wrong"
    assert COOKIE not in answer.cookies


@pytest.mark.parametrize(
    ("headers", "status", "error"),
    [
        ({"Content-Type": "text/plain"}, 415, "json_needed"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415, "json_needed"),
        ({"Origin": "https://attacker.example"}, 403, "foreign_origin"),
        ({"Origin": "null"}, 403, "foreign_origin"),
        ({"Sec-Fetch-Site": "cross-site"}, 403, "foreign_origin"),
    ],
)
async def test_change_asked_for_by_another_site_is_refused(
    headers: dict[str, str], status: int, error: str, open_client: OpenClient, view: FakeView
) -> None:
    client = await open_client(known=True)
    sent = {"Content-Type": "application/json"} | headers
    answer = await client.post("/api/v1/seats/8001/state", data='{"state":"ready"}', headers=sent)
    assert (answer.status, (await answer.json())["error"]) == (status, error)
    assert view.changes == []


async def test_cookie_without_origin_changes_nothing(
    open_client: OpenClient, view: FakeView, tmp_path: Path
) -> None:
    client = await open_client(known=False)
    await sign_in(client, load_api_key(tmp_path))
    answer = await client.post("/api/v1/seats/8001/state", json=CHANGE)
    assert answer.status == 403
    assert view.changes == []


def test_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = load_api_key(home)
    assert load_api_key(home) == first
    assert stat.S_IMODE((home / "api.key").stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["api.key"]


def test_key_file_that_others_could_read_is_closed(tmp_path: Path) -> None:
    load_api_key(tmp_path)
    (tmp_path / "api.key").chmod(0o644)
    load_api_key(tmp_path)
    assert stat.S_IMODE((tmp_path / "api.key").stat().st_mode) == 0o600


def test_key_too_short_to_be_safe_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "api.key").write_text("\n")
    with pytest.raises(KeyFault, match="api.key"):
        load_api_key(tmp_path)
