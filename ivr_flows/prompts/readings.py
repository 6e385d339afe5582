"""What is read back to test the prompts by ear: whole sentences, and every clip inside a sentence
that uses it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ivr_flows.prompts.texts import load_prompts
from ivr_flows.speech import CITIES, GROUPS, position_clips, seat_number_clips, who_clips

# Together they say every number clip; 2003 says 两 and the zero joiner.
_POSITIONS = (31, 42, 56, 67, 78, 89, 94, 103, 110, 111, 120, *range(112, 120), 1005, 2003)
_SEATS = ("8001", "8203", "8904", "5671")


@dataclass(frozen=True)
class Reading:
    """Clips played one after the other, and the text that must be understood."""

    name: str
    clips: tuple[str, ...]
    text: str


def readings() -> Iterator[Reading]:
    """Everything to listen to; each prompt is in at least one reading."""
    prompts = load_prompts()
    for prompt in prompts.values():
        if prompt.kind == "sentence":
            yield Reading(prompt.id, (prompt.id,), prompt.spoken)
    joined = {f"position {ahead}": position_clips(ahead) for ahead in _POSITIONS}
    joined |= {f"seat {seat}": seat_number_clips(seat) for seat in _SEATS}
    groups = sorted(GROUPS)
    for number, city in enumerate([*sorted(CITIES), None]):
        joined[f"who {city}"] = who_clips(city, groups[number % len(groups)])
    for name, clips in joined.items():
        yield Reading(name, clips, "".join(prompts[clip].text for clip in clips))
