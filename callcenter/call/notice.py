"""Where emergency notices come in what a caller hears."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ivr_flows.turn import End, Turn

GREETING = "greeting"  # prompts whose ids begin so greet


def with_notices(turn: Turn, notices: Mapping[str, tuple[str, ...]]) -> Turn:
    """A call's first turn with the notices of its language, right after the greeting; a turn that
    greets nobody begins with them. One that says nothing more stays as it is.
    """
    said = notices.get(turn.language, ())
    if not said or (isinstance(turn.act, End) and turn.act.is_rescue):
        return turn
    greetings = [at for at, prompt in enumerate(turn.say) if prompt.startswith(GREETING)]
    at = greetings[0] + 1 if greetings else 0
    return msgspec.structs.replace(turn, say=(*turn.say[:at], *said, *turn.say[at:]))


def with_notices_of_language(
    turn: Turn, before: str, notices: Mapping[str, tuple[str, ...]]
) -> Turn:
    """A turn that changed the language begins with the notices that only that language has."""
    changed = turn.language != before and notices.get(turn.language) != notices.get(before)
    return with_notices(turn, notices) if changed else turn
