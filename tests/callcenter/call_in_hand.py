"""A call in which a lawyer talks, holds, consults, hands on."""

from __future__ import annotations

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.call.table import leg_id
from tests.callcenter.call_played import ANSWER, Talk, kinds

COURT = ev.Target(kind="line", name="court", number="12368", trunk="demo")
CLOSED = ev.Target(kind="line", name="court", number="12368", trunk="demo", is_open=False)
SEAT = ev.Target(kind="seat", name="8002")
GROUP = ev.Target(kind="group", name="family")
SUPERVISOR = ev.Target(kind="supervisor", name="7001")
SEATS_CHANNEL = "t-1.2"


class InHand(Talk):
    """A talk at 8001 with what is heard of it."""

    def ask(self, what: str, to: ev.Target | None = None, by: str = "8001") -> list[type]:
        return kinds(self.do(ev.TalkAsked(what, by, to)))

    def parted(self) -> tuple[cmd.Command, ...]:
        """The seat's phone is in the room, and Dial has ended for the caller."""
        self.do(ev.MemberJoined(SEATS_CHANNEL, self.now))
        return self.dialled(ANSWER)

    def guest_comes(self) -> tuple[cmd.Command, ...]:
        assert self.call.table
        number = self.call.table.guest
        said = self.do(ev.MemberJoined(leg_id(self.call.call_id, number), self.now))
        to = self.call.legs[number - 1].to
        return self.do(ev.LegAnswered(number, self.now)) if to and to.is_outside else said

    def guest_goes(self, cause: int = 16) -> tuple[cmd.Command, ...]:
        assert self.call.table
        return self.do(ev.LegGone(self.call.table.guest, self.now, cause))

    def out_of_the_room(self) -> tuple[cmd.Command, ...]:
        return self.do(ev.RoomLeft(self.call.serial, caller_gone=False))

    @property
    def outcome(self) -> str | None:
        return self.call.legs[-1].outcome


def at_a_seat() -> InHand:
    talk = InHand()
    talk.talking()
    return talk


def consulting(to: ev.Target = COURT) -> InHand:
    talk = at_a_seat()
    talk.ask("consult", to)
    talk.parted()
    if to.is_inside:
        talk.do(ev.SeatOffered("8002", "municipal", 1))
    return talk
