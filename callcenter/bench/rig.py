"""A private hotline for a benchmark: Redis, database, Asterisk, controller, on free ports."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Self

from callcenter.bench import province
from callcenter.bench.bare import with_bare
from callcenter.bench.load import HOST, Sipp, free_ports
from callcenter.bench.processes import cpu_s, machine_busy_s, own_busy_s
from callcenter.launch.asterisk_program import find_asterisk
from callcenter.launch.child import Child, Keeper, LaunchFault
from callcenter.launch.plan import AsteriskFolders, plan
from callcenter.province import load_province
from callcenter.province_secrets import load_secrets
from callcenter.rendering import render_input
from callcenter.settings import Settings
from callcenter.sounds import SoundFolder, prepare
from ivr_flows import speech
from reports.schema import upgrade
from reports.store import Store
from sip_config.render import render, write

BENCH_CONTROLLER = (sys.executable, "-m", "callcenter.bench.controller")

Say = Callable[[str], None]


class Rig:
    """Everything up and ready for calls inside `async with`; nothing is left running after it.

    `controller`: its command line, None for `hotline serve` as it is; `limits`: settings of floods.
    """

    def __init__(
        self,
        *,
        cache: Path,
        seats: int,
        say: Say,
        controller: tuple[str, ...] | None = None,
        limits: Mapping[str, int] | None = None,
    ) -> None:
        self._cache = cache
        self._seats = seats
        self._say = say
        self._argv = controller
        self._limits = dict(limits or {})
        self._open = AsyncExitStack()
        self._keepers: dict[str, Keeper] = {}
        self.settings: Settings
        self.sipp: Sipp

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._open.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def _start(self) -> None:
        self._say("starting a private Redis, Asterisk and controller")
        place = tempfile.TemporaryDirectory(prefix="hotline-bench-", ignore_cleanup_errors=True)
        folder = Path(self._open.enter_context(place))
        province.write_province(folder / "province", self._seats)
        self.settings = _settings(folder, self._cache, self._limits)
        home = self.settings.home
        AsteriskFolders(home).make()
        (seats_port,) = free_ports(1)
        self._secrets = self._write_asterisk_files(seats_port)
        async with Store(self.settings.database_url) as store:
            await upgrade(store)
        self.sipp = Sipp(folder / "sipp", self.settings.sip, seats_port)
        environment = _environment(self.settings)
        for child in plan(self.settings, find_asterisk(self._cache)):
            if isinstance(child, Child) and child.name != "demo":
                argv = self._argv if self._argv and child.name == "controller" else child.argv
                await self._keep(replace(child, argv=argv, env={**child.env, **environment}))
        self._open.push_async_callback(self.sipp.close)

    async def _keep(self, child: Child) -> None:
        keeper = self._keepers[child.name] = Keeper(child, say=self._say)
        self._open.push_async_callback(keeper.stop)
        await keeper.start()

    def _write_asterisk_files(self, seats_port: int) -> dict[str, str]:
        """Render as `hotline render` does, add the comparison; the seats' secrets."""
        settings, home = self.settings, self.settings.home
        loaded = load_province(settings.province)
        secrets = load_secrets(home, *loaded.phones)
        prepare(home)
        sounds = SoundFolder(home)
        who = sounds.joined(speech.who_clips(province.CITY, "labour"))
        greeting = sounds.joined(speech.seat_number_clips(str(province.FIRST_SEAT)))
        if who is None or greeting is None:
            raise LaunchFault("the packaged prompts are not complete")
        config = AsteriskFolders(home).config
        given = render_input(settings, loaded, secrets, find_asterisk(self._cache), out=config)
        files = with_bare(
            render(given),
            seats_port=seats_port,
            recordings=given.folders.recordings,
            sounds=given.folders.prompts,
            who=who,
            greeting=greeting,
        )
        write(config, files)
        return secrets.seats

    async def seats_register(self) -> None:
        """Every seat's phone is known to Asterisk; it rings where `sipp.seats` listens."""
        await self.sipp.register(self._secrets)

    def others_cpu_s(self) -> float:
        """Seconds of CPU used on this machine since boot by nobody of ours; differences count."""
        pids = [keeper.pid for keeper in self._keepers.values()] + self.sipp.pids
        return machine_busy_s() - own_busy_s() - sum(cpu_s(pid) for pid in pids if pid)

    @property
    def controller_pid(self) -> int:
        """The controller's process."""
        return self._pid("controller")

    @property
    def asterisk_pid(self) -> int:
        """Asterisk's process."""
        return self._pid("asterisk")

    def _pid(self, name: str) -> int:
        pid = self._keepers[name].pid
        if pid is None:
            raise LaunchFault(f"{name} has ended: {self._keepers[name].last_words()}")
        return pid

    async def wait_for(self, is_so: Callable[[], bool], within_s: float, what: str) -> None:
        """Ask until it is so; LaunchFault when the time is over."""
        until = time.monotonic() + within_s
        while not is_so():
            if time.monotonic() > until:
                raise LaunchFault(f"not within {within_s:g} s: {what}")
            await asyncio.sleep(0.2)


def _settings(folder: Path, cache: Path, limits: Mapping[str, int]) -> Settings:
    sip, agi, ami, ws, web = free_ports(5)
    return Settings.model_validate(
        {
            "home": folder / "h",
            "cache": cache,
            "sip": f"{HOST}:{sip}",
            "agi": f"{HOST}:{agi}",
            "ami": f"{HOST}:{ami}",
            "ws": f"{HOST}:{ws}",
            "web": f"{HOST}:{web}",
            "province": folder / "province",
            "wrap_up_s": 0,
            # One telephone plays every caller: no limit of floods.
            "demo": True,
            **limits,
        }
    )


def _environment(settings: Settings) -> dict[str, str]:
    """What makes a child of ours read these settings, whatever the caller's environment says."""
    given = {field.alias: getattr(settings, name) for name, field in Settings.model_fields.items()}
    return {alias: _as_text(value) for alias, value in given.items() if alias}


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return ",".join(map(str, value)) if isinstance(value, tuple | frozenset) else str(value)
