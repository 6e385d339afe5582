"""The parts of one controller and its pages, in the order in which they need each other."""

from __future__ import annotations

from pathlib import Path

from callcenter.asterisk.journal_reader import JournalReader
from callcenter.cluster import Cluster
from callcenter.documents.folder import ProvinceFolder
from callcenter.documents.uptake import ProvinceUptake
from callcenter.parts.calls import CallParts
from callcenter.parts.pages import Pages
from callcenter.parts.stores import Stores
from callcenter.parts.wire import Wire
from callcenter.province import Province
from callcenter.province_secrets import Secrets
from callcenter.reconcile import Reconciler
from callcenter.rendering import asterisk_log
from callcenter.settings import Settings
from callcenter.site import Site
from ivr_flows.load import FLOWS


class Parts:
    """The parts by name. Build them inside the event loop that runs them."""

    def __init__(
        self, settings: Settings, province: Province, kept: Secrets, *, files: Path = FLOWS
    ) -> None:
        """`files`: the flows that run until others are published."""
        self.site = Site(settings, province, kept, files)
        self.stores = Stores(self.site)
        self.calls = CallParts(self.site, self.stores)
        self.wire = Wire(
            self.site, self.stores, self.calls, on_up=lambda: self.reconciler.compare()
        )
        self.reconciler = self._reconciler()
        self.cluster = self._join_cluster() if len(province.nodes) > 1 else None
        self.calls.switchboard.watchers.append(self.calls.flows.traffic.watch)
        folder = ProvinceFolder(settings)
        self.uptake = ProvinceUptake(
            self.site,
            folder,
            flows=self.calls.flows,
            dispatcher=self.calls.dispatcher,
            compare=self.reconciler.compare,
        )
        self.pages = Pages(
            self.site, self.stores, self.calls, self.wire, folder=folder, uptake=self.uptake
        )

    def _reconciler(self) -> Reconciler:
        settings = self.site.settings
        return Reconciler(
            nodes=self.wire.nodes,
            switchboard=self.calls.switchboard,
            store=self.stores.store,
            spool=self.stores.spool,
            reader=JournalReader(
                asterisk_log(settings) / "queue_log", settings.home / "journal.json"
            ),
            counters=self.calls.counters,
            answered=lambda facts: self.pages.records.records.answered_unseen(facts),
        )

    def _join_cluster(self) -> Cluster:
        settings = self.site.settings
        return Cluster(
            self.wire.nodes,
            redis_url=settings.redis_url,
            namespace=settings.namespace,
            board=self.stores.board,
            switchboard=self.calls.switchboard,
            dispatcher=self.calls.dispatcher,
            compare=self.reconciler.compare,
            neighbours=self.calls.neighbours,
            telephones=self.wire.telephones,
        )
