"""Calls that no controller steers: Asterisk's fallback queue has them. It alone tells of them, as
it happens and in each snapshot; what came of them its journal tells when they have ended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from callcenter.asterisk import heard, recover
from callcenter.call import Call, CallId, Stage, change
from callcenter.call.call_out import MARK
from callcenter.call.callback import asked_in_call
from callcenter.call.state import Attempt
from callcenter.caller import caller_of

GROUP = "general"
MESSAGE = "Record"  # the application that takes one
LEVEL = "provincial"


class Unsteered:
    """One per controller. `calls` as far as it can be told, in the shape of any other call."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """`clock`: aware UTC now."""
        self.calls: dict[str, Call] = {}
        self.watchers: list[Callable[[Call | None, Call], None]] = []
        """Told of each change of a call, before (None: not known until now) and after."""
        self.leavers: list[Callable[[Call], None]] = []
        """Told of each call that is gone, as it was known last."""
        self._clock = clock

    def hear(self, news: heard.Heard) -> None:
        """Take in one piece of news from any Asterisk."""
        match news:
            case heard.FallbackJoined(call_id, caller, at):
                self._begin(call_id, caller, at, at)
            case heard.FallbackLeft(call_id):
                self._left_line(call_id)
            case heard.SeatPickedUp(call_id, seat, at):
                self._picked_up(call_id, seat, at)
            case heard.ChannelGone(unique_id):
                self._gone(unique_id)

    def compare(
        self,
        seen: Mapping[str, recover.Snapshot],
        *,
        is_seen: recover.Sight,
        picked_up_at: Callable[[str], datetime | None] = lambda call_id: None,
    ) -> None:
        """Hold what is known against the snapshot of each node that could be asked.

        `picked_up_at`: what the journal tells of a talk whose beginning nobody heard.
        """
        now = self._clock()
        channels = [channel for one in seen.values() for channel in one.channels.values()]
        for channel in channels:
            if channel.fallback:
                arrived_at = now - timedelta(seconds=channel.up_s)
                self._begin(channel.unique_id, channel.caller, arrived_at, now)
            if channel.fallback == MESSAGE:
                self._left_line(channel.unique_id)
        for channel in channels:
            seat = heard.seat_of(channel.name)
            if seat and channel.is_talking:
                self._picked_up(channel.call_id, seat, picked_up_at(channel.call_id) or now)
        up = {channel.unique_id for channel in channels}
        for call_id in [one for one in self.calls if one not in up and is_seen(one)]:
            self._gone(call_id)

    def _begin(self, call_id: str, shown: str, arrived_at: datetime, at: datetime) -> None:
        if call_id in self.calls or MARK in call_id:
            return
        caller, place = caller_of(shown)
        asked_in = asked_in_call(call_id)
        call = Call(
            call_id=CallId(call_id),
            arrived_at=arrived_at,
            caller=caller,
            city=place.city,
            city_source=place.source,
            stage=Stage.QUEUE,
            group=GROUP,
            asked_at=at,
            callback_of=CallId(asked_in) if asked_in else None,
        )
        self._now(None, call)

    def _left_line(self, call_id: str) -> None:
        call = self.calls.get(call_id)
        if call is not None and call.stage is Stage.QUEUE:  # he is asked for a message
            self._now(call, change(call, stage=Stage.RECORDING))

    def _picked_up(self, call_id: str, seat: str, at: datetime) -> None:
        call = self.calls.get(call_id)
        if call is None or call.stage is Stage.TALKING:
            return
        attempt = Attempt(
            seat=seat, level=LEVEL, offered_at=at, rang_at=at, answered_at=at, outcome="answered"
        )
        self._now(call, change(call, stage=Stage.TALKING, attempts=(attempt,)))

    def _now(self, before: Call | None, call: Call) -> None:
        self.calls[call.call_id] = call
        for watch in self.watchers:
            watch(before, call)

    def _gone(self, call_id: str) -> None:
        call = self.calls.pop(call_id, None)
        if call is not None:
            for leave in self.leavers:
                leave(call)
