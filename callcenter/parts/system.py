"""What people look at of the machinery itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from callcenter.parts.calls import CallParts
from callcenter.parts.stores import Stores
from callcenter.parts.wire import Wire
from callcenter.site import Site
from callcenter.speaking import can_speak
from callcenter.system.watch import Seen, SystemWatch, database_kind, has_recogniser
from stt.model import fetched_folder


def system_watch(site: Site, stores: Stores, calls: CallParts, wire: Wire) -> SystemWatch:
    """The watch over trunks, nodes and what they need."""
    settings = site.settings

    def phones() -> Iterator[str]:
        statuses = calls.dispatcher.statuses.values()
        return (one.node for one in statuses if one.is_registered)

    def model() -> Path | None:
        chosen = settings.whisper_model
        return Path(chosen).expanduser() if chosen else fetched_folder(settings.cache)

    return SystemWatch(
        Seen(
            nodes=wire.nodes,
            trunks=wire.trunks,
            board=stores.board,
            drainer=stores.drainer,
            calls=lambda: (call.call_id for call in calls.in_progress()),
            phones=phones,
            home=settings.home,
            database=database_kind(settings.database_url),
            has_recogniser=lambda: has_recogniser(model()),
            has_voice=can_speak,
        ),
        clock=lambda: datetime.now(UTC),
    )
