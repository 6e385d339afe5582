"""One simulation from what was asked for to what is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from callcenter.province import Province
from callcenter.simulating.past import Past, Period
from callcenter.simulating.plan import (
    BUILT_IN,
    Change,
    WrongUse,
    calls_of,
    kinds_of,
    made_up,
    policy_of,
    seats_of,
)
from callcenter.simulating.table_file import Rates
from callcenter.simulating.told import Run, difference, told, told_calls
from seats.policy import Policy
from seats.seat import Seat
from seats.simulation import jilin
from seats.simulation.calls import Calls, Habits
from seats.simulation.play import play

OWN: Final = "现行策略"
DEFAULT: Final = "内置策略"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is played. `past`: calls or rates that were read; None: the built-in year."""

    past: Past | Rates | None
    period: Period
    load: float
    seed: int
    change: Change
    runs: Sequence[tuple[str | None, str | None]]
    """Policy and seats of each run, as they were said."""


@dataclass(frozen=True, slots=True)
class Ready:
    """All that a simulation needs, read and checked."""

    calls: Calls
    runs: tuple[tuple[str, Policy, tuple[Seat, ...]], ...]


def get_ready(wanted: Wanted, province: Province, folder: Path) -> Ready:
    """Read policies and seats, draw the calls. Raises FileFaults, WrongUse, NothingAsked."""
    usual = jilin.roster() if wanted.past is None else province.seats
    runs = []
    for said, seats_said in wanted.runs:
        seats = seats_of(seats_said, usual)
        runs.append((_name(said), policy_of(said, province, folder, seats), seats))
    who, chance = np.random.default_rng(wanted.seed).spawn(2)
    if isinstance(wanted.past, Past):
        if wanted.load != 1:
            raise WrongUse("--load is for jilin and for tables of rates")
        asked, habits = wanted.past.asked(), wanted.past.habits(Habits())
    else:
        asked = made_up(wanted.past, wanted.period, province.calendar, wanted.load, who)
        habits = Habits()
    return Ready(calls_of(asked, wanted.change.of(habits), chance), tuple(runs))


def simulated(
    wanted: Wanted, ready: Ready, province: Province, on_progress: Callable[[int], None]
) -> tuple[dict[str, Any], list[Run]]:
    """Play every run; what is told of them, and the runs. `on_progress`: calls played in all."""
    kind_of = kinds_of(province.calendar)
    runs: list[Run] = []
    for name, policy, seats in ready.runs:
        before = len(runs) * len(ready.calls)
        played = play(
            ready.calls,
            seats,
            policy,
            kind_of=kind_of,
            on_progress=lambda done, before=before: on_progress(before + done),  # type: ignore[misc]
        )
        runs.append(Run(name, played))
    result = {
        "seed": wanted.seed,
        **told_calls(ready.calls),
        "runs": [told(run) for run in runs],
    }
    if len(runs) > 1:
        result["difference"] = difference(runs[0].played, runs[1].played)
    return result, runs


def _name(said: str | None) -> str:
    if said is None:
        return OWN
    return DEFAULT if said == BUILT_IN else Path(said).stem
