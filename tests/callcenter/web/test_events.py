"""The event stream: snapshot, changes, replay after a gap, and nobody hears of what is not his."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientPayloadError, ClientResponse
from aiohttp.test_utils import TestClient

from callcenter.web.auth import GATE
from callcenter.web.errors import ApiFault
from callcenter.web.events import FEED, MAX_STREAMS_EACH
from callcenter.web.feed import Audience
from callcenter.web.models import Done
from callcenter.web.rights import Right, Role
from callcenter.web.view import LiveView
from tests.callcenter.web.conftest import OpenClient
from tests.callcenter.web.fake_view import UNHEALTHY, FakeView
from tests.callcenter.web.who import be, person

Client = TestClient[Any, Any]


class Stream:
    """Reads one stream, beats left out; `last` is the id of what was read last."""

    def __init__(self, answer: ClientResponse) -> None:
        self.answer = answer
        self.last = ""

    async def next(self) -> tuple[str, Any]:
        """Event and data; a change as its kind and its data."""
        while True:
            block = (await self.answer.content.readuntil(b"\n\n")).decode().strip()
            parts = dict(line.split(": ", 1) for line in block.splitlines())
            if parts.get("event", "beat") == "beat":
                continue
            self.last = parts["id"]
            data = json.loads(parts["data"])
            return ("change", data) if parts["event"] == "change" else (parts["event"], data)

    async def change(self) -> tuple[str, Any]:
        """The next event, which is a change."""
        event, said = await self.next()
        assert event == "change"
        return said["kind"], said["data"]


@asynccontextmanager
async def stream(client: Client, after: str | None = None) -> AsyncIterator[Stream]:
    headers = {"Last-Event-ID": after} if after else {}
    async with client.get("/api/v1/events", headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        yield Stream(answer)


def without_call(live: LiveView, call_id: str) -> LiveView:
    return replace(live, calls=tuple(one for one in live.calls if one.call_id != call_id))


async def test_a_snapshot_comes_first_and_then_only_what_changes(
    open_client: OpenClient, view: FakeView
) -> None:
    client = await open_client()
    async with stream(client) as reads:
        assert reads.answer.content_type == "text/event-stream"
        assert "default-src 'none'" in reads.answer.headers["Content-Security-Policy"]
        event, data = await reads.next()
        assert (event, data["waiting"], len(data["calls"])) == ("snapshot", 2, 9)
        assert data["today"]["rates"][0]["needed"] == 0
        view.state_of_parts = UNHEALTHY
        kind, data = await reads.change()
        assert (kind, data["redis"]["ok"]) == ("health", False)
        view.snapshot = without_call(view.snapshot, "demo-3")
        assert await reads.change() == ("calls", {"changed": [], "gone": ["demo-3"]})
        first = view.snapshot.seats[0]
        view.snapshot = replace(
            view.snapshot, seats=(replace(first, state="wrap_up"), *view.snapshot.seats[1:])
        )
        kind, data = await reads.change()
        assert (kind, [one["number"] for one in data["changed"]]) == ("seats", ["8001"])
        assert data["changed"][0]["state"] == "wrap_up"
        view.snapshot = replace(view.snapshot, line=(), waiting=0)
        kind, data = await reads.change()
        assert (kind, data["waiting"], data["waiting_since"]) == ("line", 0, None)


async def test_no_number_leaves_unmasked(open_client: OpenClient, view: FakeView) -> None:
    client = await open_client()
    async with stream(client) as reads:
        _, snapshot = await reads.next()
        first = view.snapshot.calls[0]
        changed = replace(first, call_id="new", caller="+8613811112222")
        view.snapshot = replace(view.snapshot, calls=(changed, *view.snapshot.calls[1:]))
        _, change = await reads.change()
    for text in (json.dumps(snapshot), json.dumps(change)):
        assert "13811112222" not in text
        assert "13800000000" not in text
    assert change["changed"][0]["caller"] == "138****2222"


async def test_what_was_missed_is_replayed_in_order(
    open_client: OpenClient, view: FakeView
) -> None:
    client = await open_client()
    async with stream(client) as reads:
        await reads.next()
        last = reads.last
    feed = client.server.app[FEED]  # type: ignore[attr-defined]
    view.snapshot = without_call(view.snapshot, "demo-0")
    for _ in range(3):
        feed.publish("notice", Done(), to=Audience.everyone)
    feed.publish("pop", Done(), to=Audience(seat="8001"))
    async with stream(client, after=last) as reads:
        assert [(await reads.change())[0] for _ in range(4)] == [*["notice"] * 3, "calls"]
        numbers = int(reads.last.rpartition("-")[2]) - int(last.rpartition("-")[2])
        assert numbers == 5  # the pop of another's seat has a number too


@pytest.mark.parametrize("after", ["x-1", "1", "-", "{boot}-99", "{boot}--1", "{boot}-１"])
async def test_an_id_that_says_nothing_brings_the_snapshot(
    after: str, open_client: OpenClient
) -> None:
    client = await open_client()
    async with stream(client) as reads:
        await reads.next()
        boot = reads.last.rpartition("-")[0]
    async with client.get("/api/v1/events", params={"after": after.format(boot=boot)}) as answer:
        event, _ = await Stream(answer).next()
        assert event == "snapshot"


async def test_after_too_long_a_gap_the_snapshot_comes_anew(open_client: OpenClient) -> None:
    client = await open_client()
    async with stream(client) as reads:
        await reads.next()
        last = reads.last
    feed = client.server.app[FEED]  # type: ignore[attr-defined]
    for _ in range(6000):
        feed.publish("notice", Done(), to=Audience(seat="nobody"))
    async with stream(client, after=last) as reads:
        assert (await reads.next())[0] == "snapshot"


async def test_an_id_of_another_reach_brings_the_snapshot(open_client: OpenClient) -> None:
    client = await open_client()
    async with stream(client) as reads:
        await reads.next()
        last = reads.last
    be(client, person(Role.SEAT, seat="8001"))
    async with stream(client, after=last) as reads:
        assert (await reads.next())[0] == "snapshot"


async def test_a_city_supervisor_sees_his_city(open_client: OpenClient, view: FakeView) -> None:
    client = await open_client()
    be(client, person(Role.SUPERVISOR, city="222400"))
    async with stream(client) as reads:
        _, data = await reads.next()
        assert [seat["number"] for seat in data["seats"]] == ["8201"]
        assert [call["call_id"] for call in data["calls"]] == ["demo-3", "demo-8"]
        assert {call["city_code"] for call in data["calls"]} == {"222400"}
        assert (data["waiting"], len(data["line"]), len(data["alarms"])) == (1, 1, 1)
        assert data["callbacks"] == []
        assert 83 <= data["longest_wait_s"] < 120
        # a call of elsewhere comes to his seat: he sees it, and sees it go
        elsewhere = view.snapshot.calls[1]
        at_his = replace(elsewhere, seat="8201")
        calls = view.snapshot.calls
        view.snapshot = replace(view.snapshot, calls=(calls[0], at_his, *calls[2:]))
        kind, data = await reads.change()
        assert (kind, [one["call_id"] for one in data["changed"]]) == ("calls", ["demo-1"])
        view.snapshot = replace(view.snapshot, calls=calls)
        assert await reads.change() == ("calls", {"changed": [], "gone": ["demo-1"]})
    assert view.told_of == {"222400"}


async def test_a_seat_sees_itself_and_its_own_call(open_client: OpenClient, view: FakeView) -> None:
    client = await open_client()
    be(client, person(Role.SEAT, seat="8002", city="220100"))
    async with stream(client) as reads:
        _, data = await reads.next()
        assert [seat["number"] for seat in data["seats"]] == ["8002"]
        assert [call["call_id"] for call in data["calls"]] == ["demo-1"]
        assert (data["alarms"], data["callbacks"], data["line"], data["health"]) == ([], [], [], {})
        assert (data["today"], data["waiting"]) == (None, 2)
        feed = client.server.app[FEED]  # type: ignore[attr-defined]
        feed.publish("pop", Done(), to=Audience(seat="8001"))
        feed.publish("alarm", Done(), to=Audience(right=Right.LIVE_SEE))
        feed.publish("pop", Done(), to=Audience(seat="8002"))
        assert await reads.change() == ("pop", {"ok": True})
    assert (view.told_of, view.reads) == (set(), 0)


async def test_somebody_without_seat_or_board_sees_no_call(open_client: OpenClient) -> None:
    client = await open_client()
    be(client, person(Role.AUDITOR))
    async with stream(client) as reads:
        _, data = await reads.next()
        assert (data["calls"], data["seats"]) == ([], [])


async def test_a_stream_ends_with_the_session_that_opened_it(
    open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcenter.web.log_in_ends.LOOK_S", 0.05)
    client = await open_client()
    be(client, person(Role.SUPERVISOR))
    async with stream(client) as reads:
        await reads.next()
        be(client, person(Role.AUDITOR))
        with pytest.raises(ClientPayloadError):  # cut, so that the page comes back and is asked who
            await reads.answer.content.read()


async def test_a_board_goes_on_while_nobody_can_tell_who_is_logged_in(
    open_client: OpenClient, view: FakeView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcenter.web.log_in_ends.LOOK_S", 0.05)
    client = await open_client()
    async with stream(client) as reads:
        await reads.next()

        async def away(_request: object) -> None:
            raise ApiFault(503, "database_away", "数据库暂不可用。")

        client.server.app[GATE].visitor = away  # type: ignore[attr-defined]
        view.snapshot = without_call(view.snapshot, "demo-3")
        assert await reads.change() == ("calls", {"changed": [], "gone": ["demo-3"]})


async def test_streams_end_when_the_program_ends(open_client: OpenClient) -> None:
    client = await open_client()
    async with stream(client) as reads:
        await reads.next()
        await client.server.app.shutdown()  # type: ignore[attr-defined]
        rest = await reads.answer.content.read()
        assert b"event: snapshot" not in rest


async def test_one_person_cannot_take_every_stream(open_client: OpenClient) -> None:
    client = await open_client()
    opened = [await client.get("/api/v1/events") for _ in range(MAX_STREAMS_EACH)]
    answer = await client.get("/api/v1/events")
    assert (answer.status, (await answer.json())["error"]) == (503, "too_many_streams")
    for one in opened:
        one.close()


async def test_a_seat_cannot_open_the_board(open_client: OpenClient) -> None:
    client = await open_client()
    be(client, person(Role.SEAT, seat="8001"))
    assert (await client.get("/api/v1/live")).status == 403
    assert (await client.get("/api/v1/kpi")).status == 403


async def test_a_supervisor_changes_only_seats_of_his_city(
    open_client: OpenClient, view: FakeView
) -> None:
    client = await open_client()
    be(client, person(Role.SUPERVISOR, city="222400"))
    for number, status in (("8001", 403), ("8901", 403), ("8201", 200)):
        answer = await client.post(f"/api/v1/seats/{number}/state", json={"state": "not_ready"})
        assert answer.status == status
    assert view.changes == [("8201", "not_ready", "supervisor")]


async def test_kpi_tells_the_year_and_the_trends(open_client: OpenClient, view: FakeView) -> None:
    client = await open_client()
    said = await (await client.get("/api/v1/kpi")).json()
    year = {row["metric"]: row for row in said["year"]}
    assert year["answer_rate_agent"]["needed"] == 2740
    assert [one["at"] for one in said["hours"]] == ["09", "10", "11", "12", "13"]
    assert said["months"][1]["satisfaction"] is None
    view.so_far = RuntimeError("locked")
    answer = await client.get("/api/v1/kpi")
    assert (answer.status, (await answer.json())["error"]) == (503, "database_away")
