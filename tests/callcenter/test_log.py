"""What the program logs holds no more than it was told to."""

from __future__ import annotations

import subprocess
import sys

FAILING = """
import logging, structlog
from callcenter.log import set_up_log

def ask(sent):
    typed = dict(sent)
    raise ValueError("broken")

set_up_log()
for log in (structlog.get_logger(), logging.getLogger("x")):
    try:
        ask({"order_number": "2026" + "0042"})
    except ValueError:
        log.exception("a step failed")
"""


def test_a_traceback_shows_no_values_for_they_may_be_a_callers() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILING], capture_output=True, text=True, check=True
    )
    assert done.stderr.count("ValueError: broken") == 2
    assert "a step failed" in done.stderr
    assert "20260042" not in done.stdout + done.stderr
