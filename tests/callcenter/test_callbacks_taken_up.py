"""Callbacks whose controller dies, or whose seat is lost: nobody is forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from callcenter.call import Stage
from callcenter.call.callback import State, callback_of, node_of
from seats.seat import Change, SeatState
from tests.callcenter.callback_scene import CALL, Scene, play


def test_the_place_outlives_the_controller() -> None:
    async def story(scene: Scene) -> None:
        asked_at = await scene.wish()
        scene = await scene.again()
        assert scene.only.asked_at == asked_at
        scene.ready()
        await scene.until(lambda: scene.out.rung)
        line = scene.line(scene.out.rung[0][1])
        await scene.until(lambda: scene.stage(f"cb-1-{CALL}") is Stage.TALKING)
        line.hang_up()

    play(story)


def test_a_controller_that_dies_while_the_caller_is_rung_loses_nobody() -> None:
    async def story(scene: Scene) -> None:
        asked_at = await scene.wish()
        scene.ready()
        await scene.until(lambda: scene.out.rung)
        scene = await scene.again()
        assert scene.only.state is State.CALLING
        line = scene.line(f"cb-1-{CALL}")  # he picked up while nobody was there, and is still
        await scene.until(lambda: scene.stage(f"cb-1-{CALL}") is Stage.TALKING)
        assert scene.house.sessions[f"cb-1-{CALL}"].call.asked_at == asked_at
        line.hang_up()

    play(story)


def test_what_rang_in_vain_while_nobody_looked_is_rung_again() -> None:
    async def story(scene: Scene) -> None:
        await scene.wish()
        scene.ready()
        await scene.until(lambda: scene.out.rung)
        scene = await scene.again()
        await asyncio.sleep(6)
        assert f"cb-1-{CALL}" in scene.house.known_calls()
        scene.house.news.channel_gone(f"cb-1-{CALL}", at=None, reconciled=True)
        assert scene.only.state is State.WAITING
        await scene.until(lambda: scene.out.rung == [("caller", f"cb-2-{CALL}")], 400)

    play(story)


def test_a_call_back_that_another_node_makes_says_so_in_its_name() -> None:
    """So that its channel and its recording are sought where they are."""

    async def story(scene: Scene) -> None:
        asked_at = await scene.wish()
        scene = await scene.again(node="d")
        scene.ready()
        await scene.until(lambda: scene.out.rung)
        ((_, call_id),) = scene.out.rung
        assert (node_of(call_id), callback_of(call_id)) == ("d", f"wish-{CALL}")
        line = scene.line(call_id)
        await scene.until(lambda: scene.stage(call_id) is Stage.TALKING)
        assert scene.house.sessions[call_id].call.asked_at == asked_at
        line.hang_up()

    play(story)


def test_a_try_that_comes_to_another_controller_is_claimed_by_it() -> None:
    async def story(scene: Scene) -> None:
        asked_at = await scene.wish()
        scene.ready()
        await scene.until(lambda: scene.out.rung)
        await scene.die()
        other = await Scene(scene.policy, scene.board).start(takes_up=False)
        line = other.line(f"cb-1-{CALL}")
        await other.until(lambda: other.stage(f"cb-1-{CALL}") is Stage.TALKING)
        call = other.house.sessions[f"cb-1-{CALL}"].call
        assert (call.callback_of, call.asked_at) == (CALL, asked_at)
        assert other.told[-1].state is State.REACHED
        line.hang_up()

    play(story)


def test_a_caller_whose_place_another_controller_has_is_not_rung_here() -> None:
    async def story(scene: Scene) -> None:
        await scene.wish()
        scene.house.claims.lose(f"wish-{CALL}")
        scene.ready()
        await asyncio.sleep(30)
        assert scene.out.rung == [] and scene.state() is SeatState.READY

    play(story)


def test_a_seat_lost_while_the_caller_is_rung_costs_him_nothing() -> None:
    async def story(scene: Scene) -> None:
        asked_at = await scene.wish()
        scene.ready()
        await scene.until(lambda: scene.out.rung)
        try_id = f"cb-1-{CALL}"
        scene.dispatcher.change_seat("8901", Change.UNREACHABLE, call_id=try_id)
        line = scene.line(try_id)
        await scene.until(lambda: scene.stage(try_id) is Stage.QUEUE)
        await scene.until(lambda: try_id in scene.dispatcher.line)
        waiting = scene.dispatcher.line[try_id]
        assert (waiting.at_head, waiting.asked_at) == (True, asked_at)
        scene.ready("8902")
        await scene.until(lambda: scene.stage(try_id) is Stage.TALKING)
        line.hang_up()

    play(story)


def restored(scene: Scene, saved: Mapping[str, bytes]) -> dict[str, bytes]:
    return scene.callbacks.restore(saved)


def test_what_cannot_be_read_is_said_and_passed_over() -> None:
    async def story(scene: Scene) -> None:
        assert restored(scene, {"wish-x": b"{", "c-9.9": b"{}"}) == {"c-9.9": b"{}"}
        assert list(scene.callbacks) == []

    play(story)
