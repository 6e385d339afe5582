"""Hears which prompt is being played, by the course of its loudness; that is how simulated
citizens know when to press a key.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from math import sqrt
from pathlib import Path

from callcenter.demo.voice import FRAME_SAMPLES, load_clip, loudness

WINDOW_FRAMES = 60  # 1.2 s of a prompt are enough to tell it from all others
SHORTEST_FRAMES = 20  # a shorter clip is not known again
_ALIKE = 0.99  # cosine of two courses of loudness
_LOUD = 2000  # a frame above this is speech


class Ear:
    """Tells each prompt some 1.2 s after it began, by calling `on_prompt` with its id.

    Of prompts that begin with the same words (请在提示音后…) one is told.
    """

    def __init__(
        self, shapes: Mapping[str, tuple[int, ...]], on_prompt: Callable[[str], None]
    ) -> None:
        """`shapes`: what `learn` gave."""
        self._shapes = [(name, shape, _norm(shape)) for name, shape in shapes.items()]
        self._on_prompt = on_prompt
        self._heard: deque[int] = deque([0] * WINDOW_FRAMES, maxlen=WINDOW_FRAMES)
        self._frames = 0
        self._told: dict[str, int] = {}

    def hear(self, frame: bytes) -> None:
        """One A-law frame of 20 ms."""
        self._heard.append(loudness(frame))
        self._frames += 1
        last = self._heard[-1]
        best, alike = "", _ALIKE
        for name, shape, norm in self._shapes:
            # most frames end here: the newest must fit before the whole is compared
            if abs(last - shape[-1]) * 8 > shape[-1]:
                continue
            heard = list(self._heard)[-len(shape) :]
            product = sum(map(int.__mul__, heard, shape))
            likeness = product / (norm * _norm(heard))
            if likeness > alike:
                best, alike = name, likeness
        if best:
            self._tell(best)

    def _tell(self, name: str) -> None:
        is_echo = self._frames - self._told.get(name, -WINDOW_FRAMES) < WINDOW_FRAMES
        self._told[name] = self._frames
        if not is_echo:
            self._on_prompt(name)


def _norm(course: Iterable[int]) -> float:
    return sqrt(sum(level * level for level in course)) or 1.0


def learn(clip: bytes) -> tuple[int, ...] | None:
    """The course of loudness of a clip's first words; None when it is too short to know again."""
    levels = [loudness(clip[at : at + FRAME_SAMPLES]) for at in range(0, len(clip), FRAME_SAMPLES)]
    loud = [at for at, level in enumerate(levels) if level > _LOUD]
    if not loud or loud[-1] - loud[0] < SHORTEST_FRAMES:
        return None
    # ends on a loud frame, because the newest frame heard is compared first
    end = min((at for at in loud if at >= loud[0] + WINDOW_FRAMES), default=loud[-1])
    return tuple(levels[max(loud[0], end - WINDOW_FRAMES + 1) : end + 1])


def learn_prompts(folders: Iterable[Path], names: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """The shapes of prompts by id; a later folder's recording replaces an earlier one's."""
    shapes: dict[str, tuple[int, ...]] = {}
    folders = tuple(folders)
    for name in names:
        for folder in folders:
            path = folder / f"{name}.wav"
            shape = learn(load_clip(path)) if path.is_file() else None
            if shape is not None:
                shapes[name] = shape
    return shapes
