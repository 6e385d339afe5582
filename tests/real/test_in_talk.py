"""Talks in hand on the real Asterisk: held, transferred, consulted about, made a conference.

All of them side by side in one hotline, whose controller is killed in the middle; then one after
another looked at in the facts and the recordings.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from reports.facts import Leg
from tests.real.talk_house import (
    CALLER_HZ,
    GENERAL,
    GUEST_HZ,
    GUESTS,
    LABOUR,
    SEAT_HZ,
    TalkHouse,
    hears,
    loudness,
    spell_without,
)
from tests.real.talk_scripts import (
    SCRIPTS,
    Played,
    Script,
    both_hang_up,
)

TO_BE_KILLED = 2
SWITCHING_S = 0.7
"""What it may take until the sound follows the facts."""


@pytest.fixture(scope="module")
def talk_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TalkHouse]:
    with TalkHouse(tmp_path_factory.mktemp("talks")) as house:
        yield house


@pytest.fixture(scope="module")
def played(talk_house: TalkHouse) -> dict[str, Played]:
    return _play(talk_house)


def _play(house: TalkHouse) -> dict[str, Played]:
    ready, done = threading.Semaphore(0), threading.Event()
    scripts = {one.__name__: Script(house, ready, done) for one in SCRIPTS}
    house.lawyer(GENERAL[0], talk_s=4)
    with ThreadPoolExecutor(len(SCRIPTS)) as at_once:
        running = [at_once.submit(both_hang_up, scripts["both_hang_up"])]
        house.wait_for(lambda: scripts["both_hang_up"].call_id, what="the first talk")
        for number in (*GENERAL[1:], *GUESTS, *LABOUR):
            house.lawyer(number)
        running += [
            at_once.submit(one, scripts[one.__name__]) for one in SCRIPTS if one is not both_hang_up
        ]
        for n in range(TO_BE_KILLED):
            if not ready.acquire(timeout=45):
                running[-1 - n].result(timeout=1)
        for work in running[: -TO_BE_KILLED - 1]:
            work.result()
        house.kill_controller()
        house.start_controller()
        done.set()
        for work in running:
            work.result()
    calls = {call.call_id: call for call in house.ended(len(SCRIPTS), timeout_s=60)}
    assert len(calls) == len(SCRIPTS)  # one conversation each
    _assert_nothing_is_left(house)
    return {name: Played(calls[one.call_id], one.seat) for name, one in scripts.items()}


def _assert_nothing_is_left(house: TalkHouse) -> None:
    house.wait_for(lambda: house.node.channels() == 0, what="no channel is left")

    def busy() -> list[str]:
        seats = house.live()["seats"]
        return [one["number"] for one in seats if one["state"] not in ("ready", "offline")]

    house.wait_for(lambda: not busy(), what="all seats are free")
    assert "step failed" not in (house.settings.home / "controller.log").read_text("utf-8")


def test_a_caller_on_hold_hears_music_and_is_retrieved(played: dict[str, Played]) -> None:
    it = played["hold"]
    leg = it.leg()
    assert (leg.kind, leg.by, leg.outcome) == ("hold", it.seat, "retrieved")
    assert it.seats == [(it.seat, "answered")]
    heard = it.audio("heard.wav")
    from_s, to_s = held(it, leg)
    assert loudness(heard, from_s, to_s) > 300
    assert hears(heard, SEAT_HZ, to_s + 0.3, to_s + 1.3)
    assert hears(it.audio("caller.wav"), CALLER_HZ, from_s, to_s)
    assert it.call.end_stage == "talking"
    assert it.call.talk_ended_at == it.call.attempts[0].ended_at == it.call.ended_at


def held(it: Played, leg: Leg) -> tuple[float, float]:
    """When the caller did not hear the seat, as seconds of what he heard: as long as the hold."""
    from_s, to_s = it.second(leg.at), it.second(leg.ended_at)
    spell = spell_without(it.audio("heard.wav"), SEAT_HZ, from_s, to_s)
    assert spell[1] - spell[0] > to_s - from_s - SWITCHING_S
    return spell


def test_a_blind_transfer_to_a_seat(played: dict[str, Played]) -> None:
    it = played["blind_to_seat"]
    leg = it.leg()
    assert (leg.kind, leg.target, leg.seat) == ("transfer", f"seat {GUESTS[0]}", GUESTS[0])
    assert leg.outcome == "completed"
    assert it.seats == [(it.seat, "answered"), (GUESTS[0], "answered")]
    first, second = it.call.attempts
    assert first.ended_at and second.answered_at and first.ended_at < second.answered_at
    assert it.call.talk_ended_at == second.ended_at
    assert it.call.answered_at == first.answered_at
    assert hears(it.audio("seat-2.wav16"), SEAT_HZ, 0, 1)


def test_a_blind_transfer_to_a_group_goes_to_one_of_its_seats(played: dict[str, Played]) -> None:
    it = played["blind_to_group"]
    assert (it.leg().target, it.leg().outcome) == ("group labour", "completed")
    assert it.call.attempts[-1].seat in LABOUR
    assert [(stint.group, stint.outcome) for stint in it.call.stints] == [
        ("general", "answered"),
        ("labour", "answered"),
    ]


def test_a_blind_transfer_to_a_line(played: dict[str, Played]) -> None:
    it = played["blind_to_line"]
    leg = it.leg()
    assert (leg.kind, leg.target, leg.outcome) == ("transfer", "line court", "completed")
    assert leg.answered_at and leg.ended_at
    assert it.call.attempts[0].ended_at and it.call.attempts[0].ended_at <= leg.answered_at
    assert it.call.talk_ended_at == leg.ended_at
    assert (it.call.end_stage, it.call.ended_by) == ("talking", "caller")
    ended_s = it.second(leg.ended_at)
    assert hears(it.audio("heard.wav"), GUEST_HZ, ended_s - 1.5, ended_s - 0.5)
    assert hears(it.audio("leg-1.wav16"), GUEST_HZ, 0.2, 1.2)


@pytest.mark.parametrize(
    ("name", "outcome"), [("blind_to_busy", "busy"), ("blind_to_silent", "no_answer")]
)
def test_a_blind_transfer_that_fails_brings_the_caller_back(
    played: dict[str, Played], name: str, outcome: str
) -> None:
    it = played[name]
    assert it.leg().outcome == outcome
    assert it.seats == [(it.seat, "answered"), (it.seat, "answered")]
    assert it.call.asked_at == it.call.stints[0].asked_at


def test_an_attended_transfer_to_a_seat(played: dict[str, Played]) -> None:
    it = played["attended_completed"]
    leg, hold_after = it.call.legs
    assert (leg.kind, leg.seat, leg.outcome) == ("consult", GUESTS[1], "completed")
    assert leg.answered_at and leg.joined_at and leg.answered_at < leg.joined_at
    assert it.seats == [(it.seat, "answered"), (GUESTS[1], "answered")]
    first, second = it.call.attempts
    assert first.ended_at == leg.joined_at
    assert second.answered_at == leg.answered_at
    assert second.ended_at == it.call.talk_ended_at
    assert (hold_after.kind, hold_after.by, hold_after.outcome) == (
        *("hold", GUESTS[1]),
        "retrieved",
    )
    # what the two lawyers said in private, the caller did not hear
    from_s, to_s = it.second(leg.answered_at), it.second(leg.joined_at)
    private = spell_without(it.audio("heard.wav"), SEAT_HZ, from_s, to_s)
    assert private[1] - private[0] > to_s - from_s - SWITCHING_S
    assert hears(it.audio("leg-1.wav16"), SEAT_HZ, 0.2, 1)


def test_an_attended_transfer_cancelled(played: dict[str, Played]) -> None:
    it = played["attended_cancelled"]
    leg = it.leg()
    assert (leg.target, leg.outcome) == ("line court", "answered")
    assert leg.answered_at and leg.joined_at is None
    assert it.seats == [(it.seat, "answered")]
    back_s = it.second(leg.ended_at)
    assert hears(it.audio("heard.wav"), SEAT_HZ, back_s + 0.5, back_s + 1.5)
    assert it.call.talk_ended_at == it.call.ended_at


def test_an_attended_transfer_that_nobody_answers(played: dict[str, Played]) -> None:
    it = played["attended_not_answered"]
    leg = it.leg()
    assert (leg.target, leg.outcome, leg.answered_at) == ("line gov", "no_answer", None)
    back_s = it.second(leg.ended_at)
    assert loudness(it.audio("heard.wav"), it.second(leg.at) + 0.5, back_s) > 300  # music
    assert hears(it.audio("heard.wav"), SEAT_HZ, back_s + 0.5, back_s + 1.5)
    assert it.seats == [(it.seat, "answered")]


def test_a_conference_of_three(played: dict[str, Played]) -> None:
    it = played["conference"]
    leg = it.leg()
    assert (leg.kind, leg.target, leg.outcome) == ("conference", "line police", "completed")
    assert leg.answered_at == leg.joined_at
    three = it.second(leg.joined_at) + 0.5, it.second(leg.joined_at) + 2.5
    heard = it.audio("heard.wav")
    assert hears(heard, SEAT_HZ, *three) and hears(heard, GUEST_HZ, *three)
    assert hears(it.audio("caller.wav"), CALLER_HZ, *three)
    assert hears(it.audio("seat-1.wav16"), SEAT_HZ, 0.5, 1.5)
    assert hears(it.audio("leg-1.wav16"), GUEST_HZ, 0.5, 1.5)
    left_s = it.second(it.call.attempts[0].ended_at)
    assert not hears(heard, SEAT_HZ, left_s + 0.3, left_s + 1.3)
    assert hears(heard, GUEST_HZ, left_s + 0.3, left_s + 1.3)
    assert it.call.talk_ended_at == leg.ended_at == it.call.ended_at


@pytest.mark.parametrize("name", ["phone_comes_back", "phone_dies_on_hold"])
def test_a_phone_that_dies_and_comes_back_is_rung_again(
    played: dict[str, Played], name: str
) -> None:
    it = played[name]
    assert it.seats == [(it.seat, "answered"), (it.seat, "answered")]
    first, second = it.call.attempts
    assert first.ended_at and second.offered_at >= first.ended_at
    from_s, to_s = it.second(first.ended_at) + 0.2, it.second(second.offered_at)
    assert to_s - from_s < 15
    assert it.call.talk_ended_at == it.call.ended_at
    leg = it.call.legs[-1]
    assert (leg.kind, leg.by, leg.seat, leg.outcome) == ("lost", it.seat, it.seat, "back")


def test_a_caller_whose_lawyer_is_gone_is_served_by_another(played: dict[str, Played]) -> None:
    it = played["phone_stays_away"]
    (first, first_outcome), (second, second_outcome) = it.seats
    assert (first, first_outcome, second_outcome) == (it.seat, "answered", "answered")
    assert second != first
    assert (it.leg().kind, it.leg().seat, it.leg().outcome) == ("lost", second, "another_seat")
    lost_s = it.second(it.call.attempts[0].ended_at)
    assert loudness(it.audio("heard.wav"), lost_s + 0.5, lost_s + 2.5) > 300  # music
    assert it.call.asked_at == it.call.stints[0].asked_at


def test_both_sides_hang_up_in_the_same_second(played: dict[str, Played]) -> None:
    it = played["both_hang_up"]
    assert it.seats == [(GENERAL[0], "answered")]
    assert it.call.talk_ended_at and it.call.ended_at
    assert (it.call.ended_at - it.call.talk_ended_at).total_seconds() < 3
    assert it.call.end_stage in ("talking", "survey")


def test_a_hold_outlives_its_controller(played: dict[str, Played]) -> None:
    it = played["killed_on_hold"]
    leg = it.leg()
    assert (leg.kind, leg.outcome) == ("hold", "retrieved")
    heard = it.audio("heard.wav")
    from_s, to_s = held(it, leg)
    for second in range(int(to_s - from_s)):
        assert loudness(heard, from_s + second, from_s + second + 1) > 100
    assert hears(heard, SEAT_HZ, to_s + 0.5, to_s + 1.5)
    assert it.seats == [(it.seat, "answered")]


def test_a_consultation_outlives_its_controller(played: dict[str, Played]) -> None:
    it = played["killed_in_consultation"]
    leg = it.leg()
    assert (leg.kind, leg.target, leg.outcome) == ("consult", "line court", "completed")
    assert it.seats == [(it.seat, "answered")]
    joined_s = it.second(leg.joined_at)
    assert hears(it.audio("heard.wav"), GUEST_HZ, joined_s + 0.5, joined_s + 1.5)
    assert it.call.talk_ended_at == leg.ended_at


def test_a_supervisor_releases_a_seat_and_it_is_written_down(
    played: dict[str, Played], talk_house: TalkHouse
) -> None:
    seat = LABOUR[0]
    talk_house.hotline("seat", "release", seat, "--by", "王强", "--reason", "卡住")
    talk_house.wait_for(lambda: talk_house.seat_state(seat) == "not_ready (forced)", what="freed")
    (entry,) = json.loads(talk_house.hotline("seat", "log", seat, "--json"))
    assert (entry["by"], entry["reason"], entry["before"]) == ("王强", "卡住", "ready")
    listed = json.loads(talk_house.hotline("seat", "list", "--json"))
    assert [one["state"] for one in listed if one["number"] == seat] == ["not_ready"]
