"""The speech model that the tests transcribe with; `make run` fetches none."""

from __future__ import annotations

import os

from setup.step import Fault, Place, last_error, run_command


def fetch_model(place: Place) -> str:
    """Have `stt` put its test model into the cache; it knows which, and where from."""
    env = {**os.environ, "HOTLINE_CACHE": str(place.cache)}
    python = place.venv / "bin" / "python"
    if not run_command([python, "-m", "stt.model", "fetch"], log=place.log, env=env):
        raise Fault(f"{last_error(place.log)} (log: {place.log})")
    return "there"
