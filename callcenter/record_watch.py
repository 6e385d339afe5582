"""Watches calls change for the desk: a seat begins to ring, picks up, is done with a filed call."""

from __future__ import annotations

from callcenter.call import Call
from callcenter.dispatcher import Dispatcher
from callcenter.records.desk import Records, seats_of
from callcenter.web.feed import Audience, Feed
from callcenter.web.record_models import PopNews
from seats.seat import Change, SeatState


class RecordWatch:
    """A watcher of the switchboard: `callcenter.switchboard.Switchboard.watchers`."""

    def __init__(self, records: Records, feed: Feed, dispatcher: Dispatcher) -> None:
        """`dispatcher`: knows and moves the seats."""
        self._records = records
        self._feed = feed
        self._dispatcher = dispatcher

    def __call__(self, before: Call, after: Call) -> None:
        """The call has changed."""
        self.elsewhere(before, after)
        seats = seats_of(after)
        if seats != seats_of(before):
            is_first = before.answered_at is None
            self._records.answered(after, is_first=is_first)
        for seat in seats:
            if seat == before.seat and seat != after.seat:
                self._end_wrap_up(seat, after.call_id)

    def elsewhere(self, before: Call | None, after: Call) -> None:
        """A call that another controller may have: the page of the seat may be served here."""
        for seat, _ in sorted(offers(after) - (offers(before) if before else frozenset())):
            self._feed.publish("pop", PopNews(call_id=after.call_id), to=Audience(seat=seat))

    def unsteered(self, before: Call | None, after: Call) -> None:
        """A call that no controller steers: an earlier one, or one elsewhere, may know of it."""
        self.elsewhere(before, after)
        if seats_of(after) and (before is None or not seats_of(before)):
            self._records.answered(after, is_first=False)

    def _end_wrap_up(self, seat: str, call_id: str) -> None:
        """Who filed while he talked has nothing left to write."""
        status = self._dispatcher.statuses.get(seat)
        if status is not None and status.state is SeatState.WRAP_UP:
            if self._records.is_filed(call_id):
                self._dispatcher.change_seat(seat, Change.FILED)


def offers(call: Call) -> frozenset[tuple[str, int]]:
    """Every time a seat was rung for this call so far: the seat, and which time it was."""
    rung = [one.seat for one in call.attempts] + [leg.seat for leg in call.legs if leg.seat]
    return frozenset((seat, rung[:n].count(seat)) for n, seat in enumerate(rung))
