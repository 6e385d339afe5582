"""Every part of one controller and its pages, built once and put together; none is opened here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from callcenter.accounts.accounts import make_accounts
from callcenter.admission.desk import BlacklistDesk
from callcenter.admission.entrance import Entrance
from callcenter.admission.gate import Gate, Limits
from callcenter.admission.watch import BlacklistWatch
from callcenter.alarms import Alarms
from callcenter.asterisk.agi import AgiServer
from callcenter.asterisk.ears import Ears
from callcenter.asterisk.journal_reader import JournalReader
from callcenter.asterisk.outbound import Outbound
from callcenter.asterisk.rooms import Rooms
from callcenter.beside import Telephones
from callcenter.call import Call
from callcenter.call.away import RTP_LOST
from callcenter.callback_facts import CallbackFacts
from callcenter.callbacks import Callbacks
from callcenter.cluster import Cluster
from callcenter.counters import PrometheusCounters
from callcenter.desk_house import DeskHouse
from callcenter.desk_records import DeskRecords
from callcenter.dispatcher import Dispatcher
from callcenter.documents.desk import ProvinceDesk
from callcenter.documents.folder import ProvinceFolder
from callcenter.documents.uptake import ProvinceUptake
from callcenter.figures import Figures
from callcenter.flows.bench import FlowBench
from callcenter.flows.check import check_here
from callcenter.flows.console import FlowConsole, running
from callcenter.flows.copies import ReleaseCopies
from callcenter.flows.desk import FlowDesk
from callcenter.flows.releases import Releases
from callcenter.flows.store import FlowStore
from callcenter.flows.traffic import FlowTraffic
from callcenter.known import Known
from callcenter.live import Live, calendar_health
from callcenter.neighbours import Neighbours
from callcenter.nodes import Nodes
from callcenter.notices import Notices
from callcenter.open_requests import OpenRequests
from callcenter.outside import Outside
from callcenter.past_calls import PastCalls
from callcenter.prompt_shelf import PromptShelf
from callcenter.province import Province
from callcenter.province_secrets import Secrets
from callcenter.reconcile import Reconciler
from callcenter.rendering import DIALPLAN, asterisk_log
from callcenter.services import Services
from callcenter.settings import Settings
from callcenter.sounds import SoundFolder, prepare
from callcenter.supervision import By, Supervision
from callcenter.switchboard import Switchboard
from callcenter.targets import TalkTargets
from callcenter.web.calls_desk import CallsDesk
from callcenter.web.desk_news import DeskNews
from callcenter.web.feed import Audience, Feed
from callcenter.web.peers import Peers
from callcenter.web.put_out import PutOut
from callcenter.web.seal import Seal
from callcenter.web.supervise import supervise_answer
from callcenter.web.view import Health
from callcenter.web.web_parts import WebParts
from callcenter.whereabouts import Whereabouts
from ivr_flows.load import FLOWS, load_flows
from reports.drain import Drainer
from reports.spool import Spool
from reports.store import Store
from seats.board import Board
from seats.places import seat_places
from seats.policy import CallbackPolicy, Policy


@dataclass(frozen=True)
class _CallbackRules:
    """As laid down now: both change while the hotline runs."""

    parts: Parts

    def policy(self) -> CallbackPolicy:
        return self.parts.dispatcher.policy.callback

    def trunk(self, name: str) -> str | None:
        return self.parts.outside.trunk_out(name)


class Parts:
    """The parts by name. Build them inside the event loop that runs them."""

    def __init__(
        self, settings: Settings, province: Province, kept: Secrets, *, files: Path = FLOWS
    ) -> None:
        """`files`: the flows that run until others are published."""
        self.kept = kept
        self.counters = PrometheusCounters()
        self.settings = settings
        self.province = province
        self.feed = Feed()
        self.neighbours = Neighbours()
        self.store = Store(settings.database_url)
        self.spool = Spool(settings.home / "spool")
        self.drainer = Drainer(settings.home / "spool", self.store, spool=self.spool)
        self.board = Board(
            settings.redis_url,
            namespace=settings.namespace,
            controller=settings.node,
            tells=len(province.nodes) > 1,
        )
        self._build_flows(files)
        self._build_admission()
        self._build_switchboard()
        self._build_asterisk()
        self._build_callbacks()
        self.reconciler = self._reconciler()
        self.cluster = self._join_cluster() if len(province.nodes) > 1 else None
        self.switchboard.watchers.append(self.flow_traffic.watch)
        self.documents = ProvinceFolder(settings)
        self.uptake = ProvinceUptake(self, self.documents)
        names = {code: place.name for code, place in seat_places().items()}
        self.live = Live(
            self.switchboard,
            store=self.store,
            city_names=names,
            health=self._health,
            neighbours=self.neighbours,
        )
        self.desk_records = DeskRecords(
            self.switchboard,
            self.store,
            self.feed,
            home=settings.home,
            province=lambda: self.settings.province,
        )
        self.neighbours.watchers += [self.desk_records.watch.elsewhere, self.alarms.hear]
        self.web_parts = WebParts(
            feed=self.feed,
            blacklist=BlacklistDesk(self.store),
            prompts=PromptShelf(settings.home),
            province=ProvinceDesk(
                settings,
                self.documents,
                store=self.store,
                releases=FlowStore(self.store),
                take_up=self.uptake.take_up,
            ),
            figures=Figures(self.store),
            requests=OpenRequests(self.store, city_names=names),
            accounts=make_accounts(self.store, settings.home, settings.log_in_rules),
            phones=lambda: [n for numbers in self.province.phones for n in numbers],
            targets=TalkTargets(
                self.switchboard, lines=lambda: self.province.lines, city_names=names
            ).of,
            calls=CallsDesk(self.store, home=self.settings.home),
            supervision=self.supervision,
            pops=self.desk_records.pops,
            emergency=self.desk_records.emergency,
            desk=self._desk_house(),
            flows=self._flow_console(files),
            peers=self._peers() if self.cluster else None,
        )

    def _flow_console(self, files: Path) -> FlowConsole:
        desk = FlowDesk(self.store, self.flow_check, files=files)
        return FlowConsole(
            desk=desk,
            bench=FlowBench(desk, lambda: self.province.calendar),
            traffic=self.flow_traffic,
            running=lambda: running(self.releases, self._calls()),
        )

    def _calls(self) -> Iterator[Call]:
        """In progress, at every node."""
        sessions = self.switchboard.sessions
        yield from (session.call for session in sessions.values())
        yield from (call for call in self.neighbours.calls if call.call_id not in sessions)

    def _desk_house(self) -> DeskHouse:
        house = DeskHouse(
            self.switchboard,
            store=self.store,
            province=lambda: self.province,
            secrets=lambda: self.kept,
            asterisk=f"http://{self.settings.ws.from_here}/ws",
            neighbours=self.neighbours,
            ice=self.settings.ice_plan,
        )
        self.desk_news = DeskNews(self.feed, house)
        return house

    def _build_flows(self, files: Path) -> None:
        self.flow_check = check_here(self.settings.home, lambda: self.settings.province)
        self.releases = Releases(
            FlowStore(self.store),
            self.flow_check,
            ReleaseCopies(self.settings.home / "releases"),
            files=load_flows(files),
            in_use=lambda: self.switchboard.releases_in_use(),
            on_policy=lambda: self.dispatcher.set_policy(self.policy),
        )

        self.flow_traffic = FlowTraffic(self.store, self._calls, clock=lambda: datetime.now(UTC))

    def _build_admission(self) -> None:
        self.gate = Gate(
            Limits(
                number_a_minute=self.settings.number_a_minute,
                number_at_once=self.settings.number_at_once,
                trunk_a_minute=self.settings.trunk_a_minute,
                trunk_at_once=self.settings.trunk_at_once,
                announced_at_once=self.settings.blocked_at_once,
            )
        )
        self.blacklist = BlacklistWatch(
            BlacklistDesk(self.store),
            self.gate,
            clock=lambda: datetime.now(UTC),
            count=self.counters.numbers_blocked,
        )

    def _build_switchboard(self) -> None:
        settings, counters = self.settings, self.counters
        self.alarms = Alarms(counters)
        self.services = Services(
            lambda: self.province.services, lambda: self.kept.services, counters
        )
        past = PastCalls(self.store, lambda: self.dispatcher.sticky_days)
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
                called_before=past.called_before,
                told_before=past.told_before,
                tell=lambda call_id, found: self.switchboard.tell(call_id, found),
                talked_before=past.talked_before,
                tell_talk=lambda *talk: self.dispatcher.talked(*talk),
            ),
            outside=self.outside,
            alarms=self.alarms,
            counters=counters,
            dialplan=DIALPLAN,
            ring_s=settings.ring_s,
            notices=Notices(settings.home).in_force,
            entrance=Entrance(
                self.gate, trunks=lambda: self.province.trunks, count=counters.call_blocked
            ),
        )
        self.dispatcher = Dispatcher(
            self.province.seats,
            self.board,
            clock=self.switchboard.clock,
            offer=self.switchboard.offer,
            ring_s=settings.ring_s,
            wrap_up_s=settings.filing_s or settings.wrap_up_s,
            policy=self.province.policy,
            kind_of=lambda day: self.province.calendar.kind(day),
        )
        self.switchboard.dispatcher = self.dispatcher
        self.dispatcher.was_picked_up = self.switchboard.was_picked_up

    def _build_asterisk(self) -> None:
        settings = self.settings
        ami = {node.name: node.ami for node in self.province.nodes}
        self.nodes = Nodes(
            {**ami, settings.node: settings.ami},
            own=settings.node,
            secret=self.kept.ami,
            hear=self.switchboard.news.hear,
            on_up=self._asterisk_is_up,
        )
        self.ami = self.nodes.own
        self.switchboard.in_sight = lambda call_id: self.nodes.of_call(call_id).is_up
        self.rooms = Rooms(self.nodes.of_call, dialplan=DIALPLAN, node_of_seat=self._node_of_phone)
        self.switchboard.talks.rooms = self.rooms
        self._build_supervision()
        self.agi = AgiServer(settings.agi.host, settings.agi.port, self.switchboard.arrivals.answer)

    def _build_supervision(self) -> None:
        telephones = Telephones(self.switchboard, lambda: self.province.phones[1])
        self.switchboard.talks.beside = telephones
        telephones.neighbours = self.neighbours
        telephones.if_gone = self.rooms.if_gone
        telephones.on_change = self._tell_supervisor
        telephones.on_lost = lambda place: self.rooms.hang_up(
            place.call_id, place.channel, cause=RTP_LOST
        )
        self.supervision = Supervision(
            self.switchboard,
            telephones,
            store=self.store,
            hands=Ears(self.rooms, dialplan=DIALPLAN),
            put_out=self._put_out,
        )

    def _node_of_phone(self, number: str) -> str:
        node = self.supervision.telephones.node_of(number)
        return node or self.switchboard.node_of_seat(number)

    def _tell_supervisor(self, phone: str) -> None:
        self.feed.publish(
            "supervise", supervise_answer(self.supervision, phone), to=Audience(seat=phone)
        )

    async def _put_out(self, seat: str, by: By) -> None:
        accounts = self.web_parts.accounts
        if accounts is not None:
            await PutOut(self.feed, self.switchboard.desks, accounts)(seat, by)

    def _build_callbacks(self) -> None:
        self.callback_facts = CallbackFacts(
            self.store,
            self.spool,
            clock=self.switchboard.clock,
            told=lambda one: self.switchboard.callbacks.told(one),
        )
        outbound = Outbound(self.ami, dialplan=DIALPLAN)
        self.switchboard.calls_out.outbound = outbound
        self.switchboard.calls_out.node = self.settings.node
        self.switchboard.callbacks = Callbacks(
            board=self.board,
            outbound=outbound,
            rules=_CallbackRules(self),
            house=self.switchboard,
            tell=self.callback_facts.tell,
        )

    def _reconciler(self) -> Reconciler:
        return Reconciler(
            nodes=self.nodes,
            switchboard=self.switchboard,
            store=self.store,
            spool=self.spool,
            reader=JournalReader(
                asterisk_log(self.settings) / "queue_log", self.settings.home / "journal.json"
            ),
            counters=self.counters,
            answered=lambda facts: self.desk_records.records.answered_unseen(facts),
        )

    @property
    def policy(self) -> Policy:
        """The routing policy in force: the published one, else that of the province folder."""
        published = self.releases.published
        return published.policy if published else self.province.policy

    def _peers(self) -> Peers:
        places = Whereabouts(
            self.nodes,
            self.switchboard,
            self.neighbours,
            addresses=lambda: {one.name: one.web for one in self.province.nodes if one.web},
        )
        return Peers(places, Seal(lambda: self.kept.ami))

    def _join_cluster(self) -> Cluster:
        return Cluster(
            self.nodes,
            redis_url=self.settings.redis_url,
            namespace=self.settings.namespace,
            board=self.board,
            switchboard=self.switchboard,
            dispatcher=self.dispatcher,
            compare=self.reconciler.compare,
            neighbours=self.neighbours,
            telephones=self.supervision.telephones,
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
            **self._missing_nodes(),
            **calendar_health(self.province.calendar, datetime.now(UTC)),
        }

    def _missing_nodes(self) -> dict[str, Health]:
        """Nodes whose controllers are gone: the hotline works on, so it is no failure."""
        gone = [name for name in self.nodes.names if name not in self.nodes.alive]
        said = f"{'、'.join(gone)} 没有响应，其来电由其他节点接续"
        return {"nodes": Health(True, said)} if gone else {}
