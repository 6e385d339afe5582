"""What joins the calls with Asterisk: this node's and the others'."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from callcenter.asterisk.agi import AgiServer
from callcenter.asterisk.heard import Heard
from callcenter.asterisk.outbound import Outbound
from callcenter.asterisk.rooms import Rooms
from callcenter.beside import Telephones
from callcenter.call.away import RTP_LOST
from callcenter.callback_facts import CallbackFacts
from callcenter.callbacks import Callbacks
from callcenter.nodes import Nodes
from callcenter.parts.calls import CallParts
from callcenter.parts.stores import Stores
from callcenter.rendering import DIALPLAN
from callcenter.site import Site
from callcenter.system.trunks import Trunks
from seats.policy import CallbackPolicy


@dataclass(frozen=True)
class _CallbackRules:
    """As laid down now: both change while the hotline runs."""

    calls: CallParts

    def policy(self) -> CallbackPolicy:
        return self.calls.dispatcher.policy.callback

    def trunk(self, name: str) -> str | None:
        return self.calls.outside.trunk_out(name)


class Wire:
    """`nodes` the links, `trunks` to the public network, `agi` where calls come in, `rooms` where
    more than two talk, `telephones` the supervisors' beside talks, `callback_facts` what is told
    of calls back.
    """

    def __init__(
        self, site: Site, stores: Stores, calls: CallParts, *, on_up: Callable[[], Awaitable[None]]
    ) -> None:
        """`on_up` is awaited with each new link to an Asterisk."""
        self._calls = calls
        self.trunks = Trunks(
            lambda: site.province.trunks,
            from_host=site.settings.sip.host,
            every_s=site.settings.trunk_probe_s,
            clock=calls.switchboard.clock,
        )
        self.nodes = _nodes(site, self._hear, on_up)
        self.ami = self.nodes.own
        switchboard = calls.switchboard
        switchboard.in_sight = lambda call_id: self.nodes.of_call(call_id).is_up
        self.rooms = Rooms(self.nodes.of_call, dialplan=DIALPLAN, node_of_seat=self._node_of_phone)
        switchboard.talks.rooms = self.rooms
        self.telephones = self._telephones(site)
        self.agi = AgiServer(
            site.settings.agi.host, site.settings.agi.port, switchboard.arrivals.answer
        )
        self.callback_facts = CallbackFacts(
            stores.store,
            stores.spool,
            clock=switchboard.clock,
            told=lambda one: switchboard.callbacks.told(one),
        )
        self._call_out(site, stores)

    def _hear(self, news: Heard, node: str) -> None:
        self._calls.switchboard.news.hear(news, node)
        self.trunks.hear(news, node)

    def _telephones(self, site: Site) -> Telephones:
        switchboard = self._calls.switchboard
        telephones = Telephones(switchboard, lambda: site.province.phones[1])
        switchboard.talks.beside = telephones
        telephones.neighbours = self._calls.neighbours
        telephones.name_of = lambda number: next(
            (one.name for one in site.province.supervisors if one.number == number), ""
        )
        telephones.if_gone = self.rooms.if_gone
        telephones.on_lost = lambda place: self.rooms.hang_up(
            place.call_id, place.channel, cause=RTP_LOST
        )
        return telephones

    def _node_of_phone(self, number: str) -> str:
        node = self.telephones.node_of(number)
        return node or self._calls.switchboard.node_of_seat(number)

    def _call_out(self, site: Site, stores: Stores) -> None:
        switchboard = self._calls.switchboard
        outbound = Outbound(self.ami, dialplan=DIALPLAN)
        switchboard.calls_out.outbound = outbound
        switchboard.calls_out.node = site.settings.node
        switchboard.callbacks = Callbacks(
            board=stores.board,
            outbound=outbound,
            rules=_CallbackRules(self._calls),
            house=switchboard,
            tell=self.callback_facts.tell,
            node=site.settings.node,
        )


def _nodes(
    site: Site, hear: Callable[[Heard, str], None], on_up: Callable[[], Awaitable[None]]
) -> Nodes:
    settings = site.settings
    ami = {node.name: node.ami for node in site.province.nodes}
    return Nodes(
        {**ami, settings.node: settings.ami},
        own=settings.node,
        secret=site.kept.ami,
        hear=hear,
        on_up=on_up,
    )
