"""What Asterisk tells over AMI and in its journal, handed to the calls and seats it concerns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from callcenter import events as ev
from callcenter.asterisk import heard
from seats.seat import Change, SeatState

if TYPE_CHECKING:
    from callcenter.switchboard import Switchboard

REMEMBERED = 10_000  # channels that went before their call was known here


class AsteriskNews:
    """One per controller."""

    def __init__(self, house: Switchboard) -> None:
        """`house`: has the calls and the seats."""
        self._house = house
        self._gone: dict[str, datetime] = {}  # channels of calls that are not ours, yet

    def hear(self, news: heard.Heard, node: str = "") -> None:
        """Take in one piece of news from a node's Asterisk."""
        house = self._house
        house.talks.hear(news, node)
        house.unsteered.hear(news)
        match news:
            case heard.SeatRings(call_id, seat, at):
                house.tell(call_id, ev.SeatRang(seat, at))
            case heard.SeatPickedUp(call_id, seat, at):
                house.tell(call_id, ev.SeatAnswered(seat, at))
            case heard.LinePickedUp(call_id, at):
                house.tell(call_id, ev.LineAnswered(at))
            case heard.ChannelGone(unique_id, at=at, cause=cause):
                house.callbacks.gone(unique_id, cause)
                self.channel_gone(unique_id, at=at)
            case heard.PhoneSeen(seat, is_registered, is_removed=False):
                self.phone_seen(seat, is_registered=is_registered, node=node)
            case heard.SeatWants(seat, ready):
                house.dispatcher.change_seat(
                    seat, Change.READY if ready else Change.NOT_READY, reason="phone"
                )
            case heard.AudioClosed(call_id):
                house.ended.audio_closed(call_id)

    def channel_gone(
        self,
        call_id: str,
        *,
        at: datetime | None,
        by: str | None = None,
        reconciled: bool = False,
        talk_at: datetime | None = None,
    ) -> None:
        """The caller's channel is gone, whether or not its AGI connection said so."""
        if reconciled:
            self._house.callbacks.vanished(call_id)
        if call_id in self._house.sessions:
            gone = ev.HungUp(at=at, by=by, reconciled=reconciled, talk_at=talk_at)
            self._house.tell(call_id, gone)
        elif at is not None:
            self._gone[call_id] = at
            if len(self._gone) > REMEMBERED:
                del self._gone[next(iter(self._gone))]

    def restored(self, calls: Iterable[str]) -> None:
        """These calls are ours now; some of their channels may have gone before."""
        for call_id in calls:
            if call_id in self._gone:
                self.channel_gone(call_id, at=self._gone.pop(call_id), reconciled=True)

    def served_in_fallback(self, call_id: str, facts: dict[str, Any]) -> None:
        """The journal tells how the fallback queue ended a call that we know."""
        session = self._house.sessions.get(call_id) or self._house.ended.find(call_id)
        if session is not None:
            session.put(ev.FallbackServed(facts))

    def phone_seen(self, seat: str, *, is_registered: bool, node: str = "") -> None:
        """A plain phone that registers makes its seat ready: so a lawyer without a desk logs in.

        A desk that was away is as it was before; a new one says itself when it is ready.
        """
        house = self._house
        status = house.dispatcher.statuses.get(seat)
        if status is None:
            return
        if not is_registered and status.node not in ("", node):
            return  # it has moved on: another node has it now
        was_offline = status.state is SeatState.OFFLINE
        if not is_registered:
            house.desks.went(status)
        house.dispatcher.change_seat(
            seat,
            Change.REGISTERED if is_registered else Change.UNREGISTERED,
            node=node if is_registered else None,
        )
        if is_registered and was_offline and not house.desks.came(seat):
            house.dispatcher.change_seat(seat, Change.READY)
