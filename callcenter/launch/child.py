"""One program that the supervisor keeps: started, ready, watched, started again, stopped."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1  # prctl(2)
READY_WITHIN_S = 60.0
ASK_EVERY_S = 0.1
FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
STEADY_AFTER_S = 60.0  # a child that ran so long starts again without having to wait long
LOG_BYTES_MAX = 20_000_000

_libc = ctypes.CDLL(None, use_errno=True)  # loaded now: nothing may be loaded after a fork


class LaunchFault(Exception):
    """The hotline cannot be run; the text is one line with the way out."""


@dataclass(frozen=True)
class Child:
    """What to run, and how to see that it is ready; `log` takes all it prints."""

    name: str
    argv: tuple[str, ...]
    log: Path
    ready: Callable[[], Awaitable[bool]] | None = None
    """Asked every 0.1 s; None: ready as soon as it runs."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Beside the supervisor's own environment."""
    grace_s: float = 5.0
    """Between SIGTERM and SIGKILL."""


def die_with_parent(parent: int, number: int = signal.SIGKILL) -> None:
    """Have the kernel send this process a signal when `parent` ends, even by kill -9.

    Called in a fork, before exec. `parent` is the process that forked.
    """
    _libc.prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os._exit(1)  # the parent was gone before the kernel knew


class Keeper:
    """Keeps one child running; `say` takes the lines that a person should see."""

    def __init__(self, child: Child, *, say: Callable[[str], None]) -> None:
        self.child = child
        self.starts = 0
        self._say = say
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The process now running, None between two."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if running and self._process else None

    async def start(self) -> None:
        """Start the child and wait until it is ready; raises LaunchFault when it is not."""
        process = await self._spawn()
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                while not await self._is_ready():
                    if process.returncode is not None:
                        raise LaunchFault(self._obituary(process.returncode))
                    await asyncio.sleep(ASK_EVERY_S)
        except TimeoutError:
            raise LaunchFault(
                f"{self.child.name} was not ready after {READY_WITHIN_S:.0f} s; {self.last_words()}"
            ) from None

    async def run_to_end(self) -> int:
        """Start the child and wait for its exit code."""
        return await (await self._spawn()).wait()

    async def keep(self) -> None:
        """Watch the child for ever; when it ends, start it again after a growing delay."""
        delay_s = FIRST_DELAY_S
        while True:
            process = self._process
            if process is not None:
                began = time.monotonic()
                code = await process.wait()
                if time.monotonic() - began > STEADY_AFTER_S:
                    delay_s = FIRST_DELAY_S
                self._say(f"{self._obituary(code)}; starting it again in {delay_s:g} s")
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, LONGEST_DELAY_S)
            try:
                await self._spawn()
            except LaunchFault as fault:
                self._process = None
                self._say(str(fault))

    async def stop(self) -> None:
        """SIGTERM, SIGKILL when the child's grace is over; then whatever it had started itself."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            try:
                async with asyncio.timeout(self.child.grace_s):
                    await process.wait()
            except TimeoutError:
                self._say(f"{self.child.name} did not stop in {self.child.grace_s:g} s: killed")
        self.kill()
        await process.wait()

    def kill(self) -> None:
        """SIGKILL to the child's whole process group, at once."""
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def _spawn(self) -> asyncio.subprocess.Process:
        child = self.child
        child.log.parent.mkdir(parents=True, exist_ok=True)
        if child.log.exists() and child.log.stat().st_size > LOG_BYTES_MAX:
            child.log.replace(child.log.with_suffix(".log.1"))
        parent = os.getpid()
        with child.log.open("ab") as log:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *child.argv,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=asyncio.subprocess.STDOUT,
                    env={**os.environ, **child.env},
                    start_new_session=True,  # Ctrl-C goes to the supervisor, which keeps the order
                    preexec_fn=lambda: die_with_parent(parent),
                )
            except OSError as unable:
                raise LaunchFault(f"{child.name} cannot be started: {unable}") from None
        self.starts += 1
        return self._process

    async def _is_ready(self) -> bool:
        if self.child.ready is None:
            return True
        return await self.child.ready()

    def _obituary(self, code: int) -> str:
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return f"{self.child.name} {how}; {self.last_words()}"

    def last_words(self) -> str:
        """The last line that the child printed, and where the rest is."""
        lines = self.child.log.read_bytes()[-2000:].decode("utf-8", "replace").split("\n")
        said = next((line.strip() for line in reversed(lines) if line.strip()), "no word")
        return f"{said[:200]} (log: {self.child.log})"
