"""Whom a talk may go to: the seats, groups and lines that a lawyer chooses from."""

from typing import Literal

from aiohttp import web
from pydantic import Field

from callcenter.web.errors import ApiFault
from callcenter.web.models import ApiModel
from callcenter.web.person import person_of
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer
from callcenter.web.web_parts import PARTS


class SeatTarget(ApiModel):
    """Another seat."""

    number: str
    name: str
    level: Literal["municipal", "provincial"]
    city: str | None = Field(description="its place by name; null for a provincial seat")
    state: str


class GroupTarget(ApiModel):
    """A group of the waiting line."""

    name: str = Field(examples=["labour"])
    ready: int = Field(description="seats that could answer now")


class LineTarget(ApiModel):
    """A line outside, of lines.yaml."""

    name: str = Field(examples=["court"])
    title: str
    number: str
    is_open: bool


class TargetsAnswer(ApiModel):
    """Everybody and everything a talk can be handed to."""

    seats: list[SeatTarget]
    groups: list[GroupTarget]
    lines: list[LineTarget]


async def get_targets(request: web.Request) -> web.Response:
    """As it is now, for the talk of one's own seat."""
    person, targets = person_of(request), request.app[PARTS].targets
    if targets is None:
        raise ApiFault(503, "controller_away", "呼叫控制未在本进程运行。")
    return json_answer(targets(person.seat or ""))


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/desk/targets",
        handler=get_targets,
        name="talk_targets",
        summary="Seats, groups and lines that a talk can be transferred to, as they are now",
        right=Right.DESK_USE,
        answer=TargetsAnswer,
        faults=(503,),
    ),
)
