"""Where things are kept."""

from __future__ import annotations

from callcenter.site import Site
from reports.drain import Drainer
from reports.spool import Spool
from reports.store import Store
from seats.board import Board


class Stores:
    """`store` the database, `spool` facts on their way to it, `drainer` who brings them, `board`
    the live state in Redis.
    """

    def __init__(self, site: Site) -> None:
        settings = site.settings
        self.store = Store(settings.database_url)
        self.spool = Spool(settings.home / "spool")
        self.drainer = Drainer(settings.home / "spool", self.store, spool=self.spool)
        self.board = Board(
            settings.redis_url,
            namespace=settings.namespace,
            controller=settings.node,
            tells=len(site.province.nodes) > 1,
        )
