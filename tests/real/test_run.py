"""The whole hotline as `make run` runs it: started, killed, started again, stopped."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from callcenter.demo.citizens import HERE, KNOWN, Citizen
from callcenter.demo.ear import learn_prompts
from callcenter.demo.persona import Persona
from callcenter.demo.phone import Phone
from callcenter.demo.talk import load_talk
from callcenter.sounds import PACKAGED
from reports.facts import Conversation
from reports.queries import recent
from reports.store import Store
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

    def live(self) -> dict[str, list[dict[str, str]]]:
        key = (self.home / "api.key").read_text().strip()
        asked = Request(f"{self.url}/api/v1/live", headers={"Authorization": f"Bearer {key}"})
        with urlopen(asked) as answer:
            return dict(json.load(answer))

    @property
    def server(self) -> tuple[str, int]:
        host, _, port = self.settings["HOTLINE_SIP"].partition(":")
        return host, int(port)

    def calls(self) -> list[Conversation]:
        async def ask() -> list[Conversation]:
            async with Store(f"sqlite+aiosqlite:///{self.home}/hotline.db") as store:
                return await recent(store, limit=100)

        return asyncio.run(ask())

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


@contextmanager
def a_whole(home: Path) -> Iterator[Whole]:
    whole = Whole(home)
    whole.home.mkdir(parents=True)
    try:
        yield whole
    finally:
        for pid in whole.processes():
            os.kill(pid, signal.SIGKILL)
        for run in whole.runs:
            run.wait()


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Whole]:
    with a_whole(tmp_path / "home") as whole:
        yield whole


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


def test_the_demos_people_are_told_and_may_log_in(whole: Whole) -> None:
    run = whole.start()
    kept = json.loads((whole.home / "seats.json").read_text())["users"]
    assert {"supervisor", "manager", "auditor", "8001"} <= kept.keys()
    assert all(password in whole.said for password in kept.values())
    body = json.dumps({"name": "supervisor", "password": kept["supervisor"]}).encode()
    headers = {"Content-Type": "application/json"}
    with urlopen(Request(f"{whole.url}/api/v1/login", data=body, headers=headers)) as answer:
        assert json.load(answer)["roles"] == ["supervisor"]
    logs = "".join(log.read_text("utf-8", "replace") for log in whole.home.glob("log/*"))
    assert not any(password in logs for password in kept.values())
    run.terminate()
    assert run.wait(WITHIN_S) == 0


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


def citizen(number: str) -> Persona:
    """Asks for labour law, waits for a lawyer as long as it takes, and talks for five seconds."""
    return Persona(
        number=number,
        menu_keys=("2",),
        think_s=0.3,
        hangs_up_after_s=None,
        patience_s=120.0,
        talks_s=5.0,
        offer="wait",
        rating="1",
    )


async def call_at_once(numbers: dict[str, Whole]) -> None:
    """One citizen calls each hotline, all of them at the same time."""
    shapes, talk = learn_prompts((PACKAGED,), KNOWN), load_talk("citizen")

    async def call(number: str, whole: Whole) -> None:
        phone = Phone(whole.server)
        await phone.open(HERE)
        try:
            person = Citizen(citizen(number), shapes=shapes, talk=talk, dice=random.Random(1))
            await person.call(phone)
            assert "seat_number_before" in person.heard
        finally:
            phone.close()

    async with asyncio.TaskGroup() as calls:
        for number, whole in numbers.items():
            calls.create_task(call(number, whole))


def answered(whole: Whole, count: int) -> list[Conversation]:
    found: list[Conversation] = []

    def are_written() -> bool:
        found[:] = [call for call in whole.calls() if call.ended_at]
        return len(found) >= count

    whole.wait_until(are_written)
    assert all(call.attempts[-1].outcome == "answered" for call in found)
    return found


def test_two_hotlines_run_side_by_side_on_one_machine(tmp_path: Path) -> None:
    with ExitStack() as both:
        one, two = (both.enter_context(a_whole(tmp_path / n / "home")) for n in ("one", "two"))
        first, second = one.start(), two.start()
        for whole in (one, two):
            whole.wait_until(
                lambda whole=whole: all(s["state"] == "ready" for s in whole.live()["seats"])
            )
        asyncio.run(call_at_once({"+864315550101": one, "+864315550202": two}))
        assert [call.caller for call in answered(one, 1)] == ["+864315550101"]
        assert [call.caller for call in answered(two, 1)] == ["+864315550202"]
        assert not set(one.processes()) & set(two.processes())

        first.send_signal(signal.SIGINT)
        assert first.wait(WITHIN_S) == 0
        assert one.processes() == {}
        asyncio.run(call_at_once({"+864315550203": two}))
        assert {call.caller for call in answered(two, 2)} == {"+864315550202", "+864315550203"}
        second.send_signal(signal.SIGINT)
        assert second.wait(WITHIN_S) == 0
        assert two.processes() == {}
