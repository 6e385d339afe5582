"""Callbacks: the place is kept, whoever is rung first, and nobody is rung who need not be."""

from __future__ import annotations

import asyncio
from datetime import time, timedelta

import pytest

from callcenter.asterisk import heard
from callcenter.asterisk.ami import AmiDown, AmiRefused
from callcenter.call import Stage
from callcenter.call.callback import State
from seats.policy import CallbackPolicy, First
from seats.seat import SeatState
from tests.callcenter import virtual_time
from tests.callcenter.callback_scene import BUSY, CALL, REFUSED, Scene, play


def test_the_caller_is_rung_when_a_seat_is_free_and_talks_with_it() -> None:
    async def story(scene: Scene) -> None:
        asked_at = await scene.wish()
        assert scene.out.rung == [] and scene.only.asked_at == asked_at
        scene.ready()
        await scene.until(lambda: scene.out.rung)
        ((whom, try_id),) = scene.out.rung
        assert (whom, try_id, scene.state()) == ("caller", f"cb-1-{CALL}", SeatState.RESERVED)
        await asyncio.sleep(28)  # longer than a seat's own lease
        assert scene.state() is SeatState.RESERVED
        line = scene.line(try_id)
        await scene.until(lambda: scene.stage(try_id) is Stage.TALKING)
        call = scene.house.sessions[try_id].call
        assert (call.callback_of, call.asked_at, call.seat) == (CALL, asked_at, "8901")
        assert list(scene.callbacks) == []
        await scene.until(lambda: scene.stage(try_id) is Stage.SURVEY)
        line.press("1")
        assert scene.told[-1].state is State.REACHED

    play(story)


def test_the_seat_is_rung_first_if_the_policy_says_so() -> None:
    async def story(scene: Scene) -> None:
        await scene.wish()
        scene.ready()
        await scene.until(lambda: scene.out.rung)
        try_id = f"cb-1-{CALL}"
        line = scene.line(try_id)
        await scene.until(lambda: ("dial", try_id) in scene.out.rung)
        assert scene.out.rung[0] == ("seat", try_id)
        scene.house.news.hear(heard.LinePickedUp(try_id, virtual_time.now()))
        assert scene.told[-1].state is State.REACHED
        await scene.until(lambda: scene.stage(try_id) is Stage.SURVEY)
        line.hang_up()
        await scene.until(lambda: not scene.house.sessions)

    play(story, CallbackPolicy(first=First.SEAT))


def test_three_times_not_reached_is_given_up_and_frees_the_seat_each_time() -> None:
    async def story(scene: Scene) -> None:
        await scene.wish()
        scene.ready()
        for number in (1, 2, 3):
            try_id = f"cb-{number}-{CALL}"
            await scene.until(lambda t=try_id: ("caller", t) in scene.out.rung, 400)  # type: ignore[misc]
            begun = virtual_time.now()
            await asyncio.sleep(3)
            scene.gone(try_id, BUSY)
            assert scene.state() is SeatState.READY
            if number < 3:
                assert scene.only.next_at == virtual_time.now() + timedelta(seconds=300)
                assert virtual_time.now() - begun < timedelta(seconds=4)
        assert list(scene.callbacks) == []
        last = scene.told[-1]
        assert last.state is State.GIVEN_UP and len(last.tries) == 3
        await asyncio.sleep(1000)
        assert len(scene.out.rung) == 3

    play(story)


def test_a_try_of_which_nothing_is_heard_ends_by_itself() -> None:
    async def story(scene: Scene) -> None:
        await scene.wish()
        scene.ready()
        await scene.until(lambda: scene.out.rung)
        await scene.until(lambda: scene.only.state is State.WAITING)
        assert scene.only.tries[0].outcome == "failed" and scene.state() is SeatState.READY

    play(story)


@pytest.mark.parametrize("fault", [AmiDown("away"), AmiRefused("Originate", REFUSED)])
def test_an_asterisk_that_cannot_ring_keeps_the_place(fault: Exception) -> None:
    async def story(scene: Scene) -> None:
        asked_at = await scene.wish()
        scene.out.fault = fault
        scene.ready()
        await scene.until(lambda: scene.out.rung)
        await asyncio.sleep(0.1)
        assert scene.state() is SeatState.READY and scene.only.asked_at == asked_at
        # refused, the try has taken place; away, it has not
        assert len(scene.only.tries) == (0 if isinstance(fault, AmiDown) else 1)
        scene.out.fault = None
        await scene.until(lambda: len(scene.out.rung) > 1, 400)

    play(story)


def test_the_order_of_the_line_is_that_of_asking() -> None:
    async def story(scene: Scene) -> None:
        await scene.wish()
        later = scene.line("c-2.1", "04315550124")
        await asyncio.sleep(1)
        later.press("2")
        await scene.until(lambda: scene.stage("c-2.1") is Stage.QUEUE)
        assert scene.dispatcher.ahead("c-2.1") == 1
        scene.ready()
        await scene.until(lambda: scene.out.rung)
        assert scene.stage("c-2.1") is Stage.QUEUE
        scene.gone(f"cb-1-{CALL}")  # not there: the seat takes the next
        await scene.until(lambda: scene.stage("c-2.1") is Stage.TALKING)

    play(story)


def test_nobody_is_rung_when_the_evening_has_come() -> None:
    async def story(scene: Scene) -> None:
        await scene.wish()
        assert len(scene.dispatcher.line) == 1
        await asyncio.sleep(4 * 60)
        assert scene.dispatcher.line == {}
        scene.ready()
        await asyncio.sleep(600)
        assert scene.out.rung == [] and scene.only.state is State.WAITING

    play(story, CallbackPolicy(end=time(9, 5)))


def test_who_asked_at_night_is_rung_when_the_day_begins() -> None:
    async def story(scene: Scene) -> None:
        asked_at = await scene.wish()
        scene.ready()
        await scene.until(lambda: scene.out.rung, 3600)
        local = virtual_time.now() + timedelta(hours=8)
        assert local.time().replace(second=0, microsecond=0) == time(9, 30)
        assert scene.only.asked_at == asked_at

    play(story, CallbackPolicy(begin=time(9, 30)))


def test_who_calls_again_and_is_served_is_not_rung_any_more() -> None:
    async def story(scene: Scene) -> None:
        await scene.wish()
        again = scene.line("c-2.1")
        await asyncio.sleep(1)
        again.press("1")  # of another matter, which no seat takes: he is behind himself
        await scene.until(lambda: scene.stage("c-2.1") is Stage.QUEUE)
        scene.dispatcher.leave(scene.only.line_id)
        scene.ready()
        await scene.until(lambda: scene.stage("c-2.1") is Stage.TALKING)
        again.hang_up()
        scene.gone("c-2.1")
        await scene.until(lambda: not scene.house.sessions)
        assert scene.told[-1].state is State.SERVED and list(scene.callbacks) == []

    play(story)


def test_one_number_has_one_place() -> None:
    async def story(scene: Scene) -> None:
        asked_at = await scene.wish()
        await scene.wish("c-2.1")
        assert scene.only.asked_at == asked_at

    play(story)


def test_without_a_trunk_that_leads_out_people_work_through_the_requests() -> None:
    async def story(scene: Scene) -> None:
        scene.rules.way_out = None
        await scene.wish()
        assert list(scene.callbacks) == [] and scene.told == []

    play(story)


def test_what_is_over_is_kept_until_its_facts_are_written() -> None:
    async def story(scene: Scene) -> None:
        await scene.wish()
        scene.ready()
        for number in (1, 2, 3):
            await scene.until(lambda n=number: len(scene.out.rung) == n, 400)  # type: ignore[misc]
            scene.gone(f"cb-{number}-{CALL}")
        scene = await scene.again()
        (over,) = scene.told
        assert over.state is State.GIVEN_UP
        scene.callbacks.told(over)
        assert await scene.board.load_calls() == {}

    play(story)


def test_a_seat_that_does_not_pick_up_is_followed_by_another_without_ringing_the_caller() -> None:
    async def story(scene: Scene) -> None:
        await scene.wish()
        scene.ready("8901")
        await scene.until(lambda: scene.out.rung)
        line = scene.line(f"cb-1-{CALL}")
        line.dial_status = "NOANSWER"
        await scene.until(lambda: not line.is_up)
        assert scene.state() is SeatState.NOT_READY
        assert ("dial", f"cb-1-{CALL}") not in scene.out.rung
        scene.ready("8902")
        await scene.until(lambda: ("seat", f"cb-2-{CALL}") in scene.out.rung)
        assert scene.only.tries[0].seat == "8902"

    play(story, CallbackPolicy(first=First.SEAT))
