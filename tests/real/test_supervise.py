"""Supervisors on the real Asterisk: what each telephone hears, packet by packet, and who may."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reports import audit
from reports.store import Store
from tests.real.rtp_tap import heard_by
from tests.real.supervisors import SUPERVISOR_HZ, beside, do, hang_up, soon, supervisor
from tests.real.talk_house import GENERAL, GUESTS, LABOUR, SEAT_HZ, TalkHouse, hears


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TalkHouse]:
    with TalkHouse(tmp_path_factory.mktemp("supervise")) as house:
        yield house


def test_listen_whisper_barge_and_take_over(house: TalkHouse) -> None:
    house.lawyer(GENERAL[0])
    boss = supervisor(house, "7001")
    call_id, seat, citizen = house.call(hangup_after_s=60)
    time.sleep(3)  # both hear who the other is
    times: dict[str, float] = {}
    assert do(house, call_id, "listen", "7001") == ""
    with (
        heard_by(boss) as at_boss,
        heard_by(house.phones[seat]) as at_seat,
        heard_by(citizen) as at_citizen,
    ):
        assert soon(at_boss, [True, True, False])
        assert soon(at_seat, [True, False, False])
        assert soon(at_citizen, [False, True, False])

        assert do(house, call_id, "whisper", "7001") == ""
        times["whisper"] = time.time()
        assert soon(at_boss, [True, True, False])
        assert soon(at_seat, [True, False, True])
        assert soon(at_citizen, [False, True, False])

        assert do(house, call_id, "barge", "7001") == ""
        times["barge"] = time.time()
        with heard_by(boss) as at_new:
            assert soon(at_new, [True, True, False])
        assert soon(at_seat, [True, False, True])
        assert soon(at_citizen, [False, True, True])

        assert do(house, call_id, "take_over", "7001") == ""
        assert soon(at_citizen, [False, False, True])
    house.wait_for(lambda: house.seat_state(seat) == "ready", what="the seat is free")
    citizen.stop()
    boss.stop()
    hang_up(house, call_id)
    _look_at_the_record(house, call_id, seat, times)


def _look_at_the_record(house: TalkHouse, call_id: str, seat: str, times: dict[str, float]) -> None:
    house.wait_for(
        lambda: any(one.call_id == call_id and one.recording for one in house.ended()), what="facts"
    )
    call = next(one for one in house.calls() if one.call_id == call_id)
    assert call.recording and call.ended_at
    assert [(leg.kind, leg.by, leg.target, leg.outcome) for leg in call.legs] == [
        ("take_over", "7001", "supervisor 7001", "completed")
    ]
    assert [(one.seat, one.outcome) for one in call.attempts] == [(seat, "answered")]
    assert call.attempts[0].ended_at and call.attempts[0].ended_at < call.ended_at
    path = call.recording.path
    heard = Path(f"{path}-heard.wav")
    began = call.arrived_at.timestamp()
    whispered, barged = times["whisper"] - began, times["barge"] - began
    assert hears(heard, SEAT_HZ, whispered, whispered + 1)
    assert not hears(heard, SUPERVISOR_HZ, whispered, whispered + 1)
    assert hears(heard, SUPERVISOR_HZ, barged + 0.3, barged + 1.3)
    assert hears(Path(f"{path}-leg-1.wav16"), SUPERVISOR_HZ, 0.2, 1.2)
    log = audited(house, call_id)
    assert [one.action for one in log] == ["take_over", "barge", "whisper", "listen"]
    assert {one.reason for one in log} == {"带教"}


def audited(house: TalkHouse, subject: str) -> list[audit.Entry]:
    """What is kept for ever of this call or seat, the newest first."""

    async def ask() -> list[audit.Entry]:
        async with Store(house.settings.database_url) as store:
            return await audit.entries(store, subject=subject)

    return asyncio.run(ask())


def test_a_whisper_reaches_the_seat_alone_in_a_room_too(house: TalkHouse) -> None:
    house.lawyer(GENERAL[1])
    boss = supervisor(house, "7002")
    call_id, seat, citizen = house.call(hangup_after_s=60)
    time.sleep(3)
    assert house.do(seat, "hold") == "" and house.do(seat, "retrieve") == ""
    house.wait_for(lambda: _is_in_the_room(house, call_id), what="both are in the room")
    assert do(house, call_id, "whisper", "7002") == ""
    with (
        heard_by(boss) as at_boss,
        heard_by(house.phones[seat]) as at_seat,
        heard_by(citizen) as at_citizen,
    ):
        assert soon(at_boss, [True, True, False])
        assert soon(at_seat, [True, False, True])
        assert soon(at_citizen, [False, True, False])
    assert do(house, call_id, "barge", "7002") == ""
    assert house.do(seat, "cancel") == "supervisor_in"
    house.api("supervise/leave", {"phone": "7002"})
    house.wait_for(lambda: beside(house, "7002")["beside"] is None, what="he has left")
    assert house.seat_state(seat) == "talking"
    assert do(house, call_id, "listen", "7002") == ""
    hang_up(house, call_id)
    house.wait_for(lambda: beside(house, "7002")["beside"] is None, what="it ended with the talk")
    for phone in (citizen, boss, house.phones[seat]):
        phone.stop()


def _is_in_the_room(house: TalkHouse, call_id: str) -> bool:
    call = house.state(call_id)
    return bool(call and call.table and call.table.caller == "room" and call.table.channel)


def test_waiting_callers_are_moved(house: TalkHouse) -> None:
    _nobody_is_ready(house)  # whoever is would stand in for labour law after a while
    first, second, third = (_waits_for_labour(house, n) for n in (301, 302, 303))
    reason = {"reason": "等候过久"}
    assert house.post(f"calls/{second}/move", {"to": {"head": True}, **reason}) == ""
    assert house.post(f"calls/{third}/move", {"to": {"group": "tax"}, **reason}) == "target_unknown"
    _is_ready(house, LABOUR[0])
    house.wait_for(lambda: _seat_of(house, second) == LABOUR[0], 20, "the second is served first")
    assert house.post(f"calls/{second}/move", {"to": {"head": True}, **reason}) == "not_waiting"
    _is_ready(house, GUESTS[0])
    assert house.post(f"calls/{first}/move", {"to": {"seat": GUESTS[0]}, **reason}) == ""
    house.wait_for(lambda: _seat_of(house, first) == GUESTS[0], 20, "that seat serves him")
    _is_ready(house, GENERAL[2])
    assert house.post(f"calls/{third}/move", {"to": {"group": "general"}, **reason}) == ""
    house.wait_for(lambda: _seat_of(house, third) == GENERAL[2], 20, "another group serves him")


def _nobody_is_ready(house: TalkHouse) -> None:
    for seat in house.live()["seats"]:
        if seat["state"] == "ready":
            wish = {"state": "not_ready", "reason": "准备测试"}
            assert house.post(f"seats/{seat['number']}/force", wish) == ""


def _is_ready(house: TalkHouse, number: str) -> None:
    house.lawyer(number)
    house.post(f"seats/{number}/force", {"state": "ready", "reason": "准备测试"})


def _waits_for_labour(house: TalkHouse, n: int) -> str:
    """A citizen who waits for a lawyer of labour law, while there is none."""
    house.sipp.citizen(keys=((0.6, "2"),), caller=f"+864315550{n}", hangup_after_s=60)
    found: list[str] = []

    def waits() -> bool:
        calls = house.live()["calls"]
        found[:] = [
            one["call_id"]
            for one in calls
            if one["stage"] == "queue" and one["caller"].endswith(str(n))
        ]
        return bool(found)

    house.wait_for(waits, 15, f"{n} waits", 0.2)
    return found[0]


def _seat_of(house: TalkHouse, call_id: str) -> str | None:
    return next((one["seat"] for one in house.live()["calls"] if one["call_id"] == call_id), None)


def test_a_seat_is_set_and_logged_out(house: TalkHouse) -> None:
    number = GENERAL[3]
    house.lawyer(number)
    reason = {"reason": "离席未示忙"}
    assert house.post(f"seats/{number}/force", {"state": "not_ready", **reason}) == ""
    assert house.seat_state(number) == "not_ready (supervisor)"
    assert house.post(f"seats/{number}/force", {"state": "ready", **reason}) == ""
    assert house.seat_state(number) == "ready"
    assert house.post(f"seats/{number}/log_out", reason) == ""
    assert house.seat_state(number) == "not_ready (signed_off)"
    actions = [one.action for one in audited(house, number)]
    assert actions == ["log_out_seat", "force_seat", "force_seat"]
