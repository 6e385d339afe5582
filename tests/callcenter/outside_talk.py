"""One call on a flow of its own, in which each verb that leads outside (services, lines, notes,
languages) leads somewhere else when it fails.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.call import Call, CallId, World, conversation, from_json, step, to_json
from ivr_flows.model import Flow, Flows

NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
KEYS = {"1": "code", "2": "police", "3": "note", "4": "korean", "5": "city", "0": "general"}
QUEUE = {"do": "queue", "say": "transfer", "answered": "bye", "callback": "bye", "message": "left"}


@cache
def flows() -> Flows:
    steps = {
        "menu": {"do": "menu", "say": "main_menu", "keys": KEYS, "give_up": "general"},
        "code": {
            "do": "ask",
            "say": "ask_code",
            "into": "order_code",
            "digits": [4, 8],
            "next": "look",
            "give_up": "general",
        },
        "look": {
            "do": "call_api",
            "say": "one_moment",
            "service": "orders",
            "send": ["order_code"],
            "next": "state",
            "failed": "no_answer",
        },
        "state": {
            "do": "branch",
            "on_fact": "order_state",
            "cases": {"done": "order_done"},
            "otherwise": "menu",
        },
        "order_done": {"do": "play", "say": "order_done", "next": "menu"},
        "no_answer": {"do": "play", "say": "no_answer", "next": "general"},
        "police": {
            "do": "transfer",
            "say": "to_police",
            "to": "police",
            "ring_s": 25,
            "alarm": "emergency",
            "done": "bye",
            "failed": "general",
        },
        "note": {"do": "record", "say": "complaint", "into": "complaint", "next": "menu"},
        "korean": {"do": "language", "to": "ko-KR", "next": "menu"},
        "city": {"do": "set_city", "to": "222400", "next": "mark"},
        "mark": {"do": "mark", "special": "elderly", "next": "menu"},
        "general": {**QUEUE, "group": "general"},
        "left": {"do": "message", "say": "message", "next": "bye"},
        "bye": {"do": "hangup", "say": "goodbye"},
    }
    flow = Flow.model_validate(
        {"flow": "main", "version": 7, "title": "x", "start": "menu", "steps": steps}
    )
    return Flows("main", {"main": flow})


class Talk:
    """Plays events into one call on a clock of its own; each state goes through JSON."""

    def __init__(self) -> None:
        self.now = NINE
        self.call = Call(
            call_id=CallId("t-1.1"), arrived_at=NINE, caller="04335550123", recording="/r/t-1.1"
        )
        self.said: tuple[cmd.Command, ...] = ()
        self.do(ev.Arrived())

    def do(self, event: ev.Event, after_s: float = 1.0) -> tuple[cmd.Command, ...]:
        self.now += timedelta(seconds=after_s)
        world = World(flows=flows(), facts={"caller_known": "yes"}, ahead=2)
        self.call, self.said = step(self.call, event, world, self.now)
        self.call = from_json(to_json(self.call))
        return self.said

    def keys(self, keys: str) -> Talk:
        for key in keys:
            self.do(ev.KeyPressed(self.call.serial, key))
        return self

    def spoken(self) -> tuple[cmd.Command, ...]:
        return self.do(ev.Spoken(self.call.serial))

    def dialled(
        self, status: str, *, gone: bool = False, **times: datetime
    ) -> tuple[cmd.Command, ...]:
        result = ev.DialResult(status, **times)
        return self.do(ev.DialEnded(self.call.serial, result, gone), after_s=20)

    def answers(self, state: str = "done") -> tuple[cmd.Command, ...]:
        return self.do(ev.ServiceAnswered(self.call.serial, {"order_state": state}))

    def facts(self) -> dict[str, object]:
        return conversation(self.call)


def only(commands: tuple[cmd.Command, ...], kind: type) -> cmd.Command:
    (found,) = [command for command in commands if isinstance(command, kind)]
    return found
