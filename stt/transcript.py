"""From words to turns: who said what when, what is no speech at all, and how far a text is from
what was said.

Pure: no input or output, no clock.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

PAUSE_S = 0.8
"""A silence longer than this within one speaker's words starts a new turn."""

BREATH_S = 0.2
"""So does a shorter one in which somebody else began a word; where both speak at once none does."""

# What whisper writes over silence, music and tones: credits of the videos that it learnt from.
_CREDITS = (
    "字幕",
    "请不吝点赞",
    "订阅",
    "作词",
    "作曲",
    "编曲",
    "明镜",
    "中文配音",
    "Amara",
    "谢谢观看",
)
_SIGNS = re.compile(r"[^\w]|_")
_PROMPT_ECHO_MIN = 6
_LOOP_MIN = 8


@dataclass(frozen=True)
class Word:
    """One recognised word, or one character of it; times in seconds from the start of the
    channel.
    """

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Turn:
    """What one speaker said in one go."""

    speaker: str
    start_s: float
    end_s: float
    text: str


def turns(words: Mapping[str, Sequence[Word]]) -> tuple[Turn, ...]:
    """Turns of all speakers in order of time, from each speaker's own channel of words.

    A speaker's turn ends at a pause, or where somebody else began to speak in between. Whisper's
    own segments are no turns: with silence removed one of them spans half a minute of a dialogue.
    """
    done: list[Turn] = []
    for speaker, own in words.items():
        others = sorted(
            word.start_s for other, said in words.items() if other != speaker for word in said
        )
        for said in _cut(sorted(own, key=lambda word: (word.start_s, word.end_s)), others):
            turn = _turn(speaker, said)
            if not is_noise(turn.text):
                done.append(turn)
    return tuple(sorted(done, key=lambda turn: turn.start_s))


def _cut(own: Sequence[Word], others: Sequence[float]) -> Iterator[list[Word]]:
    said: list[Word] = []
    for word in own:
        if said:
            end_s = said[-1].end_s
            begun = bisect_left(others, word.start_s) > bisect_left(others, end_s)
            if word.start_s - end_s > (BREATH_S if begun else PAUSE_S):
                yield said
                said = []
        said.append(word)
    if said:
        yield said


def _turn(speaker: str, words: Sequence[Word]) -> Turn:
    text = "".join(word.text for word in words).strip()
    return Turn(
        speaker=speaker,
        start_s=words[0].start_s,
        end_s=max(word.end_s for word in words),
        text=text,
    )


def is_noise(text: str, *, prompt: str = "") -> bool:
    """Whether a text is what whisper makes up where nobody speaks: signs, loops, credits, its own
    prompt.
    """
    bare = _SIGNS.sub("", text)
    if not bare or any(credit in text for credit in _CREDITS if len(bare) <= 4 * len(credit)):
        return True
    if len(bare) >= _PROMPT_ECHO_MIN and bare in _SIGNS.sub("", prompt):
        return True
    return re.search(rf"(.{{1,6}}?)\1{{{_LOOP_MIN - 1},}}", bare) is not None


_DIGITS = str.maketrans("〇零一幺二两三四五六七八九", "0011223456789")
_NUMBER = re.compile(r"[零一二两三四五六七八九十百千]*[十百千][零一二两三四五六七八九十百千]*")
_UNITS = {"十": 10, "百": 100, "千": 1000}


def comparable(text: str) -> str:
    """A text as it is compared: no signs or spaces, small letters, every number in digits (十二
    and 12 are the same).
    """
    bare = _SIGNS.sub("", text).lower()
    return _NUMBER.sub(lambda found: str(_value(found[0])), bare).translate(_DIGITS)


def _value(number: str) -> int:
    total, digit = 0, 0
    for sign in number:
        if unit := _UNITS.get(sign):
            total += (digit or 1) * unit
            digit = 0
        else:
            digit = int(sign.translate(_DIGITS))
    return total + digit


def cer(expected: str, heard: str) -> float:
    """Character error rate of `heard` against what was said, 0 when both are the same; may exceed
    1.
    """
    return error_rate(comparable(expected), comparable(heard))


def error_rate(expected: Sequence[str], heard: Sequence[str]) -> float:
    """Fewest changes that turn `heard` into `expected`, per item of `expected` (Levenshtein)."""
    costs = list(range(len(heard) + 1))
    for row, wanted in enumerate(expected, start=1):
        diagonal, costs[0] = costs[0], row
        for column, got in enumerate(heard, start=1):
            change = diagonal + (wanted != got)
            diagonal = costs[column]
            costs[column] = min(change, diagonal + 1, costs[column - 1] + 1)
    return costs[-1] / len(expected) if expected else float(len(heard) > 0)
