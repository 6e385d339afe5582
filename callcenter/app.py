"""Builds every part once and runs them: `hotline serve`."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from aiohttp import web
from prometheus_client import REGISTRY

from callcenter.admission.desk import BlacklistDesk
from callcenter.admission.entrance import Entrance
from callcenter.admission.gate import Gate, Limits
from callcenter.admission.watch import BlacklistWatch
from callcenter.alarms import Alarms
from callcenter.asterisk.agi import AgiServer
from callcenter.asterisk.journal_reader import JournalReader
from callcenter.asterisk.outbound import Outbound
from callcenter.asterisk.rooms import Rooms
from callcenter.callback_facts import CallbackFacts
from callcenter.callbacks import Callbacks
from callcenter.cluster import Cluster
from callcenter.counters import PrometheusCounters
from callcenter.dispatcher import Dispatcher
from callcenter.flows.check import check_here
from callcenter.flows.copies import ReleaseCopies
from callcenter.flows.releases import Releases
from callcenter.flows.store import FlowStore
from callcenter.gauges import PartsCollector
from callcenter.known import REPEAT_WITHIN, TOLD_WITHIN, Known
from callcenter.live import Live, calendar_health
from callcenter.nodes import Nodes
from callcenter.notices import Notices
from callcenter.outside import Outside
from callcenter.priority import take_priority
from callcenter.province import Province, ProvinceFaults, load_province
from callcenter.province_secrets import Secrets, SecretsUnreadable, load_secrets
from callcenter.reconcile import Reconciler
from callcenter.rendering import DIALPLAN, asterisk_log
from callcenter.services import Services
from callcenter.settings import Settings
from callcenter.sounds import SoundFolder, prepare
from callcenter.switchboard import Switchboard
from callcenter.web.app import make_app
from callcenter.web.view import Health
from ivr_flows.load import FLOWS, FlowsRefused, load_flows
from reports.drain import Drainer
from reports.queries import city_told, has_called, last_talk
from reports.spool import Spool
from reports.store import DatabaseAway, Store
from seats.board import Board
from seats.locate import TOLD_BY_PEOPLE
from seats.places import seat_places
from seats.policy import CallbackPolicy, Policy

log = structlog.get_logger()

CONTROLLER, WEB = "controller", "web"
ROLES = (CONTROLLER, WEB)


def _namespace(settings: Settings) -> str:
    """Two homes on one Redis must not meet, and both may be called .runtime; nodes of one hotline
    must.
    """
    return (
        settings.cluster or hashlib.sha256(str(settings.home.resolve()).encode()).hexdigest()[:16]
    )


@dataclass(frozen=True)
class _CallbackRules:
    """As laid down now: both change while the hotline runs."""

    hotline: Hotline

    def policy(self) -> CallbackPolicy:
        return self.hotline.dispatcher.policy.callback

    def trunk(self, name: str) -> str | None:
        return self.hotline.outside.trunk_out(name)


class Hotline:
    """One controller with its pages. Build it inside the event loop that runs it."""

    def __init__(
        self, settings: Settings, province: Province, kept: Secrets, *, files: Path = FLOWS
    ) -> None:
        """Nothing is opened yet. `files`: the flows that run until others are published."""
        self.settings = settings
        self.province = province
        self.store = Store(settings.database_url)
        self.spool = Spool(settings.home / "spool")
        self.drainer = Drainer(settings.home / "spool", self.store, spool=self.spool)
        self.board = Board(
            settings.redis_url,
            namespace=_namespace(settings),
            controller=settings.node,
            tells=len(province.nodes) > 1,
        )
        self.flow_check = check_here(settings.home, settings.province)
        self.releases = Releases(
            FlowStore(self.store),
            self.flow_check,
            ReleaseCopies(settings.home / "releases"),
            files=load_flows(files),
            in_use=lambda: self.switchboard.releases_in_use(),
            on_policy=lambda: self.dispatcher.set_policy(self.policy),
        )
        self.kept = kept
        counters = PrometheusCounters()
        self.services = Services(
            lambda: self.province.services, lambda: self.kept.services, counters
        )
        gate = Gate(
            Limits(
                number_a_minute=settings.number_a_minute,
                number_at_once=settings.number_at_once,
                trunk_a_minute=settings.trunk_a_minute,
                trunk_at_once=settings.trunk_at_once,
                announced_at_once=settings.blocked_at_once,
            )
        )
        self.blacklist = BlacklistWatch(
            BlacklistDesk(self.store),
            gate,
            clock=lambda: datetime.now(UTC),
            count=counters.numbers_blocked,
        )
        prepare(settings.home)
        sounds = SoundFolder(settings.home)
        self.outside = Outside(
            lambda: self.province,
            self.services,
            hours=lambda at, city: self.province.hours(at, city),
        )
        self.switchboard = Switchboard(
            board=self.board,
            spool=self.spool,
            flows=self.releases,
            sounds=sounds,
            known=Known(
                calendar=lambda: self.province.calendar,
                waiting=lambda: self.dispatcher.waiting,
                called_before=self._called_before,
                told_before=self._told_before,
                tell=lambda call_id, found: self.switchboard.tell(call_id, found),
                talked_before=self._talked_before,
                tell_talk=lambda *talk: self.dispatcher.talked(*talk),
            ),
            outside=self.outside,
            alarms=Alarms(counters),
            counters=counters,
            dialplan=DIALPLAN,
            ring_s=settings.ring_s,
            notices=Notices(settings.home).in_force,
            entrance=Entrance(
                gate, trunks=lambda: self.province.trunks, count=counters.call_blocked
            ),
        )
        self.dispatcher = Dispatcher(
            province.seats,
            self.board,
            clock=self.switchboard.clock,
            offer=self.switchboard.offer,
            ring_s=settings.ring_s,
            wrap_up_s=settings.filing_s or settings.wrap_up_s,
            policy=province.policy,
            kind_of=lambda day: self.province.calendar.kind(day),
        )
        self.switchboard.dispatcher = self.dispatcher
        self.dispatcher.was_picked_up = self.switchboard.was_picked_up
        ami = {node.name: node.ami for node in province.nodes}
        self.nodes = Nodes(
            {**ami, settings.node: settings.ami},
            own=settings.node,
            secret=kept.ami,
            hear=self.switchboard.hear,
            on_up=self._asterisk_is_up,
        )
        self.ami = self.nodes.own
        self.switchboard.in_sight = lambda call_id: self.nodes.of_call(call_id).is_up
        self.callback_facts = CallbackFacts(
            self.store,
            self.spool,
            clock=self.switchboard.clock,
            told=lambda one: self.switchboard.callbacks.told(one),
        )
        self.switchboard.callbacks = Callbacks(
            board=self.board,
            outbound=Outbound(self.ami, dialplan=DIALPLAN),
            rules=_CallbackRules(self),
            house=self.switchboard,
            tell=self.callback_facts.tell,
        )
        self.rooms = Rooms(
            self.nodes.of_call, dialplan=DIALPLAN, node_of_seat=self.switchboard.node_of_seat
        )
        self.switchboard.talks.rooms = self.rooms
        self.agi = AgiServer(settings.agi.host, settings.agi.port, self.switchboard.answer)
        self.reconciler = Reconciler(
            nodes=self.nodes,
            switchboard=self.switchboard,
            store=self.store,
            spool=self.spool,
            reader=JournalReader(
                asterisk_log(settings) / "queue_log", settings.home / "journal.json"
            ),
            counters=counters,
        )
        self.cluster = self._join_cluster(_namespace(settings)) if len(ami) > 1 else None
        names = {code: place.name for code, place in seat_places().items()}
        self.live = Live(self.switchboard, store=self.store, city_names=names, health=self._health)

    async def _told_before(self, number: str, moment: datetime) -> str | None:
        since = moment - TOLD_WITHIN
        sources = TOLD_BY_PEOPLE
        return await city_told(self.store, number, since=since, before=moment, sources=sources)

    async def _talked_before(self, number: str, moment: datetime) -> tuple[str, datetime] | None:
        days = self.dispatcher.sticky_days
        since = moment - timedelta(days=days)
        return await last_talk(self.store, number, since=since, before=moment) if days else None

    @property
    def policy(self) -> Policy:
        """The routing policy in force: the published one, else that of the province folder."""
        published = self.releases.published
        return published.policy if published else self.province.policy

    async def _called_before(self, number: str, moment: datetime) -> bool:
        return await has_called(self.store, number, since=moment - REPEAT_WITHIN, before=moment)

    def _join_cluster(self, namespace: str) -> Cluster:
        return Cluster(
            self.nodes,
            redis_url=self.settings.redis_url,
            namespace=namespace,
            board=self.board,
            switchboard=self.switchboard,
            dispatcher=self.dispatcher,
            compare=self.reconciler.compare,
        )

    async def _asterisk_is_up(self) -> None:
        await self.reconciler.compare()

    def _health(self) -> Mapping[str, Health]:
        behind = self.drainer.behind_bytes()
        return {
            "controller": Health(True, f"通话 {len(self.switchboard.sessions)} 路"),
            "asterisk": Health(self.ami.is_up, "已连接" if self.ami.is_up else "连接中断"),
            "redis": Health(
                self.board.is_up, "已连接" if self.board.is_up else "连接中断，暂用内存"
            ),
            "database": Health(
                self.drainer.is_up,
                "正常" if self.drainer.is_up else f"暂不可写，{behind} 字节话单待入库",
            ),
            **calendar_health(self.province.calendar, datetime.now(UTC)),
        }

    async def _take_up_provinces(self) -> None:
        """On each SIGHUP the province folder is read again; a faulty one changes nothing."""
        asked = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, asked.set)
        while True:
            await asked.wait()
            asked.clear()
            try:
                province = await asyncio.to_thread(load_province, self.settings.province)
                if published := self.releases.published:
                    # It must be able to follow the published policy too, which goes on holding.
                    read = self.flow_check.policies.read
                    await asyncio.to_thread(read, published.text, province.routable)
                numbers = [seat.number for seat in province.seats]
                kept = await asyncio.to_thread(load_secrets, self.settings.home, numbers)
            except (ProvinceFaults, FlowsRefused, SecretsUnreadable, OSError) as refused:
                log.error("the changed province is refused, the old one stays")
                for fault in str(refused).splitlines():
                    log.error("fault in the province", fault=fault)
                continue
            self.province, self.kept = province, kept
            self.dispatcher.set_roster(province.seats)
            self.dispatcher.set_policy(self.policy)
            log.info("the province is taken up", seats=len(province.seats))
            # A phone may have registered before its seat was known here.
            await self.reconciler.compare()

    async def run(self, roles: tuple[str, ...]) -> None:
        """Serve until SIGTERM or SIGINT."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        async with contextlib.AsyncExitStack() as parts, asyncio.TaskGroup() as tasks:
            parts.push_async_callback(self.store.close)
            workers: list[asyncio.Task[None]] = []
            if CONTROLLER in roles:
                workers = await self._open_controller(parts, tasks)
            if WEB in roles:
                await self._open_web(parts)
            # What is loaded now stays: the collector need not look through it again, which would
            # stop every call for tens of milliseconds.
            gc.collect()
            gc.freeze()
            gc.set_threshold(10_000, 20, 20)
            # Other threads check a new release and talk to the database: a call waits for them no
            # longer than this (5 ms unless set; measured: at most 3 ms in place of 6).
            sys.setswitchinterval(0.0005)
            if CONTROLLER in roles and self.settings.realtime:
                take_priority()
            log.info("serving", roles=",".join(roles))
            await stop.wait()
            log.info("stopping")
            for worker in workers:
                worker.cancel()

    async def _open_controller(
        self, parts: contextlib.AsyncExitStack, tasks: asyncio.TaskGroup
    ) -> list[asyncio.Task[None]]:
        pid_file = self.settings.home / "controller.pid"  # whom to send SIGHUP
        pid_file.write_text(f"{os.getpid()}\n")
        parts.callback(pid_file.unlink, missing_ok=True)
        figures = PartsCollector(
            spool=self.spool,
            drainer=self.drainer,
            board=self.board,
            ami=self.ami,
            agi=self.agi,
            dispatcher=self.dispatcher,
            releases=self.releases,
            cluster=self.cluster,
        )
        REGISTRY.register(figures)
        parts.callback(REGISTRY.unregister, figures)
        await self.board.start()
        parts.push_async_callback(self.board.close)
        parts.callback(self.spool.close)
        parts.push_async_callback(self.drainer.close)
        parts.callback(self.switchboard.close)
        parts.push_async_callback(self.services.close)
        parts.push_async_callback(self.rooms.close)
        await self.dispatcher.restore()
        self.switchboard.restore(await self.board.load_calls())
        await self.releases.start()
        with contextlib.suppress(DatabaseAway):  # then nobody is kept out until it is there
            await self.blacklist.look()
        await self.reconciler.mend_facts(await self.board.call_ids())
        work = (
            *(self.board, self.drainer, self.dispatcher, self.reconciler, self.nodes),
            *(self.releases, self.switchboard.callbacks, self.callback_facts),
        )
        workers = [tasks.create_task(part.run()) for part in (*work, self.blacklist)]
        workers.append(tasks.create_task(self._take_up_provinces()))
        if self.cluster is not None:
            parts.push_async_callback(self.cluster.close)
            workers.append(tasks.create_task(self.cluster.run()))
        # Last, so that a call that comes in finds everything at work.
        await self.agi.start()
        parts.push_async_callback(self.agi.stop)
        return workers

    async def _open_web(self, parts: contextlib.AsyncExitStack) -> None:
        runner = web.AppRunner(make_app(self.live, self.settings), access_log=None)
        await runner.setup()
        parts.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, self.settings.web.host, self.settings.web.port).start()
