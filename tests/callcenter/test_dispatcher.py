"""Callers and seats brought together, on a board in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from callcenter.dispatcher import OWED
from seats.routing import Waiting
from seats.seat import Change, SeatState
from tests.callcenter.dispatcher_at_work import NINE, Desk, at_work


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with at_work() as desk:
        yield desk


async def test_whom_the_law_has_served_first_is_but_not_before_who_waited_much_longer(
    desk: Desk,
) -> None:
    desk.join("long", after_s=-301)
    desk.join("short", after_s=-299)
    desk.join("special", special=("elderly",))
    order = []
    for _ in range(3):
        desk.ready("8901")
        ((call_id, seat),) = await desk.settle()
        order.append(call_id)
        desk.dispatcher.leave(call_id)
        desk.dispatcher.change_seat(seat, Change.RELEASED, call_id=call_id)
    assert order == ["long", "special", "short"]


async def test_a_caller_gets_the_seat_of_his_city_first(desk: Desk) -> None:
    desk.ready("8901")
    desk.ready("8001")
    desk.join("a")
    desk.join("b", after_s=1)
    assert await desk.settle() == [("a", "8001"), ("b", "8901")]
    assert desk.dispatcher.line == {}
    assert desk.state("8001") is SeatState.RESERVED


async def test_a_seat_that_becomes_ready_is_offered_to_who_waits_longest(desk: Desk) -> None:
    desk.join("late", after_s=5)
    desk.join("early")
    assert await desk.settle() == []
    desk.ready("8901")
    assert await desk.settle() == [("early", "8901")]
    assert desk.dispatcher.ahead("late") == 0


async def test_who_came_back_from_a_seat_goes_first_and_not_to_that_seat(desk: Desk) -> None:
    desk.join("early")
    desk.join("back", after_s=5, at_head=True, tried=frozenset({"8001"}))
    assert desk.dispatcher.ahead("early") == 1
    desk.ready("8001")
    assert await desk.settle() == [("early", "8001")]
    desk.ready("8901")
    assert await desk.settle() == [("back", "8901")]


async def test_a_caller_who_left_is_not_offered(desk: Desk) -> None:
    desk.join("a")
    desk.dispatcher.leave("a")
    desk.ready("8001")
    assert await desk.settle() == []
    assert desk.state("8001") is SeatState.READY


async def test_a_reservation_nobody_carries_out_ends_with_its_lease(desk: Desk) -> None:
    desk.ready("8001")
    desk.join("a")
    await desk.settle()
    desk.now += timedelta(seconds=26)
    desk.dispatcher.sweep()
    assert desk.state("8001") is SeatState.READY
    assert desk.dispatcher.expired_leases == 1


async def test_wrap_up_ends_by_itself(desk: Desk) -> None:
    desk.ready("8001")
    desk.join("a")
    await desk.settle()
    for change in (Change.RANG, Change.ANSWERED, Change.RELEASED):
        assert desk.dispatcher.change_seat("8001", change, call_id="a")
    assert desk.state("8001") is SeatState.WRAP_UP
    desk.now += timedelta(seconds=11)
    desk.dispatcher.sweep()
    assert desk.state("8001") is SeatState.READY


async def test_a_late_word_of_another_call_moves_no_seat(desk: Desk) -> None:
    desk.ready("8001")
    desk.join("a")
    await desk.settle()
    assert not desk.dispatcher.change_seat("8001", Change.RELEASED, call_id="other")
    assert desk.dispatcher.refused_moves == 1
    assert desk.state("8001") is SeatState.RESERVED
    assert not desk.dispatcher.change_seat("9999", Change.READY)


async def test_callers_of_other_controllers_stand_in_line_and_are_left_to_them(
    desk: Desk,
) -> None:
    theirs = Waiting("theirs", "labour", "220100", "zh-CN", NINE - timedelta(seconds=9))
    desk.dispatcher.other("theirs", theirs)
    desk.join("ours")
    assert (desk.dispatcher.ahead("ours"), desk.dispatcher.waiting) == (1, 2)
    desk.ready("8001")
    assert await desk.settle() == []
    # nothing is heard of the other controller: the pair is made anew, and left to it again
    desk.now += OWED
    desk.dispatcher.sweep()
    assert await desk.settle() == []
    # he has hung up, and his controller never reserved the seat
    desk.dispatcher.other("theirs", None)
    assert await desk.settle() == [("ours", "8001")]


async def test_a_seat_moved_by_another_run_is_matched_at_once(desk: Desk) -> None:
    desk.join("a")
    known = desk.dispatcher.statuses["8001"]
    moved = replace(known, state=SeatState.READY, is_registered=True, version=known.version + 1)
    desk.board.save_seat(moved)
    desk.board.on_seat(moved)
    assert await desk.settle() == [("a", "8001")]


async def test_nobody_is_lost_when_a_reservation_breaks_or_is_refused(desk: Desk) -> None:
    reserve, answers = desk.board.reserve, [RuntimeError("broken"), False]

    async def breaking(*asked: Any) -> bool:
        if not answers:
            return await reserve(*asked)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    desk.board.reserve = breaking  # type: ignore[method-assign]
    desk.ready("8001")
    desk.ready("8901")
    desk.join("a")
    desk.join("b", after_s=1)
    assert await desk.settle() == []
    desk.dispatcher.sweep()
    assert sorted(await desk.settle()) == [("a", "8001"), ("b", "8901")]
    assert answers == []


async def test_who_leaves_while_a_seat_is_reserved_gives_it_to_the_next(desk: Desk) -> None:
    reserve = desk.board.reserve

    async def leaving(*asked: Any) -> bool:
        assert desk.dispatcher.ahead("a") == 0
        granted = await reserve(*asked)
        desk.board.reserve = reserve  # type: ignore[method-assign]
        desk.dispatcher.leave("a")
        return granted

    desk.board.reserve = leaving  # type: ignore[method-assign]
    desk.join("a")
    desk.join("b", after_s=1)
    desk.ready("8001")
    assert await desk.settle() == [("b", "8001")]


async def test_a_seat_picked_up_unheard_keeps_its_call_and_others_end_with_their_lease(
    desk: Desk,
) -> None:
    """Nobody sees Asterisk: when a phone has rung its time, the call's own line is asked."""
    asked: list[tuple[str, str]] = []

    def was_picked_up(call_id: str, seat: str) -> bool:
        asked.append((call_id, seat))
        return seat == "8001" and desk.dispatcher.change_seat(
            seat, Change.ANSWERED, call_id=call_id
        )

    desk.dispatcher.was_picked_up = was_picked_up
    desk.ready("8001")
    desk.ready("8901")
    desk.join("a")
    desk.join("b", after_s=1)
    await desk.settle()
    desk.now += timedelta(seconds=21)
    desk.dispatcher.sweep()
    assert asked == []
    desk.now += timedelta(seconds=2)
    desk.dispatcher.sweep()
    assert sorted(asked) == [("a", "8001"), ("b", "8901")]
    desk.now += timedelta(seconds=3)
    desk.dispatcher.sweep()
    assert desk.state("8001") is SeatState.TALKING
    assert desk.state("8901") is SeatState.READY


async def test_without_redis_the_other_nodes_seats_are_left_to_their_own_controller(
    desk: Desk,
) -> None:
    desk.dispatcher.change_seat("8001", Change.REGISTERED, node="b")
    desk.dispatcher.change_seat("8001", Change.READY)
    desk.dispatcher.out_of_reach = lambda status: status.node == "b"
    desk.dispatcher.sweep()
    desk.join("a")
    assert await desk.settle() == []
    desk.dispatcher.out_of_reach = lambda status: False
    desk.dispatcher.sweep()
    assert await desk.settle() == [("a", "8001")]
