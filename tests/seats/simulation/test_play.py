"""Small plays whose every second can be counted by hand: each rule of the hotline once."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import numpy as np
import pytest

from seats.policy import CallbackPolicy, First, GroupPolicy, Order, Policy, Stage, When, Who
from seats.shift import Shift
from seats.simulation.caller import Caller
from seats.simulation.calls import PLAIN
from seats.simulation.dice import Dice
from seats.simulation.play import play
from seats.simulation.played import Outcome, Played
from tests.seats.simulation.made import ANYBODY, One, calls, seat, seats

ANSWERED, ABANDONED = Outcome.ANSWERED, Outcome.ABANDONED
HABITS = replace(PLAIN, reached=1.0, line_answers=1.0)


def waits(played: Played) -> list[float]:
    return [pytest.approx(each, abs=1e-5) for each in played.wait_s.tolist()]


def who(played: Played) -> list[str | None]:
    return [None if n < 0 else played.worked[n].seat.number for n in played.seat.tolist()]


def policy(*stages: Stage, **more: object) -> Policy:
    return Policy(default=GroupPolicy(stages, **more))  # type: ignore[arg-type]


def test_one_seat_serves_in_the_order_of_asking():
    played = play(calls(One(0), One(10), One(20)), seats(1), ANYBODY)
    assert waits(played) == [0, 90, 180]
    assert played.outcome.tolist() == [ANSWERED] * 3
    worked = played.worked[0]
    assert (worked.answered, worked.offered, worked.missed) == (3, 3, 0)
    assert (worked.talk_s, worked.duty_s, worked.occupancy) == (300, 300, 1)


def test_ringing_is_waited_for_and_wrap_up_keeps_the_seat():
    played = play(calls(One(0, ring=5, wrap_up=10), One(1, ring=5)), seats(1), ANYBODY)
    assert waits(played) == [5, 114 + 5]
    assert played.worked[0].wrap_up_s == 10
    assert played.worked[0].ring_s == 10


def test_who_loses_patience_leaves_in_line_and_while_it_rings():
    played = play(
        calls(One(0), One(10, patience=30), One(20, patience=85, ring=9)), seats(1), ANYBODY
    )
    assert played.outcome.tolist() == [ANSWERED, ABANDONED, ABANDONED]
    assert waits(played) == [0, 30, 85]
    assert (played.worked[0].answered, played.worked[0].ring_s) == (1, 5)


def test_a_seat_that_does_not_answer_is_out_and_the_caller_goes_to_the_head():
    habits = replace(PLAIN, no_answer=0.0, ring_limit_s=15, away_s=120)
    played = play(
        calls(One(0, talk=500, ring=np.inf), One(2), One(3), habits=habits), seats(2), ANYBODY
    )
    # 8001 rings for 15 s; 8002 is with the second until 102, then has the first, asked before
    # the third, who gets 8001 once its lawyer is back at 135
    assert who(played) == ["8002", "8002", "8001"]
    assert waits(played) == [102, 0, 132]
    assert [each.missed for each in played.worked] == [1, 0]


def test_longest_idle_and_skill_levels_decide_as_live():
    best = seat(8002, levels={"labour": 5})
    two = [seat(8001), best]
    same = calls(One(0, talk=10), One(100, talk=10), One(200, talk=10))
    assert who(play(same, two, ANYBODY)) == ["8001", "8002", "8001"]
    skilled = policy(Stage(Who.PROVINCIAL), order=Order.SKILL_LEVEL)
    assert who(play(same, two, skilled)) == ["8002", "8002", "8002"]


def test_the_own_city_comes_first_and_others_open_with_time():
    staged = policy(Stage(Who.CITY), Stage(Who.PROVINCIAL, after_s=40))
    two = [seat(8001, city="220100"), seat(9001)]
    came = calls(One(0, city="220100"), One(5, city="220100"), One(6, city="220200"))
    played = play(came, two, staged)
    assert who(played) == ["8001", "9001", "9001"]
    assert waits(played) == [0, 40, 139]


def test_a_long_line_opens_a_stage_at_once():
    staged = policy(
        Stage(Who.CITY), Stage(Who.PROVINCIAL, when=When(queue_at_least=2)), Stage(Who.MUNICIPAL)
    )
    came = calls(One(0, city="220100"), One(5, city="220100"), One(7, city="220100"))
    played = play(came, [seat(8001, city="220100"), seat(9001)], staged)
    assert who(played)[:2] == ["8001", "9001"]
    assert waits(played)[1] == 2


def test_losses_open_a_stage():
    staged = policy(Stage(Who.CITY), Stage(Who.PROVINCIAL, when=When(loss_rate=0.5)))
    lost = One(5, city="220100", patience=5)
    came = calls(One(0, city="220100"), lost, One(20, city="220100"))
    played = play(came, [seat(8001, city="220100"), seat(9001)], staged)
    assert played.outcome.tolist() == [ANSWERED, ABANDONED, ANSWERED]
    assert who(played) == ["8001", None, "9001"]


def test_special_groups_have_a_head_start():
    helped = replace(ANYBODY, head_start_s={"elderly": 60.0})
    came = calls(One(0), One(10), One(30, special="elderly"), One(40))
    assert waits(play(came, seats(1), helped)) == [0, 190, 70, 260]
    assert waits(play(came, seats(1), ANYBODY)) == [0, 90, 170, 260]


def test_a_speaker_of_the_language_is_waited_for_so_long():
    both = [seat(8001), seat(8002, languages=frozenset({"zh-CN", "ko-KR"}))]
    patient = policy(Stage(Who.PROVINCIAL), language_s=30)
    came = calls(One(0), One(1, talk=20), One(50, language="ko-KR"), One(52, language="ko-KR"))
    played = play(came, both, patient)
    assert who(played) == ["8001", "8002", "8002", "8001"]
    assert waits(played)[3] == 48


def test_the_lawyer_who_knows_the_caller_is_asked_first():
    sticky = policy(Stage(Who.PROVINCIAL), sticky_days=30, sticky_s=20)
    came = calls(One(0, talk=10, caller=7), One(50, talk=10), One(100, caller=7))
    assert who(play(came, seats(2), sticky)) == ["8001", "8002", "8001"]
    again = calls(One(0, talk=10, caller=7), One(50, talk=10, caller=8), One(100, caller=8))
    assert who(play(again, seats(2), sticky)) == ["8001", "8002", "8002"]
    assert who(play(again, seats(2), ANYBODY)) == ["8001", "8002", "8001"]


def test_shifts_begin_and_end_and_a_talk_is_finished():
    early = Shift(8 * 60, 9 * 60, weekdays=frozenset({0}))
    at_eight = 8 * 3600.0
    came = calls(One(at_eight - 50), One(at_eight + 3550), One(at_eight + 3560, patience=1000))
    played = play(came, [seat(8001, shifts=(early,))], ANYBODY)
    assert played.outcome.tolist() == [ANSWERED, ANSWERED, ABANDONED]
    assert waits(played) == [50, 0, 1000]
    assert played.worked[0].duty_s == 3650
    assert played.worked[0].occupancy == pytest.approx(200 / 3650)


def test_nobody_is_left_unseen_when_no_seat_will_ever_take_him():
    played = play(calls(One(0), One(5, group="family")), seats(1), ANYBODY)
    assert played.outcome.tolist() == [ANSWERED, Outcome.LEFT_OVER]


def test_a_wished_callback_keeps_the_place_and_is_no_loss():
    at_nine = 9 * 3600.0
    came = calls(
        One(at_nine), One(at_nine + 1, callback=60, talk=50), One(at_nine + 2), habits=HABITS
    )
    played = play(came, seats(1), ANYBODY)
    assert played.outcome.tolist() == [ANSWERED, Outcome.CALLBACK, ANSWERED]
    back = played.callbacks
    assert (back.promised, back.reached, back.lost) == (1, 1, 0)
    assert back.waits_s.tolist() == [pytest.approx(99)]
    assert waits(played) == [0, 60, 148]


@pytest.mark.parametrize("first", list(First))
def test_a_caller_who_is_not_reached_is_tried_as_often_as_the_policy_says(first):
    tries = replace(ANYBODY, callback=CallbackPolicy(first=first, tries=2, every_s=300, ring_s=30))
    at_nine = 9 * 3600.0
    came = calls(
        One(at_nine),
        One(at_nine + 1, callback=60),
        habits=replace(HABITS, reached=0.0),
    )
    played = play(came, seats(1), tries)
    assert (played.callbacks.promised, played.callbacks.reached, played.callbacks.lost) == (1, 0, 1)
    assert played.worked[0].ring_s == 60
    assert played.worked[0].answered == 1


def test_nobody_is_called_back_at_night():
    late = replace(ANYBODY, callback=CallbackPolicy(begin=time(8), end=time(21)))
    at = 20 * 3600 + 59 * 60.0
    played = play(calls(One(at), One(at + 1, callback=30), habits=HABITS), seats(1), late)
    assert played.callbacks.waits_s.tolist() == [pytest.approx(11 * 3600 + 60 - 1)]


def test_overflow_goes_to_the_line_outside_the_message_or_a_callback():
    came = calls(One(0), One(1, patience=500), habits=HABITS)
    for who_else, outcome in (
        (Who.LINE, Outcome.LINE),
        (Who.MESSAGE, Outcome.MESSAGE),
        (Who.CALLBACK, Outcome.CALLBACK),
    ):
        line = "night" if who_else is Who.LINE else None
        staged = policy(Stage(Who.PROVINCIAL), Stage(who_else, after_s=40, line=line))
        played = play(came, seats(1), staged)
        assert played.outcome.tolist() == [ANSWERED, outcome]
        assert waits(played) == [0, 40]


def test_a_line_outside_that_does_not_answer_costs_nobody_the_place():
    staged = policy(Stage(Who.PROVINCIAL), Stage(Who.LINE, after_s=40, line="night"))
    silent = replace(HABITS, line_answers=0.0)
    played = play(calls(One(0), One(1), habits=silent), seats(1), staged)
    assert waits(played) == [0, 99]


def test_a_line_outside_is_rung_once_whatever_seats_do_meanwhile(monkeypatch):
    rung: list[Caller] = []
    monkeypatch.setattr(Dice, "line_answers", lambda _, caller: rung.append(caller))
    staged = policy(Stage(Who.PROVINCIAL), Stage(Who.LINE, after_s=40, line="night"))
    silent = replace(HABITS, line_answers=0.0, ring_limit_s=15, no_answer=0.0)
    came = calls(One(0), One(1, ring=np.inf), habits=silent)
    played = play(came, [seat(8001), seat(8002, skills=frozenset({"family"}))], staged)
    # rung for at 41; 8001 is free at 100 and does not answer; nobody else knows labour law
    assert len(rung) == 1
    assert played.outcome.tolist() == [ANSWERED, Outcome.LEFT_OVER]


def test_progress_is_told_up_to_the_last_call():
    heard: list[int] = []
    play(calls(One(0), One(10)), seats(1), ANYBODY, on_progress=heard.append)
    assert heard[-1] == 2
