"""Records, screen pop and emergency over HTTP: shapes, whose they are, what is kept back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callcenter.call import CallId
from callcenter.emergency import Helped
from callcenter.web.rights import Role
from callcenter.web.view import SeatFault
from reports import audit
from reports import records as stored
from reports.facts import OverflowRequest
from tests.callcenter.web.conftest import OpenClient
from tests.callcenter.web.fake_view import FakeView
from tests.callcenter.web.people import People
from tests.callcenter.web.records_desk import (
    BODY,
    CALLER,
    NOW,
    RINGING,
    TALKING,
    As,
    Desk,
    before,
    log_in,
    written,
)
from tests.new_database import upgraded


@pytest.fixture
async def desk(tmp_path: Path, people: People, view: FakeView) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path, people, view)
    await upgraded(desk.store)
    desk.records.answered(TALKING, is_first=True)
    yield desk
    await desk.records.close()
    await desk.store.close()


@pytest.fixture
async def lawyer(desk: Desk, people: People, open_client: OpenClient) -> As:
    return await log_in(desk, people, open_client, Role.SEAT, seat="8001")


async def test_record_is_read_saved_and_filed(desk: Desk, lawyer: As) -> None:
    status, record = await lawyer.ask("GET", "/calls/live-1/record")
    assert status == 200
    assert (record["revision"], record["can_write"], record["filed_at"]) == (1, True, None)
    status, record = await lawyer.ask(
        "PUT", "/calls/live-1/record", json={**BODY, "revision": 1, "secondary": ["0601"]}
    )
    assert status == 200
    assert (record["revision"], record["main_name"]) == (2, "劳动报酬与社保福利·农民工欠薪")
    assert record["secondary_names"] == ["劳动合同·未签书面合同"]
    assert record["changed_by"] == "seat-8001"
    status, said = await lawyer.ask("PUT", "/calls/live-1/record", json={**BODY, "revision": 1})
    assert (status, said["error"]) == (409, "record_changed")
    status, record = await lawyer.ask(
        "POST", "/calls/live-1/record/file", json={**BODY, "revision": 2}
    )
    assert status == 200 and record["filed_by"] == "seat-8001"
    assert desk.view.wishes == [("8001", "filed", "")]
    await desk.records.drain()
    kept = await stored.find(desk.store, "live-1")
    assert kept is not None and kept.follow_up == date(2026, 12, 1)


async def test_correction_needs_a_reason_and_ends_no_wrap_up_again(desk: Desk, lawyer: As) -> None:
    path = "/calls/live-1/record/file"
    await lawyer.ask("POST", path, json={**BODY, "revision": 1})
    status, said = await lawyer.ask("PUT", path[:-5], json={**BODY, "reply": "另", "revision": 2})
    assert (status, said["error"]) == (409, "record_filed")
    status, said = await lawyer.ask("POST", path, json={**BODY, "reply": "另", "revision": 2})
    assert (status, said["error"]) == (409, "reason_needed")
    better = {**BODY, "reply": "另", "revision": 2, "reason": "答复有误"}
    assert (await lawyer.ask("POST", path, json=better))[0] == 200
    assert desk.view.wishes == [("8001", "filed", "")]
    _, said = await lawyer.ask("GET", "/calls/live-1/record/filings")
    assert [one["reason"] for one in said["filings"]] == ["", "答复有误"]


async def test_filing_goes_through_where_there_is_no_wrap_up_to_end(desk: Desk, lawyer: As) -> None:
    desk.view.refusal = SeatFault("not_wrapping_up", "不在话后处理中。")
    status, _ = await lawyer.ask("POST", "/calls/live-1/record/file", json={**BODY, "revision": 1})
    assert status == 200


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"main": "9999"}, "category_unknown"),
        ({"question": ""}, "record_incomplete"),
        ({"sex": "x"}, "invalid"),
        ({"secondary": ["0601", "0602", "0603"]}, "invalid"),
        ({"outcome": "none_such"}, "invalid"),
        ({"unheard_of": 1}, "invalid"),
    ],
)
async def test_what_cannot_be_filed_is_named(
    desk: Desk, open_client: OpenClient, change: dict[str, Any], error: str
) -> None:
    client = await open_client(parts=desk.parts)
    body = {**BODY, "revision": 1, **change}
    answer = await client.post("/api/v1/calls/live-1/record/file", json=body)
    assert (answer.status, (await answer.json())["error"]) == (422, error)


async def test_before_the_answer_there_is_a_pop_and_no_record(desk: Desk, lawyer: As) -> None:
    desk.call = msgspec.structs.replace(RINGING, call_id=CallId("live-1"))
    desk.records._shelf._recent.clear()
    desk.records._shelf._waiting.clear()
    status, said = await lawyer.ask("GET", "/calls/live-1/record")
    assert (status, said["error"]) == (404, "no_record")
    assert (await lawyer.ask("GET", "/calls/live-1/pop"))[0] == 200


async def test_pop_tells_who_calls_from_where_and_for_what(lawyer: As) -> None:
    status, pop = await lawyer.ask("GET", "/calls/live-1/pop")
    assert status == 200
    assert (pop["caller"], pop["is_known"]) == ("139****0123", True)
    assert (pop["city_name"], pop["city_source"]) == ("长春市", "landline")
    assert (pop["group"], pop["keys"], pop["waited_s"]) == ("labour", ["2", "1"], 30)
    assert pop["special"] == ["migrant_worker"]
    assert (pop["earlier"], pop["is_repeat"]) == ([], False)
    laws = pop["suggestions"]["laws"]
    assert {law["law"] for law in laws} >= {"中华人民共和国劳动合同法"}
    assert pop["suggestions"]["similar"] == []


async def test_earlier_calls_open_up_when_the_identity_is_confirmed(desk: Desk, lawyer: As) -> None:
    asked = OverflowRequest(number=CALLER, requested_at=NOW - timedelta(days=9))
    await desk.had(before("old-1", 2), written("old-1", 2, follow_up=date(2026, 12, 5)))
    await desk.had(before("old-2", 3), written("old-2", 3, filed_at=None, filed_by=None))
    await desk.had(before("old-3", 9, overflow="callback", overflow_request=asked))
    await desk.had(before("later", -1))
    _, pop = await lawyer.ask("GET", "/calls/live-1/pop")
    rows = pop["earlier"]
    assert [row["call_id"] for row in rows] == ["old-1", "old-2", "old-3"]
    assert [row["open"] for row in rows] == [["follow_up"], ["unfiled"], ["callback"]]
    assert rows[0]["main_name"] == "劳动报酬与社保福利·拖欠工资"
    assert (rows[0]["seat"], rows[0]["outcome"], rows[0]["filed"]) == ("8002", "answered", True)
    assert pop["is_repeat"] and not pop["identity_confirmed"]
    assert {row[key] for row in rows for key in ("name", "question", "reply")} == {None}
    status, pop = await lawyer.ask("POST", "/calls/live-1/identity", json={"confirmed": True})
    assert status == 200 and pop["identity_confirmed"]
    assert pop["earlier"][0]["name"] == "某某"
    assert "拖欠工资" in pop["earlier"][0]["question"]
    entry = (await audit.entries(desk.store))[0]
    assert (entry.by, entry.action, entry.subject) == ("seat-8001", "confirm_identity", "live-1")


async def test_similar_closed_matters_come_without_who_and_without_numbers(
    desk: Desk, lawyer: As
) -> None:
    other = written("other-1", 30, caller="+864315550001", main="0702")
    unlike = written("other-2", 1, caller=None, main="0702", question="社保断缴怎么办")
    await stored.put(desk.store, [other, unlike])
    await lawyer.ask("PUT", "/calls/live-1/record", json={**BODY, "revision": 1, "reply": ""})
    _, found = await lawyer.ask("GET", "/calls/live-1/suggestions?code=0702&code=0601")
    assert [one["question"] for one in found["similar"]] == [
        "拖欠工资，身份证****",
        "社保断缴怎么办",
    ]
    assert "某某" not in str(found) and "5550001" not in str(found)
    assert found["laws"][0]["article"] in {"第二百七十六条之一", "第三十条", "第五十条"}
    _, again = await lawyer.ask("GET", "/calls/live-1/suggestions")
    assert again["laws"][0] == found["laws"][0]
    _, other_law = await lawyer.ask("GET", "/calls/live-1/suggestions?code=0401")
    assert "家庭暴力" in other_law["laws"][0]["text"]


async def test_without_the_database_the_pop_tells_what_memory_knows(desk: Desk, lawyer: As) -> None:
    await stored.find(desk.store, "none")
    desk.file.unlink()
    status, pop = await lawyer.ask("GET", "/calls/live-1/pop")
    assert (status, pop["earlier"], pop["suggestions"]["similar"]) == (200, None, None)
    assert pop["suggestions"]["laws"]
    status, record = await lawyer.ask("PUT", "/calls/live-1/record", json={**BODY, "revision": 1})
    assert (status, record["revision"]) == (200, 2)
    status, said = await lawyer.ask("GET", "/calls/of-last-week/pop")
    assert (status, said["error"]) == (503, "database_away")


@pytest.mark.parametrize(
    ("role", "who", "read", "write"),
    [
        (Role.SEAT, {"seat": "8002"}, 404, 404),
        (Role.SUPERVISOR, {}, 200, 403),
        (Role.SUPERVISOR, {"city": "220100"}, 200, 403),
        (Role.SUPERVISOR, {"city": "222400"}, 404, 403),
        (Role.QUALITY, {}, 200, 403),
        (Role.ADMIN, {}, 403, 403),
        (Role.AUDITOR, {}, 403, 403),
    ],
)
async def test_a_record_is_seen_in_reach_and_written_by_who_talked(
    desk: Desk,
    people: People,
    open_client: OpenClient,
    role: Role,
    who: dict[str, Any],
    read: int,
    write: int,
) -> None:
    somebody = await log_in(desk, people, open_client, role, **who)
    for path in ("record", "pop", "suggestions"):
        assert (await somebody.ask("GET", f"/calls/live-1/{path}"))[0] == read
    body = {**BODY, "revision": 1}
    assert (await somebody.ask("PUT", "/calls/live-1/record", json=body))[0] == write
    assert (await somebody.ask("POST", "/calls/live-1/record/file", json=body))[0] == write
    assert (await somebody.ask("POST", "/calls/live-1/identity", json={"confirmed": True}))[
        0
    ] == write
    assert (await desk.records.find("live-1")).revision == 1


async def test_seat_sees_its_own_past_call_and_no_other(
    desk: Desk, people: People, open_client: OpenClient, lawyer: As
) -> None:
    await desk.had(before("old-1", 2), written("old-1", 2))
    assert (await lawyer.ask("GET", "/calls/old-1/record"))[0] == 404
    assert (await lawyer.ask("GET", "/calls/old-1/pop"))[0] == 404
    other = await log_in(desk, people, open_client, Role.SEAT, seat="8002")
    assert (await other.ask("GET", "/calls/old-1/record"))[0] == 200
    status, pop = await other.ask("GET", "/calls/old-1/pop")
    assert (status, pop["caller"]) == (200, "139****0123")


async def test_taxonomy_lists_all_that_may_be_chosen(lawyer: As) -> None:
    _, found = await lawyer.ask("GET", "/taxonomy")
    assert len(found["categories"]) == 32
    assert sum(len(one["items"]) for one in found["categories"]) == 246
    assert found["groups"]["labour"] == ["06", "07", "08", "09", "10"]


async def test_emergency_tells_whether_help_is_on_its_way(desk: Desk, lawyer: As) -> None:
    body = {"to": "police", "call_id": "live-1"}
    status, said = await lawyer.ask("POST", "/desk/emergency", json=body)
    assert (status, said) == (200, {"joining": True, "error": None, "message": None})
    assert desk.emergency.asked == [("live-1", "8001", "police", "seat-8001")]
    desk.emergency.helped = Helped("not_talking", "请自行拨打。")
    _, said = await lawyer.ask("POST", "/desk/emergency", json=body)
    assert said == {"joining": False, "error": "not_talking", "message": "请自行拨打。"}
    status, said = await lawyer.ask("POST", "/desk/emergency", json={**body, "call_id": "b-1"})
    assert (status, said["error"]) == (404, "call_unknown")
    status, _ = await lawyer.ask("POST", "/desk/emergency", json={**body, "to": "fire"})
    assert status == 422


async def test_person_without_a_seat_presses_no_emergency_button(
    desk: Desk, open_client: OpenClient
) -> None:
    client = await open_client(parts=desk.parts)
    body = {"to": "police", "call_id": "live-1"}
    answer = await client.post("/api/v1/desk/emergency", json=body)
    assert (answer.status, (await answer.json())["error"]) == (403, "no_seat")
