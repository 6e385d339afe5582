"""The routing policy at work: stages, overflows, losses, shifts, the lawyer of last time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from seats.policy import GroupPolicy, Policy, Stage, When, Who
from seats.seat import Change
from seats.shift import Shift
from tests.callcenter.dispatcher_at_work import SEATS, Desk, at_work


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with at_work() as desk:
        yield desk


def staged(*stages: Stage, **rules: Any) -> Policy:
    return Policy(GroupPolicy(stages, **rules))


async def test_a_changed_policy_serves_those_who_wait(desk: Desk) -> None:
    desk.dispatcher.set_policy(staged(Stage(Who.CITY)))
    desk.ready("8901")
    desk.join("a")
    assert await desk.settle() == []
    desk.dispatcher.set_policy(staged(Stage(Who.CITY), Stage(Who.PROVINCIAL)))
    assert await desk.settle() == [("a", "8901")]


async def test_a_stage_opens_by_itself_in_time(desk: Desk) -> None:
    desk.dispatcher.set_policy(staged(Stage(Who.CITY), Stage(Who.PROVINCIAL, 60.05)))
    desk.ready("8901")
    desk.join("a")
    assert await desk.settle() == []
    desk.now += timedelta(seconds=0.05)  # nobody sweeps, nothing changes
    await asyncio.sleep(0.05)
    assert await desk.settle() == [("a", "8901")]


async def test_an_overflow_reaches_the_call_once_and_keeps_its_place(desk: Desk) -> None:
    desk.dispatcher.set_policy(staged(Stage(Who.CITY), Stage(Who.LINE, 30, line="oncall")))
    desk.join("a")
    assert await desk.settle() == [("a", "line:oncall")]
    desk.dispatcher.sweep()
    assert await desk.settle() == []
    desk.ready("8001")
    assert await desk.settle() == [("a", "8001")]


async def test_losses_of_the_last_quarter_open_a_stage(desk: Desk) -> None:
    lossy = When(loss_rate=0.5)
    desk.dispatcher.set_policy(staged(Stage(Who.CITY), Stage(Who.PROVINCIAL, when=lossy)))
    desk.ready("8001")
    desk.join("a")
    assert await desk.settle() == [("a", "8001")]
    assert desk.dispatcher.change_seat("8001", Change.ANSWERED, call_id="a")
    desk.ready("8901")
    desk.join("b")
    assert await desk.settle() == []
    desk.dispatcher.gave_up("labour", 30)
    desk.dispatcher.sweep()
    assert await desk.settle() == [("b", "8901")]


async def test_the_lawyer_of_last_time_is_waited_for(desk: Desk) -> None:
    desk.dispatcher.set_policy(staged(Stage(Who.CITY), sticky_days=30, sticky_s=120))
    assert desk.dispatcher.sticky_days == 30
    for number in ("8001", "8901"):
        desk.dispatcher.change_seat(number, Change.REGISTERED)
        desk.dispatcher.change_seat(number, Change.SEEN_TALKING, call_id=f"x{number}")
    desk.dispatcher.talked("a", "8901", desk.now - timedelta(days=29))
    desk.dispatcher.talked("b", "8901", desk.now - timedelta(days=31))
    desk.join("a")
    desk.join("b", after_s=1)
    desk.join("c", after_s=2)
    desk.dispatcher.talked("c", "8901", desk.now)  # it was asked before, the answer came late
    desk.dispatcher.change_seat("8001", Change.FORCED)
    desk.ready("8001")
    assert await desk.settle() == [("b", "8001")]
    desk.dispatcher.change_seat("8901", Change.FORCED)
    desk.ready("8901")
    assert await desk.settle() == [("a", "8901")]
    assert desk.dispatcher.line["c"].sticky == "8901"
    desk.dispatcher.forget("b")


async def test_a_seat_off_its_shift_gets_no_call(desk: Desk) -> None:
    at_nine = 9 * 60  # Shanghai; the desk's clock is at 9:01
    early = replace(SEATS[0], shifts=(Shift(0, at_nine, weekdays=frozenset(range(7))),))
    desk.dispatcher.set_roster((early, SEATS[1]))
    desk.ready("8001")
    desk.join("a")
    assert await desk.settle() == []
    assert desk.dispatcher.off_shift == {"8001"}
    desk.now += timedelta(hours=15)
    desk.dispatcher.sweep()
    assert await desk.settle() == [("a", "8001")]
