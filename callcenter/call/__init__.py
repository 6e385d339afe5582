"""A citizen's call: its data, its one state machine, the facts it leaves. Rules only."""

from callcenter.call.record import conversation, told_of
from callcenter.call.state import Call, CallId, Stage, change, from_json, to_json
from callcenter.call.step import step
from callcenter.call.world import World

__all__ = [
    "Call",
    "CallId",
    "Stage",
    "World",
    "change",
    "conversation",
    "from_json",
    "step",
    "to_json",
    "told_of",
]
