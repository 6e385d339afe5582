"""Many callers and many seats at once: one SIPp process for each kind, run beside the test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from callcenter.address import Address
from callcenter.bench.load import Calls, Counted, Load, Sipp, free_ports
from tests.real.asterisk_node import TRUNK_HOST, free_media_port

T = TypeVar("T")


class Crowd:
    """`with Crowd(folder) as crowd`: loads run in a loop of their own until the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._sipps: list[Sipp] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for sipp in self._sipps:
            self._do(sipp.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _do(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def _sipp(self, server: Address, seats_port: int = 0) -> Sipp:
        sipp = Sipp(self._folder / f"sipp{len(self._sipps)}", server, seats_port)
        self._sipps.append(sipp)
        return sipp

    def phones(
        self, homes: Mapping[Address, list[str]], *, answer_after_s: float, stays_s: float
    ) -> None:
        """Telephones of these seats, each registered at its home, all in one process."""
        (port,) = free_ports(1)
        for server, numbers in homes.items():
            secrets = {number: f"secret-{number}" for number in numbers}
            sipp = self._sipp(server, port)
            self._do(sipp.register(secrets))
        self._do(
            sipp.seats(answer_after_s=answer_after_s, stays_s=stays_s, media_port=free_media_port())
        )

    def callers(
        self, server: Address, numbers: tuple[str, ...], *, rate: float, stays_s: float
    ) -> Load:
        """Each presses 2 after a second and hangs up after `stays_s`, if nobody did before."""
        calls = Calls(
            count=len(numbers),
            rate=rate,
            keys=((1.0, "2"),),
            stays_s=stays_s,
            hangs_up=True,
            media_port=free_media_port(TRUNK_HOST),
            numbers=numbers,
        )
        return self._do(self._sipp(server).calls(calls))

    def over(self, load: Load, within_s: float) -> Counted:
        """Wait for its end; its account."""
        return asyncio.run_coroutine_threadsafe(
            load.over(within_s, lambda _: None), self._loop
        ).result(within_s + 20)
