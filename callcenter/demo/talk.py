"""What simulated people say: clips of real Mandarin, and the prompts they know by ear."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from callcenter.demo.phone_call import PhoneCall
from callcenter.demo.voice import LEVELS, SILENCE, BadClip, load_clip

FOLDER = Path(__file__).with_name("speech")
_MUMBLE_HZ = 170


@dataclass(frozen=True)
class Talk:
    """Clips of one kind of speaker; never empty."""

    clips: tuple[bytes, ...]

    def turn(self, dice: random.Random) -> bytes:
        """One thing to say, and a pause in which the other speaks."""
        return dice.choice(self.clips) + SILENCE * dice.randint(50, 200)


def load_talk(who: str, folder: Path = FOLDER) -> Talk:
    """Clips named `<who>*.wav`, else all in the folder, else a hum: the demo must run anyway."""
    for pattern in (f"{who}*.wav", "*.wav"):
        clips = tuple(_readable(sorted(folder.glob(pattern))))
        if clips:
            return Talk(clips)
    return Talk((_hum(),))


def _readable(paths: Sequence[Path]) -> list[bytes]:
    clips = []
    for path in paths:
        try:
            clips.append(load_clip(path))
        except (BadClip, OSError, EOFError):
            continue
    return clips


def _hum() -> bytes:
    """Two seconds of a quiet square tone."""
    loud = LEVELS.index(max(level for level in LEVELS if level < 200))
    half = 8000 // _MUMBLE_HZ // 2
    return (bytes([loud]) * half + bytes([loud ^ 0x80]) * half) * (16000 // (2 * half)) + SILENCE


def talk_forever(call: PhoneCall, talk: Talk, dice: random.Random) -> None:
    """Keep the line in speech for any length that occurs: turns joined for some minutes."""
    speech = b"".join(talk.turn(dice) for _ in range(12))
    call.line.say(speech)
