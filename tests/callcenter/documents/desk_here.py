"""A province desk on a copy of the demo's folder, with a database and nobody who takes it up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from callcenter.documents.desk import Change, ProvinceDesk
from callcenter.documents.folder import ProvinceFolder
from callcenter.documents.uptake import TakenUp
from callcenter.flows.store import FlowStore
from callcenter.settings import Settings
from reports.store import Store
from tests.new_database import upgraded

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


class Here:
    """The desk and what it works with; `told` counts how often a change was to be taken up."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.told = 0
        self.folder = ProvinceFolder(settings)
        self.desk = ProvinceDesk(
            settings,
            self.folder,
            store=store,
            releases=FlowStore(store),
            take_up=self._take_up,
            clock=lambda: NOW,
        )

    async def _take_up(self) -> TakenUp:
        self.told += 1
        return TakenUp()

    def text(self, name: str) -> str:
        """A document as it is now."""
        return self.folder.read(name).text

    async def change(self, document: str, text: str, **said: str) -> None:
        """Save a text as 李梅 does."""
        given = {"by": "李梅", "reason": "试行", "action": "province.seats", **said}
        revision = given.pop("revision", self.folder.read(document).revision)
        change = Change(
            document=document, text=text, revision=revision, words=("改了名称",), **given
        )
        await self.desk.save(change)


@asynccontextmanager
async def here(folder: Path) -> AsyncIterator[Here]:
    """A hotline's home with the demo province."""
    settings = Settings.model_validate({"home": folder / "home"})
    settings.home.mkdir()
    async with Store(settings.database_url) as store:
        await upgraded(store)
        yield Here(settings, store)
