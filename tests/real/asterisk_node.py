"""A private Asterisk for a test: rendered files in a temporary folder, free ports, own process."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import time
import wave
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from callcenter.bench.load import free_ports
from callcenter.launch.asterisk_program import AsteriskProgram
from callcenter.launch.asterisk_program import find_asterisk as find_in
from sip_config.model import (
    Address,
    AsteriskTree,
    Folders,
    Patience,
    RenderInput,
    SeatEndpoint,
    Trunk,
)
from sip_config.reload import reload_modules
from sip_config.render import render, write
from sip_config.sounds import FOLDER as SOUNDS

HOST = "127.0.0.1"
TRUNK_HOST = "127.0.0.2"
AMI_SECRET = "test-ami-secret"


def find_asterisk() -> AsteriskProgram:
    """The Asterisk that the hotline itself would run."""
    cache = Path(os.environ.get("HOTLINE_CACHE") or "~/.cache/hotline").expanduser()
    return find_in(cache.absolute())


def free_rtp_range(size: int = 400) -> tuple[int, int]:
    """A range of UDP ports of which the ends are free, chosen by process id so runs do not meet."""
    slot = os.getpid() % 40
    for step in range(40):
        first = 12000 + (slot + step) % 40 * size
        if _free(first) and _free(first + size - 2):
            return first, first + size - 1
    raise RuntimeError("no free range of RTP ports between 12000 and 28000")


def free_media_port(host: str = HOST) -> int:
    """An even UDP port with three free ones above it, below those that the system hands out."""
    for _ in range(1000):
        port = random.randrange(28_100, 32_700, 4)
        if all(_free(port + more, host) for more in range(4)):
            return port
    raise RuntimeError("no four free ports in a row between 28100 and 32700")


def _free(port: int, host: str = HOST) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.bind((host, port))
        except OSError:
            return False
    return True


def demo_input(folder: Path, program: AsteriskProgram | None = None) -> RenderInput:
    """A node in `folder` on free ports with seats 8001, 8002, 8901, 8902 and trunk demo."""
    asterisk = program or find_asterisk()
    sip, agi, ami, ws = free_ports(4)
    first, last = free_rtp_range()
    seats = {"8001": "municipal", "8002": "municipal", "8901": "provincial", "8902": "provincial"}
    return RenderInput(
        node="test",
        sip=Address(host=HOST, port=sip),
        agi=Address(host=HOST, port=agi),
        ami=Address(host=HOST, port=ami),
        ws=Address(host=HOST, port=ws),
        rtp_first=first,
        rtp_last=last,
        tree=AsteriskTree(
            modules=asterisk.modules, data=asterisk.data, opus_module=asterisk.opus_module
        ),
        folders=Folders(
            config=folder / "etc",
            run=folder / "run",
            log=folder / "log",
            recordings=folder / "recordings",
            prompts=folder / "prompts" / "zh-CN",
            sounds=SOUNDS,
        ),
        trunks=(Trunk(name="demo", match=(TRUNK_HOST,), dialled="12348"),),
        seats=tuple(
            SeatEndpoint(number=number, secret=f"secret-{number}", display_name="律师", level=level)
            for number, level in seats.items()
        ),
        ami_secret=AMI_SECRET,
        patience=Patience(),
    )


class AsteriskNode:
    """One Asterisk: start, stop, kill, reload, and what it wrote."""

    def __init__(self, given: RenderInput, program: AsteriskProgram | None = None) -> None:
        self.given = given
        self.program = program or find_asterisk()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def config(self) -> Path:
        return self.given.folders.config

    def start(self, timeout_s: float = 30) -> None:
        """Write the files, start, wait until fully booted."""
        for folder in ("lib", "spool"):
            (self.given.folders.run / folder).mkdir(parents=True, exist_ok=True)
        for place in (self.given.folders.log, self.given.folders.recordings):
            place.mkdir(parents=True, exist_ok=True)
        _tones(self.given.folders.prompts)
        write(self.config, render(self.given))
        with (self.given.folders.log / "output").open("ab") as output:
            self._process = subprocess.Popen(
                [*self.program.command, "-C", str(self.config / "asterisk.conf"), "-f"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self.wait_for(
            lambda: "fully booted" in self.cli("core waitfullybooted", check=False),
            timeout_s=timeout_s,
        )

    def stop(self) -> None:
        """Stop now, calls or not; kill after 10 s."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As a crash: SIGKILL."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def apply(self, **changes: object) -> tuple[str, ...]:
        """Render with changed fields and reload what changed; names of the changed files."""
        self.given = replace(self.given, **changes)  # type: ignore[arg-type]
        changed = write(self.config, render(self.given))
        for module in reload_modules(changed):
            self.cli(f"module reload {module}")
        return changed

    def cli(self, command: str, check: bool = True) -> str:
        """One command on Asterisk's console; what it printed."""
        done = subprocess.run(
            [*self.program.command, "-C", str(self.config / "asterisk.conf"), "-rx", command],
            capture_output=True,
            timeout=30,
            check=False,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"asterisk -rx {command!r}: {done.stdout!r} {done.stderr!r}")
        return done.stdout.decode("utf-8", "replace")

    def complaints(self) -> list[str]:
        """Lines of WARNING or ERROR in what Asterisk has written so far."""
        lines = (self.given.folders.log / "output").read_text("utf-8", "replace").splitlines()
        messages = self.given.folders.log / "messages"
        if messages.exists():
            lines += messages.read_text("utf-8", "replace").splitlines()
        return [line for line in lines if "WARNING" in line or "ERROR" in line]

    def queue_log(self) -> list[list[str]]:
        """The queue log's lines, each split at its bars: time, call, queue, agent, event, data…"""
        path = self.given.folders.log / "queue_log"
        if not path.exists():
            return []
        return [line.split("|") for line in path.read_text("utf-8").splitlines()]

    def events(self, name: str) -> list[list[str]]:
        """Those lines of the queue log that carry this event."""
        return [line for line in self.queue_log() if len(line) > 4 and line[4] == name]

    def channels(self) -> int:
        """How many channels are up."""
        for line in self.cli("core show channels count").splitlines():
            if "active channel" in line:
                return int(line.split()[0])
        raise AssertionError("no count of channels")

    def wait_for(self, is_so: Callable[[], object], timeout_s: float = 10, what: str = "") -> None:
        """Ask until it is so; AssertionError when the time is over or Asterisk has died."""
        until = time.monotonic() + timeout_s
        while not is_so():
            if not self.is_running:
                raise AssertionError(f"Asterisk has ended: {self._tail()}")
            if time.monotonic() > until:
                raise AssertionError(f"not within {timeout_s} s: {what or is_so}: {self._tail()}")
            time.sleep(0.05)

    def wait_registered(self, number: str, timeout_s: float = 10, port: int | None = None) -> None:
        """Wait until a phone has registered for the seat; with `port`, that one."""
        phone = re.compile(rf"\b{number}/sip:\S*" + (rf":{port}\b" if port else ""))
        self.wait_for(
            lambda: phone.search(self.cli("pjsip show contacts")),
            timeout_s,
            f"seat {number} registered",
        )

    def _tail(self) -> str:
        output = self.given.folders.log / "output"
        return output.read_text("utf-8", "replace")[-2000:] if output.exists() else ""


def _tones(prompts: Path) -> None:
    """Half a second of tone for each prompt that the dialplan plays by itself."""
    prompts.mkdir(parents=True, exist_ok=True)
    tone = (SOUNDS / "tone.wav").read_bytes()
    for name in ("fallback", "fallback_message", "seat_ready", "seat_not_ready"):
        path = prompts / f"{name}.wav"
        if not path.exists():
            path.write_bytes(tone)


def wav_seconds(path: Path) -> float:
    """Length of a recording in seconds by its header."""
    with wave.open(str(path), "rb") as file:
        return file.getnframes() / file.getframerate()
