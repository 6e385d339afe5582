"""Starts children in order, keeps them, stops them in reverse order."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from callcenter.launch.child import Child, Keeper, LaunchFault

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Task:
    """Work to be done once before the next child starts; returns what to say of it."""

    name: str
    work: Callable[[], Awaitable[str]]


class Supervisor:
    """Runs a plan of tasks and children in the foreground until it is told to stop."""

    def __init__(self, *, say: Callable[[str], None]) -> None:
        self._say = say
        self.keepers: list[Keeper] = []
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Begin the stop; a second call kills what is still there."""
        if self._stop.is_set():
            for keeper in self.keepers:
                keeper.kill()
        self._stop.set()

    async def run(self, plan: Sequence[Task | Child], *, when_ready: Iterable[str] = ()) -> None:
        """Follow the plan, say `when_ready`, keep all children; raises LaunchFault.

        Ends after SIGINT, SIGTERM, SIGHUP or `stop()`, when no child is left.
        """
        loop = asyncio.get_running_loop()
        # An ignored hang-up stays so: `nohup make run` outlives its terminal.
        nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        heard = [n for n in SIGNALS if not (nohup and n is signal.SIGHUP)]
        for number in heard:
            loop.add_signal_handler(number, self.stop)
        try:
            await self._until_stopped(plan, when_ready)
        finally:
            await self._stop_all()
            for number in heard:
                loop.remove_signal_handler(number)

    async def _until_stopped(self, plan: Sequence[Task | Child], when_ready: Iterable[str]) -> None:
        async def start_and_keep() -> None:
            await self._start(plan)
            for line in when_ready:
                self._say(line)
            async with asyncio.TaskGroup() as group:
                for keeper in self.keepers:
                    group.create_task(keeper.keep(), name=f"keep {keeper.child.name}")

        at_work = asyncio.create_task(start_and_keep(), name="start and keep")
        stopped = asyncio.create_task(self._stop.wait(), name="wait for the stop")
        try:
            await asyncio.wait({at_work, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
            at_work.cancel()
            await asyncio.wait({at_work, stopped})
        if not at_work.cancelled():
            at_work.result()  # raises what ended the work

    async def _start(self, plan: Sequence[Task | Child]) -> None:
        for entry in plan:
            began = time.monotonic()
            if isinstance(entry, Task):
                result = await entry.work()
            else:
                keeper = Keeper(entry, say=self._say)
                self.keepers.append(keeper)
                await keeper.start()
                result = "runs"
            self._say(f"{entry.name}: {result} ({time.monotonic() - began:.1f} s)")

    async def _stop_all(self) -> None:
        for keeper in reversed(self.keepers):
            await keeper.stop()
            self._say(f"{keeper.child.name}: stopped")


async def run_once(child: Child) -> str:
    """Run a child to its end, which must be a good one; raises LaunchFault with its last line."""
    keeper = Keeper(child, say=lambda line: None)
    try:
        code = await keeper.run_to_end()
    finally:
        await keeper.stop()
    if code != 0:
        raise LaunchFault(f"{child.name} failed: {keeper.last_words()}")
    return "done"
