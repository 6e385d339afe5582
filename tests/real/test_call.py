"""A citizen's call on the real Asterisk, from the first ring to the facts."""

from __future__ import annotations

from pathlib import Path

from tests.real.asterisk_node import wav_seconds
from tests.real.house import House

CHANGCHUN = "+864315550123"
SIPING = "+864345550123"  # a city without a seat of its own


def test_a_call_is_served_rated_recorded_and_written_down(house: House) -> None:
    house.seat("8001", talk_s=8)
    house.sipp.citizen(keys=((1.0, "2"), (12.0, "1")), caller=CHANGCHUN).wait(60)
    (call,) = house.ended()
    assert (call.city, call.city_source, call.group) == ("220100", "landline", "labour")
    (attempt,) = call.attempts
    assert (attempt.seat, attempt.level, attempt.outcome) == ("8001", "municipal", "answered")
    assert attempt.rang_at and attempt.answered_at and attempt.ended_at
    assert attempt.offered_at <= attempt.rang_at <= attempt.answered_at < attempt.ended_at
    assert call.survey and call.survey.answer == 1
    assert (call.ended_by, call.end_stage, call.talk_ended_by) == ("system", "survey", "seat")
    assert not call.reconciled
    assert house.kpi("answer_rate_agent")["value"] == 1.0
    assert house.kpi("satisfaction")["value"] == 1.0
    assert house.seat_state("8001") == "ready"

    recording = call.recording
    assert recording and recording.duration_s and recording.talk_from_s and recording.talk_to_s
    caller, heard = (Path(f"{recording.path}-{leg}.wav") for leg in ("caller", "heard"))
    whole_s = (call.ended_at - call.arrived_at).total_seconds()  # type: ignore[operator]
    assert wav_seconds(caller) == wav_seconds(heard) == recording.duration_s
    assert abs(recording.duration_s - whole_s) < 0.5
    assert abs(recording.talk_to_s - recording.talk_from_s - 8) < 1.5
    talk_s = wav_seconds(Path(f"{recording.path}-seat-1.wav16"))
    assert 1.5 < talk_s < 8  # the two announcements are not talk


def test_a_city_without_a_seat_is_served_by_the_province(house: House) -> None:
    house.seat("8001")
    house.seat("8902", talk_s=6)
    house.sipp.citizen(keys=((1.0, "2"), (9.5, "2")), caller=SIPING).wait(60)
    (call,) = house.ended()
    assert (call.city, call.group) == ("220300", "labour")
    assert [(a.seat, a.level) for a in call.attempts] == [("8902", "provincial")]


def test_a_seat_that_does_not_answer_is_not_ready_and_the_next_takes_over(house: House) -> None:
    house.seat("8001", never_answer=True)
    party = house.sipp.citizen(keys=((1.0, "2"), (30.0, "1")), caller=CHANGCHUN)
    house.wait_for(lambda: house.seat_state("8001") == "ringing", what="8001 rings")
    house.seat("8002", talk_s=5)
    party.wait(90)
    (call,) = house.ended()
    assert [(a.seat, a.outcome) for a in call.attempts] == [
        ("8001", "no_answer"),
        ("8002", "answered"),
    ]
    (stint,) = call.stints
    assert stint.asked_at == call.asked_at
    assert 14 < (call.attempts[0].ended_at - call.attempts[0].offered_at).total_seconds() < 17  # type: ignore[operator]
    assert house.seat_state("8001") == "not_ready (no_answer)"
    assert house.seat_state("8002") == "ready"


def test_a_seat_that_declines_is_not_ready_and_may_come_back_by_phone(house: House) -> None:
    house.seat("8001", decline=603)
    party = house.sipp.citizen(keys=((1.0, "2"),), hangup_after_s=4, caller=CHANGCHUN)
    house.wait_for(
        lambda: house.seat_state("8001") == "not_ready (declined)", what="8001 has declined"
    )
    party.wait(30)
    (call,) = house.ended()
    assert [a.outcome for a in call.attempts] == ["declined"]
    assert (call.end_stage, call.answered_at) == ("queue", None)


def test_a_seat_gets_no_call_until_the_record_is_filed(tmp_path: Path) -> None:
    house = House(tmp_path / "house", filing_s=600)
    try:
        house.start()
        house.seat("8001", talk_s=2)
        house.sipp.citizen(keys=((1.0, "2"), (9.0, "1")), caller=CHANGCHUN).wait(60)
        house.ended()
        house.sipp.citizen(keys=((1.0, "2"),), caller=CHANGCHUN)
        house.wait_for(lambda: house.live()["waiting"] == 1, what="the next one waits")
        assert house.seat_state("8001") == "wrap_up"
        house.api("seats/8001/filed", {})
        house.wait_for(lambda: house.seat_state("8001") == "talking", what="8001 talks again")
    finally:
        house.close()


def test_a_lawyer_sets_the_seat_ready_and_not_ready_by_phone(house: House) -> None:
    house.seat("8001")
    house.sipp.dial("8001", "*0").wait(20)
    assert house.seat_state("8001") == "not_ready (phone)"
    house.sipp.dial("8001", "*1").wait(20)
    assert house.seat_state("8001") == "ready"


def test_who_calls_again_comes_to_the_lawyer_of_last_time(house: House) -> None:
    house.seat("8001", talk_s=2)
    house.wait_for(lambda: house.seat_state("8001") == "ready", what="8001 is ready")
    house.seat("8002", talk_s=2)
    for count in (1, 2):
        house.sipp.citizen(keys=((1.0, "2"), (9.0, "1")), caller=CHANGCHUN).wait(60)
        house.ended(count)
    # 8002 never talked, so it is the longest idle: only the earlier talk speaks for 8001
    assert [call.attempts[0].seat for call in house.calls()] == ["8001", "8001"]


def test_the_line_says_the_place_and_calls_to_a_free_seat_at_once(house: House) -> None:
    first = house.sipp.citizen(keys=((1.0, "2"),), hangup_after_s=60, caller=CHANGCHUN)
    house.wait_for(lambda: house.live()["waiting"] == 1, what="one waits")
    house.seat("8001", talk_s=6)
    house.wait_for(lambda: house.seat_state("8001") == "talking", what="8001 talks")
    first.wait(80)
    (call,) = house.ended()
    seat_ready = call.attempts[0].offered_at
    rang = call.attempts[0].rang_at
    assert rang and (rang - seat_ready).total_seconds() < 1
    assert call.survey and call.survey.answer is None


def test_patient_callers(house: House) -> None:
    """What takes a minute and more, at the same time: silence, wrong keys, and the ways out."""
    silent = house.sipp.citizen(caller="anonymous", longest_s=220)
    wrong = house.sipp.citizen(keys=((1.0, "9"), (2.0, "8")), caller=SIPING, longest_s=220)
    # no subscriber's number begins with 9: it is not called back by itself, people do
    callback, message = "+864319550101", "+864315550102"
    leave = [
        house.sipp.citizen(keys=((1.0, "3"), (68.0, key)), hangup_after_s=20, caller=caller)
        for caller, key in ((callback, "*"), (message, "#"))
    ]

    def stages() -> list[str]:
        return [call["stage"] for call in house.live()["calls"]]

    house.wait_for(lambda: stages().count("recording") == 2, 110, "both leave their voice")
    house.seat("8901", talk_s=6)
    for party in (silent, wrong, *leave):
        party.wait(240)
    calls = {call.caller: call for call in house.ended(4)}

    assert calls[None].city is None
    for call in (calls[None], calls[SIPING]):
        assert (call.group, call.attempts[-1].seat) == ("general", "8901")
        assert call.survey and call.survey.answer is None
        assert (call.ended_by, call.end_stage) == ("system", "survey")
    for caller, overflow in ((callback, "callback"), (message, "message")):
        call = calls[caller]
        assert (call.overflow, call.end_stage, call.answered_at) == (overflow, "queue", None)
        assert call.stints[-1].outcome == overflow
        request = call.overflow_request
        assert request and request.number == caller and request.audio
        assert request.duration_s and request.duration_s > 2
        assert abs(wav_seconds(Path(f"{request.audio}.wav")) - request.duration_s) < 0.2
    assert house.kpi("n_overflow")["numerator"] == 2
    assert house.kpi("rated_rate")["value"] == 0
    assert house.kpi("satisfaction")["value"] is None
