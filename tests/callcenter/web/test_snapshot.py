"""One look for all who look, and what counts as a change."""

import asyncio
import json
from dataclasses import replace

from callcenter.web.feed import Feed, Reach
from callcenter.web.live_models import DialIn
from callcenter.web.snapshot import FORGOTTEN_S, LOOK_S, TODAY_S, LiveState, changes
from callcenter.web.view import FiguresAway, Today
from tests.callcenter.web.fake_view import FakeView

BOARD = Reach(board=True)


class House:
    """A live state over a fake view, and its clock."""

    def __init__(self, view: FakeView) -> None:
        self.s = 100.0
        self.feed = Feed()
        self.state = LiveState(
            view=view,
            figures=view,
            feed=self.feed,
            dial=DialIn(number="12348", sip=""),
            demo=True,
            clock=lambda: self.s,
        )


async def test_one_look_serves_all_who_look(view: FakeView) -> None:
    house = House(view)
    await house.state.begin(BOARD)
    await house.state.begin(BOARD)
    before = view.asked_live
    for _ in range(10):
        house.state.look()
    assert view.asked_live == before
    house.s += LOOK_S
    house.state.look()
    house.state.look()
    assert view.asked_live == before + 1


async def test_passing_time_is_no_change(view: FakeView) -> None:
    house = House(view)
    first = await house.state.snapshot(BOARD)
    older = replace(
        view.snapshot,
        longest_wait_s=99.0,
        calls=tuple(replace(call, waited_s=call.waited_s + 9) for call in view.snapshot.calls),
    )
    view.snapshot = older
    second = await house.state.snapshot(BOARD)
    assert second.longest_wait_s != first.longest_wait_s
    assert changes(first, second) == []


async def test_begin_and_the_feed_leave_nothing_out_and_tell_nothing_twice(view: FakeView) -> None:
    house = House(view)
    await house.state.begin(BOARD)
    view.snapshot = replace(view.snapshot, calls=view.snapshot.calls[1:])
    answer, at = await house.state.begin(BOARD)
    assert len(answer.calls) == 8
    assert house.feed.since(at) == []
    view.snapshot = replace(view.snapshot, calls=view.snapshot.calls[1:])
    house.s += LOOK_S
    house.state.look()
    (entry,) = house.feed.since(at) or ()
    assert (entry.kind, entry.data) == ("calls", '{"changed":[],"gone":["demo-1"]}')


async def test_a_reach_that_nobody_looks_from_is_followed_no_more(view: FakeView) -> None:
    house = House(view)
    _, at = await house.state.begin(BOARD)
    assert house.state.is_followed_since(BOARD, at)
    assert not house.state.is_followed_since(Reach(board=True, city="220100"), at)
    house.s += FORGOTTEN_S + 1
    house.state.look()
    assert not house.state.is_followed_since(BOARD, at)


async def test_rates_follow_the_calls_from_look_to_look(view: FakeView) -> None:
    house = House(view)
    _, at = await house.state.begin(BOARD)
    assert isinstance(view.so_far, Today)
    view.so_far = replace(view.so_far, answered=view.so_far.answered + 1)
    house.s += LOOK_S
    house.state.look()
    (entry,) = house.feed.since(at) or ()
    assert (entry.kind, json.loads(entry.data)["answered"]) == ("today", view.so_far.answered)
    assert view.reads == 1


async def test_history_that_is_away_comes_back_by_itself(view: FakeView) -> None:
    house = House(view)
    good, view.so_far = view.so_far, FiguresAway("locked")
    answer = await house.state.snapshot(BOARD)
    assert answer.today is None
    assert len(answer.calls) == 9
    view.so_far = good
    house.s += TODAY_S
    for _ in range(20):  # it is asked for in the background
        answer = await house.state.snapshot(BOARD)
        await asyncio.sleep(0)
    assert answer.today is not None
    assert view.reads == 2
    house.state.close()
