"""Speaks a text in a process of its own, at the lowest priority: calls go first.

`python -m callcenter.speaking STEM LANGUAGE CACHE` reads the text, and writes what was done as one
JSON object: `done`, or `fault`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from callcenter.notice_sound import NoVoice, speak
from ivr_flows.prompts.kokoro import is_installed
from ivr_flows.prompts.texts import PromptFault

LONGEST_S: Final = 120.0  # the voice's first time fetches 90 MB


def can_speak() -> bool:
    """Whether the extra `voice` is here."""
    return is_installed()


def speak_apart(stem: Path, *, text: str, language: str, cache: Path) -> tuple[str, ...]:
    """As `notice_sound.speak` does, elsewhere. Raises PromptFault, NoVoice."""
    command = [sys.executable, "-m", "callcenter.speaking", str(stem), language, str(cache)]
    try:
        went = subprocess.run(
            command, input=text.encode(), capture_output=True, timeout=LONGEST_S, check=False
        )
        told = json.loads(went.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError) as fault:
        raise NoVoice(type(fault).__name__) from fault
    if "unfit" in told:
        raise PromptFault(told["unfit"])
    if "fault" in told:
        raise NoVoice(told["fault"])
    return tuple(told["done"])


def main() -> None:
    """One text from standard input."""
    stem, language, cache = sys.argv[1:]
    os.nice(19)
    text = sys.stdin.buffer.read().decode()
    try:
        told: object = {"done": speak(Path(stem), text=text, language=language, cache=Path(cache))}
    except PromptFault as fault:
        told = {"unfit": str(fault)}
    except NoVoice as fault:
        told = {"fault": str(fault)}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
