"""Plays events into one call, on a clock of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.call import Call, CallId, World, from_json, step, to_json
from ivr_flows.load import load_flows
from ivr_flows.model import Flows

NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ANSWER = ev.DialResult("ANSWER")
NO_ANSWER = ev.DialResult("NOANSWER")


@cache
def flows() -> Flows:
    return load_flows()


class Talk:
    """Plays events into one call on a clock of its own."""

    def __init__(self, caller: str | None = "04315550123", hours: str = "open") -> None:
        self.now = NINE
        self.call = Call(
            call_id=CallId("t-1.1"), arrived_at=NINE, caller=caller, recording="/r/t-1.1"
        )
        self.facts = {"hours": hours, "caller_known": "yes" if caller else "no"}
        self.said: tuple[cmd.Command, ...] = ()

    def do(self, event: ev.Event, after_s: float = 1.0) -> tuple[cmd.Command, ...]:
        self.now += timedelta(seconds=after_s)
        world = World(flows=flows(), facts=self.facts, ahead=2)
        self.call, self.said = step(self.call, event, world, self.now)
        self.call = from_json(to_json(self.call))
        return self.said

    def key(self, key: str) -> tuple[cmd.Command, ...]:
        return self.do(ev.KeyPressed(self.call.serial, key))

    def silent(self) -> tuple[cmd.Command, ...]:
        return self.do(ev.Spoken(self.call.serial))

    def in_line(self, key: str = "2") -> Talk:
        self.do(ev.Arrived())
        self.key(key)
        return self

    def ringing(self, seat: str = "8001") -> Talk:
        self.in_line()
        self.do(ev.SeatOffered(seat, "municipal"))
        return self

    def talking(self) -> Talk:
        self.ringing()
        self.do(ev.SeatRang("8001", self.now))
        self.do(ev.SeatAnswered("8001", self.now))
        return self

    def dialled(self, result: ev.DialResult, *, gone: bool = False) -> tuple[cmd.Command, ...]:
        return self.do(ev.DialEnded(self.call.serial, result, gone))


def kinds(commands: tuple[cmd.Command, ...]) -> list[type]:
    return [type(command) for command in commands]


def only(commands: tuple[cmd.Command, ...], kind: type) -> cmd.Command:
    (found,) = [command for command in commands if isinstance(command, kind)]
    return found
