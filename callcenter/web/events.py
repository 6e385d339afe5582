"""The one event stream: a snapshot, then numbered changes; after a gap what was missed."""

from __future__ import annotations

import asyncio
import time
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiohttp import web
from pydantic import Field

from callcenter.web.errors import ApiFault
from callcenter.web.feed import Feed, Reach, reach_of
from callcenter.web.live import LIVE, STOPPING
from callcenter.web.models import ApiModel
from callcenter.web.person import Person, person_of
from callcenter.web.rights import Right
from callcenter.web.route import Route, read_query
from callcenter.web.snapshot import LOOK_S, LiveState

BEAT_S = 1.0  # a page that heard nothing for three of them says so
MAX_STREAMS = 400
MAX_STREAMS_EACH = 20

FEED = web.AppKey("feed", Feed)
STREAMS = web.AppKey("streams", list[str])


class EventsQuery(ApiModel):
    """Where to go on."""

    after: str | None = Field(
        default=None,
        max_length=60,
        description="id of the last event heard; the header Last-Event-ID comes before it",
    )


@dataclass(slots=True)
class _Stream:
    """One open page. `at`: the number of the last entry it was sent."""

    response: web.StreamResponse
    person: Person
    feed: Feed
    live: LiveState
    at: int = 0
    sent_s: float = field(default_factory=time.monotonic)
    reach: Reach = field(init=False)
    name: str = field(init=False)

    def __post_init__(self) -> None:
        """Numbers are only good for this run of the program, and for one reach."""
        self.reach = reach_of(self.person)
        self.name = f"{self.feed.boot}.{zlib.crc32(repr(self.reach).encode()):x}"

    async def begin(self, after: str) -> None:
        """Go on after this id where that can be done, else send the snapshot."""
        name, _, number = after.rpartition("-")
        if name == self.name and number.isascii() and number.isdigit() and len(number) < 16:
            self.at = int(number)
            if self.live.is_followed_since(self.reach, self.at):
                return await self.send_news()
        await self.send_snapshot()

    async def send_snapshot(self) -> None:
        """All of it, anew."""
        answer, self.at = await self.live.begin(self.reach)
        await self._write("snapshot", answer.model_dump_json())

    async def send_news(self) -> None:
        """What came since, as far as it is for this person."""
        entries = self.feed.since(self.at)
        if entries is None:
            return await self.send_snapshot()
        for entry in entries:
            self.at = entry.seq
            if entry.to.holds(self.person):
                await self._write("change", f'{{"kind":"{entry.kind}","data":{entry.data}}}')

    async def send_beat(self) -> None:
        """A sign of life when nothing else was sent, with the server's time."""
        if time.monotonic() - self.sent_s >= BEAT_S:
            await self._write("beat", f'{{"at":"{datetime.now(UTC).isoformat()}"}}')

    async def _write(self, event: str, data: str) -> None:
        text = f"event: {event}\nid: {self.name}-{self.at}\ndata: {data}\n\n"
        await self.response.write(text.encode())
        self.sent_s = time.monotonic()


async def get_events(request: web.Request) -> web.StreamResponse:
    """Everything that this person may hear of, for as long as the page is open."""
    person = person_of(request)
    after = request.headers.get("Last-Event-ID") or read_query(request, EventsQuery).after or ""
    streams = request.app[STREAMS]
    if len(streams) >= MAX_STREAMS or streams.count(person.name) >= MAX_STREAMS_EACH:
        raise ApiFault(503, "too_many_streams", "同时打开的页面过多，请关闭一些后再试。")
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
    )
    streams.append(person.name)
    try:
        await response.prepare(request)
        await response.write(b"retry: 1000\n\n")
        stream = _Stream(response, person, request.app[FEED], request.app[LIVE])
        await stream.begin(after)
        await _follow(request, stream)
    except ConnectionResetError:
        pass  # the page was closed
    finally:
        streams.remove(person.name)
    return response


async def _follow(request: web.Request, stream: _Stream) -> None:
    stopping: asyncio.Event = request.app[STOPPING]
    while not stopping.is_set():
        stream.live.want(stream.reach)
        stream.live.look()
        await stream.send_news()
        await stream.send_beat()
        await stream.feed.wait(stream.at, limit_s=LOOK_S)


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/events",
        handler=get_events,
        name="events",
        summary="Events: `snapshot` (LiveAnswer), then `change` {kind, data}; `beat` each second",
        right=Right.SELF,
        query=EventsQuery,
        answer="text/event-stream",
        faults=(503,),
    ),
)
