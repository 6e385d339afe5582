"""What lawyers do in a talk, and a supervisor to a seat."""

from aiohttp import web

from callcenter.web.errors import ApiFault
from callcenter.web.live import VIEW
from callcenter.web.models import Done, SeatCity, SeatRelease, TalkWish
from callcenter.web.person import need, person_of
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_model
from callcenter.web.view import TALK_WISHES, TalkTarget
from callcenter.web.web_parts import PARTS


def own_seat(request: web.Request) -> str:
    """The seat that is named in the address: one's own, or any with the right to act on seats."""
    number = request.match_info["number"]
    person = person_of(request)
    if person.seat != number:
        need(person, Right.SEATS_ACT)
    return number


async def post_talk(request: web.Request) -> web.Response:
    """Hold, transfer, consult and what follows, for the talk of this seat."""
    number, what = own_seat(request), request.match_info["what"]
    if what not in TALK_WISHES:
        raise ApiFault(404, "not_found", "没有这个地址。")
    wish = await read_model(request, TalkWish)
    target = None
    if wish.to is not None:
        kind, name = wish.to.one()
        target = TalkTarget(kind, name)
    await request.app[VIEW].talk(number=number, what=what, target=target)
    return json_answer(Done())


async def post_release(request: web.Request) -> web.Response:
    """A supervisor takes a seat out of whatever it is in; written down with name and reason."""
    person, number = person_of(request), request.match_info["number"]
    release = await read_model(request, SeatRelease)
    supervision = request.app[PARTS].supervision
    if supervision is not None and not person.sees_city(supervision.city_of_seat(number)):
        raise ApiFault(403, "not_your_city", "该坐席不属于您管理的市州。")
    by = release.by if person.is_key else person.name
    await request.app[VIEW].release_seat(number=number, by=by, reason=release.reason)
    return json_answer(Done())


async def post_city(request: web.Request) -> web.Response:
    """The lawyer notes where his caller is from."""
    number = own_seat(request)
    said = await read_model(request, SeatCity)
    await request.app[VIEW].set_city(number=number, city=said.city)
    return json_answer(Done())


async def post_filed(request: web.Request) -> web.Response:
    """The record of the last talk is filed: the seat's wrap-up is over."""
    await request.app[VIEW].record_filed(number=own_seat(request))
    return json_answer(Done())


_FAULTS = (404, 409, 503)
ROUTES = (
    Route(
        method="POST",
        path="/api/v1/seats/{number}/talk/{what}",
        handler=post_talk,
        at="seat",
        name="talk",
        summary="Hold, transfer, consult: what a lawyer does in his talk; 200 when it is under way",
        right=Right.DESK_USE,
        body=TalkWish,
        answer=Done,
        path_types={"what": {"type": "string", "enum": list(TALK_WISHES)}},
        faults=_FAULTS,
    ),
    Route(
        method="POST",
        path="/api/v1/seats/{number}/release",
        handler=post_release,
        name="release_seat",
        summary="A supervisor takes a seat out of whatever it is in; kept with name and reason",
        right=Right.SEATS_ACT,
        body=SeatRelease,
        answer=Done,
        faults=_FAULTS,
    ),
    Route(
        method="POST",
        path="/api/v1/seats/{number}/filed",
        handler=post_filed,
        name="record_filed",
        summary="The record of the last talk is filed: the wrap-up is over",
        right=Right.DESK_USE,
        answer=Done,
        faults=_FAULTS,
    ),
    Route(
        method="POST",
        path="/api/v1/seats/{number}/city",
        handler=post_city,
        at="seat",
        name="set_city",
        summary="Where the caller of this seat's talk is from, as he says",
        right=Right.DESK_USE,
        body=SeatCity,
        answer=Done,
        faults=_FAULTS,
    ),
)
