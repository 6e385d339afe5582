"""Builds every part once and runs them: `hotline serve`."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import sys
from pathlib import Path
from typing import Protocol

import structlog
from aiohttp import web
from prometheus_client import REGISTRY

from callcenter.gauges import PartsCollector
from callcenter.parts import Parts
from callcenter.priority import take_priority
from callcenter.province import Province
from callcenter.province_secrets import Secrets
from callcenter.settings import Settings
from callcenter.web.app import make_app
from ivr_flows.load import FLOWS
from reports.store import DatabaseAway

log = structlog.get_logger()

CONTROLLER, WEB = "controller", "web"
ROLES = (CONTROLLER, WEB)


class _Works(Protocol):
    async def run(self) -> None: ...


class Hotline:
    """One controller with its pages. Build it inside the event loop that runs it."""

    def __init__(
        self, settings: Settings, province: Province, kept: Secrets, *, files: Path = FLOWS
    ) -> None:
        """Nothing is opened yet. `files`: the flows that run until others are published."""
        self._parts = Parts(settings, province, kept, files=files)

    async def run(self, roles: tuple[str, ...]) -> None:
        """Serve until SIGTERM or SIGINT."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        async with contextlib.AsyncExitStack() as closing, asyncio.TaskGroup() as tasks:
            closing.push_async_callback(self._parts.stores.store.close)
            workers: list[asyncio.Task[None]] = []
            if CONTROLLER in roles:
                workers = await self._open_controller(closing, tasks)
            if WEB in roles:
                await self._open_web(closing)
            # What is loaded now stays: the collector need not look through it again, which would
            # stop every call for tens of milliseconds.
            gc.collect()
            gc.freeze()
            gc.set_threshold(10_000, 20, 20)
            # Other threads check a new release and talk to the database: a call waits for them no
            # longer than this (5 ms unless set; measured: at most 3 ms in place of 6).
            sys.setswitchinterval(0.0005)
            if CONTROLLER in roles and self._parts.site.settings.realtime:
                take_priority()
            log.info("serving", roles=",".join(roles))
            await stop.wait()
            log.info("stopping")
            for worker in workers:
                worker.cancel()

    async def _open_controller(
        self, closing: contextlib.AsyncExitStack, tasks: asyncio.TaskGroup
    ) -> list[asyncio.Task[None]]:
        parts = self._parts
        pid_file = parts.site.settings.home / "controller.pid"  # whom to send SIGHUP
        pid_file.write_text(f"{os.getpid()}\n")
        closing.callback(pid_file.unlink, missing_ok=True)
        self._tell_figures(closing)
        await self._take_up(closing)
        workers = [tasks.create_task(part.run()) for part in self._at_work()]
        if parts.cluster is not None:
            closing.push_async_callback(parts.cluster.close)
            workers.append(tasks.create_task(parts.cluster.run()))
        # Last, so that a call that comes in finds everything at work.
        await parts.wire.agi.start()
        closing.push_async_callback(parts.wire.agi.stop)
        return workers

    def _tell_figures(self, closing: contextlib.AsyncExitStack) -> None:
        stores, calls, wire = self._parts.stores, self._parts.calls, self._parts.wire
        figures = PartsCollector(
            spool=stores.spool,
            drainer=stores.drainer,
            board=stores.board,
            ami=wire.ami,
            agi=wire.agi,
            dispatcher=calls.dispatcher,
            releases=calls.flows.releases,
            cluster=self._parts.cluster,
        )
        REGISTRY.register(figures)
        closing.callback(REGISTRY.unregister, figures)

    async def _take_up(self, closing: contextlib.AsyncExitStack) -> None:
        """Have all as the last run left it."""
        stores, calls, pages = self._parts.stores, self._parts.calls, self._parts.pages
        await stores.board.start()
        closing.push_async_callback(stores.board.close)
        closing.callback(stores.spool.close)
        closing.push_async_callback(stores.drainer.close)
        closing.callback(calls.switchboard.close)
        closing.push_async_callback(calls.services.close)
        closing.push_async_callback(self._parts.wire.rooms.close)
        await calls.dispatcher.restore()
        calls.switchboard.claims.restore(await stores.board.load_calls())
        pages.records.take_up()
        closing.push_async_callback(pages.records.close)
        await calls.flows.releases.start()
        with contextlib.suppress(DatabaseAway):  # then nobody is kept out until it is there
            await calls.blacklist.look()
        await self._parts.reconciler.mend_facts(await stores.board.call_ids())

    def _at_work(self) -> tuple[_Works, ...]:
        parts = self._parts
        stores, calls, wire = parts.stores, parts.calls, parts.wire
        return (
            *(stores.board, stores.drainer, calls.dispatcher, parts.reconciler, wire.nodes),
            *(calls.flows.releases, calls.switchboard.callbacks, wire.callback_facts),
            *(calls.blacklist, parts.pages.records, parts.uptake),
            *(wire.trunks, parts.pages.system),
        )

    async def _open_web(self, closing: contextlib.AsyncExitStack) -> None:
        settings = self._parts.site.settings
        pages = make_app(
            self._parts.pages.live,
            settings,
            parts=self._parts.pages.web,
            proxies=settings.trusted_proxies,
        )
        runner = web.AppRunner(pages, access_log=None)
        await runner.setup()
        closing.push_async_callback(runner.cleanup)
        if self._parts.pages.web.peers is not None:
            closing.push_async_callback(self._parts.pages.web.peers.close)
        await web.TCPSite(runner, settings.web.host, settings.web.port).start()
