"""Erlang's formulas: seats that all can do the same, calls at random, talks of exponential length.

C: nobody gives up (Erlang 1917). A: patience is exponential too (Palm 1946, M/M/n+M). They are the
yardstick of the simulation, and the quick answer to "how many seats".
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_NEGLIGIBLE = 1e-18  # of the likeliest state: less than a float adds


@dataclass(frozen=True, slots=True)
class Steady:
    """What a line settles down to; seconds, shares of all calls.

    `waiting`: who finds no seat free. `mean_wait_s`: of every caller, answered or not.
    `abandoned`: who gives up. `occupancy`: of a seat. `queue`: callers in line on the average.
    """

    waiting: float
    mean_wait_s: float
    abandoned: float
    occupancy: float
    queue: float


class Unstable(ValueError):
    """More work comes than the seats can do, and nobody gives up: the line grows for ever."""


def erlang_b(seats: int, load: float) -> float:
    """Share of calls that find every one of `seats` (>= 0) taken and go away; `load` in Erlang."""
    if seats < 0 or load <= 0:
        raise ValueError("needs no fewer than 0 seats and a load above 0")
    blocked = 1.0
    for n in range(1, seats + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(seats: int, per_s: float, talk_s: float) -> Steady:
    """`per_s` calls a second of `talk_s` seconds each at `seats`; raises Unstable."""
    load = per_s * talk_s
    occupancy = load / seats
    if occupancy >= 1:
        raise Unstable(f"{load:g} Erlang are too much for {seats} seats")
    blocked = erlang_b(seats, load)
    waiting = blocked / (1 - occupancy * (1 - blocked))
    mean = waiting * talk_s / (seats - load)
    return Steady(waiting, mean, 0.0, occupancy, per_s * mean)


def answered_within(seats: int, per_s: float, talk_s: float, within_s: float) -> float:
    """Share of calls answered within so many seconds when nobody gives up; raises Unstable."""
    waiting = erlang_c(seats, per_s, talk_s).waiting
    return 1 - waiting * math.exp(-(seats - per_s * talk_s) * within_s / talk_s)


def erlang_a(seats: int, per_s: float, talk_s: float, patience_s: float) -> Steady:
    """As `erlang_c`, but a caller waits no longer than an exponential time of mean `patience_s`."""
    if seats < 1 or per_s <= 0 or talk_s <= 0 or patience_s <= 0:
        raise ValueError("needs a seat, and rates and times above 0")
    # weights of the states (callers in the system) up to `seats`, the last one being 1
    weight, below = 1.0, 0.0
    load = per_s * talk_s
    for n in range(seats, 0, -1):
        weight *= n / load
        below += weight
        if weight < _NEGLIGIBLE * below:
            break
    weight, from_full, queue = 1.0, 1.0, 0.0
    waiting = 0
    while weight > _NEGLIGIBLE * from_full or per_s > seats / talk_s + waiting / patience_s:
        waiting += 1
        weight *= per_s / (seats / talk_s + waiting / patience_s)
        from_full += weight
        queue += waiting * weight
    total = below + from_full
    queue /= total
    abandoned = queue / patience_s / per_s
    return Steady(
        waiting=from_full / total,
        mean_wait_s=queue / per_s,
        abandoned=abandoned,
        occupancy=load * (1 - abandoned) / seats,
        queue=queue,
    )


def seats_needed(per_s: float, talk_s: float, within_s: float, share: float) -> int:
    """The fewest seats that answer `share` (0..1) of the calls within `within_s`, by Erlang C."""
    if not 0 < share < 1:
        raise ValueError("a share is between 0 and 1")
    seats = int(per_s * talk_s) + 1
    while answered_within(seats, per_s, talk_s, within_s) < share:
        seats += 1
    return seats
