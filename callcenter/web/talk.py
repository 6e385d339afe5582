"""What lawyers do in a talk, and a supervisor to a seat."""

from aiohttp import web

from callcenter.web.errors import ApiFault
from callcenter.web.live import VIEW, json_answer, read_model
from callcenter.web.models import Done, SeatCity, SeatRelease, TalkWish
from callcenter.web.view import TALK_WISHES, TalkTarget


async def post_talk(request: web.Request) -> web.Response:
    """Hold, transfer, consult and what follows, for the talk of this seat."""
    what = request.match_info["what"]
    if what not in TALK_WISHES:
        raise ApiFault(404, "not_found", "没有这个地址。")
    wish = await read_model(request, TalkWish)
    target = None
    if wish.to is not None:
        kind, name = wish.to.one()
        target = TalkTarget(kind, name)
    await request.app[VIEW].talk(number=request.match_info["number"], what=what, target=target)
    return json_answer(Done())


async def post_release(request: web.Request) -> web.Response:
    """A supervisor takes a seat out of whatever it is in; written down with name and reason."""
    release = await read_model(request, SeatRelease)
    await request.app[VIEW].release_seat(
        number=request.match_info["number"], by=release.by, reason=release.reason
    )
    return json_answer(Done())


async def post_city(request: web.Request) -> web.Response:
    """The lawyer notes where his caller is from."""
    said = await read_model(request, SeatCity)
    await request.app[VIEW].set_city(number=request.match_info["number"], city=said.city)
    return json_answer(Done())


async def post_filed(request: web.Request) -> web.Response:
    """The record of the last talk is filed: the seat's wrap-up is over."""
    await request.app[VIEW].record_filed(number=request.match_info["number"])
    return json_answer(Done())
