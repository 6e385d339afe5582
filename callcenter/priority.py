"""Real-time priority for the thread that steers calls, with a way back if it ever spins.

Asterisk's own threads mix and record beside us; without priority a caller's key waits behind them
(measured: half of a step's time at its worst). Threads and processes that are begun later stay
ordinary (SCHED_RESET_ON_FORK). Source: sched(7), getrlimit(2) RLIMIT_RTTIME.
"""

from __future__ import annotations

import os
import resource
import signal

import structlog

log = structlog.get_logger()

PRIORITY = 1  # the lowest of the real-time ones: before all ordinary threads, behind the kernel's
LONGEST_RUN_US = 500_000  # busy for so long without a pause is a fault, no step of a call


def take_priority() -> bool:
    """Run the calling thread before ordinary ones; False where the system does not allow it."""
    policy = os.SCHED_RR | os.SCHED_RESET_ON_FORK
    try:
        os.sched_setscheduler(0, policy, os.sched_param(PRIORITY))
    except OSError as refused:
        log.info("no real-time priority: calls are steered at ordinary speed", why=str(refused))
        return False
    _, hard = resource.getrlimit(resource.RLIMIT_RTTIME)
    signal.signal(signal.SIGXCPU, _give_back)
    resource.setrlimit(resource.RLIMIT_RTTIME, (LONGEST_RUN_US, hard))
    return True


def _give_back(*_: object) -> None:
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    log.error("ran too long without a pause: real-time priority given back", us=LONGEST_RUN_US)
