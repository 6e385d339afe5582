"""What lawyers, supervisors and mishaps do in a talk, each a script played in one house."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from callcenter.call import Call
from reports.facts import Conversation, Leg
from tests.real.talk_house import (
    GUESTS,
    TalkHouse,
)


@dataclass
class Played:
    """What came of one talk: its facts, and the seat where it began."""

    call: Conversation
    seat: str

    def leg(self, number: int = 0) -> Leg:
        return self.call.legs[number]

    @property
    def seats(self) -> list[tuple[str, str | None]]:
        return [(one.seat, one.outcome) for one in self.call.attempts]

    def second(self, at: datetime | None) -> float:
        """A time as seconds of the recordings."""
        assert at is not None
        return (at - self.call.arrived_at).total_seconds()

    def audio(self, of: str) -> Path:
        assert self.call.recording
        return Path(f"{self.call.recording.path}-{of}")


class Script:
    """Plays one talk in a thread of its own."""

    def __init__(self, house: TalkHouse, ready: threading.Semaphore, done: threading.Event) -> None:
        self.house = house
        self.ready_for_the_kill = ready
        self.killed = done
        """Set when the controller was killed and another has taken over."""
        self.call_id = self.seat = ""

    def begin(self, hangup_after_s: float) -> None:
        self.call_id, self.seat, self.party = self.house.call(hangup_after_s=hangup_after_s)

    def talk(self, hangup_after_s: float) -> None:
        """Begin, and wait until both have heard who the other is."""
        self.begin(hangup_after_s + 2)
        time.sleep(3)

    def do(self, what: str, **to: str) -> None:
        assert self.house.do(self.seat, what, **to) == "", what

    def until(self, is_so: Callable[[Call], object], what: str, timeout_s: float = 30) -> None:
        """Wait until it is so of the call's live state."""

        def seen() -> bool:
            call = self.house.state(self.call_id)
            return call is not None and bool(is_so(call))

        self.house.wait_for(seen, timeout_s, f"{type(self).__name__}: {what}", pause_s=0.2)

    def seat_is(self, state: str) -> None:
        """Wait until supervisors see it so."""
        self.house.wait_for(
            lambda: self.house.seat_state(self.seat) == state, 10, f"{state}", pause_s=0.3
        )

    def kill(self) -> None:
        """Let the controller be killed now, and wait until another has taken over."""
        self.ready_for_the_kill.release()
        assert self.killed.wait(60)


def joined(call: Call) -> bool:
    return bool(call.legs) and call.legs[-1].joined_at is not None


def picked_up(call: Call) -> bool:
    return bool(call.legs) and call.legs[-1].answered_at is not None


def is_back(call: Call) -> bool:
    return bool(call.legs) and call.legs[-1].ended_at is not None


def hold(script: Script) -> None:
    script.talk(9)
    script.do("hold")
    script.until(lambda call: call.table and call.table.caller == "music", "music")
    script.seat_is("held")
    assert script.house.do(script.seat, "hold") == "already_held"
    time.sleep(2)
    script.do("retrieve")
    script.until(lambda call: call.table and call.table.caller == "room", "in the room")
    script.seat_is("talking")


def blind_to_seat(script: Script) -> None:
    script.talk(9)
    script.do("transfer", seat=GUESTS[0])
    script.until(is_back, "transferred")


def blind_to_group(script: Script) -> None:
    script.talk(9)
    script.do("transfer", group="labour")
    script.until(is_back, "transferred")


def blind_to_line(script: Script) -> None:
    script.talk(9)
    script.do("transfer", line="court")
    script.until(picked_up, "the court is there")


def blind_to_busy(script: Script) -> None:
    script.talk(9)
    script.do("transfer", line="night")
    script.until(lambda call: is_back(call) and len(call.attempts) == 2, "back at the seat")


def blind_to_silent(script: Script) -> None:
    script.talk(18)
    script.do("transfer", line="gov")
    script.until(lambda call: is_back(call) and len(call.attempts) == 2, "back at the seat")


def attended_completed(script: Script) -> None:
    script.talk(14)
    guest = GUESTS[1]
    script.do("consult", seat=guest)
    script.until(picked_up, "the other lawyer is there")
    time.sleep(1)
    script.do("complete")
    script.until(lambda call: call.seat == guest, "the other lawyer has the caller")
    assert script.house.do(guest, "hold") == ""
    time.sleep(0.7)
    assert script.house.do(guest, "retrieve") == ""


def attended_cancelled(script: Script) -> None:
    script.talk(11)
    script.do("consult", line="court")
    script.until(picked_up, "the court is there")
    time.sleep(1)
    script.do("cancel")
    script.until(lambda call: call.table and call.table.caller == "room", "taken back")


def attended_not_answered(script: Script) -> None:
    script.talk(17)
    script.do("consult", line="gov")
    script.until(is_back, "nobody answered")
    script.until(lambda call: call.table and call.table.caller == "room", "taken back")


def conference(script: Script) -> None:
    script.talk(15)
    script.do("conference", line="police")
    script.until(joined, "three of them")
    time.sleep(3)
    script.do("leave")
    script.until(lambda call: call.seat is None, "two are left")


def phone_comes_back(script: Script) -> None:
    """The phone dies in mid-talk and registers again: the same seat is rung."""
    script.talk(22)
    script.house.phones[script.seat].process.kill()
    script.house.lawyer(script.seat)
    script.until(lambda call: len(call.attempts) == 2 and call.seat, "the same seat again")


def phone_dies_on_hold(script: Script) -> None:
    script.talk(22)
    script.do("hold")
    script.until(lambda call: call.table and call.table.channel, "on hold")
    script.house.phones[script.seat].process.kill()
    script.house.lawyer(script.seat)
    script.until(lambda call: len(call.attempts) == 2 and call.seat, "the same seat again")


def phone_stays_away(script: Script) -> None:
    script.talk(65)
    script.house.phones[script.seat].process.kill()
    script.until(lambda call: len(call.attempts) == 2 and call.seat, "another seat", 60)


def killed_on_hold(script: Script) -> None:
    script.talk(45)
    script.do("hold")
    script.until(lambda call: call.table and call.table.caller == "music", "music")
    script.kill()
    script.do("retrieve")
    script.until(lambda call: call.table and call.table.caller == "room", "in the room")


def killed_in_consultation(script: Script) -> None:
    script.talk(45)
    script.do("consult", line="court")
    script.until(picked_up, "the court is there")
    script.kill()
    script.do("complete")
    script.until(joined, "the court has the caller")


def both_hang_up(script: Script) -> None:
    """The seat's phone hangs up after four seconds, the caller in the same second."""
    script.begin(4.1)


SCRIPTS: tuple[Callable[[Script], None], ...] = (
    *(hold, blind_to_seat, blind_to_group, blind_to_line, blind_to_busy, blind_to_silent),
    *(attended_completed, attended_cancelled, attended_not_answered, conference),
    *(phone_comes_back, phone_dies_on_hold, both_hang_up),
    *(phone_stays_away, killed_on_hold, killed_in_consultation),
)
