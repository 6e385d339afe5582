"""What the pages see and do."""

from __future__ import annotations

import time

from callcenter.accounts.accounts import make_accounts
from callcenter.admission.desk import BlacklistDesk
from callcenter.asterisk.ears import Ears
from callcenter.desk_house import DeskHouse
from callcenter.desk_records import DeskRecords
from callcenter.documents.desk import ProvinceDesk
from callcenter.documents.folder import ProvinceFolder
from callcenter.documents.uptake import ProvinceUptake
from callcenter.figures import Figures
from callcenter.flows.store import FlowStore
from callcenter.fresh_calls import FreshCalls
from callcenter.live import Live
from callcenter.notice_desk import NoticeDesk
from callcenter.open_requests import OpenRequests
from callcenter.parts.calls import CallParts
from callcenter.parts.health import HealthOfParts
from callcenter.parts.stores import Stores
from callcenter.parts.system import system_watch
from callcenter.parts.wire import Wire
from callcenter.prompt_shelf import PromptShelf
from callcenter.rendering import DIALPLAN
from callcenter.site import Site
from callcenter.speaking import can_speak, speak_apart
from callcenter.supervision import Supervision
from callcenter.targets import TalkTargets
from callcenter.web.calls_desk import CallsDesk
from callcenter.web.desk_news import DeskNews
from callcenter.web.feed import Audience, Feed
from callcenter.web.peers import Peers
from callcenter.web.put_out import PutOut
from callcenter.web.seal import Seal
from callcenter.web.supervise import supervise_answer
from callcenter.web.web_parts import WebParts
from callcenter.whereabouts import Whereabouts
from seats.places import seat_places


class Pages:
    """`live` the view of the hotline, `system` what it stands on, `web` what the routes work with
    besides, `records` what lawyers write of calls.
    """

    def __init__(
        self,
        site: Site,
        stores: Stores,
        calls: CallParts,
        wire: Wire,
        *,
        folder: ProvinceFolder,
        uptake: ProvinceUptake,
    ) -> None:
        """`folder`: of the province, which `uptake` looks at."""
        self._site, self._stores, self._calls, self._wire = site, stores, calls, wire
        self._feed = Feed()
        self._city_names = {code: place.name for code, place in seat_places().items()}
        self.live = Live(
            calls.switchboard,
            store=stores.store,
            city_names=self._city_names,
            health=HealthOfParts(site, stores, calls, wire),
            neighbours=calls.neighbours,
            tells_of=wire.nodes.tells_of,
        )
        self.records = DeskRecords(
            calls.switchboard,
            stores.store,
            self._feed,
            home=site.settings.home,
            province=lambda: site.settings.province,
            is_shared=len(site.province.nodes) > 1,
            minds=wire.nodes.answers_for,
        )
        calls.neighbours.watchers += [self.records.watch.elsewhere, calls.alarms.hear]
        self.system = system_watch(site, stores, calls, wire)
        self.web = self._web(folder, uptake)

    def _web(self, folder: ProvinceFolder, uptake: ProvinceUptake) -> WebParts:
        site, store, switchboard = self._site, self._stores.store, self._calls.switchboard
        settings, names = site.settings, self._city_names
        accounts = make_accounts(store, settings.home, settings.log_in_rules)
        lines = TalkTargets(switchboard, lines=lambda: site.province.lines, city_names=names)
        return WebParts(
            feed=self._feed,
            blacklist=BlacklistDesk(store),
            prompts=PromptShelf(settings.home),
            notices=NoticeDesk(
                settings.home,
                cache=settings.cache,
                speaks=speak_apart if can_speak() else None,
            ),
            system=self.system,
            service_keys=lambda: site.kept.services,
            province=ProvinceDesk(
                settings,
                folder,
                store=store,
                releases=FlowStore(store),
                take_up=uptake.take_up,
            ),
            figures=Figures(store, self._fresh_calls()),
            requests=OpenRequests(store, city_names=names),
            accounts=accounts,
            phones=lambda: [n for numbers in site.province.phones for n in numbers],
            targets=lines.of,
            calls=CallsDesk(
                store,
                home=settings.home,
                line_titles=lambda: {n: one.title for n, one in site.province.lines.items()},
            ),
            supervision=self._supervision(PutOut(self._feed, switchboard.desks, accounts)),
            pops=self.records.pops,
            emergency=self.records.emergency,
            desk=self._desk_house(),
            flows=self._calls.flows.console(),
            peers=self._peers() if len(site.province.nodes) > 1 else None,
        )

    def _fresh_calls(self) -> FreshCalls:
        fresh = FreshCalls(self._calls.in_progress, clock=time.monotonic)
        self._calls.switchboard.watchers.append(fresh.stepped)
        for others in (self._calls.neighbours, self._calls.switchboard.unsteered):
            others.leavers.append(fresh.left)
        return fresh

    def _supervision(self, put_out: PutOut) -> Supervision:
        supervision = Supervision(
            self._calls.switchboard,
            self._wire.telephones,
            store=self._stores.store,
            hands=Ears(self._wire.rooms, dialplan=DIALPLAN),
            put_out=put_out,
        )
        self._wire.telephones.on_change = lambda phone: self._feed.publish(
            "supervise", supervise_answer(supervision, phone), to=Audience(seat=phone)
        )
        return supervision

    def _desk_house(self) -> DeskHouse:
        site = self._site
        house = DeskHouse(
            self._calls.switchboard,
            store=self._stores.store,
            province=lambda: site.province,
            secrets=lambda: site.kept,
            asterisk=f"http://{site.settings.ws.from_here}/ws",
            neighbours=self._calls.neighbours,
            ice=site.settings.ice_plan,
        )
        DeskNews(self._feed, house)
        return house

    def _peers(self) -> Peers:
        site = self._site
        places = Whereabouts(
            self._wire.nodes,
            self._calls.switchboard,
            self._calls.neighbours,
            addresses=lambda: {one.name: one.web for one in site.province.nodes if one.web},
        )
        return Peers(places, Seal(lambda: site.kept.ami))
