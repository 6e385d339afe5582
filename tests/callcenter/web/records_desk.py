"""A desk whose lawyer writes records, on the web side alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from aiohttp.test_utils import TestClient

from callcenter.call import Call, CallId, Stage
from callcenter.call.state import Attempt, Passed
from callcenter.emergency import Helped, NotYourCall
from callcenter.pop import Pops
from callcenter.records.desk import Records
from callcenter.records.laws import Laws, load_laws
from callcenter.records.taxonomy_store import TaxonomyInForce
from callcenter.web.rights import Role
from callcenter.web.web_parts import WebParts
from reports import records as stored
from reports.facts import Attempt as AttemptFact
from reports.facts import Conversation
from reports.records import CallRecord
from reports.store import Store
from tests.callcenter.web.conftest import OpenClient
from tests.callcenter.web.fake_view import FakeView
from tests.callcenter.web.people import People, enter
from tests.reports.made import answered as answered_facts

NOW = datetime.now(UTC).replace(microsecond=0)
CALLER = "+8613900000123"
RINGING = Call(
    call_id=CallId("live-1"),
    arrived_at=NOW - timedelta(seconds=40),
    asked_at=NOW - timedelta(seconds=30),
    stage=Stage.RINGING,
    caller=CALLER,
    city="220100",
    city_source="landline",
    group="labour",
    special=("migrant_worker",),
    path=(
        Passed(NOW, "main", 3, "greeting", "next"),
        Passed(NOW, "main", 3, "main_menu", "keys.2"),
        Passed(NOW, "main", 3, "labour_hint", "keys.1"),
    ),
    attempts=(Attempt(seat="8001", level="municipal", offered_at=NOW),),
)
UP = msgspec.structs.replace(RINGING.attempts[0], answered_at=NOW, outcome="answered")
TALKING = msgspec.structs.replace(RINGING, stage=Stage.TALKING, attempts=(UP,))
BODY = {
    "main": "0702",
    "question": "工地欠薪三个月，电话13900000123",
    "reply": "先投诉，再仲裁",
    "outcome": "answered",
    "follow_up": "2026-12-01",
    "litigation": True,
}


@dataclass
class FakeEmergency:
    helped: Helped = field(default_factory=Helped)
    asked: list[tuple[str, str, str, str]] = field(default_factory=list)

    async def call_help(self, call_id: str, *, seat: str, to: str, by: str) -> Helped:
        if call_id != "live-1":
            raise NotYourCall(call_id)
        self.asked.append((call_id, seat, to, by))
        return self.helped


@cache
def _laws() -> Laws:
    return load_laws(Path("nowhere"))


class Desk:
    """The application with records, one call in progress and people who log in."""

    def __init__(self, folder: Path, people: People, view: FakeView) -> None:
        self.call: Call | None = TALKING
        self.view = view
        self.store = Store(f"sqlite+aiosqlite:///{folder}/facts.db")
        self.file = folder / "facts.db"
        taxonomy = TaxonomyInForce(self.store)
        self.records = Records(
            self.store, folder / "records", clock=lambda: NOW, taxonomy=lambda: taxonomy.now
        )
        laws = _laws()
        self.pops = Pops(
            self.store,
            self.records,
            calls=lambda call_id: self.call if call_id == "live-1" else None,
            laws=lambda: laws,
            taxonomy=taxonomy,
            clock=lambda: NOW,
        )
        self.emergency = FakeEmergency()
        self.parts = WebParts(
            figures=view,
            accounts=people.accounts,
            pops=self.pops,
            emergency=self.emergency,  # type: ignore[arg-type]  # stands for it
        )

    async def had(self, call: Conversation, record: CallRecord | None = None) -> None:
        """The database holds this earlier call."""
        await self.store.upsert([call])
        if record is not None:
            await stored.put(self.store, [record])


def before(call_id: str, days: float, **given: Any) -> Conversation:
    at = NOW - timedelta(days=days)
    tried = AttemptFact(seat="8002", offered_at=at, answered_at=at, outcome="answered")
    return answered_facts(
        call_id, caller=CALLER, arrived_at=at, attempts=(tried,), revision=1, **given
    )


def written(call_id: str, days: float, **given: Any) -> CallRecord:
    at = NOW - timedelta(days=days)
    whole: dict[str, Any] = {
        "call_id": call_id,
        "revision": 2,
        "seat": "8002",
        "seats": ("8002",),
        "caller": CALLER,
        "answered_at": at,
        "changed_at": at,
        "changed_by": "zhao",
        "filed_at": at,
        "filed_by": "zhao",
        "name": "某某",
        "main": "0701",
        "question": "拖欠工资，身份证220101199001011234",
        "reply": "劳动监察",
        "outcome": "answered",
        **given,
    }
    return CallRecord(**whole)


@dataclass
class As:
    """Somebody who is logged in."""

    client: TestClient[Any, Any]
    headers: dict[str, str]

    async def ask(self, method: str, path: str, **given: Any) -> tuple[int, Any]:
        answer = await self.client.request(
            method, f"/api/v1{path}", headers=self.headers if method != "GET" else {}, **given
        )
        return answer.status, await answer.json()


async def log_in(desk: Desk, people: People, open_client: OpenClient, role: Role, **who: Any) -> As:
    name = await people.add(role, f"{role.value}-{who.get('seat', 0)}", **who)
    client = await open_client(known=False, parts=desk.parts)
    return As(client, await enter(client, name))
