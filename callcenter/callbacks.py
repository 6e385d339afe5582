"""Callers who asked to be called back: they stand in line without a telephone, and are rung.

What becomes of a callback is decided by `callcenter.call.callback`; it is kept on the board as a
call is, so that it outlives this controller, and goes to the one that takes its calls over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog

from callcenter.asterisk.ami import AmiFault, AmiRefused, OutcomeUnknown
from callcenter.call import Call, callback
from callcenter.call.callback import Callback, State
from callcenter.callback_needs import CallbackRules, House, Outbound
from callcenter.commands import JoinLine
from callcenter.events import OverflowDue, SeatOffered
from seats.board import Board
from seats.policy import First
from seats.seat import Change, SeatState

log = structlog.get_logger()

EVERY_S = 1.0
KEEP_EVERY_S = 5.0  # the seat's lease is renewed so often while the caller is rung
SPARE_S = 15.0  # how much longer than it rings a try may take before it counts as failed
AGAIN_S = 5.0  # after Asterisk could not be told
SETTLING = timedelta(seconds=5)  # a try this young may be ahead of what Asterisk shows


class Callbacks:
    """One per controller. Every method but `run` is synchronous."""

    def __init__(
        self,
        *,
        board: Board,
        outbound: Outbound,
        rules: CallbackRules,
        house: House,
        tell: Callable[[Callback], None] = lambda one: None,
        node: str = "",
    ) -> None:
        """`tell`: what the facts of the first conversation are to show; `told` when they do.
        `node`: whose Asterisk rings.
        """
        self._board = board
        self._outbound = outbound
        self._clock = house.clock
        self._rules = rules
        self._house = house
        self._tell = tell
        self._node = node
        self._kept: dict[str, Callback] = {}
        self._renewed: dict[str, datetime] = {}
        self._work: asyncio.Queue[Coroutine[Any, Any, None]] = asyncio.Queue()

    def __iter__(self) -> Iterator[Callback]:
        """Those about whom something is to be done yet."""
        return iter([one for one in self._kept.values() if not one.is_over])

    def book(self, call: Call) -> None:
        """The caller has hung up and keeps his place; who has one already keeps that."""
        if self._rules.trunk(call.trunk) is None:
            return  # nothing leads out: people work through the requests
        booked = callback.booked(call, self._rules.policy(), self._clock())
        if any(other.number == booked.number or other.id == booked.id for other in self):
            return
        self._keep(booked)
        self._stand(booked)

    def restore(self, saved: Mapping[str, bytes]) -> dict[str, bytes]:
        """Take up an earlier run's, or a dead controller's; hands back what are calls."""
        calls = {}
        for key, data in saved.items():
            if not key.startswith(callback.PREFIX):
                calls[key] = data
                continue
            try:
                one = self._kept.setdefault(key, callback.from_json(data))
            except msgspec.MsgspecError:
                log.error("saved callback cannot be read", callback=key)
                continue
            if one.is_over:
                self._tell(one)
        return calls

    def lose(self, key: str) -> bool:
        """Another controller has taken it over; False when it is none of ours."""
        lost = self._kept.pop(key, None)
        if lost is not None and lost.state is State.WAITING:
            self._house.dispatcher.leave(lost.line_id)
        return lost is not None

    def is_elsewhere(self, call_id: str) -> bool:
        """Whether this is a try of a callback that another controller has, or had."""
        key = callback.callback_of(call_id)
        return key is not None and key not in self._kept

    # --- the seat, and the try -------------------------------------------------------------------

    def offer(self, call_id: str, event: SeatOffered | OverflowDue) -> bool:
        """A seat is reserved: ring. False when that call is no callback's.

        No overflow concerns it: it is what a caller overflows to.
        """
        found = self._of(call_id)
        if found is None or isinstance(event, OverflowDue):
            return found is not None
        if found.state is not State.WAITING or found.line_id != call_id:
            self._house.dispatcher.change_seat(event.seat, Change.RELEASED, call_id=call_id)
            return True
        now = self._clock()
        begun = callback.calling(found, event.seat, self._rules.policy().first, now)
        self._renewed[call_id] = now
        self._keep(begun)
        self._work.put_nowait(self._ring(begun))
        return True

    async def _ring(self, begun: Callback) -> None:
        call_id, policy = begun.tries[-1].call_id, self._rules.policy()
        ring = (
            self._outbound.ring_seat_first
            if begun.first == First.SEAT
            else self._outbound.ring_caller
        )
        trunk = self._rules.trunk(begun.trunk) or begun.trunk
        try:
            await ring(
                call_id,
                number=begun.number,
                trunk=trunk,
                dialled=begun.dialled,
                ring_s=policy.ring_s,
            )
        except OutcomeUnknown as unknown:
            log.warning("a callback may ring or not", call_id=call_id, why=str(unknown))
        except AmiRefused as refused:
            log.warning("a callback was refused", call_id=call_id, why=str(refused))
            self._missed(begun, "failed")
        except AmiFault as fault:
            log.warning("a callback could not be made", call_id=call_id, why=str(fault))
            self._back(callback.not_dialled(begun, self._clock(), AGAIN_S), begun)

    def arrived(self, call_id: str, recording: str, arrived_at: datetime) -> Call | None:
        """The channel of a try has come to us: the call it is now; None for any other call."""
        found = self._of(call_id)
        if found is None or not found.tries or found.tries[-1].call_id != call_id:
            return None
        seat = found.tries[-1].seat
        status = self._house.dispatcher.statuses.get(seat)
        is_kept = (
            status is not None
            and status.state is SeatState.RESERVED
            and self._house.dispatcher.change_seat(seat, Change.KEPT, call_id=call_id)
        )
        level = str(self._house.dispatcher.roster[seat].level) if is_kept else ""
        return callback.new_call(
            found, recording, arrived_at, reserved=seat if is_kept else "", level=level
        )

    def dial_caller(self, call_id: str) -> None:
        """The seat that was rung first has picked up."""
        self._work.put_nowait(self._dial_caller(call_id))

    async def _dial_caller(self, call_id: str) -> None:
        try:
            await self._outbound.dial_caller(call_id)
        except AmiFault as fault:  # the lawyer hears nobody, hangs up, and a later try begins
            log.warning("a caller could not be rung", call_id=call_id, why=str(fault))

    def report(self, call_id: str, outcome: str) -> None:
        """What the conversation of a try has come to (commands.ReportCallback)."""
        found = self._running(call_id)
        if found is None:
            return
        if outcome == "answered":
            self._keep(callback.reached(found, self._clock()))
        elif outcome == "withdrawn":
            self._back(callback.withdrawn(found, self._clock()), found)
        else:
            self._missed(found, outcome)

    def gone(self, call_id: str, cause: int) -> None:
        """The channel of a try is gone before it came to us: the caller did not pick up."""
        found = self._running(call_id)
        if found is not None and call_id not in self._house.sessions:
            self._missed(found, callback.outcome_of(cause))

    def vanished(self, call_id: str) -> None:
        """Asterisk has no channel of this try; it may not have had the time to make one."""
        found = self._running(call_id)
        if found is not None and self._clock() - found.tries[-1].at > SETTLING:
            self.gone(call_id, 0)

    def told(self, one: Callback) -> None:
        """The facts show this: what is over need not be kept any more."""
        if one.is_over and self._kept.get(one.id) is one:
            del self._kept[one.id]
            self._board.drop_call(one.id)

    def held(self) -> dict[str, str | None]:
        """Each try that runs, and the seat that waits for it."""
        running = (one.tries[-1] for one in self if one.state is State.CALLING)
        return {one.call_id: one.seat for one in running}

    def served(self, call: Call) -> None:
        """A call has ended: who was answered need not be called back any more."""
        if call.answered_at is None or call.callback_of is not None or not call.caller:
            return
        for one in tuple(self):
            if one.caller == call.caller and one.state is State.WAITING and one.of != call.call_id:
                self._house.dispatcher.leave(one.line_id)
                self._keep(callback.served(one))

    # --- time passes -----------------------------------------------------------------------------

    async def run(self) -> None:
        """Make calls, and look each second who is due, forever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._look_again())
            while True:
                tasks.create_task(_guarded(await self._work.get()))

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                self.look()
            except Exception:
                # Those who wait are looked at again in a second.
                log.exception("callbacks could not be looked at")

    def look(self) -> None:
        """Who is due stands in line, seats are kept for those who are rung, what hangs ends."""
        for one in tuple(self):
            if one.state is State.WAITING:
                self._stand(one)
            elif one.state is State.CALLING:
                self._watch(one)

    def _stand(self, one: Callback) -> None:
        """In the line by day, once it is due; out of it at night."""
        if one.node != self._node:  # another controller's until now
            one = callback.change(one, node=self._node)
            self._keep(one)
        now = self._clock()
        due = callback.within_hours(self._rules.policy(), max(now, one.next_at or now))
        is_standing = one.line_id in self._house.dispatcher.line
        if due > now:
            if is_standing:
                self._house.dispatcher.leave(one.line_id)
        elif not is_standing:
            self._house.dispatcher.join(
                one.line_id,
                JoinLine(
                    group=one.group,
                    city=one.city,
                    language=one.language,
                    asked_at=one.asked_at,
                    tried=one.tried,
                    at_head=False,
                    special=one.special,
                ),
            )

    def _watch(self, one: Callback) -> None:
        last, now = one.tries[-1], self._clock()
        if last.call_id in self._house.sessions:
            return
        if now - last.at > timedelta(seconds=self._rules.policy().ring_s + SPARE_S):
            self._missed(one, "failed")
        elif now - self._renewed.get(last.call_id, last.at) >= timedelta(seconds=KEEP_EVERY_S):
            self._renewed[last.call_id] = now
            self._house.dispatcher.change_seat(last.seat, Change.KEPT, call_id=last.call_id)

    # --- what is kept ----------------------------------------------------------------------------

    def _missed(self, one: Callback, outcome: str) -> None:
        self._back(callback.missed(one, outcome, self._rules.policy(), self._clock()), one)

    def _back(self, changed: Callback, before: Callback) -> None:
        """The try is over without the caller: its seat goes free."""
        last = before.tries[-1]
        status = self._house.dispatcher.statuses.get(last.seat)
        if status is not None and status.call_id == last.call_id:
            self._house.dispatcher.change_seat(last.seat, Change.RELEASED, call_id=last.call_id)
        self._keep(changed)

    def _keep(self, changed: Callback) -> None:
        self._kept[changed.id] = changed
        self._board.save_call(changed.id, callback.to_json(changed))
        if changed.state is not State.CALLING:
            for one in changed.tries:
                self._renewed.pop(one.call_id, None)
            self._tell(changed)

    def _of(self, call_id: str) -> Callback | None:
        key = callback.callback_of(call_id)
        return self._kept.get(key) if key else None

    def _running(self, call_id: str) -> Callback | None:
        found = self._of(call_id)
        is_it = found and found.state is State.CALLING and found.tries[-1].call_id == call_id
        return found if is_it else None


async def _guarded(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        # The try is watched: what did not begin in time counts as failed.
        log.exception("a callback could not be made")
