"""The supervisor played for real: processes, signals, ports and locks of this machine."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from callcenter.address import Address
from callcenter.launch.child import Child, LaunchFault
from callcenter.launch.home import need_free_ports, only_one_run
from callcenter.launch.supervisor import Supervisor, Task, run_once

WITHIN_S = 30  # a bound for a test that fails, never a measure
RUN = """
import asyncio, functools, json, sys
from pathlib import Path
from callcenter.launch.child import Child, LaunchFault
from callcenter.launch.home import only_one_run
from callcenter.launch.supervisor import Supervisor

home = Path(sys.argv[1])
async def written(path):
    return path.exists() and path.read_text().endswith("\\n")  # not while it is being written
plan = [
    Child(
        name=name, argv=(sys.executable, "-c", code), log=home / f"{name}.log", grace_s=grace_s,
        ready=functools.partial(written, home / f"{name}.pids"),
        env={"PIDS": str(home / f"{name}.pids")},
    )
    for name, code, grace_s in json.loads(sys.argv[2])
]
try:
    with only_one_run(home):
        supervisor = Supervisor(say=functools.partial(print, flush=True))
        asyncio.run(supervisor.run(plan, when_ready=["ready: here"]))
except LaunchFault as fault:
    sys.exit(str(fault))
"""
# Writes its own pid and that of a process it has started; a new start adds a line.
SLEEPS = """
import os, subprocess, sys, time
{before}
below = subprocess.Popen(["sleep", "600"])
with open(os.environ["PIDS"], "a") as out:
    print(os.getpid(), below.pid, file=out)
print("sleeping", flush=True)
time.sleep(600)
"""
STUBBORN = SLEEPS.format(before="import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)")
POLITE = SLEEPS.format(before="")
NEVER_READY = "import time; time.sleep(600)"


class Run:
    """A supervisor in a process of its own, so that it can be killed."""

    def __init__(self, home: Path, *children: tuple[str, str, float]) -> None:
        self.home = home
        self.names = [name for name, _, _ in children]
        self.output = home / "output"
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", RUN, str(home), json.dumps(children)],
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # As if nobody had begun the tests under nohup.
                preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    def pids(self, name: str) -> list[int]:
        """The child's own pid and its child's, for each start."""
        return [int(pid) for pid in (self.home / f"{name}.pids").read_text().split()]

    def all_pids(self) -> list[int]:
        return [pid for name in self.names for pid in self.pids(name)]

    def wait_ready(self) -> None:
        wait_until(lambda: "ready: here" in self.said or self.process.poll() is not None)
        assert "ready: here" in self.said


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + WITHIN_S
    while not is_so():
        assert time.monotonic() < until, "not within the time"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def all_gone(pids: list[int]) -> bool:
    return not any(is_alive(pid) for pid in pids)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start_run(*children: tuple[str, str, float]) -> Run:
        for old in tmp_path.glob("*.pids"):
            old.unlink()
        runs.append(Run(tmp_path, *children))
        return runs[-1]

    yield start_run
    for run in runs:
        run.process.kill()
        run.process.wait()
        for path in tmp_path.glob("*.pids"):
            for pid in path.read_text().split():
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_in_reverse_order_and_leaves_nothing(
    start: Callable[..., Run], number: int
) -> None:
    run = start(("first", POLITE, 5), ("second", POLITE, 5))
    run.wait_ready()
    pids = run.all_pids()
    assert len(pids) == 4
    run.process.send_signal(number)
    assert run.process.wait(WITHIN_S) == 0
    assert run.said.index("second: stopped") < run.said.index("first: stopped")
    wait_until(lambda: all_gone(pids))


def test_a_child_that_will_not_stop_is_killed_with_all_it_started(
    start: Callable[..., Run],
) -> None:
    run = start(("stubborn", STUBBORN, 0.2))
    run.wait_ready()
    pids = run.all_pids()
    run.process.terminate()
    assert run.process.wait(WITHIN_S) == 0
    assert "stubborn did not stop in 0.2 s: killed" in run.said
    wait_until(lambda: all_gone(pids))


def test_a_second_ctrl_c_does_not_wait_for_the_grace(start: Callable[..., Run]) -> None:
    run = start(("stubborn", STUBBORN, 600))
    run.wait_ready()
    run.process.send_signal(signal.SIGINT)
    while run.process.poll() is None:
        run.process.send_signal(signal.SIGINT)
        time.sleep(0.1)
    # One more Ctrl-C may meet the program when it is past its handlers.
    assert run.process.returncode in (0, -signal.SIGINT)
    assert "stubborn: stopped" in run.said


def test_kill_9_takes_the_children_along_and_the_next_run_starts(
    start: Callable[..., Run],
) -> None:
    run = start(("first", POLITE, 5), ("stubborn", STUBBORN, 5))
    run.wait_ready()
    children = [run.pids("first")[0], run.pids("stubborn")[0]]
    run.process.kill()
    run.process.wait()
    wait_until(lambda: all_gone(children))
    again = start(("first", POLITE, 5))
    again.wait_ready()
    again.process.terminate()
    assert again.process.wait(WITHIN_S) == 0


def test_a_child_that_dies_comes_back_and_the_others_do_not_notice(
    start: Callable[..., Run],
) -> None:
    run = start(("steady", POLITE, 5), ("crashing", POLITE, 5))
    run.wait_ready()
    os.kill(run.pids("crashing")[0], signal.SIGKILL)
    wait_until(lambda: len(run.pids("crashing")) == 4)
    assert len(run.pids("steady")) == 2
    assert is_alive(run.pids("steady")[0])
    line = next(line for line in run.said.splitlines() if "was killed by signal 9" in line)
    assert line.startswith("crashing was killed")
    assert str(run.home / "crashing.log") in line
    assert line.endswith("starting it again in 0.5 s")


def test_the_delay_grows_when_a_child_dies_again_and_again(start: Callable[..., Run]) -> None:
    run = start(("crashing", POLITE, 5))
    run.wait_ready()
    for starts in (1, 2):
        wait_until(lambda starts=starts: len(run.pids("crashing")) == 2 * starts)
        os.kill(run.pids("crashing")[-2], signal.SIGKILL)
    wait_until(lambda: "again in 1 s" in run.said)
    assert "again in 0.5 s" in run.said


def test_a_child_that_ends_before_it_is_ready_ends_the_run_with_one_line(
    start: Callable[..., Run],
) -> None:
    run = start(("good", POLITE, 5), ("bad", "import sys; sys.exit('no such thing')", 5))
    assert run.process.wait(WITHIN_S) == 1
    last = run.said.splitlines()[-1]
    assert last == f"bad ended with exit code 1; no such thing (log: {run.home / 'bad.log'})"
    wait_until(lambda: all_gone(run.pids("good")))


def test_a_stop_during_the_start_is_heard(start: Callable[..., Run]) -> None:
    run = start(("good", POLITE, 5), ("late", NEVER_READY, 5))
    wait_until(lambda: "good: runs" in run.said)
    run.process.terminate()
    assert run.process.wait(WITHIN_S) == 0
    assert "ready" not in run.said
    wait_until(lambda: all_gone(run.pids("good")))


def test_a_folder_in_use_is_told_with_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcenter.launch.home.LOCK_PATIENCE_S", 0)
    told = rf"^HOTLINE_HOME: .* is in use by process {os.getpid()}; "
    with only_one_run(tmp_path), pytest.raises(LaunchFault, match=told), only_one_run(tmp_path):
        pass
    with only_one_run(tmp_path):  # free again
        pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LaunchFault, match="^HOTLINE_HOME: .* cannot be used"):
        with only_one_run(tmp_path / "file" / "home"):
            pass


def test_every_taken_port_is_named_by_its_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callcenter.launch.home.PORT_PATIENCE_S", 0)
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        udp.bind(("127.0.0.1", 0))
        web = Address("127.0.0.1", tcp.getsockname()[1])
        sip = Address("127.0.0.1", udp.getsockname()[1])
        with pytest.raises(LaunchFault) as told:
            need_free_ports(
                [
                    ("HOTLINE_WEB", web, socket.SOCK_STREAM),
                    ("HOTLINE_SIP", sip, socket.SOCK_DGRAM),
                    ("HOTLINE_AMI", Address("192.0.2.1", 5038), socket.SOCK_STREAM),
                ]
            )
    assert str(told.value).splitlines() == [
        f"HOTLINE_WEB: {web} is taken by another program; set HOTLINE_WEB to another address",
        f"HOTLINE_SIP: {sip} is taken by another program; set HOTLINE_SIP to another address",
        "HOTLINE_AMI: 192.0.2.1:5038 is no address of this machine;"
        " set HOTLINE_AMI to another address",
    ]
    need_free_ports([("HOTLINE_WEB", web, socket.SOCK_STREAM)])


async def test_a_task_that_fails_is_told_by_its_last_line(tmp_path: Path) -> None:
    code = "import sys; print('first'); sys.exit('the disk is full')"
    child = Child(name="database", argv=(sys.executable, "-c", code), log=tmp_path / "log")
    with pytest.raises(LaunchFault, match="^database failed: the disk is full "):
        await run_once(child)
    with pytest.raises(LaunchFault, match="^missing cannot be started: "):
        await run_once(Child(name="missing", argv=("/nowhere",), log=tmp_path / "log"))


async def test_tasks_and_children_are_told_in_order(tmp_path: Path) -> None:
    said: list[str] = []

    async def work() -> str:
        return "done"

    child = Child(name="sleeper", argv=("sleep", "600"), log=tmp_path / "log")

    def say(line: str) -> None:
        said.append(line)
        if line == "ready":
            supervisor.stop()

    supervisor = Supervisor(say=say)
    await supervisor.run([Task("database", work), child], when_ready=["ready"])
    assert [line.split(" (")[0] for line in said] == [
        "database: done",
        "sleeper: runs",
        "ready",
        "sleeper: stopped",
    ]
