"""What the line has just lived through."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from seats.recent import Recent

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_nothing_is_known_of_a_group_that_nobody_called() -> None:
    recent = Recent()
    assert recent.expected_wait_s("labour", 0, NOON) is None
    assert recent.loss_rate("labour", NOON) == 0.0


def test_four_answers_tell_nothing_and_five_do() -> None:
    recent = Recent()
    for n in range(1, 5):
        recent.answered("labour", 600, after(n * 60))
    assert recent.expected_wait_s("labour", 0, after(300)) is None
    recent.answered("labour", 600, after(300))
    # nobody knows how long the first of them was first in line: not longer than he waited
    assert recent.expected_wait_s("labour", 0, after(300)) == (600 + 4 * 60) / 5


def test_the_wait_grows_with_those_ahead() -> None:
    recent = Recent()
    for n in range(10):
        recent.answered("labour", 90, after(n * 90))
    now = after(10 * 90)
    assert [recent.expected_wait_s("labour", n, now) for n in (0, 1, 4)] == [90, 180, 450]


def test_who_found_a_seat_free_tells_nothing_of_the_line() -> None:
    recent = Recent()
    for n in range(20):
        recent.answered("labour", 6, after(n * 20))
    assert recent.expected_wait_s("labour", 0, after(400)) is None


def test_a_pause_in_which_nobody_waited_is_no_wait() -> None:
    recent = Recent()
    for n in range(5):
        recent.answered("labour", 30, after(n * 300))
    assert recent.expected_wait_s("labour", 0, after(1200)) == 30


def test_answers_older_than_half_an_hour_are_forgotten() -> None:
    recent = Recent()
    for n in range(5):
        recent.answered("labour", 60, after(n * 60))
    assert recent.expected_wait_s("labour", 0, after(1799)) == 60
    assert recent.expected_wait_s("labour", 0, after(1800)) is None


def test_a_quarter_of_an_hour_counts_for_the_loss_rate() -> None:
    recent = Recent()
    recent.gave_up("labour", 40, NOON)
    recent.answered("labour", 3, after(10))
    recent.answered("labour", 3, after(20))
    recent.answered("labour", 3, after(30))
    assert recent.loss_rate("labour", after(30)) == 0.25
    assert recent.loss_rate("family", after(30)) == 0.0
    assert recent.loss_rate("labour", after(900)) == 0.0


def test_all_who_gave_up_are_a_loss_rate_of_one() -> None:
    recent = Recent()
    recent.gave_up("labour", 40, NOON)
    assert recent.loss_rate("labour", NOON) == 1.0


def test_a_busy_line_of_many_seats_is_foretold() -> None:
    """Seats that never rest take one of the line every 300/10 s: so long is a step."""
    chance = random.Random(12348)
    recent, clock = Recent(), 0.0
    for _ in range(2000):
        clock += chance.expovariate(10 / 300)
        recent.answered("labour", 25 * 30, after(clock))
    expected = recent.expected_wait_s("labour", 24, after(clock))
    assert expected is not None
    assert abs(expected - 25 * 30) < 0.4 * 25 * 30  # 60 answers in half an hour: 3 deviations
