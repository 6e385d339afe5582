"""A person's desk: claimed by a page, made ready, left again."""

from aiohttp import web

from callcenter.desk_guest import Brought, Guest
from callcenter.desk_house import DeskHouse
from callcenter.desks import Desk, DeskTaken
from callcenter.web.desk_models import (
    CalledOut,
    CallOutWish,
    DeskAnswer,
    DeskBrought,
    DeskClaim,
    DeskGuest,
    DeskSeat,
    DeskState,
    DeskToday,
    IceAnswer,
    PhoneAnswer,
)
from callcenter.web.errors import ApiFault
from callcenter.web.masking import mask_number
from callcenter.web.models import Done
from callcenter.web.person import Person, person_of
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_model, read_query
from callcenter.web.sip_proxy import PATH as SIP_PATH
from callcenter.web.web_parts import PARTS

REALM = "asterisk"  # what Asterisk asks for where nothing else is set
DOMAIN = "hotline"  # not looked at: a telephone is known by its number


def desk_house(request: web.Request) -> DeskHouse:
    """The desks of this process; raises ApiFault 503 where there is no controller."""
    house = request.app[PARTS].desk
    if house is None:
        raise ApiFault(503, "controller_away", "呼叫控制暂不可用，请稍后再试。")
    return house


def own_number(person: Person, asked: str | None) -> str:
    """The telephone of this person's account; the bearer of the API key names one."""
    if asked is not None and asked != person.seat and not person.is_key:
        raise ApiFault(403, "not_your_seat", "只能使用本人的坐席。")
    number = asked or person.seat
    if number is None:
        raise ApiFault(403, "no_seat", "您的账号没有分配坐席话机，请联系管理员。")
    return number


async def desk_answer(
    house: DeskHouse, number: str, *, desk: Desk | None, person: Person | None = None
) -> DeskAnswer:
    """The place as it leaves this machine; `person`: who asks, None for the seat's own stream."""
    shown, today = house.shown(number), await house.today(number)
    is_own = desk is not None and (person is None or desk.person == person.name)
    return DeskAnswer(
        seat=number,
        name=shown.name,
        person=desk.person if desk else None,
        desk=desk.key if desk and is_own else None,
        state=shown.state,
        reason=shown.reason,
        since=shown.since,
        call_id=shown.call_id,
        caller=mask_number(shown.caller) if shown.caller else None,
        direction=None if not shown.call_id else "out" if shown.is_outgoing else "in",
        leads=shown.leads,
        brought=_brought(shown.brought),
        guest=_guest(shown.guest),
        supervisor=_guest(shown.supervisor),
        is_awaited=shown.is_awaited,
        wrap_up_until=shown.wrap_up_until,
        rest_next=shown.rest_next,
        today=None
        if today is None
        else DeskToday(
            calls=today.answered,
            talk_s=round(today.talk_s),
            wrap_up_s=round(shown.wrap_up_s),
            answer_rate=today.answer_rate,
            satisfaction=today.satisfaction,
        ),
    )


def _brought(brought: Brought | None) -> DeskBrought | None:
    return DeskBrought(kind=brought.kind, by=brought.by) if brought else None


def _guest(guest: Guest | None) -> DeskGuest | None:
    if guest is None:
        return None
    name = mask_number(guest.name) if guest.target == "number" else guest.name
    return DeskGuest(
        kind=guest.kind, target=guest.target, name=name, at=guest.at, answered_at=guest.answered_at
    )


async def post_claim(request: web.Request) -> web.Response:
    """Give the page the telephone of its person, and what it registers with."""
    person, claim = person_of(request), await read_model(request, DeskClaim)
    house, number = desk_house(request), own_number(person, claim.seat)
    account = house.account(number)
    if account is None:
        raise ApiFault(404, "seat_unknown", f"没有坐席 {number}。")
    try:
        desk = house.desks.claim(number, person.name, take_over=claim.take_over, former=claim.desk)
    except DeskTaken as taken:
        raise ApiFault(
            409, "desk_taken", f"坐席 {number} 已在另一个页面签入（{taken.by}）。"
        ) from None
    answer = await desk_answer(house, number, desk=desk, person=person)
    phone = PhoneAnswer(
        uri=f"sip:{number}@{DOMAIN}",
        user=number,
        secret=account.secret,
        socket=f"{SIP_PATH}?desk={desk.key}",
        realm=REALM,
        ice=[
            IceAnswer(urls=one.url, username=one.user, credential=one.password)
            for one in house.ways(number)
        ],
        is_relayed=house.ice.is_relayed,
    )
    return json_answer(answer.model_copy(update={"phone": phone}))


async def get_desk(request: web.Request) -> web.Response:
    """The desk of this person as it is now."""
    person = person_of(request)
    number = own_number(person, read_query(request, DeskSeat).seat)
    house = desk_house(request)
    return json_answer(await desk_answer(house, number, desk=house.desks.at(number), person=person))


def _claimed(request: web.Request, person: Person, number: str) -> Desk:
    desk = desk_house(request).desks.at(number)
    if desk is None or desk.person != person.name:
        raise ApiFault(409, "desk_lost", "您没有签入该坐席，或已在其他页面签入。")
    return desk


async def post_state(request: web.Request) -> web.Response:
    """Ready, or not ready and why."""
    person = person_of(request)
    number = own_number(person, read_query(request, DeskSeat).seat)
    wish = await read_model(request, DeskState)
    desk = _claimed(request, person, number)
    house = desk_house(request)
    house.change(number, wish.state, wish.reason, is_next=wish.when == "after_call")
    return json_answer(await desk_answer(house, number, desk=desk, person=person))


async def post_call(request: web.Request) -> web.Response:
    """Call somebody from the desk."""
    person = person_of(request)
    number = own_number(person, read_query(request, DeskSeat).seat)
    wish = await read_model(request, CallOutWish)
    _claimed(request, person, number)
    house = desk_house(request)
    to = wish.number or await house.number_of(wish.call_id or "", number)
    call_id = await house.call_out(number, to, by=person.name, reason=wish.reason)
    return json_answer(CalledOut(call_id=call_id))


async def post_leave(request: web.Request) -> web.Response:
    """Sign off: the telephone's line is closed and its seat goes offline."""
    person = person_of(request)
    number = own_number(person, read_query(request, DeskSeat).seat)
    desk = _claimed(request, person, number)
    house = desk_house(request)
    if house.shown(number).call_id is not None:
        raise ApiFault(409, "seat_busy", "正在处理来电，请结束后再签出。")
    house.desks.leave(desk)
    return json_answer(Done())


ROUTES = (
    Route(
        method="POST",
        path="/api/v1/desk/claim",
        handler=post_claim,
        name="claim_desk",
        summary=(
            "Give this page the telephone of its person; a page that claims has no talk any more,"
            " one that was cut off only opens its socket again"
        ),
        right=Right.PHONE_USE,
        body=DeskClaim,
        answer=DeskAnswer,
        faults=(404, 409, 503),
    ),
    Route(
        method="GET",
        path="/api/v1/desk",
        handler=get_desk,
        name="desk",
        summary="The desk of this person as it is now",
        right=Right.PHONE_USE,
        query=DeskSeat,
        answer=DeskAnswer,
        faults=(404, 503),
    ),
    Route(
        method="POST",
        path="/api/v1/desk/state",
        handler=post_state,
        name="set_desk_state",
        summary="Ready, or not ready and why; at once or after the call in hand",
        right=Right.DESK_USE,
        query=DeskSeat,
        body=DeskState,
        answer=DeskAnswer,
        faults=(404, 409, 503),
    ),
    Route(
        method="POST",
        path="/api/v1/desk/call",
        handler=post_call,
        name="call_out",
        summary="Call somebody: the seat's own telephone rings first; kept with its reason",
        right=Right.DESK_USE,
        query=DeskSeat,
        body=CallOutWish,
        answer=CalledOut,
        faults=(404, 409, 503),
    ),
    Route(
        method="POST",
        path="/api/v1/desk/leave",
        handler=post_leave,
        name="leave_desk",
        summary="Sign off: the telephone's line is closed, its seat goes offline",
        right=Right.PHONE_USE,
        query=DeskSeat,
        answer=Done,
        faults=(404, 409, 503),
    ),
)
