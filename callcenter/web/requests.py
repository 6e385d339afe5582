"""Callbacks and messages that a person has to deal with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Literal

from aiohttp import web
from pydantic import Field

from callcenter.open_requests import OpenRequest, OpenRequests
from callcenter.web.errors import ApiFault
from callcenter.web.masking import mask_number
from callcenter.web.models import ApiModel, Done
from callcenter.web.person import person_of
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_model
from callcenter.web.view import FiguresAway
from callcenter.web.web_parts import PARTS


class RequestAnswer(ApiModel):
    """One of them."""

    call_id: str
    kind: Literal["callback", "message"]
    number: str = Field(description="masked", examples=["138****0000"])
    city: str | None
    city_code: str | None
    group: str | None
    requested_at: datetime = Field(description="UTC")
    has_audio: bool
    duration_s: float | None = Field(description="of the message")


class RequestsAnswer(ApiModel):
    """All of them, oldest first."""

    requests: list[RequestAnswer]


class RequestDone(ApiModel):
    """What was done about it: kept."""

    note: str = Field(min_length=1, max_length=400, examples=["已回电，问题已答复。"])


def _answer(one: OpenRequest) -> RequestAnswer:
    shown = RequestAnswer.model_validate(one)
    return shown.model_copy(update={"number": mask_number(one.number)})


@asynccontextmanager
async def _requests(request: web.Request) -> AsyncIterator[OpenRequests]:
    requests = request.app[PARTS].requests
    away = ApiFault(503, "database_away", "数据库暂不可用，请稍后再试。")
    if requests is None:
        raise away
    try:
        yield requests
    except FiguresAway as fault:
        raise away from fault


async def get_requests(request: web.Request) -> web.Response:
    """Those of the places that who asks may see."""
    person = person_of(request)
    async with _requests(request) as requests:
        found = [one for one in await requests.all() if person.sees_city(one.city_code)]
    return json_answer(RequestsAnswer(requests=[_answer(one) for one in found]))


async def post_done(request: web.Request) -> web.Response:
    """One is dealt with; written down with name and note."""
    said = await read_model(request, RequestDone)
    person, call_id = person_of(request), request.match_info["call_id"]
    async with _requests(request) as requests:
        found = next((one for one in await requests.all() if one.call_id == call_id), None)
        if found is None or not person.sees_city(found.city_code):
            raise ApiFault(404, "request_unknown", "没有这项待办，或已处理完毕。")
        if not await requests.done(call_id, by=person.name, note=said.note):
            raise ApiFault(404, "request_unknown", "没有这项待办，或已处理完毕。")
    return json_answer(Done())


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/requests",
        handler=get_requests,
        name="requests",
        summary="Callbacks and messages that nobody has dealt with, oldest first",
        right=Right.LIVE_SEE,
        answer=RequestsAnswer,
        faults=(503,),
    ),
    Route(
        method="POST",
        path="/api/v1/requests/{call_id}/done",
        handler=post_done,
        name="request_done",
        summary="A callback or message is dealt with; kept with name and note",
        right=Right.CALLS_SUPERVISE,
        body=RequestDone,
        answer=Done,
        faults=(404, 503),
    ),
)
