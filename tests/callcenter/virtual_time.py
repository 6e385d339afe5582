"""An event loop whose clock jumps to the next timer: minutes of a call in milliseconds."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

BEGIN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
Result = TypeVar("Result")


class _Jumps(selectors.SelectSelector):
    """Where a loop would sleep, its clock is put forward instead."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout:
            self.now_s += timeout
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """No call of the operating system but for what is ready already."""

    def __init__(self) -> None:
        self._jumps = _Jumps()
        super().__init__(self._jumps)

    def time(self) -> float:
        return self._jumps.now_s

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self._jumps.now_s)


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Like asyncio.run, in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)


def now() -> datetime:
    """Aware UTC now, of the running virtual loop."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop.now()
