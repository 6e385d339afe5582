"""How much is tried: everything in `make test`, a sixth of it in `make check` (HOTLINE_QUICK=1)."""

from __future__ import annotations

import os

from hypothesis import settings

IS_QUICK = os.environ.get("HOTLINE_QUICK") == "1"


def tries(full: int) -> int:
    """Of that many random examples or events, those to be tried in this run."""
    return full // 6 if IS_QUICK else full


def load_profile() -> None:
    """For the tests that name no number of their own (Hypothesis: 100)."""
    name = "quick" if IS_QUICK else "full"
    settings.register_profile(name, settings(), max_examples=tries(100))
    settings.load_profile(name)
