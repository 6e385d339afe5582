"""A routing policy tried on a week of callers before it is published: `hotline simulate`, beside.

In a process of its own, at low priority and one at a time: seconds of computing must not be felt
by calls.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, Literal

Arrivals = Literal["jilin", "facts"]

DAYS: Final = 7
LONGEST_S: Final = 120.0
SAMPLE: Final = date(2026, 3, 2)  # a Monday of the built-in year, without holidays


class TrialRefused(Exception):
    """Nothing was played: a stable `reason`, and one Chinese sentence."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class PolicyTrial:
    """Plays the same callers under two policies. Only one trial runs at a time."""

    def __init__(self, program: Sequence[str] = (sys.executable, "-m", "callcenter")) -> None:
        """`program`: how this hotline's commands are begun."""
        self._program = tuple(program)
        self._one = asyncio.Lock()

    async def play(self, old: str, new: str, arrivals: Arrivals, today: date) -> dict[str, Any]:
        """What `hotline simulate --json` says of both; `old` empty: the built-in policy.

        `facts`: the calls of the seven days before today. Raises TrialRefused.
        """
        if self._one.locked():
            raise TrialRefused("trial_busy", "有人正在试算，请稍候再试。")
        async with self._one:
            with tempfile.TemporaryDirectory(prefix="hotline-trial-") as folder:
                return await self._run(Path(folder), old, new, arrivals, today)

    async def _run(
        self, folder: Path, old: str, new: str, arrivals: Arrivals, today: date
    ) -> dict[str, Any]:
        files = {"old": folder / "old.yaml", "new": folder / "new.yaml"}
        files["old"].write_text(old, "utf-8")
        files["new"].write_text(new, "utf-8")
        first = SAMPLE if arrivals == "jilin" else today - timedelta(days=DAYS)
        words = [
            *(["nice", "-n", "15"] if shutil.which("nice") else []),
            *(*self._program, "simulate", arrivals, "--json"),
            *("--from", first.isoformat(), "--to", (first + timedelta(DAYS - 1)).isoformat()),
            *("--policy", str(files["old"]) if old else "default"),
            *("--against", str(files["new"])),
        ]
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            async with asyncio.timeout(LONGEST_S):
                told, _ = await process.communicate()
        except TimeoutError:
            raise TrialRefused("trial_failed", "试算时间过长，已经停止。") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            what = "所选七天没有人请求人工" if arrivals == "facts" else "请先改正策略中的错误"
            raise TrialRefused("trial_failed", f"试算没有完成：{what}。")
        found: dict[str, Any] = json.loads(told)
        return found
