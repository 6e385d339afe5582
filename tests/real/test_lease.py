"""A controller that hangs with its connections open: the lease brings its calls to a person."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest

from callcenter.asterisk.lease import LEASE_S
from reports.facts import Conversation
from tests.real.house import House

FIRST, SECOND, GONE = "+864315550141", "+864315550142", "+864315550143"


@contextmanager
def hung(house: House) -> Iterator[None]:
    """The controller stands still, alive and deaf."""
    os.kill(house.controller_pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(house.controller_pid, signal.SIGCONT)


def seconds(earlier: datetime | None, later: datetime | None) -> float:
    assert earlier and later
    return (later - earlier).total_seconds()


def assert_served(call: Conversation, seat: str) -> None:
    assert [(a.seat, a.level, a.outcome) for a in call.attempts] == [
        (seat, "provincial", "answered")
    ]
    assert (call.end_stage, call.ended_by, call.talk_ended_by) == ("talking", "seat", "seat")
    assert (call.source, call.reconciled) == ("controller", True)
    assert (call.group, call.overflow) == ("labour", None)
    (stint,) = call.stints
    assert (stint.outcome, stint.left_at) == ("answered", call.answered_at)
    assert stint.asked_at == call.asked_at
    assert seconds(call.arrived_at, call.asked_at) < 15  # when he asked, not when the lease ended
    assert LEASE_S - 30 < seconds(call.asked_at, call.answered_at) < LEASE_S + 30
    assert call.recording and call.recording.talk_from_s and call.recording.talk_to_s


@pytest.mark.timeout(300)
def test_calls_of_a_hung_controller_reach_a_person_and_are_written_down(house: House) -> None:
    first = house.sipp.citizen(keys=((1.0, "2"),), caller=FIRST, longest_s=200)
    second = house.sipp.citizen(keys=((1.0, "2"),), caller=SECOND, longest_s=200)
    house.sipp.citizen(keys=((1.0, "2"),), caller=GONE, hangup_after_s=20)
    house.wait_for(lambda: house.live()["waiting"] == 3, what="three wait")
    with hung(house):
        began = time.time()
        house.seat("8901", talk_s=25)
        house.seat("8902", talk_s=3)
        house.node.wait_for(lambda: len(house.node.events("CONNECT")) == 2, LEASE_S + 40)
        assert time.time() - began < LEASE_S + 25
        house.node.wait_for(lambda: len(house.node.events("ENDED")) == 2, 30)
    # One talk goes on over the controller's return, one is over, one caller had hung up.
    house.wait_for(lambda: house.seat_state("8901") == "talking", what="8901 is seen talking")
    assert house.live()["waiting"] == 0
    first.wait(60)
    second.wait(60)
    calls = {call.caller: call for call in house.ended(3)}
    house.wait_for(
        lambda: all(call.answered_at for call in house.calls() if call.caller != GONE),
        what="the journal is taken in",
    )
    calls = {call.caller: call for call in house.calls()}
    talked = {calls[number].attempts[-1].seat: calls[number] for number in (FIRST, SECOND)}
    for seat in ("8901", "8902"):
        assert_served(talked[seat], seat)
    gone = calls[GONE]
    assert (gone.end_stage, gone.ended_by, gone.answered_at) == ("queue", "caller", None)
    assert 15 < seconds(gone.asked_at, gone.ended_at) < 30  # when he did, not when we saw it
    for seat in ("8901", "8902"):
        house.wait_for(lambda s=seat: house.seat_state(s) == "ready", what=f"{seat} is free")
    assert not house.live()["calls"]
    assert house.node.channels() == 0
    assert len(house.calls()) == 3

    house.sipp.citizen(keys=((1.0, "2"),), caller="+864315550144", hangup_after_s=8).wait(40)
    last = next(c for c in house.ended(4) if c.caller == "+864315550144")
    assert last.answered_at and not last.reconciled
