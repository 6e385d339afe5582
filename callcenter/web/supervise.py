"""What supervisors do: listen, whisper, join and take over talks, move callers, set seats."""

from datetime import datetime
from typing import Literal, Self

from aiohttp import web
from pydantic import Field, model_validator

from callcenter.beside import Mode, Place
from callcenter.supervision import By, Supervision
from callcenter.web.errors import ApiFault
from callcenter.web.models import ApiModel, Done
from callcenter.web.person import Person, person_of
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_model, read_query
from callcenter.web.web_parts import PARTS
from seats.seat import Change

_PHONE = Field(
    default=None,
    pattern="^[0-9]{3,6}$",
    examples=["7001"],
    description="for the API key only, which has no telephone of its own",
)


class Reason(ApiModel):
    """Why it is done: kept for ever beside the name."""

    reason: str = Field(min_length=1, max_length=400, examples=["新坐席带教"])


class TalkJoin(Reason):
    """A supervisor's wish to be beside a talk."""

    phone: str | None = _PHONE


class Which(ApiModel):
    """Which telephone is meant."""

    phone: str | None = _PHONE


class MoveTo(ApiModel):
    """Exactly one of the three."""

    group: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]{0,30}$", examples=["labour"])
    seat: str | None = Field(default=None, pattern="^[0-9]{2,8}$", examples=["8002"])
    head: Literal[True] | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError("exactly one of group, seat, head")
        return self


class CallMove(Reason):
    """Where a waiting caller is to wait."""

    to: MoveTo


class SeatForce(Reason):
    """The state that a seat is set to."""

    state: Literal["ready", "not_ready"]


class BesideAnswer(ApiModel):
    """Beside which talk a supervisor's telephone is."""

    call_id: str
    mode: Mode
    since: datetime
    is_there: bool = Field(description="false while the telephone rings")


class OtherSupervisor(ApiModel):
    """Another supervisor beside the same talk."""

    phone: str
    name: str = Field(
        description="the telephone's, of the province folder", examples=["省级班长席"]
    )
    mode: Mode
    is_there: bool


class SuperviseAnswer(ApiModel):
    """A supervisor's telephone and what it does."""

    phone: str | None = Field(description="its number; null: this account has none")
    is_registered: bool
    beside: BesideAnswer | None
    others: tuple[OtherSupervisor, ...] = Field(
        default=(), description="who else is beside that talk, rung or there"
    )


def supervise_answer(supervision: Supervision, phone: str | None) -> SuperviseAnswer:
    """How it is with this telephone now."""
    telephones = supervision.telephones
    if phone is None or not telephones.knows(phone):
        return SuperviseAnswer(phone=None, is_registered=False, beside=None)
    place = telephones.place_of(phone)
    others = telephones.others(phone, place.call_id) if place else {}
    return SuperviseAnswer(
        phone=phone,
        is_registered=telephones.is_registered(phone),
        beside=place and _beside(place),
        others=tuple(
            OtherSupervisor(
                phone=other,
                name=telephones.name_of(other),
                mode=one.mode,
                is_there=one.is_there,
            )
            for other, one in others.items()
        ),
    )


def _beside(place: Place) -> BesideAnswer:
    return BesideAnswer(
        call_id=place.call_id, mode=place.mode, since=place.since, is_there=place.is_there
    )


def _supervision(request: web.Request) -> Supervision:
    supervision = request.app[PARTS].supervision
    if supervision is None:
        raise ApiFault(503, "controller_away", "呼叫控制暂不可用，请稍后再试。")
    return supervision


def _by(person: Person, reason: str = "", phone: str | None = None) -> By:
    return By(name=person.name, reason=reason, phone=phone if person.is_key else person.seat)


def _own_call(person: Person, supervision: Supervision, call_id: str) -> None:
    """A city's supervisor reaches the calls of the city, and those at its seats."""
    if not any(person.sees_city(city) for city in supervision.cities_of(call_id)):
        raise ApiFault(403, "not_your_city", "这通电话不属于您管理的市州。")


def _own_seat(person: Person, supervision: Supervision, number: str) -> None:
    if not person.sees_city(supervision.city_of_seat(number)):
        raise ApiFault(403, "not_your_city", "该坐席不属于您管理的市州。")


async def get_supervise(request: web.Request) -> web.Response:
    """One's own telephone, and the talk it is beside."""
    asked = read_query(request, Which)
    by = _by(person_of(request), phone=asked.phone)
    return json_answer(supervise_answer(_supervision(request), by.phone))


async def post_leave(request: web.Request) -> web.Response:
    """Hang one's telephone up; the talk goes on."""
    said = await read_model(request, Which)
    await _supervision(request).leave(_by(person_of(request), phone=said.phone))
    return json_answer(Done())


async def post_join(request: web.Request) -> web.Response:
    """Listen, whisper, join or take over; what came of it stands in `GET /supervise`."""
    person, supervision = person_of(request), _supervision(request)
    call_id, mode = request.match_info["call_id"], _MODES[request.path.rpartition("/")[2]]
    wish = await read_model(request, TalkJoin)
    _own_call(person, supervision, call_id)
    await supervision.join(call_id, mode, _by(person, wish.reason, wish.phone))
    return json_answer(Done())


async def post_move(request: web.Request) -> web.Response:
    """Have a waiting caller wait elsewhere."""
    person, supervision = person_of(request), _supervision(request)
    call_id = request.match_info["call_id"]
    wish = await read_model(request, CallMove)
    _own_call(person, supervision, call_id)
    by, to = _by(person, wish.reason), wish.to
    if to.group is not None:
        await supervision.move(call_id, "group", to.group, by)
    elif to.seat is not None:
        await supervision.move(call_id, "seat", to.seat, by)
    else:
        await supervision.move(call_id, "head", "", by)
    return json_answer(Done())


async def post_force(request: web.Request) -> web.Response:
    """Set a seat ready or not ready."""
    person, supervision = person_of(request), _supervision(request)
    number = request.match_info["number"]
    wish = await read_model(request, SeatForce)
    _own_seat(person, supervision, number)
    await supervision.force(number, Change(wish.state), _by(person, wish.reason))
    return json_answer(Done())


async def post_log_out(request: web.Request) -> web.Response:
    """Log out whoever sits at a seat."""
    person, supervision = person_of(request), _supervision(request)
    number = request.match_info["number"]
    wish = await read_model(request, Reason)
    _own_seat(person, supervision, number)
    await supervision.log_out(number, _by(person, wish.reason))
    return json_answer(Done())


_MODES: dict[str, Mode] = {
    "listen": "listen",
    "whisper": "whisper",
    "barge": "barge",
    "take_over": "take_over",
}
_SUMMARIES = {
    "listen": "Have one's telephone listen to a talk",
    "whisper": "Listen, and speak to the seat alone",
    "barge": "Join a talk: both sides hear it",
    "take_over": "Go on with the caller in the seat's place",
}
_FAULTS = (404, 409, 503)

ROUTES = (
    Route(
        method="GET",
        path="/api/v1/supervise",
        handler=get_supervise,
        name="supervise",
        summary="One's own telephone and the talk it is beside",
        right=Right.CALLS_SUPERVISE,
        query=Which,
        answer=SuperviseAnswer,
        faults=(503,),
    ),
    Route(
        method="POST",
        path="/api/v1/supervise/leave",
        handler=post_leave,
        name="leave_talk",
        summary="Hang one's telephone up; the talk goes on",
        right=Right.CALLS_SUPERVISE,
        body=Which,
        answer=Done,
        faults=(409, 503),
    ),
    *(
        Route(
            method="POST",
            path=f"/api/v1/calls/{{call_id}}/{what}",
            handler=post_join,
            at="call",
            name=f"{what}_call",
            summary=summary,
            right=Right.CALLS_SUPERVISE,
            body=TalkJoin,
            answer=Done,
            faults=_FAULTS,
        )
        for what, summary in _SUMMARIES.items()
    ),
    Route(
        method="POST",
        path="/api/v1/calls/{call_id}/move",
        handler=post_move,
        at="call",
        name="move_call",
        summary="Have a waiting caller wait for another group, for one seat, or before all others",
        right=Right.CALLS_SUPERVISE,
        body=CallMove,
        answer=Done,
        faults=_FAULTS,
    ),
    Route(
        method="POST",
        path="/api/v1/seats/{number}/force",
        handler=post_force,
        name="force_seat",
        summary="Set a seat that is in no call ready or not ready",
        right=Right.SEATS_ACT,
        body=SeatForce,
        answer=Done,
        faults=_FAULTS,
    ),
    Route(
        method="POST",
        path="/api/v1/seats/{number}/log_out",
        handler=post_log_out,
        at="desk",
        name="log_out_seat",
        summary="Log out whoever sits at a seat that is in no call",
        right=Right.SEATS_ACT,
        body=Reason,
        answer=Done,
        faults=_FAULTS,
    ),
)
