"""What came of a simulation, as JSON has it: every rate, wait, load and how even they were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from seats.simulation.calls import Calls
from seats.simulation.desk import Worked
from seats.simulation.figures import (
    TARGET,
    Figures,
    by_city,
    by_group,
    by_hour,
    estimate,
    fairness,
    figures,
    per_call,
)
from seats.simulation.played import Played

_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Run:
    """One policy and roster, by the name that people are told, played."""

    name: str
    played: Played


def told(run: Run) -> dict[str, Any]:
    """One run: total, groups, cities, hours, seats, fairness, callbacks."""
    played = run.played
    back = played.callbacks
    mean_s = float(back.waits_s.mean()) if len(back.waits_s) else None
    return {
        "policy": run.name,
        "total": {**_row(figures(played)), "sure_95": _sure(played)},
        "groups": [{"group": name, **_row(each)} for name, each in by_group(played).items()],
        "cities": [{"city": name, **_row(each)} for name, each in by_city(played).items()],
        "hours": [{"hour": hour, **_row(each)} for hour, each in by_hour(played).items()],
        "seats": [_seat(seat) for seat in played.worked],
        "fairness": _rounded(asdict(fairness(played))),
        "callbacks": _rounded(
            {
                "promised": back.promised,
                "reached": back.reached,
                "lost": back.lost,
                "wait_mean": mean_s,
            }
        ),
    }


def told_calls(calls: Calls) -> dict[str, Any]:
    """What was played, and by which habits."""
    habits = calls.habits
    return {
        "calls": len(calls),
        "from": calls.asked.start.date().isoformat(),
        "target": TARGET,
        "habits": {
            "talk": {group or "all": str(spread) for group, spread in habits.talk.items()},
            "patience": str(habits.patience),
            "ring": str(habits.ring),
            "ring_limit_s": habits.ring_limit_s,
            "no_answer": round(habits.no_answer, _DIGITS),
            "away_s": habits.away_s,
            "wrap_up": str(habits.wrap_up),
            "callback": round(habits.callback, _DIGITS),
            "callback_after_s": habits.callback_after_s,
            "reached": habits.reached,
            "line_answers": habits.line_answers,
        },
    }


def difference(first: Played, second: Played) -> dict[str, Any]:
    """Second less first, on the same calls, with the 95 % interval of what differs.

    What both met alike cancels out call by call, so that far fewer calls tell them apart.
    """
    found: dict[str, Any] = {}
    before = per_call(first)
    for name, column in per_call(second).items():
        pairs = estimate(column - before[name])
        if pairs is not None:
            low, high = pairs.value - pairs.sure_95, pairs.value + pairs.sure_95
            found[name] = _rounded({"value": pairs.value, "low": low, "high": high})
    return found


def _sure(played: Played) -> dict[str, Any]:
    """Half the width of each 95 % interval."""
    found = {name: estimate(column) for name, column in per_call(played).items()}
    return _rounded({name: each.sure_95 for name, each in found.items() if each})


def _row(found: Figures) -> dict[str, Any]:
    return {**_rounded(asdict(found)), "met": found.met}


def _seat(worked: Worked) -> dict[str, Any]:
    return _rounded(
        {
            "seat": worked.seat.number,
            "name": worked.seat.name,
            "city": worked.seat.city,
            "level": str(worked.seat.level),
            "answered": worked.answered,
            "offered": worked.offered,
            "missed": worked.missed,
            "duty_s": worked.duty_s,
            "talk_s": worked.talk_s,
            "busy_s": worked.busy_s,
            "occupancy": worked.occupancy,
        }
    )


def _rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: round(value, _DIGITS) if isinstance(value, float) else value
        for name, value in values.items()
    }
