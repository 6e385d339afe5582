"""What a board must do wherever its state lives: in memory, in Redis, or cut off from Redis."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from seats.board import Board
from seats.moves import move
from seats.seat import Change, SeatState, SeatStatus, first_status

START = datetime(2026, 3, 2, 1, 0, 0, tzinfo=UTC)


class Clock:
    """The time, moved by the test."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)  # Redis looks at its own clock for leases

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def ready_seat(number: str, at: datetime = START) -> SeatStatus:
    status = move(first_status(number, at), Change.REGISTERED, at)
    return move(status, Change.READY, at)


class BoardContract:
    """Inherit, give the fixtures `board` (started) and `clock`, and each of these is a test."""

    async def test_a_saved_call_is_loaded_with_its_newest_state(self, board: Board) -> None:
        board.save_call("c-1", b'{"n": 1}')
        board.save_call("c-2", '{"说": 2}'.encode())
        board.save_call("c-1", b'{"n": 3}')
        assert await board.load_call("c-1") == b'{"n": 3}'
        assert await board.load_calls() == {"c-1": b'{"n": 3}', "c-2": '{"说": 2}'.encode()}

    async def test_a_dropped_call_is_gone_and_may_come_again(self, board: Board) -> None:
        board.save_call("c-1", b"1")
        board.drop_call("c-1")
        board.drop_call("never-saved")
        assert await board.load_call("c-1") is None
        assert await board.load_calls() == {}
        board.save_call("c-1", b"2")
        assert await board.load_calls() == {"c-1": b"2"}

    async def test_an_unknown_call_is_none(self, board: Board) -> None:
        assert await board.load_call("nobody") is None

    async def test_seats_are_kept_whole_and_seen_at_once(self, board: Board) -> None:
        seat = ready_seat("8001")
        talking = move(seat, Change.SEEN_TALKING, START, call_id="c-1")
        wrap_up = move(talking, Change.RELEASED, START, lease_s=10.5)
        away = move(ready_seat("8002"), Change.NOT_READY, START, reason="会议")
        for status in (seat, talking, wrap_up, away):
            board.save_seat(status)
        assert board.seats == {"8001": wrap_up, "8002": away}
        assert await board.load_seats() == {"8001": wrap_up, "8002": away}

    async def test_an_older_status_does_not_replace_a_newer_one(self, board: Board) -> None:
        seat = ready_seat("8001")
        paused = move(seat, Change.NOT_READY, START)
        board.save_seat(paused)
        board.save_seat(seat)
        assert (await board.load_seats())["8001"] == paused
        assert board.counters.late_saves == 1

    async def test_a_ready_seat_is_reserved_with_a_lease(self, board: Board, clock: Clock) -> None:
        seat = ready_seat("8001")
        board.save_seat(seat)
        assert await board.reserve("8001", "c-1", seat.version, 15)
        reserved = board.seats["8001"]
        assert (reserved.state, reserved.call_id) == (SeatState.RESERVED, "c-1")
        assert reserved.version == seat.version + 1
        assert reserved.lease_until == clock.now + timedelta(seconds=15)
        assert board.counters.reserved == 1

    async def test_what_is_not_ready_at_that_version_is_not_reserved(self, board: Board) -> None:
        seat = ready_seat("8001")
        board.save_seat(seat)
        board.save_seat(first_status("8002", START))
        assert not await board.reserve("8001", "c-1", seat.version - 1, 15)
        assert not await board.reserve("8001", "c-1", seat.version + 1, 15)
        assert not await board.reserve("8002", "c-1", board.seats["8002"].version, 15)
        assert not await board.reserve("8999", "c-1", 0, 15)
        assert not await board.reserve("8001", "", seat.version, 15)
        assert not await board.reserve("8001", "c-1", seat.version, 0)
        assert board.seats["8001"] == seat
        assert board.counters.refused == 6

    async def test_a_seat_is_reserved_once_and_a_call_has_one_seat(self, board: Board) -> None:
        first, second = ready_seat("8001"), ready_seat("8002")
        board.save_seat(first)
        board.save_seat(second)
        assert await board.reserve("8001", "c-1", first.version, 15)
        assert not await board.reserve("8001", "c-2", first.version, 15)
        assert not await board.reserve("8001", "c-2", first.version + 1, 15)
        assert not await board.reserve("8002", "c-1", second.version, 15)
        assert await board.reserve("8002", "c-2", second.version, 15)

    async def test_a_call_may_try_the_next_seat_when_the_first_let_it_go(
        self, board: Board
    ) -> None:
        first, second = ready_seat("8001"), ready_seat("8002")
        board.save_seat(first)
        board.save_seat(second)
        assert await board.reserve("8001", "c-1", first.version, 15)
        board.save_seat(move(board.seats["8001"], Change.DECLINED, START, call_id="c-1"))
        assert await board.reserve("8002", "c-1", second.version, 15)

    async def test_a_lease_that_is_over_frees_the_call(self, board: Board, clock: Clock) -> None:
        clock.passes(-60)
        first, second = ready_seat("8001"), ready_seat("8002")
        board.save_seat(first)
        board.save_seat(second)
        assert await board.reserve("8001", "c-1", first.version, 15)
        clock.passes(60)
        assert await board.reserve("8002", "c-1", second.version, 15)

    async def test_a_moment_of_racing_gives_each_seat_and_call_once(self, board: Board) -> None:
        numbers = [f"80{n:02}" for n in range(10)]
        for number in numbers:
            board.save_seat(ready_seat(number))
        versions = {number: board.seats[number].version for number in numbers}
        asked = [(number, f"c-{call}") for call in range(20) for number in numbers]
        granted = await asyncio.gather(
            *(board.reserve(number, call, versions[number], 15) for number, call in asked)
        )
        won = [pair for pair, yes in zip(asked, granted, strict=True) if yes]
        assert len({number for number, _ in won}) == len({call for _, call in won}) == len(won)
        assert won
        for number, call in won:
            assert board.seats[number].call_id == call

    async def test_a_seat_that_moves_during_its_reservation_is_not_reserved(
        self, board: Board
    ) -> None:
        seat = ready_seat("8001")
        board.save_seat(seat)
        asking = asyncio.ensure_future(board.reserve("8001", "c-1", seat.version, 15))
        await asyncio.sleep(0)  # memory answers within this step, Redis later
        if not asking.done():
            gone = move(board.seats["8001"], Change.UNREGISTERED, START)
            board.save_seat(gone)
            assert not await asking
            await board.flush()
            assert (await board.load_seats())["8001"] == gone
        else:
            assert board.seats["8001"].state is SeatState.RESERVED
