"""Builds every part once and runs them: `hotline serve`."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import sys
from pathlib import Path

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
            closing.push_async_callback(self._parts.store.close)
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
            if CONTROLLER in roles and self._parts.settings.realtime:
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
        pid_file = parts.settings.home / "controller.pid"  # whom to send SIGHUP
        pid_file.write_text(f"{os.getpid()}\n")
        closing.callback(pid_file.unlink, missing_ok=True)
        figures = PartsCollector(
            spool=parts.spool,
            drainer=parts.drainer,
            board=parts.board,
            ami=parts.ami,
            agi=parts.agi,
            dispatcher=parts.dispatcher,
            releases=parts.releases,
            cluster=parts.cluster,
        )
        REGISTRY.register(figures)
        closing.callback(REGISTRY.unregister, figures)
        await parts.board.start()
        closing.push_async_callback(parts.board.close)
        closing.callback(parts.spool.close)
        closing.push_async_callback(parts.drainer.close)
        closing.callback(parts.switchboard.close)
        closing.push_async_callback(parts.services.close)
        closing.push_async_callback(parts.rooms.close)
        await parts.dispatcher.restore()
        parts.switchboard.claims.restore(await parts.board.load_calls())
        parts.desk_records.take_up()
        closing.push_async_callback(parts.desk_records.close)
        await parts.releases.start()
        with contextlib.suppress(DatabaseAway):  # then nobody is kept out until it is there
            await parts.blacklist.look()
        await parts.reconciler.mend_facts(await parts.board.call_ids())
        work = (
            *(parts.board, parts.drainer, parts.dispatcher, parts.reconciler, parts.nodes),
            *(parts.releases, parts.switchboard.callbacks, parts.callback_facts, parts.blacklist),
            parts.desk_records,
        )
        workers = [tasks.create_task(part.run()) for part in work]
        workers.append(tasks.create_task(parts.uptake.run()))
        if parts.cluster is not None:
            closing.push_async_callback(parts.cluster.close)
            workers.append(tasks.create_task(parts.cluster.run()))
        # Last, so that a call that comes in finds everything at work.
        await parts.agi.start()
        closing.push_async_callback(parts.agi.stop)
        return workers

    async def _open_web(self, closing: contextlib.AsyncExitStack) -> None:
        settings = self._parts.settings
        pages = make_app(
            self._parts.live,
            settings,
            parts=self._parts.web_parts,
            proxies=settings.trusted_proxies,
        )
        runner = web.AppRunner(pages, access_log=None)
        await runner.setup()
        closing.push_async_callback(runner.cleanup)
        if self._parts.web_parts.peers is not None:
            closing.push_async_callback(self._parts.web_parts.peers.close)
        await web.TCPSite(runner, settings.web.host, settings.web.port).start()
