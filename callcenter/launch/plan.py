"""What one machine runs, in order: Redis, database, rendered files, Asterisk, controller, demo."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from callcenter.address import Address
from callcenter.launch.asterisk_program import GOOD, AsteriskProgram, find_asterisk
from callcenter.launch.child import Child, LaunchFault
from callcenter.launch.home import addresses, need_free_ports, only_one_run
from callcenter.launch.supervisor import Supervisor, Task, run_once
from callcenter.settings import Settings

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}
ASK_S = 5.0  # longest a child may take to say whether it is ready
ANSWER_BYTES = 1024


@dataclass(frozen=True)
class AsteriskFolders:
    """Where the all-in-one run keeps Asterisk's files, below HOTLINE_HOME."""

    home: Path

    @property
    def config(self) -> Path:
        """The rendered files."""
        return self.home / "asterisk" / "etc"

    def make(self) -> None:
        """Make what Asterisk expects to be there; recordings and control socket are ours alone."""
        for name in ("asterisk/run/lib", "asterisk/run/spool", "asterisk/log", "recordings"):
            (self.home / name).mkdir(parents=True, exist_ok=True, mode=0o700)


def plan(settings: Settings, asterisk: AsteriskProgram) -> list[Task | Child]:
    """All that must run for calls to be taken, each entry leaning on those before it."""
    entries: list[Task | Child] = []
    if settings.redis_is_private:
        entries.append(redis_child(settings))
    config = AsteriskFolders(settings.home).config
    entries.append(_once(settings, "database", "db", "upgrade"))
    if settings.demo:
        entries.append(Task(name="accounts", work=lambda: _demo_people(settings)))
    entries.append(_once(settings, "asterisk files", "render", "--out", str(config)))
    entries.append(_asterisk(settings, asterisk))
    entries.append(_controller(settings))
    if settings.demo:
        entries.append(
            Child(
                name="demo",
                argv=(sys.executable, "-m", "callcenter.demo"),
                log=_log(settings, "demo"),
            )
        )
    return entries


def web_url(settings: Settings) -> str:
    """The address to open in a browser on this machine."""
    host = ANYWHERE.get(settings.web.host, settings.web.host)
    return f"http://{Address(host, settings.web.port)}"


async def run_here(settings: Settings, *, say: Callable[[str], None]) -> None:
    """Run the whole hotline in the foreground until told to stop; raises LaunchFault."""
    with only_one_run(settings.home):
        need_free_ports(addresses(settings))
        asterisk = find_asterisk(settings.cache)
        if asterisk.version < GOOD:
            say(f"WARNING: Asterisk {'.'.join(map(str, asterisk.version))} is older than 22.10")
        AsteriskFolders(settings.home).make()
        lines = [*_greeting(settings), f"ready: {web_url(settings)}"]
        await Supervisor(say=say).run(plan(settings, asterisk), when_ready=lines)


def _greeting(settings: Settings) -> list[str]:
    if not settings.demo:
        return []
    return [
        f"dial in: sip:12348@{settings.sip} from 127.0.0.2, any SIP phone or SIPp (trunk demo)",
        f"seat phones: user 8001 and so on at {settings.sip}; secrets in"
        f" {settings.home / 'seats.json'}",
        f"simulated citizens a minute: {settings.demo_callers:g} (HOTLINE_DEMO_CALLERS);"
        " stop with Ctrl-C",
    ]


def _log(settings: Settings, name: str) -> Path:
    return settings.home / "log" / f"{name}.log"


async def _demo_people(settings: Settings) -> str:
    """Make the demo's accounts; those made now are told with their passwords, this once."""
    log = _log(settings, "accounts")
    child = Child(
        name="accounts", argv=(sys.executable, "-m", "callcenter", "user", "demo"), log=log
    )
    await run_once(child)
    said = log.read_text("utf-8").strip()
    # It holds passwords: they stay in seats.json alone.
    log.unlink()
    return said


def _once(settings: Settings, name: str, *words: str) -> Task:
    child = Child(
        name=name,
        argv=(sys.executable, "-m", "callcenter", *words),
        log=_log(settings, name.replace(" ", "-")),
    )
    return Task(name=name, work=lambda: run_once(child))


def redis_child(settings: Settings) -> Child:
    """The private Redis, on a socket in the home. Raises LaunchFault when there is none here."""
    program = shutil.which("redis-server")
    if program is None:
        raise LaunchFault("no redis-server here: `make run` installs it, or set REDIS_URL")
    socket = settings.redis_socket
    # Live state only, so nothing is written to disk: history is in SQL, calls are in Asterisk.
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(settings.home),
        "save": "",
        "appendonly": "no",
        "daemonize": "no",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]

    async def answers() -> bool:
        return b"+PONG" in await _ask(asyncio.open_unix_connection(socket), b"PING\r\n")

    return Child(
        name="redis",
        argv=(program, *words),
        log=_log(settings, "redis"),
        ready=answers,
    )


def _asterisk(settings: Settings, program: AsteriskProgram) -> Child:
    config = AsteriskFolders(settings.home).config / "asterisk.conf"
    command = (*program.command, "-C", str(config))

    async def has_booted() -> bool:
        asked = await asyncio.create_subprocess_exec(
            *command,
            "-rx",
            "core waitfullybooted",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(ASK_S):
                said, _ = await asked.communicate()
            return b"fully booted" in said
        except TimeoutError:
            return False
        finally:
            with suppress(ProcessLookupError):
                asked.kill()

    return Child(
        name="asterisk",
        argv=(*command, "-f"),
        log=_log(settings, "asterisk"),
        ready=has_booted,
        env={"LC_ALL": os.environ.get("LC_ALL", "C.UTF-8")},
        grace_s=8.0,
    )


def _controller(settings: Settings) -> Child:
    host = ANYWHERE.get(settings.web.host, settings.web.host)
    request = f"GET /health HTTP/1.0\r\nHost: {host}\r\n\r\n".encode()

    async def is_healthy() -> bool:
        connection = asyncio.open_connection(host, settings.web.port)
        status, _, _ = (await _ask(connection, request)).partition(b"\r\n")
        return status.split(b" ")[1:2] == [b"200"]

    return Child(
        name="controller",
        argv=(sys.executable, "-m", "callcenter", "serve"),
        log=_log(settings, "controller"),
        ready=is_healthy,
        grace_s=10.0,
    )


async def _ask(
    connection: Coroutine[object, object, tuple[asyncio.StreamReader, asyncio.StreamWriter]],
    question: bytes,
) -> bytes:
    """The first bytes of the answer; empty when nobody answers."""
    try:
        async with asyncio.timeout(ASK_S):
            reader, writer = await connection
            try:
                writer.write(question)
                return await reader.read(ANSWER_BYTES)
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return b""
