"""Live state: one snapshot, its event stream, and the change of a seat."""

import asyncio

from aiohttp import web

from callcenter.web.errors import ApiFault
from callcenter.web.models import Done, LiveAnswer, SeatChange
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_model
from callcenter.web.snapshot import LIVE_S, Snapshots, change_mark
from callcenter.web.view import HotlineView

SNAPSHOTS = web.AppKey("snapshots", Snapshots)
VIEW = web.AppKey("view", HotlineView)
STOPPING = web.AppKey("stopping", asyncio.Event)
STREAMS = web.AppKey("streams", set[web.StreamResponse])

BEAT_S = 5.0  # the page calls the line lost after three missed beats
MAX_STREAMS = 200


async def get_live(request: web.Request) -> web.Response:
    """One snapshot."""
    return json_answer(await request.app[SNAPSHOTS].latest())


async def get_events(request: web.Request) -> web.StreamResponse:
    """Snapshots as they change, at most one a second, and a beat when nothing does."""
    streams = request.app[STREAMS]
    if len(streams) >= MAX_STREAMS:
        raise ApiFault(503, "too_many_streams", "同时查看的页面过多，请稍后再试。")
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
    )
    streams.add(response)
    try:
        await response.prepare(request)
        await response.write(b"retry: 2000\n\n")
        await _follow(request, response)
    except ConnectionResetError:
        pass  # the page was closed
    finally:
        streams.discard(response)
    return response


async def _follow(request: web.Request, response: web.StreamResponse) -> None:
    stopping = request.app[STOPPING]
    snapshots = request.app[SNAPSHOTS]
    sent_mark, since_sent_s = "", 0.0
    while not stopping.is_set():
        answer = await snapshots.latest()
        mark = change_mark(answer)
        if mark != sent_mark:
            await response.write(f"event: live\ndata: {answer.model_dump_json()}\n\n".encode())
            sent_mark, since_sent_s = mark, 0.0
        elif since_sent_s >= BEAT_S:
            await response.write(f"event: beat\ndata: {answer.at.isoformat()}\n\n".encode())
            since_sent_s = 0.0
        try:
            await asyncio.wait_for(stopping.wait(), LIVE_S)
        except TimeoutError:
            since_sent_s += LIVE_S


async def post_seat_state(request: web.Request) -> web.Response:
    """Set a seat ready or not ready."""
    change = await read_model(request, SeatChange)
    await request.app[VIEW].change_seat(
        number=request.match_info["number"], want=change.state, reason=change.reason
    )
    return json_answer(Done())


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/live",
        handler=get_live,
        name="live",
        summary="One snapshot of calls, seats and today's rates",
        right=Right.LIVE_SEE,
        answer=LiveAnswer,
    ),
    Route(
        method="GET",
        path="/api/v1/live/events",
        handler=get_events,
        name="live_events",
        summary="Snapshots as they change: event `live`, data a LiveAnswer; event `beat`",
        right=Right.LIVE_SEE,
        answer="text/event-stream",
        faults=(503,),
    ),
    Route(
        method="POST",
        path="/api/v1/seats/{number}/state",
        handler=post_seat_state,
        name="change_seat",
        summary="Set a seat ready or not ready",
        right=Right.SEATS_ACT,
        body=SeatChange,
        answer=Done,
        faults=(404, 409, 503),
    ),
)
