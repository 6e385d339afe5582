"""Supervisors beside a talk that has a guest: who is heard by whom, and who stays when one goes."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from callcenter.call import Stage
from tests.real.rtp_tap import RtpTap, heard_by
from tests.real.supervisors import SUPERVISOR_HZ, beside, do, hang_up, soon, supervisor
from tests.real.talk_house import GENERAL, GUEST_HZ, TalkHouse


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TalkHouse]:
    with TalkHouse(tmp_path_factory.mktemp("supervise_guest")) as house:
        yield house


def consults(house: TalkHouse, seat: str) -> None:
    """The lawyer there speaks with the court; the caller hears music."""
    assert house.do(seat, "consult", line="court") == ""
    call_id = next(one["call_id"] for one in house.live()["calls"] if one["seat"] == seat)

    def is_there() -> bool:
        call = house.state(call_id)
        return bool(call and call.legs and call.legs[-1].answered_at)

    house.wait_for(is_there, what="the court is there")


def court_is_heard(tap: RtpTap, *, is_heard: bool) -> bool:
    """Whether the court's voice comes, or has gone, within seconds."""
    return any(tap.hears(GUEST_HZ) == [is_heard] for _ in range(4))


def test_a_supervisor_comes_to_a_talk_that_has_a_guest(house: TalkHouse) -> None:
    house.lawyer(GENERAL[0])
    boss = supervisor(house, "7001")
    call_id, seat, citizen = house.call(hangup_after_s=120)
    time.sleep(3)
    consults(house, seat)
    with (
        heard_by(house.phones[seat]) as at_seat,
        heard_by(citizen) as at_citizen,
    ):
        for mode, by_seat in (("listen", False), ("whisper", True), ("barge", True)):
            assert do(house, call_id, mode, "7001") == ""
            with heard_by(boss) as at_boss:
                assert soon(at_boss, [False, True, False])
                assert at_boss.hears(GUEST_HZ) == [True]
            assert soon(at_seat, [False, False, by_seat])
            assert not at_citizen.hears(SUPERVISOR_HZ)[0]  # he hears music
        assert house.do(seat, "conference") == ""
        assert soon(at_citizen, [False, True, True])
        assert at_citizen.hears(GUEST_HZ) == [True]
        assert house.do(seat, "cancel") == ""  # the court; the supervisor stays
        assert soon(at_citizen, [False, True, True])
        assert at_citizen.hears(GUEST_HZ) == [False]
    hang_up(house, call_id)
    house.wait_for(lambda: beside(house, "7001")["beside"] is None, what="it ended with the talk")
    for phone in (citizen, boss, house.phones[seat]):
        phone.stop()


def test_who_takes_over_a_consultation_has_the_caller_and_the_guest(house: TalkHouse) -> None:
    house.lawyer(GENERAL[1])
    boss, trainer = supervisor(house, "7002"), supervisor(house, "7003")
    call_id, seat, citizen = house.call(hangup_after_s=120)
    time.sleep(3)
    consults(house, seat)
    _two_are_beside(house, call_id)
    assert do(house, call_id, "take_over", "7002") == ""
    with heard_by(boss) as at_boss, heard_by(citizen) as at_citizen:
        assert soon(at_citizen, [False, False, True]) and court_is_heard(at_citizen, is_heard=True)
        assert soon(at_boss, [True, False, False]) and court_is_heard(at_boss, is_heard=True)
        house.wait_for(lambda: house.seat_state(seat) == "ready", what="the seat is free")
        house.node.cli(f"channel request hangup {_line_of_the_court(house)}")
        assert court_is_heard(at_citizen, is_heard=False)
        assert soon(at_citizen, [False, False, True]), "the supervisor goes on with the caller"
    house.api("supervise/leave", {"phone": "7002"})
    house.wait_for(lambda: _is_asked_for_a_rating(house, call_id), what="the rating is asked for")
    hang_up(house, call_id)
    for phone in (citizen, boss, trainer, house.phones[seat]):
        phone.stop()


def _two_are_beside(house: TalkHouse, call_id: str) -> None:
    """One whispers while the other listens, and each is told of the other."""
    assert do(house, call_id, "whisper", "7002") == ""
    assert do(house, call_id, "listen", "7003") == ""
    for phone, other, mode in (("7002", "7003", "listen"), ("7003", "7002", "whisper")):
        told = [(one["phone"], one["mode"]) for one in beside(house, phone)["others"]]
        assert told == [(other, mode)]
    assert do(house, call_id, "whisper", "7003") == "another_whispers"
    with heard_by(house.phones[_seat_of(house, call_id)]) as at_seat:
        assert soon(at_seat, [False, False, True]) and court_is_heard(at_seat, is_heard=True)


def _seat_of(house: TalkHouse, call_id: str) -> str:
    return next(str(one["seat"]) for one in house.live()["calls"] if one["call_id"] == call_id)


def _line_of_the_court(house: TalkHouse) -> str:
    channels = house.node.cli("core show channels concise").splitlines()
    return next(one.partition("!")[0] for one in channels if one.startswith("PJSIP/answers-"))


def _is_asked_for_a_rating(house: TalkHouse, call_id: str) -> bool:
    call = house.state(call_id)
    return call is not None and call.stage is Stage.SURVEY
