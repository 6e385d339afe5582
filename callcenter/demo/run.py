"""Runs the simulated people until told to stop, or until whoever started them is gone."""

import asyncio
import os
import random
import signal
import socket

import structlog
import uvloop

from callcenter.demo.citizens import KNOWN, run_citizens
from callcenter.demo.ear import learn_prompts
from callcenter.demo.outside import Manner, run_outside
from callcenter.demo.seats import Habits, SecretsFault, load_secrets, run_seats
from callcenter.launch.child import die_with_parent
from callcenter.settings import Settings
from callcenter.sounds import LANGUAGE, PACKAGED

log = structlog.get_logger(__name__)

_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "127.0.0.1"}
_SECRETS_AGAIN_S = 2.0
KOREAN = "ko-KR"


def run_demo(settings: Settings, *, seats: bool, citizens: bool) -> None:
    """Block until SIGINT or SIGTERM, or the death of the parent."""
    die_with_parent(os.getppid(), signal.SIGTERM)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_live(settings, seats=seats, citizens=citizens))


async def _live(settings: Settings, *, seats: bool, citizens: bool) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    people = asyncio.ensure_future(_people(settings, seats=seats, citizens=citizens))
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait({people, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    people.cancel()
    try:
        await people
    except asyncio.CancelledError:
        pass


async def _people(settings: Settings, *, seats: bool, citizens: bool) -> None:
    server = (_ANYWHERE.get(settings.sip.host, settings.sip.host), settings.sip.port)
    async with asyncio.TaskGroup() as tasks:
        if seats:
            tasks.create_task(_all_seats(settings, server))
        if citizens:
            from callcenter.demo import service  # aiohttp: lawyers need none

            tasks.create_task(service.serve())
            tasks.create_task(run_outside(manner=Manner(), dice=random.Random()))
            tasks.create_task(
                run_citizens(
                    server=server,
                    a_minute=settings.demo_callers,
                    shapes=_prompts(settings),
                    dice=random.Random(),
                )
            )


def _prompts(settings: Settings) -> dict[str, tuple[int, ...]]:
    """What citizens know by ear: Mandarin by the prompt's id, Korean as `ko-KR:id`."""
    own = settings.home / "prompts"
    shapes = learn_prompts((PACKAGED, own / LANGUAGE), KNOWN)
    korean = learn_prompts((PACKAGED.parent / KOREAN, own / KOREAN), KNOWN)
    return shapes | {f"{KOREAN}:{name}": shape for name, shape in korean.items()}


async def _all_seats(settings: Settings, server: tuple[str, int]) -> None:
    path = settings.home / "seats.json"
    while True:
        try:
            accounts = load_secrets(path)
            break
        except SecretsFault as fault:
            log.warning("waiting for the seats' secrets", why=str(fault))
            await asyncio.sleep(_SECRETS_AGAIN_S)
    await run_seats(
        server=server,
        accounts=accounts,
        habits=Habits(),
        dice=random.Random(),
        here=own_address(server),
    )


def own_address(server: tuple[str, int]) -> str:
    """The address of this machine from which `server` is reached; sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(server)
        address: str = probe.getsockname()[0]
        return address
