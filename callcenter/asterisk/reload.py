"""Has the running Asterisk take up changed files, and reads back what it made of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from callcenter.asterisk.ami import AmiClient, AmiFault
from sip_config.model import RenderInput
from sip_config.reload import SEAT_FILES, reload_modules, restart_files

LOGIN_S = 5.0  # an Asterisk that runs here answers within milliseconds


class NotReloaded(Exception):
    """Asterisk could not be reached or said no; its text is for the person at the terminal."""


@dataclass(frozen=True)
class Reloaded:
    """What was done: modules reloaded, files that wait for a restart, objects not taken up."""

    modules: tuple[str, ...]
    waiting: tuple[str, ...]
    refused: tuple[str, ...]


async def reload_running(given: RenderInput, changed: Iterable[str]) -> Reloaded:
    """Reload what changed in the Asterisk that `given` describes; raises NotReloaded.

    Files that were written earlier and never taken up are noticed by reading back, and reloaded.
    """
    changed = tuple(changed)
    modules = reload_modules(changed)
    async with _link(given) as ami:
        try:
            await _reload(ami, modules)
            refused = await _differences(ami, given)
            behind = [m for m in reload_modules(SEAT_FILES) if m not in modules]
            if refused and behind:
                await _reload(ami, behind)
                modules = (*modules, *behind)
                refused = await _differences(ami, given)
        except AmiFault as fault:
            raise NotReloaded(f"Asterisk did not reload: {fault}") from None
    return Reloaded(modules=modules, waiting=restart_files(changed), refused=refused)


@asynccontextmanager
async def _link(given: RenderInput) -> AsyncIterator[AmiClient]:
    is_up = asyncio.Event()

    async def up() -> None:
        is_up.set()

    ami = AmiClient(
        given.ami.host,
        given.ami.port,
        "hotline",
        given.ami_secret,
        on_event=lambda _: None,
        on_up=up,
        on_down=lambda: None,
        keep=frozenset(),
    )
    serving = asyncio.create_task(ami.run(), name="AMI link for a reload")
    try:
        async with asyncio.timeout(LOGIN_S):
            await is_up.wait()
        yield ami
    except TimeoutError:
        where = f"{given.ami.host}:{given.ami.port}"
        raise NotReloaded(
            f"no Asterisk of this hotline answers at {where} (HOTLINE_AMI): nothing reloaded"
        ) from None
    finally:
        serving.cancel()
        await asyncio.wait({serving})


async def _reload(ami: AmiClient, modules: Iterable[str]) -> None:
    for module in modules:
        await ami.action("Reload", Module=module)


async def _differences(ami: AmiClient, given: RenderInput) -> tuple[str, ...]:
    """What Asterisk holds otherwise than the files say, a line each; secrets are compared only."""
    endpoints = {e.get("ObjectName") for e in await ami.collect("PJSIPShowEndpoints")}
    auths = {a.get("ObjectName"): a.get("Password") for a in await ami.collect("PJSIPShowAuths")}
    members = {m.get("Name") for m in await ami.collect("QueueStatus", Queue="fallback")}
    found = []
    for phone in given.phones:
        doors = [f"{phone.number}{door}" for door in ("", "@phone")]
        found += [
            f"seat {phone.number}: endpoint {d} is missing" for d in doors if d not in endpoints
        ]
        if auths.get(f"{phone.number}-auth") != phone.secret:
            found.append(f"seat {phone.number}: its secret was not taken up")
    for seat in given.seats:
        if seat.level == "provincial" and seat.number not in members:
            found.append(f"seat {seat.number}: not in the fallback queue")
    wanted = {p.number for p in given.phones} | {t.name for t in given.trunks}
    found += [
        f"trunk {t.name}: its endpoint is missing" for t in given.trunks if t.name not in endpoints
    ]
    left_over = {name.removesuffix("@phone") for name in endpoints} - wanted
    found += [f"{name}: still there, though no longer in the files" for name in sorted(left_over)]
    return tuple(found)
