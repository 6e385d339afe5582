"""A person's desk over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from callcenter.desks import LOST_CODE
from callcenter.supervision import By
from callcenter.web.put_out import PutOut
from callcenter.web.rights import Role
from reports import audit
from seats.seat import Change, SeatState
from tests.callcenter.web.conftest import OpenClient
from tests.callcenter.web.desk_open import NOW, SEAT, Desk, echoing, opened
from tests.callcenter.web.people import People, enter
from tests.reports.made import answered


@pytest.fixture
async def desk(open_client: OpenClient, people: People) -> AsyncIterator[Desk]:
    async with echoing() as asterisk:
        yield await opened(open_client, people, asterisk)


async def test_a_page_claims_what_its_telephone_registers_with(desk: Desk) -> None:
    claimed = await desk.claim()
    phone = claimed["phone"]
    assert (phone["user"], phone["secret"], phone["realm"]) == (SEAT, "s8001", "asterisk")
    assert phone["uri"].startswith(f"sip:{SEAT}@")
    assert phone["socket"] == f"/api/v1/sip?desk={claimed['desk']}"
    stun, turn = phone["ice"]
    assert stun == {"urls": "stun:s.example", "username": "", "credential": ""}
    assert turn["username"].endswith(f":{SEAT}") and len(turn["credential"]) == 28
    assert phone["is_relayed"] is False
    shown = await desk.get()
    assert shown["phone"] is None and shown["desk"] == claimed["desk"]
    assert (shown["person"], shown["state"], shown["call_id"]) == ("wang", "not_ready", None)


async def test_a_desk_that_is_taken_says_by_whom_and_its_page_hears_that_it_lost_it(
    desk: Desk,
) -> None:
    first = await desk.claim()
    line = await desk.line(first)
    status, said = await desk.post("claim")
    assert (status, said["error"]) == (409, "desk_taken") and "wang" in said["message"]
    await desk.claim(take_over=True)
    assert (await line.receive()).data == LOST_CODE
    assert first["desk"] in desk.news("desk_lost")[0]


async def test_another_person_sees_who_is_there_but_not_the_key(desk: Desk) -> None:
    await desk.claim()
    await desk.people.add(Role.SEAT, "li", seat=SEAT)
    desk.origin = await enter(desk.client, "li")
    shown = await desk.get()
    assert (shown["person"], shown["desk"]) == ("wang", None)
    assert (await desk.post("state", {"state": "ready"}))[1]["error"] == "desk_lost"
    assert (await desk.post("leave"))[1]["error"] == "desk_lost"


async def test_nobody_takes_the_telephone_of_another_seat(desk: Desk) -> None:
    assert (await desk.post("claim", {"seat": "8002"}))[1]["error"] == "not_your_seat"
    await desk.people.add(Role.SUPERVISOR, "chen")
    desk.origin = await enter(desk.client, "chen")
    assert (await desk.post("claim"))[1]["error"] == "no_seat"


async def test_a_supervisor_has_his_own_telephone(desk: Desk) -> None:
    await desk.people.add(Role.SUPERVISOR, "zhao", seat="7001")
    desk.origin = await enter(desk.client, "zhao")
    claimed = await desk.claim()
    assert (claimed["state"], claimed["phone"]["secret"]) == ("supervising", "s7001")


async def test_the_lawyer_says_when_he_is_ready_and_his_page_hears_of_it(desk: Desk) -> None:
    assert (await desk.post("state", {"state": "ready"}))[1]["error"] == "desk_lost"
    await desk.claim()
    status, said = await desk.post("state", {"state": "ready"})
    assert (status, said["state"]) == (200, "ready")
    await desk.post("state", {"state": "not_ready", "reason": "meal"})
    assert desk.house.moved == [(Change.READY, "other"), (Change.NOT_READY, "meal")]
    for _ in range(50):
        if len(desk.news("desk")) == 2:
            break
        await asyncio.sleep(0.01)
    told = desk.news("desk")
    assert '"state":"not_ready"' in told[-1] and "s8001" not in "".join(told)


async def test_who_talks_says_that_he_will_rest_after_it(desk: Desk) -> None:
    await desk.claim()
    wish = {"state": "not_ready", "when": "after_call", "reason": "meal"}
    assert (await desk.post("state", wish))[1]["error"] == "not_talking"
    desk.house.become(state=SeatState.TALKING, call_id="main-1", reason=None)
    assert (await desk.post("state", wish))[0] == 200
    desk.house.become(rest_next="meal")
    assert (await desk.get())["rest_next"] == "meal"
    await desk.post("state", {"state": "ready", "when": "after_call"})
    assert desk.house.moved == [(Change.REST_NEXT, "meal"), (Change.WORK_ON, "other")]


async def test_a_telephone_that_is_not_there_cannot_be_ready(desk: Desk) -> None:
    await desk.claim()
    desk.house.become(is_registered=False)
    assert (await desk.post("state", {"state": "ready"}))[1]["error"] == "seat_offline"


async def test_who_talks_does_not_sign_off(desk: Desk) -> None:
    await desk.claim()
    desk.house.become(state=SeatState.TALKING, call_id="c-1")
    assert (await desk.post("leave"))[1]["error"] == "seat_busy"
    desk.house.become(state=SeatState.READY, call_id=None)
    assert (await desk.post("leave"))[0] == 200
    assert (await desk.get())["person"] is None


async def test_whom_a_supervisor_logs_out_has_to_log_in_again(desk: Desk) -> None:
    await desk.claim()
    put_out = PutOut(desk.feed, desk.house.desks, desk.people.accounts)
    await put_out(SEAT, By(name="zhao", reason="离席未示忙"))
    assert (await desk.client.get("/api/v1/desk")).status == 401
    assert json.loads(desk.news("logged_out")[0]) == {"seat": SEAT, "reason": "离席未示忙"}
    assert len(desk.news("desk_lost")) == 1 and desk.house.desks.at(SEAT) is None
    entry = (await audit.entries(desk.people.store, subject="wang"))[0]
    assert entry.action == "user_logged_out"
    assert (entry.by, entry.subject, entry.reason) == ("zhao", "wang", "离席未示忙")
    await put_out(SEAT, By(name="zhao", reason="离席未示忙"))  # nobody is there any more
    assert len(desk.news("logged_out")) == 1


async def test_the_access_key_has_no_log_in_to_end(desk: Desk) -> None:
    desk.house.desks.claim(SEAT, "api")
    await PutOut(desk.feed, desk.house.desks, desk.people.accounts)(SEAT, By("zhao", "下班"))
    assert desk.house.desks.at(SEAT) is None
    assert (await desk.client.get("/api/v1/desk")).status == 200


async def test_what_the_seat_did_today(desk: Desk) -> None:
    call = answered("t-1", arrived_at=NOW)
    attempt = call.attempts[0].model_copy(
        update={"offered_at": NOW, "answered_at": NOW, "ended_at": NOW, "seat": SEAT}
    )
    missed = attempt.model_copy(update={"answered_at": None, "outcome": "no_answer"})
    gone = missed.model_copy(update={"outcome": "caller_gone"})
    await desk.people.store.upsert(
        [call.model_copy(update={"attempts": (attempt, missed, gone), "ended_at": NOW})]
    )
    today = (await desk.get())["today"]
    assert (today["calls"], today["wrap_up_s"], today["answer_rate"]) == (1, 61, 0.5)
    assert today["satisfaction"] == 1.0


async def test_a_call_out_is_written_down_with_its_reason(desk: Desk) -> None:
    await desk.claim()
    wish = {"number": "13904310000", "reason": "回复咨询"}
    status, said = await desk.post("call", wish)
    assert status == 200 and said["call_id"].startswith("main-out.")
    assert desk.house.rung == ["13904310000"]
    (entry, *_) = await audit.entries(desk.people.store, limit=1)
    assert (entry.by, entry.action, entry.subject) == ("wang", "call_out", SEAT)
    assert (entry.reason, entry.before) == ("回复咨询", "139****0000")
    desk.house.become(state=SeatState.TALKING, call_id="c-1")
    assert (await desk.post("call", wish))[1]["error"] == "seat_busy"


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"number": "0014155550100", "reason": "x"}, "target_unknown"),
        ({"call_id": "nobody", "reason": "x"}, "call_unknown"),
        ({"number": "13904310000"}, "invalid"),
        ({"number": "13904310000", "call_id": "c", "reason": "x"}, "invalid"),
        ({"reason": "x"}, "invalid"),
    ],
)
async def test_a_call_out_that_cannot_be(desk: Desk, wish: dict[str, str], error: str) -> None:
    await desk.claim()
    assert (await desk.post("call", wish))[1]["error"] == error
    assert desk.house.rung == []


async def test_whom_a_call_was_with_may_be_called_again_without_seeing_the_number(
    desk: Desk,
) -> None:
    await desk.claim()
    await desk.people.store.upsert([answered("mine", caller="+8613904310000")])
    await desk.people.store.upsert([answered("not-mine", caller="+8613904310000", attempts=())])
    assert (await desk.post("call", {"call_id": "not-mine", "reason": "x"}))[0] == 404
    assert (await desk.post("call", {"call_id": "mine", "reason": "x"}))[0] == 200
    assert desk.house.rung == ["13904310000"]
