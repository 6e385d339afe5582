"""The flows of one controller, and the routing policy that is published with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from callcenter.call import Call
from callcenter.flows.bench import FlowBench
from callcenter.flows.check import check_here
from callcenter.flows.console import FlowConsole, running
from callcenter.flows.copies import ReleaseCopies
from callcenter.flows.desk import FlowDesk
from callcenter.flows.releases import Releases
from callcenter.flows.store import FlowStore
from callcenter.flows.traffic import FlowTraffic
from callcenter.site import Site
from ivr_flows.load import load_flows
from reports.store import Store
from seats.policy import Policy


class FlowsInForce:
    """`check` reads them, `releases` gives them to calls, `traffic` counts their ways."""

    def __init__(
        self,
        site: Site,
        store: Store,
        *,
        calls: Callable[[], Iterable[Call]],
        in_use: Callable[[], set[int]],
        on_policy: Callable[[Policy], None],
    ) -> None:
        """`calls`: in progress, at every node; `in_use`: releases that calls here go by;
        `on_policy` gets each new policy in force.
        """
        home = site.settings.home
        self._site = site
        self._store = store
        self._calls = calls
        self.check = check_here(home, lambda: site.settings.province)
        self.releases = Releases(
            FlowStore(store),
            self.check,
            ReleaseCopies(home / "releases"),
            files=load_flows(site.files),
            in_use=in_use,
            on_policy=lambda: on_policy(self.policy),
        )
        self.traffic = FlowTraffic(store, calls, clock=lambda: datetime.now(UTC))

    @property
    def policy(self) -> Policy:
        """The routing policy in force: the published one, else that of the province folder."""
        published = self.releases.published
        return published.policy if published else self._site.province.policy

    def console(self) -> FlowConsole:
        """What the pages have of them."""
        desk = FlowDesk(self._store, self.check, files=self._site.files)
        return FlowConsole(
            desk=desk,
            bench=FlowBench(desk, lambda: self._site.province.calendar),
            traffic=self.traffic,
            running=lambda: running(self.releases, self._calls()),
        )
