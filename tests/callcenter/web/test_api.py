"""What the routes say: shapes, masks, faults, headers, streams, metrics."""

import json
from datetime import datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from callcenter.web.errors import errors_as_json
from callcenter.web.view import SEAT_FAULTS, FiguresAway, SeatFault
from tests.callcenter.web.conftest import OpenClient
from tests.callcenter.web.fake_view import UNHEALTHY, FakeView


async def test_health_names_each_dependency(open_client: OpenClient, view: FakeView) -> None:
    client = await open_client()
    answer = await client.get("/health")
    assert answer.status == 200
    assert set((await answer.json())["dependencies"]) == {
        "asterisk",
        "redis",
        "database",
        "controller",
    }
    view.state_of_parts = UNHEALTHY
    answer = await client.get("/health")
    said = await answer.json()
    assert answer.status == 503
    assert said["ok"] is False
    assert said["dependencies"]["database"]["detail"] == "被锁定，事实暂存"
    assert said["dependencies"]["redis"] == {
        "ok": False,
        "detail": "连接中断，暂用内存",
        "detail_en": "connection lost; kept in memory for now",
    }
    assert said["dependencies"]["asterisk"]["ok"] is True


async def test_live_masks_every_number(open_client: OpenClient) -> None:
    client = await open_client()
    text = await (await client.get("/api/v1/live")).text()
    callers = [call["caller"] for call in json.loads(text)["calls"]]
    assert callers[:3] == ["138****0000", "0431****0123", "159****1234"]
    assert "未知号码" in callers
    assert "13800000000" not in text


async def test_alarms_are_told_with_their_time_and_the_number_masked(
    open_client: OpenClient, view: FakeView
) -> None:
    client = await open_client()
    answer = await client.get("/api/v1/live")
    (alarm,) = json.loads(await answer.text())["alarms"]
    raised = view.snapshot.alarms[0]
    assert datetime.fromisoformat(alarm.pop("at")) == raised.at
    assert alarm == {
        "name": "emergency",
        "call_id": "demo-8",
        "caller": "139****1111",
        "city": "延边朝鲜族自治州",
        "city_code": "222400",
    }
    assert "13900001111" not in await answer.text()


async def test_who_is_to_be_called_back_is_told_with_the_number_masked(
    open_client: OpenClient, view: FakeView
) -> None:
    client = await open_client()
    answer = await client.get("/api/v1/live")
    (one,) = json.loads(await answer.text())["callbacks"]
    kept = view.snapshot.callbacks[0]
    assert datetime.fromisoformat(one.pop("asked_at")) == kept.asked_at
    assert datetime.fromisoformat(one.pop("next_at")) == kept.next_at
    assert one == {
        "call_id": "demo-77",
        "caller": "139****2222",
        "city": "长春市",
        "group": "labour",
        "state": "waiting",
        "tries": 1,
        "city_code": "220100",
    }
    assert "13900002222" not in await answer.text()


async def test_live_shows_rates_with_their_fraction(open_client: OpenClient) -> None:
    client = await open_client()
    said = await (await client.get("/api/v1/live")).json()
    assert said["today"]["rates"][0] == {
        "metric": "answer_rate_agent",
        "numerator": 118,
        "denominator": 121,
        "value": 118 / 121,
        "target": 0.95,
        "met": True,
        "needed": 0,
        "spare": 3,
    }
    assert said["dial"] == {"number": "12348", "sip": "127.0.0.1:5060"}
    assert (said["waiting"], len(said["seats"])) == (2, 9)


async def test_live_goes_on_when_history_cannot_be_had(
    open_client: OpenClient, view: FakeView
) -> None:
    view.so_far = FiguresAway("database is locked")
    client = await open_client()
    answer = await client.get("/api/v1/live")
    said = await answer.json()
    assert answer.status == 200
    assert said["today"] is None
    assert len(said["calls"]) == 9


async def test_seat_change_reaches_the_hotline(open_client: OpenClient, view: FakeView) -> None:
    client = await open_client()
    answer = await client.post(
        "/api/v1/seats/8001/state", json={"state": "not_ready", "reason": "meal"}
    )
    assert await answer.json() == {"ok": True}
    assert view.changes == [("8001", "not_ready", "meal")]


@pytest.mark.parametrize("error", [*SEAT_FAULTS, "some_new_fault"])
async def test_refused_seat_change_says_why(
    error: str, open_client: OpenClient, view: FakeView
) -> None:
    view.refusal = SeatFault(error, "不能更改。")
    client = await open_client()
    answer = await client.post("/api/v1/seats/8001/state", json={"state": "ready"})
    assert answer.status == SEAT_FAULTS.get(error, 409)
    assert await answer.json() == {"error": error, "message": "不能更改。", "where": None}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        '{"state":"asleep"}',
        '{"state":"ready","more":1}',
        '{"state":"ready","reason":"a b"}',
    ],
)
async def test_body_that_does_not_fit_is_refused(
    body: str, open_client: OpenClient, view: FakeView
) -> None:
    client = await open_client()
    answer = await client.post(
        "/api/v1/seats/8001/state", data=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status, (await answer.json())["error"]) == (422, "invalid")
    assert view.changes == []


async def test_body_too_large_is_refused(open_client: OpenClient) -> None:
    client = await open_client()
    answer = await client.post(
        "/api/v1/seats/8001/state",
        data=b" " * 100_000,
        headers={"Content-Type": "application/json"},
    )
    assert (answer.status, (await answer.json())["error"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/api/nowhere", 404, "not_found"),
        ("GET", "/assets/..%2fauth.py", 404, "not_found"),
        ("GET", "/assets/auth.py", 404, "not_found"),
        ("PUT", "/health", 405, "method_not_allowed"),
    ],
)
async def test_every_fault_is_json_and_carries_the_security_headers(
    method: str, path: str, status: int, error: str, open_client: OpenClient
) -> None:
    client = await open_client()
    answer = await client.request(method, path)
    said = await answer.json()
    assert (answer.status, said["error"]) == (status, error)
    assert said["message"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "aiohttp" not in answer.headers["Server"]


async def test_unforeseen_fault_tells_the_outside_nothing() -> None:
    async def breaks(_request: web.Request) -> web.Response:
        raise RuntimeError("secret detail")

    app = web.Application(middlewares=[errors_as_json])
    app.router.add_get("/", breaks)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/")
        text = await answer.text()
        assert (answer.status, json.loads(text)["error"]) == (500, "internal")
        assert "secret" not in text


async def test_page_holds_no_inline_script_or_style(open_client: OpenClient) -> None:
    client = await open_client()
    text = await (await client.get("/")).text()
    assert "<script>" not in text
    assert "style=" not in text
    assert " on" + "click=" not in text


async def test_metrics_count_by_route_and_show_the_live_state(open_client: OpenClient) -> None:
    client = await open_client()
    await client.get("/api/v1/seats/13800000000/state")
    text = await (await client.get("/metrics")).text()
    assert 'hotline_calls{stage="talking"} 2.0' in text
    assert 'hotline_seats{state="ready"} 1.0' in text
    assert "hotline_waiting 2.0" in text
    assert 'hotline_dependency_up{name="redis"} 1.0' in text
    assert 'route="none",status="405"' in text
    assert "13800000000" not in text


async def test_openapi_describes_exactly_the_routes_there_are(open_client: OpenClient) -> None:
    client = await open_client()
    document = await (await client.get("/api/openapi.json")).json()
    said = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    routes = {
        (route.method, route.resource.canonical)
        for route in client.server.app.router.routes()  # type: ignore[attr-defined]
        if route.method != "HEAD"
    }
    undescribed = {("GET", "/{path}"), ("GET", "/assets/{name}"), ("GET", "/api/openapi.json")}
    assert said == routes - undescribed
    names = set(document["components"]["schemas"])
    refs = {part.split('"')[0] for part in json.dumps(document).split("#/components/schemas/")[1:]}
    assert refs <= names
