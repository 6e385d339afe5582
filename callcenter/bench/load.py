"""Calls by SIPp: one process each for callers and seats, counted by SIPp's own statistics.

Needs Debian's `sip-tester`, and root (or CAP_NET_RAW on it): keys are sent through a raw socket.
"""

from __future__ import annotations

import asyncio
import csv
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from callcenter.address import Address
from callcenter.bench import scenarios
from callcenter.bench.province import CALLER, DIALLED, TRUNK_HOST
from callcenter.launch.child import Child, Keeper, LaunchFault

HOST = "127.0.0.1"
REGISTER_ROUNDS = 3  # a REGISTER sent twice under load may be asked for its digest twice
MEDIA_PORT = 30_000  # each process on one address needs its own; nobody listens to what comes


def free_ports(count: int, host: str = HOST) -> list[int]:
    """Ports that neither TCP nor UDP holds now; all different."""
    held: list[socket.socket] = []
    ports: list[int] = []
    while len(ports) < count:
        tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        held += [tcp, udp]
        tcp.bind((host, 0))
        try:
            udp.bind((host, tcp.getsockname()[1]))
        except OSError:
            continue
        ports.append(tcp.getsockname()[1])
    for one in held:
        one.close()
    return ports


@dataclass(frozen=True, slots=True)
class Counted:
    """SIPp's account: calls begun, gone through the whole scenario, failed, still there."""

    begun: int = 0
    good: int = 0
    failed: int = 0

    @property
    def current(self) -> int:
        """Calls that are not over."""
        return self.begun - self.good - self.failed


@dataclass(frozen=True, kw_only=True)
class Calls:
    """So many calls at so many a second; keys and stay as `scenarios.caller` says.

    `numbers`: who calls, one after another; without them all have the same number.
    """

    count: int
    rate: float
    keys: tuple[tuple[float, str], ...] = ()
    stays_s: float = 30
    hangs_up: bool = False
    dialled: str = DIALLED
    host: str = TRUNK_HOST
    sound: Path | None = None
    spread_s: float = 0
    media_port: int = MEDIA_PORT
    numbers: tuple[str, ...] = ()


class Load:
    """One SIPp process."""

    def __init__(self, name: str, folder: Path, argv: list[str]) -> None:
        self.name = name
        self.began = time.monotonic()
        self._statistics = folder / "statistics.csv"
        self._errors = folder / "errors"
        watch = ["-trace_stat", "-stf", str(self._statistics), "-fd", "1"]
        watch += ["-trace_err", "-error_file", str(self._errors), "-nostdin"]
        child = Child(name=name, argv=("sipp", *argv, *watch), log=folder / "output")
        self._keeper = Keeper(child, say=lambda line: None)
        self._end: asyncio.Task[int] | None = None

    async def start(self) -> None:
        """Start the process."""
        await self._keeper.start()

    async def stop(self) -> None:
        """End it, whatever it does."""
        self._keeper.kill()
        await self._keeper.stop()

    @property
    def pid(self) -> int | None:
        """The process, None when it has ended."""
        return self._keeper.pid

    @property
    def is_over(self) -> bool:
        """Whether the process has ended."""
        return self._keeper.pid is None

    def counted(self) -> Counted:
        """What SIPp has counted, up to a second ago; the whole when it is over."""
        rows = list(self._rows())
        if not rows or not rows[-1].get("FailedCall(C)"):
            return Counted()
        last = rows[-1]
        return Counted(
            begun=int(last["TotalCallCreated"]),
            good=int(last["SuccessfulCall(C)"]),
            failed=int(last["FailedCall(C)"]),
        )

    def _rows(self) -> Iterator[dict[str, str]]:
        try:
            lines = self._statistics.read_text("utf-8", "replace").splitlines()
        except FileNotFoundError:
            return
        yield from csv.DictReader(lines, delimiter=";")

    def reached_rate(self) -> float:
        """Calls begun a second, over the whole seconds in which some were; 0 when none was."""
        rows = list(self._rows())
        busy = [n for n, row in enumerate(rows) if int(row.get("OutgoingCall(P)") or 0)]
        if len(busy) < 3:
            return 0.0
        last = rows[busy[-2]]  # the last second may have been busy in part only
        span_s = _at_s(last["CurrentTime"]) - _at_s(last["StartTime"])
        return int(last["TotalCallCreated"]) / span_s

    def complaint(self) -> str:
        """The last error SIPp wrote down, for a fault's text."""
        try:
            lines = self._errors.read_text("utf-8", "replace").strip().splitlines()
        except FileNotFoundError:
            return "SIPp wrote no error"
        # A message that was waited for in vain and has its branch is no fault.
        faults = [line for line in lines if "Call-Id" in line and "jumping to label" not in line]
        return " / ".join(faults[-2:])[:400] or "SIPp wrote no error"

    async def over(self, within_s: float, tell: Callable[[Counted], None]) -> Counted:
        """Wait for the end and hand out the account; what is not over by then is stopped."""
        until = time.monotonic() + within_s
        while not self.is_over and time.monotonic() < until:
            tell(self.counted())
            await asyncio.sleep(0.5)
        await self.stop()
        return self.counted()


def _at_s(text: str) -> float:
    """SIPp's `date TAB time TAB seconds since 1970`: the last."""
    return float(text.split("\t")[-1])


class Sipp:
    """Starts loads against one Asterisk; `close` ends them all."""

    def __init__(self, folder: Path, server: Address, seats_port: int) -> None:
        self._folder = folder
        self._server = str(server)
        self._seats_port = seats_port
        self._loads: list[Load] = []
        self._n = 0
        if shutil.which("sipp") is None:
            raise LaunchFault("no sipp here: install Debian's sip-tester")

    async def calls(self, calls: Calls) -> Load:
        """Callers."""
        folder = self._new_folder("callers")
        text = scenarios.caller(
            folder,
            number="[field0]" if calls.numbers else CALLER,
            keys=calls.keys,
            stays_s=calls.stays_s,
            hangs_up=calls.hangs_up,
            sound=calls.sound,
            spread_s=calls.spread_s,
        )
        (port,) = free_ports(1, calls.host)
        listed: list[str] = []
        if calls.numbers:
            file = folder / "numbers.csv"
            file.write_text("\n".join(["SEQUENTIAL", *calls.numbers, ""]), "utf-8")
            listed = ["-inf", str(file)]
        return await self._start(
            "callers",
            folder,
            text,
            listed
            + [self._server, "-i", calls.host, "-mi", calls.host, "-p", str(port)]
            + ["-s", calls.dialled, "-m", str(calls.count), "-r", str(calls.rate)]
            + ["-l", str(calls.count), "-mp", str(calls.media_port)],
        )

    async def register(self, secrets: dict[str, str]) -> None:
        """Register these seats at the address where `seats` will listen. Raises LaunchFault."""
        for _ in range(REGISTER_ROUNDS):
            load = await self._register(secrets)
            if load.counted().good == len(secrets):
                return
        good = load.counted().good
        raise LaunchFault(f"{good} of {len(secrets)} seats registered: {load.complaint()}")

    async def _register(self, secrets: dict[str, str]) -> Load:
        folder = self._new_folder("registering")
        lines = [
            f"{number};[authentication username={number} password={secret}]"
            for number, secret in secrets.items()
        ]
        (folder / "seats.csv").write_text("\n".join(["SEQUENTIAL", *lines, ""]), "utf-8")
        load = await self._start(
            "registering",
            folder,
            scenarios.registering(),
            [self._server, "-i", HOST, "-p", str(self._seats_port)]
            + ["-inf", str(folder / "seats.csv"), "-m", str(len(lines)), "-r", "60"],
        )
        await load.over(30 + len(lines) / 30, lambda _: None)
        return load

    async def seats(
        self, *, answer_after_s: float, stays_s: float, media_port: int = MEDIA_PORT
    ) -> Load:
        """Every seat's phone, until stopped."""
        text = scenarios.seats(answer_after_s=answer_after_s, stays_s=stays_s)
        return await self._start(
            "seats",
            self._new_folder("seats"),
            text,
            [self._server, "-i", HOST, "-mi", HOST, "-p", str(self._seats_port)]
            + ["-mp", str(media_port)],
        )

    @property
    def pids(self) -> list[int | None]:
        """The processes of all loads; None for those that have ended."""
        return [load.pid for load in self._loads]

    async def close(self) -> None:
        """End every load."""
        for load in self._loads:
            await load.stop()

    def _new_folder(self, name: str) -> Path:
        self._n += 1
        folder = self._folder / f"{self._n}-{name}"
        folder.mkdir(parents=True)
        return folder

    async def _start(self, name: str, folder: Path, scenario: str, argv: list[str]) -> Load:
        (folder / "scenario.xml").write_text(scenario, encoding="utf-8")
        load = Load(name, folder, [*argv, "-sf", str(folder / "scenario.xml")])
        self._loads.append(load)
        await load.start()
        return load
