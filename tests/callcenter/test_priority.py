"""Real-time priority, taken and given back, each in a process of its own."""

import subprocess
import sys

import pytest

TAKE = "import os; from callcenter.priority import take_priority; taken = take_priority()\n"
POLICY = "print(taken, os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK)"


def run(script: str, **given: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True
    )


@pytest.fixture
def is_allowed() -> bool:
    return "True" in run(TAKE + "print(taken)").stdout


def test_it_is_taken_where_the_system_allows_it_and_else_said_in_one_line(is_allowed: bool) -> None:
    done = run(TAKE + POLICY)
    said, policy = done.stdout.split()[-2:]
    assert (said, policy) == (("True", "2") if is_allowed else ("False", "0"))
    assert ("no real-time priority" in done.stdout + done.stderr) is not is_allowed


def test_without_the_right_the_program_goes_on_at_ordinary_speed() -> None:
    denied = (
        "import ctypes, resource\n"
        "ctypes.CDLL(None).prctl(24, 23, 0, 0, 0)\n"  # PR_CAPBSET_DROP CAP_SYS_NICE
        "resource.setrlimit(resource.RLIMIT_RTPRIO, (0, 0))\n"
        "import os, sys\n"
        "os.setuid(65534) if os.getuid() == 0 else None\n"
    )
    done = run("import callcenter.priority\n" + denied + TAKE + POLICY)
    assert done.stdout.split()[-2:] == ["False", "0"]


def test_threads_and_processes_begun_later_are_ordinary(is_allowed: bool) -> None:
    other = "import threading\nt = threading.Thread(target=lambda: print(os.sched_getscheduler(0)))"
    assert run(TAKE + other + "; t.start(); t.join()").stdout.split()[-1] == "0"


def test_who_runs_on_without_a_pause_becomes_ordinary_again(is_allowed: bool) -> None:
    spin = "import time\nuntil = time.monotonic() + 3\nwhile time.monotonic() < until: pass\n"
    done = run(TAKE + spin + POLICY)
    assert done.stdout.split()[-1] == "0"
    assert ("given back" in done.stdout + done.stderr) is is_allowed
