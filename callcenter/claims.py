"""Which calls are this controller's: taken up after a restart, taken over from another, let go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from callcenter.call import from_json
from callcenter.call.callback import callback_of
from callcenter.session import Session
from seats.board import Board

if TYPE_CHECKING:
    from callcenter.switchboard import Switchboard

log = structlog.get_logger()


class Claims:
    """One per controller. Whoever has a call's line has the call; the board says whose it is."""

    def __init__(self, house: Switchboard, board: Board) -> None:
        """`house`: has the calls; `board`: shared by all controllers."""
        self._house = house
        self._board = board
        self._under_way: set[asyncio.Task[None]] = set()

    def restore(self, saved: Mapping[str, bytes]) -> None:
        """Take up an earlier run's calls: their lines come back, or their channels prove gone."""
        house = self._house
        for call_id, data in house.callbacks.restore(saved).items():
            if call_id in house.sessions:
                continue
            try:
                house.sessions[call_id] = Session(from_json(data), house)
                house.arrivals.entrance.take_up(house.sessions[call_id].call)
            except msgspec.MsgspecError:
                log.error("saved call cannot be read", call_id=call_id)
        house.alarms.restore(session.call for session in house.sessions.values())
        house.news.restored(saved)

    def lose(self, call_id: str) -> None:
        """Another controller has taken the call over. Whoever has its line keeps it: we say so."""
        house = self._house
        if house.callbacks.lose(call_id):
            return
        session = house.sessions.get(call_id)
        if session is None:
            return
        if session.line is not None:
            self._begin(self._claim_again(session))
            return
        del house.sessions[call_id]
        session.let_go()
        house.dispatcher.leave(call_id)
        house.forget(call_id)

    def claim(self, call_id: str, then: Callable[[], None]) -> None:
        """Take a call over from another controller, if one has it; `then` is called either way."""
        self._begin(self._claim(call_id, then))

    async def _claim(self, call_id: str, then: Callable[[], None]) -> None:
        for key in filter(None, (call_id, callback_of(call_id))):
            state = await self._board.claim(key)
            if state is not None:
                self.restore({key: state})
        then()

    async def _claim_again(self, session: Session) -> None:
        await self._board.claim(session.call.call_id)
        if not session.call.is_over:
            self._house.save_call(session.call)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
