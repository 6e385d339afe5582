"""A changed province in the running hotline: taken up between two calls, by every controller."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from callcenter.asterisk.reload import NotReloaded, reload_running
from callcenter.dispatcher import Dispatcher
from callcenter.documents.folder import ProvinceFolder
from callcenter.flows.in_force import FlowsInForce
from callcenter.launch.asterisk_program import find_asterisk
from callcenter.launch.child import LaunchFault
from callcenter.launch.plan import AsteriskFolders
from callcenter.province import Province, ProvinceFaults, load_province
from callcenter.province_secrets import Secrets, SecretsUnreadable, load_secrets
from callcenter.rendering import render_input
from callcenter.site import Site
from ivr_flows.load import FlowsRefused
from sip_config.model import BadValue
from sip_config.reload import SEAT_FILES
from sip_config.render import render, write

log = structlog.get_logger()

LOOK_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class TakenUp:
    """What became of a changed province here; `faults`: why nothing of it holds.

    `telephones`: why Asterisk does not know the changed seats yet; empty when it does.
    """

    faults: tuple[str, ...] = ()
    telephones: str = ""


class ProvinceUptake:
    """On each SIGHUP, and on each change that was written down, the folder is read again."""

    def __init__(
        self,
        site: Site,
        folder: ProvinceFolder,
        *,
        flows: FlowsInForce,
        dispatcher: Dispatcher,
        compare: Callable[[], Awaitable[None]],
    ) -> None:
        """`compare` holds our state against every Asterisk's."""
        self._site = site
        self._folder = folder
        self._flows = flows
        self._dispatcher = dispatcher
        self._compare = compare
        self._seen = folder.mark()
        self._one_at_a_time = asyncio.Lock()

    async def run(self) -> None:
        """Take up what changes, forever. The operator's SIGHUP leaves Asterisk's files alone."""
        asked = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, asked.set)
        while True:
            try:
                await self._next(asked)
            except Exception:
                # Whatever it is, calls go on with the province that there is.
                log.exception("taking up a changed province failed")

    async def _next(self, asked: asyncio.Event) -> None:
        try:
            await asyncio.wait_for(asked.wait(), LOOK_S)
        except TimeoutError:
            if self._folder.mark() != self._seen:
                await self.take_up()
        else:
            asked.clear()
            await self.take_up(tells_asterisk=False)

    async def take_up(self, *, tells_asterisk: bool = True) -> TakenUp:
        """The folder as it is now; a faulty one changes nothing."""
        async with self._one_at_a_time:
            self._seen = self._folder.mark()
            site = self._site
            before = _telephones(site.province, site.kept)
            try:
                province, kept = await self._read()
            except (ProvinceFaults, FlowsRefused, SecretsUnreadable, OSError) as refused:
                faults = tuple(str(refused).splitlines())
                log.error("the changed province is refused, the old one stays")
                for fault in faults:
                    log.error("fault in the province", fault=fault)
                return TakenUp(faults)
            site.province, site.kept = province, kept
            self._dispatcher.set_roster(province.seats)
            self._dispatcher.set_policy(self._flows.policy)
            log.info("the province is taken up", seats=len(province.seats))
            missing = ""
            if tells_asterisk and _telephones(province, kept) != before:
                missing = await self._tell_asterisk(province, kept)
            # A phone may have registered before its seat was known here.
            await self._compare()
            return TakenUp(telephones=missing)

    async def _read(self) -> tuple[Province, Secrets]:
        settings = self._site.settings
        province = await asyncio.to_thread(load_province, settings.province)
        if published := self._flows.releases.published:
            # It must be able to follow the published policy too, which goes on holding.
            read = self._flows.check.policies.read
            await asyncio.to_thread(read, published.text, province.routable)
        kept = await asyncio.to_thread(load_secrets, settings.home, *province.phones)
        return province, kept

    async def _tell_asterisk(self, province: Province, kept: Secrets) -> str:
        """Let this node's Asterisk know the seats' telephones; why it does not, else empty."""
        settings = self._site.settings
        out = AsteriskFolders(settings.home).config
        try:
            program = await asyncio.to_thread(find_asterisk, settings.cache)
            given = render_input(settings, province, kept, program, out=out)
            files = await asyncio.to_thread(render, given)
            # What seats do not change stays as this Asterisk was started with.
            of_seats = {name: files[name] for name in SEAT_FILES}
            changed = await asyncio.to_thread(write, out, of_seats)
            refused = (await reload_running(given, changed)).refused
        except (LaunchFault, BadValue, NotReloaded, OSError) as fault:
            refused = (str(fault),)
        for fault_line in refused:
            log.error("Asterisk has not taken up the changed seats", fault=fault_line)
        return "; ".join(refused)


def _telephones(province: Province, kept: Secrets) -> object:
    """All that Asterisk's files hold of seats; equal when they need not be written anew."""
    seats = [(seat.number, seat.name, seat.level) for seat in province.seats]
    return seats, province.supervisors, province.trunks, kept
