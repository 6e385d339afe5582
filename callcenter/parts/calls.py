"""The calls, and all that decides what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from callcenter.admission.desk import BlacklistDesk
from callcenter.admission.entrance import Entrance
from callcenter.admission.gate import Gate, Limits
from callcenter.admission.watch import BlacklistWatch
from callcenter.alarms import Alarms
from callcenter.call import Call
from callcenter.counters import PrometheusCounters
from callcenter.dispatcher import Dispatcher
from callcenter.flows.in_force import FlowsInForce
from callcenter.known import Known
from callcenter.neighbours import Neighbours
from callcenter.notices import Notices
from callcenter.outside import Outside
from callcenter.parts.stores import Stores
from callcenter.past_calls import PastCalls
from callcenter.rendering import DIALPLAN
from callcenter.services import Services
from callcenter.settings import Settings
from callcenter.site import Site
from callcenter.sounds import SoundFolder, prepare
from callcenter.switchboard import Switchboard


class CallParts:
    """`switchboard` and `dispatcher` are the two that the others here serve."""

    def __init__(self, site: Site, stores: Stores) -> None:
        self._site = site
        self._stores = stores
        self.counters = PrometheusCounters()
        self.neighbours = Neighbours()
        self.flows = FlowsInForce(
            site,
            stores.store,
            calls=self.in_progress,
            in_use=lambda: self.switchboard.releases_in_use(),
            on_policy=lambda policy: self.dispatcher.set_policy(policy),
        )
        self.gate = Gate(_limits(site.settings))
        self.blacklist = BlacklistWatch(
            BlacklistDesk(stores.store),
            self.gate,
            clock=lambda: datetime.now(UTC),
            count=self.counters.numbers_blocked,
        )
        self.alarms = Alarms(self.counters)
        self.services = Services(
            lambda: site.province.services, lambda: site.kept.services, self.counters
        )
        self.outside = Outside(
            lambda: site.province,
            self.services,
            hours=lambda at, city: site.province.hours(at, city),
        )
        self.switchboard = self._switchboard()
        self.dispatcher = self._dispatcher()
        self.switchboard.dispatcher = self.dispatcher
        self.dispatcher.was_picked_up = self.switchboard.was_picked_up

    def in_progress(self) -> Iterator[Call]:
        """Calls at every node, and those that no controller steers."""
        calls: dict[str, Call] = {call.call_id: call for call in self.neighbours.calls}
        calls |= {one: session.call for one, session in self.switchboard.sessions.items()}
        yield from (calls | self.switchboard.unsteered.calls).values()

    def _switchboard(self) -> Switchboard:
        settings, counters = self._site.settings, self.counters
        prepare(settings.home)
        return Switchboard(
            board=self._stores.board,
            spool=self._stores.spool,
            flows=self.flows.releases,
            sounds=SoundFolder(settings.home),
            known=self._known(),
            outside=self.outside,
            alarms=self.alarms,
            counters=counters,
            dialplan=DIALPLAN,
            ring_s=settings.ring_s,
            notices=Notices(settings.home).in_force,
            entrance=Entrance(
                self.gate, trunks=lambda: self._site.province.trunks, count=counters.call_blocked
            ),
        )

    def _known(self) -> Known:
        past = PastCalls(self._stores.store, lambda: self.dispatcher.sticky_days)
        return Known(
            calendar=lambda: self._site.province.calendar,
            waiting=lambda: self.dispatcher.waiting,
            called_before=past.called_before,
            told_before=past.told_before,
            tell=lambda call_id, found: self.switchboard.tell(call_id, found),
            talked_before=past.talked_before,
            tell_talk=lambda *talk: self.dispatcher.talked(*talk),
        )

    def _dispatcher(self) -> Dispatcher:
        settings, site = self._site.settings, self._site
        return Dispatcher(
            site.province.seats,
            self._stores.board,
            clock=self.switchboard.clock,
            offer=self.switchboard.offer,
            ring_s=settings.ring_s,
            wrap_up_s=settings.filing_s or settings.wrap_up_s,
            policy=site.province.policy,
            kind_of=lambda day: site.province.calendar.kind(day),
        )


def _limits(settings: Settings) -> Limits:
    return Limits(
        number_a_minute=settings.number_a_minute,
        number_at_once=settings.number_at_once,
        trunk_a_minute=settings.trunk_a_minute,
        trunk_at_once=settings.trunk_at_once,
        announced_at_once=settings.blocked_at_once,
    )
