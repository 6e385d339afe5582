"""A talk for programs: one JSON object a turn, the same keys in each.

- `turn`: from 0, the beginning of the call
- `happened`, `value`: `call`, or a scenario's word (`press`, `no_key`, `answered`, `spoken`,
  `transferred`, `service`, `broken`), and what stands beside it there
- `ignored`: the hotline took no notice of it (a key that the waiting line does not offer)
- `flow`, `version`, `step`: where the call stands now
- `path`: steps passed, as `flow.step`; the last waits
- `looked_at`: facts that branches asked for on the way, and their values (empty: not known)
- `language`: what the prompts are spoken in
- `say`: `{"prompt", "text"}` of each prompt, in order
- `expect`: all of it in the words of a scenario
- `does`, `awaits`, `keys`: the last act in those words, what is waited for, keys that count now
- `fault`: null, or `{"flow", "step", "reason"}` of a step that broke
- `is_over`: whether the call has ended
- `now`, `caller`, `city`, `waiting`, `facts`: the pretended situation
"""

from __future__ import annotations

from typing import Any

from callcenter.trying.situation import Situation
from callcenter.trying.texts import Texts
from ivr_flows.talk import Happened, Talk, Told
from ivr_flows.turn import Act, Collect, JoinQueue


def turn_line(
    number: int, talk: Talk, here: Situation, texts: Texts, *, ignored: Happened | None
) -> dict[str, Any]:
    """The talk's last turn; `ignored`: what happened without effect after it."""
    told = talk.told[-1]
    last, session = told.last, told.last.session
    planned = told.planned
    happening: str = planned.happening
    value = getattr(planned, happening, None)
    if ignored is not None:
        ((happening, value),) = ignored.items()
    turns = () if ignored is not None else told.turns
    return {
        "turn": number,
        "happened": happening,
        "value": value,
        "ignored": ignored is not None,
        "flow": session.flow,
        "version": session.version,
        "step": session.step,
        "path": [f"{flow}.{step}" for turn in turns for flow, step in turn.path],
        "looked_at": {} if ignored is not None else dict(told.looked_at),
        "language": last.language,
        "say": [
            {"prompt": prompt, "text": texts.text(prompt, turn.language)}
            for turn in turns
            for prompt in turn.say
        ],
        "expect": [] if ignored is not None else list(planned.expect),
        "does": planned.expect[-1],
        "awaits": session.awaits,
        "keys": keys_of(last.act),
        "fault": _fault(told),
        "is_over": talk.is_over,
        "now": here.now.isoformat(),
        "caller": here.caller,
        "city": session.city or here.city,
        "waiting": here.waiting,
        "facts": {**talk.facts, **session.facts},
    }


def keys_of(act: Act) -> str:
    """The keys that count while this goes on."""
    if isinstance(act, Collect):
        return act.keys
    return "".join(act.offers) if isinstance(act, JoinQueue) else ""


def _fault(told: Told) -> dict[str, str] | None:
    for turn in told.turns:
        if fault := turn.fault:
            return {"flow": fault.flow, "step": fault.step, "reason": fault.reason}
    return None
