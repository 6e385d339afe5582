"""Live state: one snapshot, and the change of a seat."""

import asyncio

from aiohttp import web

from callcenter.web.errors import ApiFault
from callcenter.web.feed import reach_of
from callcenter.web.live_models import LiveAnswer
from callcenter.web.models import Done, SeatChange
from callcenter.web.person import person_of
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_model
from callcenter.web.snapshot import LiveState
from callcenter.web.view import HotlineView

LIVE = web.AppKey("live", LiveState)
VIEW = web.AppKey("view", HotlineView)
STOPPING = web.AppKey("stopping", asyncio.Event)


async def get_live(request: web.Request) -> web.Response:
    """One snapshot, as far as who asks may see it."""
    return json_answer(await request.app[LIVE].snapshot(reach_of(person_of(request))))


def check_seat(request: web.Request, number: str) -> None:
    """Refuse who has no business with this seat: it is of a city that is not his."""
    seats = request.app[VIEW].live().seats
    seat = next((seat for seat in seats if seat.number == number), None)
    if seat is not None and not person_of(request).sees_city(seat.city_code):
        raise ApiFault(403, "other_city", "这个坐席不属于您的地区。")


async def post_seat_state(request: web.Request) -> web.Response:
    """Set a seat ready or not ready."""
    change = await read_model(request, SeatChange)
    number = request.match_info["number"]
    check_seat(request, number)
    await request.app[VIEW].change_seat(number=number, want=change.state, reason=change.reason)
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
