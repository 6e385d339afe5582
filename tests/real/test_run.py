"""The whole hotline as `make run` runs it: started, killed, started again, stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.real.asterisk_node import free_ports

HOTLINE = Path(sys.executable).parent / "hotline"
WITHIN_S = 60  # a bound for a test that fails, never a measure


class Whole:
    """A home and ports of its own, and the runs in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.output = home.parent / "output"
        self.runs: list[subprocess.Popen[bytes]] = []
        web, sip, agi, ami, ws = free_ports(5)
        ports = {"WEB": web, "SIP": sip, "AGI": agi, "AMI": ami, "WS": ws}
        self.settings = {f"HOTLINE_{name}": f"127.0.0.1:{port}" for name, port in ports.items()}
        self.settings |= {"HOTLINE_HOME": str(home), "HOTLINE_DEMO": "1"}
        self.settings |= {"HOTLINE_DEMO_CALLERS": "0", "REDIS_URL": "", "DATABASE_URL": ""}
        self.url = f"http://127.0.0.1:{web}"

    def start(self, *argv: str | Path) -> "subprocess.Popen[bytes]":
        """Start and wait for the line that says calls can be taken."""
        with self.output.open("wb") as out:
            process = subprocess.Popen(
                argv or (HOTLINE, "run"),
                env={**os.environ, **self.settings},
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=self.home.parent,
                start_new_session=True,
            )
        self.runs.append(process)
        self.wait_until(lambda: self.is_ready or process.poll() is not None)
        assert self.is_ready, self.said
        return process

    @property
    def said(self) -> str:
        return self.output.read_text()

    @property
    def is_ready(self) -> bool:
        return f"ready: {self.url}\n" in self.said

    @property
    def is_healthy(self) -> bool:
        try:
            with urlopen(f"{self.url}/health") as answer:
                return answer.status == 200
        except OSError:
            return False

    def processes(self) -> dict[int, str]:
        """Every process of this hotline, found by its environment."""
        mark = f"HOTLINE_HOME={self.home}\0".encode()
        home = str(self.home)  # Redis writes its title over its environment
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                line = (folder / "cmdline").read_bytes().decode().replace("\0", " ")
                if mark in (folder / "environ").read_bytes() + b"\0" or home in line:
                    found[int(folder.name)] = line
            except OSError:
                continue  # it has just ended, or is not ours to read
        return found

    def pid_of(self, words: str) -> int:
        return next(pid for pid, line in self.processes().items() if words in line)

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        until = time.monotonic() + WITHIN_S
        while not is_so():
            assert time.monotonic() < until, self.said
            time.sleep(0.05)


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Whole]:
    whole = Whole(tmp_path / "home")
    whole.home.mkdir()
    yield whole
    for pid in whole.processes():
        os.kill(pid, signal.SIGKILL)
    for run in whole.runs:
        run.wait()


def test_ctrl_c_leaves_no_process(whole: Whole) -> None:
    run = whole.start()
    assert whole.is_healthy
    assert len(whole.processes()) >= 5  # supervisor, Redis, Asterisk, controller, demo
    run.send_signal(signal.SIGINT)
    assert run.wait(WITHIN_S) == 0
    assert whole.processes() == {}


def test_a_run_refuses_a_home_in_use_but_not_one_left_by_kill_9(whole: Whole) -> None:
    run = whole.start()
    second = subprocess.run(
        [HOTLINE, "run"],
        env={**os.environ, **whole.settings},
        cwd=whole.home.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert second.stderr.startswith(f"hotline: HOTLINE_HOME: {whole.home} is in use by process")
    assert second.stderr.count("\n") == 1
    run.kill()
    run.wait()
    again = whole.start()
    assert whole.is_healthy
    again.terminate()
    assert again.wait(WITHIN_S) == 0
    assert whole.processes() == {}


def test_a_run_ends_with_the_make_that_started_it(whole: Whole) -> None:
    make = whole.start("sh", "-c", f"'{HOTLINE}' run --with-parent & wait")
    make.kill()
    make.wait()
    whole.wait_until(lambda: whole.processes() == {})


def test_asterisk_outlives_the_controller_which_comes_back(whole: Whole) -> None:
    run = whole.start()
    asterisk, controller = whole.pid_of("sbin/asterisk"), whole.pid_of("callcenter serve")
    os.kill(controller, signal.SIGKILL)
    whole.wait_until(lambda: "controller was killed by signal 9" in whole.said)
    whole.wait_until(lambda: whole.is_healthy)
    assert whole.pid_of("sbin/asterisk") == asterisk
    assert whole.pid_of("callcenter serve") != controller
    run.terminate()
    assert run.wait(WITHIN_S) == 0
