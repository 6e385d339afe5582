"""What goes wrong in a call: nobody is lost, no seat stays stuck, no fact is missing."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis

from callcenter.call import from_json
from tests.real.house import House
from tests.real.people import log_in, make_person
from tests.real.sipp_scenarios import NO_CODEC

CHANGCHUN = "+864315550123"


def in_stage(house: House, stage: str) -> Callable[[], bool]:
    return lambda: any(call["stage"] == stage for call in house.live()["calls"])


def test_the_caller_may_hang_up_at_every_step(house: House) -> None:
    house.seat("8002", answer_after_s=0.2, talk_s=5)  # labour
    house.seat("8101", answer_after_s=10)  # 吉林市, rings long
    hang_up_after = {
        "+864315550110": ((), 1.0),  # in the greeting
        "+864315550111": (((11.0, "9"),), 2.0),  # in the menu, after a wrong key
        "+864335550112": (((1.0, "1"),), 2.0),  # in the line: 延边 has no seat
        "+864325550113": (((1.0, "1"),), 4.0),  # while the seat rings
        "+864315550114": (((1.0, "2"),), 0.3),  # in the second of the answer
    }
    parties = [
        house.sipp.citizen(caller=caller, keys=keys, hangup_after_s=after_s)
        for caller, (keys, after_s) in hang_up_after.items()
    ]
    for party in parties:
        party.wait(40)
    house.wait_for(lambda: house.seat_state("8002") == "ready", what="8002 is free")
    survey = house.sipp.citizen(caller="+864315550115", keys=((1.0, "2"),), hangup_after_s=9)
    survey.wait(30)
    calls = {call.caller: call for call in house.ended(6)}
    assert {caller: call.end_stage for caller, call in calls.items()} == {
        "+864315550110": "ivr",
        "+864315550111": "ivr",
        "+864335550112": "queue",
        "+864325550113": "ringing",
        "+864315550114": "talking",
        "+864315550115": "survey",
    }
    assert {call.ended_by for call in calls.values()} == {"caller"}
    assert calls["+864325550113"].attempts[0].outcome == "caller_gone"
    assert calls["+864315550114"].talk_ended_by == "caller"
    survey_of = calls["+864315550115"].survey
    assert survey_of and survey_of.answer is None
    for seat in ("8002", "8101"):
        house.wait_for(lambda s=seat: house.seat_state(s) == "ready", what=f"{seat} is free")
    assert house.node.channels() == 0


@pytest.mark.parametrize(
    "display",
    [
        '"a\\",b;c" ',
        "张三,李四",
        "x" * 500,
        '"${EXTEN}&PJSIP/8001"',
    ],
)
def test_a_hostile_display_name_does_no_harm(house: House, display: str) -> None:
    house.sipp.citizen(display=display, hangup_after_s=2.0).wait(30)
    (call,) = house.ended()
    assert call.caller == CHANGCHUN
    assert house.is_healthy()


def test_odd_numbers_are_served(house: House) -> None:
    callers = ("anonymous", "unknown", "0086-431-5550124", "+864315550125", "1" * 60)
    parties = [house.sipp.citizen(caller=caller, hangup_after_s=2.0) for caller in callers]
    for party in parties:
        party.wait(30)
    found = {call.caller: call.city for call in house.ended(len(callers))}
    assert found[None] is None
    assert found["+864315550125"] == "220100"


def test_keys_before_and_during_a_prompt_and_as_a_burst_choose_once(house: House) -> None:
    early = house.sipp.citizen(caller="+864315550131", keys=((0.05, "1"),), hangup_after_s=2)
    burst = house.sipp.citizen(caller="+864315550132", keys=((0.5, "2345"),), hangup_after_s=2)
    by_info = house.sipp.citizen(
        caller="+864315550133", keys=((1.5, "3"),), dtmf="info", hangup_after_s=2
    )
    for party in (early, burst, by_info):
        party.wait(30)
    groups = {call.caller: call.group for call in house.ended(3)}
    assert groups == {
        "+864315550131": "family",
        "+864315550132": "labour",
        "+864315550133": "contract",
    }


def test_an_invite_without_a_common_codec_is_refused_and_the_next_call_goes_on(
    house: House,
) -> None:
    house.sipp.citizen(codecs=NO_CODEC, expect=488).wait(20)
    house.sipp.citizen(hangup_after_s=1.0).wait(20)
    assert len(house.ended()) == 1


KILLED_AT = {
    "greeting": ((), "ivr"),
    "queue": (((1.0, "2"),), "queue"),
}


@pytest.mark.parametrize("stage", KILLED_AT)
def test_a_new_controller_takes_up_the_call_where_it_stood(house: House, stage: str) -> None:
    keys, where = KILLED_AT[stage]
    press_later = () if keys else ((9.0, "2"),)
    party = house.sipp.citizen(keys=(*keys, *press_later), caller=CHANGCHUN, longest_s=80)
    house.wait_for(in_stage(house, where), what=where)
    house.wait_for(lambda: not keys or house.live()["waiting"] == 1, what="in line")
    before = house.live()["calls"][0]
    house.kill_controller()
    time.sleep(2)
    house.start_controller()
    house.wait_for(lambda: house.live()["calls"], what="the call is back")
    if keys:
        assert house.live()["calls"][0]["waited_s"] >= before["waited_s"] + 2
    house.seat("8001", talk_s=5)
    party.wait(120)
    (call,) = house.ended()
    assert (call.group, call.attempts[-1].outcome) == ("labour", "answered")
    assert call.survey and call.survey.answer is None
    assert len(house.calls()) == 1


def tries(house: House) -> list[int]:
    """Of each call that is saved, how often its caller pressed a wrong key or none."""
    redis = Redis.from_url(house.settings.redis_url)
    with contextlib.closing(redis):
        saved = [
            from_json(data)
            for name in redis.keys("*:calls")
            for data in redis.hgetall(name).values()
        ]
    return [call.session.tries for call in saved if call.session]


def test_a_new_controller_takes_up_the_call_in_the_menu_with_the_wrong_key_still_counted(
    house: House,
) -> None:
    party = house.sipp.citizen(
        keys=((12.0, "9"), (14.0, "8")), caller=CHANGCHUN, hangup_after_s=6, longest_s=80
    )
    house.wait_for(lambda: tries(house) == [1], what="in the menu, for the second time")
    house.kill_controller()
    time.sleep(1)
    house.start_controller()
    house.wait_for(lambda: house.live()["calls"], what="the call is back")
    assert tries(house) == [1]
    party.wait(60)
    (call,) = house.ended()
    # From the beginning, one more wrong key would only have been the first.
    assert (call.group, call.end_stage) == ("general", "queue")
    assert len(house.calls()) == 1


@pytest.mark.parametrize("stage", ["ringing", "talking", "survey"])
def test_a_call_at_a_seat_outlives_its_controller(house: House, stage: str) -> None:
    house.seat("8001", answer_after_s=4, talk_s=8)
    party = house.sipp.citizen(keys=((1.0, "2"), (26.0, "1")), caller=CHANGCHUN, longest_s=60)
    house.wait_for(in_stage(house, stage), what=stage, timeout_s=30)
    house.kill_controller()
    time.sleep(1)
    house.start_controller()
    party.wait(120)
    (call,) = house.ended()
    assert [(a.seat, a.outcome) for a in call.attempts] == [("8001", "answered")]
    assert call.survey and call.survey.answer == 1
    assert call.talk_ended_by == "seat"
    talk_s = (call.attempts[0].ended_at - call.answered_at).total_seconds()  # type: ignore[operator]
    assert 2 < talk_s < 10
    house.wait_for(lambda: house.seat_state("8001") == "ready", what="8001 is free")


def test_a_call_that_ends_without_any_controller_is_written_down(house: House) -> None:
    house.seat("8001", talk_s=20)
    party = house.sipp.citizen(keys=((1.0, "2"),), hangup_after_s=9, caller=CHANGCHUN)
    house.wait_for(in_stage(house, "talking"), what="talking")
    house.kill_controller()
    party.wait(30)
    ended_at = time.time()
    house.start_controller()
    (call,) = house.ended()
    assert (call.end_stage, call.reconciled) == ("talking", True)
    assert call.ended_at and abs(call.ended_at.timestamp() - ended_at) < 1.5
    house.wait_for(lambda: house.seat_state("8001") == "ready", what="8001 is free")


def test_without_a_controller_the_fallback_queue_rings_a_provincial_seat(house: House) -> None:
    house.seat("8901", talk_s=100)  # or until it is hung up
    house.kill_controller()
    party = house.sipp.citizen(caller=CHANGCHUN, longest_s=100)
    house.wait_for(lambda: house.node.events("CONNECT"), what="8901 talks", timeout_s=60)
    house.start_controller()
    house.wait_for(lambda: talks_at(house, "8901"), what="the board shows it")
    house.wait_for(lambda: house.live()["today"]["answered"] == 1, what="it counts")
    (on,) = house.live()["calls"]
    lawyer = log_in(house, "he", make_person(house.settings, "he", "seat", seat="8901"))
    assert asked(house, lawyer, f"calls/{on['call_id']}/record")["seats"] == ["8901"]
    assert asked(house, lawyer, f"calls/{on['call_id']}/pop")["group"] == "general"
    house.node.cli(f"channel request hangup {channel_of(house, '8901')}")
    party.wait(90)
    (call,) = house.ended()
    assert call.call_id == on["call_id"]
    assert (call.source, call.end_stage, call.ended_by) == ("journal", "talking", "seat")
    assert [(a.seat, a.outcome) for a in call.attempts] == [("8901", "answered")]
    assert call.asked_at and 18 < (call.asked_at - call.arrived_at).total_seconds() < 30
    assert house.kpi("answer_rate_agent")["numerator"] == 1
    house.wait_for(lambda: records(house, lawyer, "open") == {call.call_id: 1}, what="its record")
    record = asked(house, lawyer, f"calls/{call.call_id}/record")
    assert (record["seats"], record["filed_at"], record["can_write"]) == (["8901"], None, True)
    assert record["answered_at"][:19] == f"{call.answered_at:%Y-%m-%dT%H:%M:%S}"
    written = {"revision": record["revision"], "main": "3214", "question": "咨询"}
    asked(house, lawyer, f"calls/{call.call_id}/record/file", written)
    house.wait_for(lambda: records(house, lawyer, "filed") == {call.call_id: 1}, what="it is filed")


def channel_of(house: House, seat: str) -> str:
    """The name of a seat's channel."""
    shown = house.node.cli("core show channels concise").splitlines()
    return next(line.split("!")[0] for line in shown if line.startswith(f"PJSIP/{seat}"))


def talks_at(house: House, seat: str) -> bool:
    """Whether the board shows a talk at this seat."""
    return [(one["stage"], one["seat"]) for one in house.live()["calls"]] == [("talking", seat)]


def asked(house: House, headers: dict[str, str], path: str, body: object = None) -> dict[str, Any]:
    """What this person is answered to a GET, or to a POST when there is a body."""
    request = urllib.request.Request(
        f"http://{house.settings.web}/api/v1/{path}",
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json", **headers},
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        return dict(json.load(answer))


def records(house: House, headers: dict[str, str], state: str) -> dict[str, int]:
    """Calls whose record is in this state, as this person finds them."""
    found = asked(house, headers, f"calls?record={state}")
    return {row["call_id"]: found["total"] for row in found["rows"]}


def test_asterisk_restarted_under_the_controller(house: House) -> None:
    house.seat("8001", talk_s=60)
    house.sipp.citizen(keys=((1.0, "2"),), caller=CHANGCHUN)
    house.sipp.citizen(keys=((1.0, "3"),), caller="+864335550112")
    house.wait_for(in_stage(house, "talking"), what="talking")
    house.node.kill()
    house.node.start()
    calls = {call.caller: call for call in house.ended(2, timeout_s=30)}
    assert {call.ended_by for call in calls.values()} == {"system"}
    assert all(call.reconciled for call in calls.values())
    assert calls[CHANGCHUN].end_stage == "talking"
    house.wait_for(lambda: not house.live()["calls"], what="no call is left")
    house.wait_for(lambda: house.seat_state("8001") in ("offline", "ready"), what="8001 is free")
    house.seat("8002", talk_s=4)
    house.sipp.citizen(keys=((1.0, "2"),), hangup_after_s=9, caller="+864315550199").wait(40)
    assert any(c.caller == "+864315550199" and c.answered_at for c in house.ended(3))


def test_redis_killed_and_restarted_in_mid_call(house: House) -> None:
    house.seat("8001", talk_s=7)
    party = house.sipp.citizen(keys=((1.0, "2"), (14.0, "1")), caller=CHANGCHUN)
    house.wait_for(in_stage(house, "talking"), what="talking")
    house.stop_redis(signal.SIGKILL)
    second = house.sipp.citizen(keys=((1.0, "2"),), hangup_after_s=25, caller="+864315550124")
    house.wait_for(lambda: not house.is_healthy(), what="/health says so")
    house.wait_for(lambda: house.live()["waiting"] == 1, what="the second waits")
    house.start_redis()
    party.wait(60)
    second.wait(60)
    calls = {call.caller: call for call in house.ended(2)}
    assert calls[CHANGCHUN].survey and calls[CHANGCHUN].survey.answer == 1
    assert calls["+864315550124"].answered_at
    house.wait_for(house.is_healthy, what="healthy again")


def test_the_database_locked_for_ten_seconds_loses_nothing(house: House) -> None:
    house.seat("8001", talk_s=5)
    lock = sqlite3.connect(house.settings.home / "hotline.db", isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
        party = house.sipp.citizen(keys=((1.0, "2"), (8.5, "2")), caller=CHANGCHUN)
        time.sleep(10)
        lock.execute("ROLLBACK")
    finally:
        lock.close()
    party.wait(60)
    (call,) = house.ended()
    assert call.survey and call.survey.answer == 2
