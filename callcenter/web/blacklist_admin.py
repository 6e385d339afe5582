"""Numbers that are refused: proposed by one person, approved by another, lifted, searched."""

from collections import Counter
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta

from aiohttp import web

from callcenter.admission.desk import BlacklistDesk
from callcenter.admission.entries import Entry, Refused
from callcenter.web.blacklist_models import (
    BlacklistEntry,
    BlacklistLog,
    BlacklistMove,
    BlacklistPage,
    BlacklistQuery,
    Caller,
    CallerCall,
    CallerCalls,
    Note,
    Proposal,
    entry_answer,
    fits,
)
from callcenter.web.errors import ApiFault
from callcenter.web.masking import mask_number
from callcenter.web.person import Person, person_of
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_model, read_query
from callcenter.web.web_parts import PARTS
from seats.locate import e164


def blacklist_desk(request: web.Request) -> BlacklistDesk:
    """The desk of this process; raises ApiFault 503 where there is none."""
    desk = request.app[PARTS].blacklist
    if desk is None:
        raise ApiFault(503, "not_here", "此服务进程不管理受限号码。")
    return desk


async def get_entries(request: web.Request) -> web.Response:
    """One page of entries that fit."""
    asked, person, now = read_query(request, BlacklistQuery), person_of(request), _now()
    every = [one for one in await blacklist_desk(request).every() if fits(one, asked.words)]
    found = [one for one in every if asked.state in (None, one.state(now))]
    first = (asked.page - 1) * asked.size
    return json_answer(
        BlacklistPage(
            entries=[entry_answer(one, person, now) for one in found[first : first + asked.size]],
            total=len(found),
            counts=dict(Counter(one.state(now) for one in every)),
        )
    )


async def get_log(request: web.Request) -> web.Response:
    """Who did what when."""
    lines = await blacklist_desk(request).log()
    return json_answer(
        BlacklistLog(moves=[BlacklistMove.model_validate(line) for line in lines[:1000]])
    )


async def _number(desk: BlacklistDesk, asked: Caller, person: Person) -> str:
    """The number as it is stored; who may not see calls names one that he talked in."""
    if asked.call_id is not None:
        number = await desk.caller_of(asked.call_id)
        if number is None or not await _may_name(desk, number, asked.call_id, person):
            raise ApiFault(404, "call_unknown", "没有这通来电，或您无权查看。")
        return number
    if not person.may(Right.CALLS_SEE):
        raise ApiFault(403, "call_needed", "请从您接听的来电中提出。")
    number = e164(asked.number)
    if number is None:
        raise ApiFault(422, "number_form", "不是电话号码。", where="number")
    return number


async def _may_name(desk: BlacklistDesk, number: str, call_id: str, person: Person) -> bool:
    if person.may(Right.CALLS_SEE):
        return True
    calls = await desk.of_caller(number, limit=200)
    return any(one.call_id == call_id and person.seat in one.seats for one in calls)


async def post_calls(request: web.Request) -> web.Response:
    """The newest calls of a number, to be named as evidence."""
    desk, person = blacklist_desk(request), person_of(request)
    number = await _number(desk, await read_model(request, Caller), person)
    calls = await desk.of_caller(number)
    if not person.may(Right.CALLS_SEE):
        calls = [one for one in calls if person.seat in one.seats]
    found = [CallerCall.model_validate(one) for one in calls]
    return json_answer(CallerCalls(number=mask_number(number), calls=found))


async def post_proposal(request: web.Request) -> web.Response:
    """Propose a number; another person must approve it."""
    desk, person, now = blacklist_desk(request), person_of(request), _now()
    asked = await read_model(request, Proposal)
    number = await _number(desk, asked, person)
    try:
        made = await desk.propose(
            number,
            reason=asked.reason,
            evidence=asked.evidence,
            by=person.name,
            until=now + timedelta(days=asked.days) - timedelta(seconds=1),
            now=now,
        )
    except Refused as refused:
        raise _refusal(refused) from None
    return json_answer(entry_answer(made, person, now))


async def post_approve(request: web.Request) -> web.Response:
    """In force from now on; nobody approves what he proposed himself."""
    person, now = person_of(request), _now()
    return await _moved(
        request, blacklist_desk(request).approve(_entry(request), by=person.name, now=now)
    )


async def post_lift(request: web.Request) -> web.Response:
    """No more in force, or turned down."""
    person, now, said = person_of(request), _now(), await read_model(request, Note)
    lifting = blacklist_desk(request).lift(_entry(request), by=person.name, note=said.note, now=now)
    return await _moved(request, lifting)


async def post_appeal(request: web.Request) -> web.Response:
    """What the caller objects; it decides nothing by itself."""
    person, now, said = person_of(request), _now(), await read_model(request, Note)
    noting = blacklist_desk(request).appeal(
        _entry(request), by=person.name, note=said.note, now=now
    )
    return await _moved(request, noting)


async def _moved(request: web.Request, moving: Awaitable[Entry]) -> web.Response:
    try:
        made = await moving
    except Refused as refused:
        raise _refusal(refused) from None
    return json_answer(entry_answer(made, person_of(request), _now()))


def _refusal(refused: Refused) -> ApiFault:
    return ApiFault(409, "not_allowed", f"{str(refused).rstrip('。')}。")


def _entry(request: web.Request) -> int:
    text = request.match_info["n"]
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ApiFault(404, "not_found", "没有这一条。")
    return int(text)


def _now() -> datetime:
    return datetime.now(UTC)


PATH = "/api/v1/blacklist"
_ENTRY = {"n": {"type": "integer", "minimum": 1, "maximum": 999_999_999}}
ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path=PATH,
        handler=get_entries,
        name="blacklist",
        summary="Numbers that are refused or proposed to be, masked, by page",
        right=Right.BLACKLIST_SEE,
        answer=BlacklistPage,
        query=BlacklistQuery,
        faults=(503,),
    ),
    Route(
        method="GET",
        path=f"{PATH}/log",
        handler=get_log,
        name="blacklist_log",
        summary="Who did what with which refused number",
        right=Right.BLACKLIST_SEE,
        answer=BlacklistLog,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{PATH}/calls",
        handler=post_calls,
        name="calls_of_number",
        summary="The newest calls of a number, to be named as evidence",
        right=Right.BLACKLIST_PROPOSE,
        answer=CallerCalls,
        body=Caller,
        faults=(404, 503),
    ),
    Route(
        method="POST",
        path=PATH,
        handler=post_proposal,
        name="propose_blacklist",
        summary="Propose to refuse a number for some days",
        right=Right.BLACKLIST_PROPOSE,
        answer=BlacklistEntry,
        body=Proposal,
        faults=(404, 409, 503),
    ),
    Route(
        method="POST",
        path=f"{PATH}/{{n}}/approve",
        handler=post_approve,
        name="approve_blacklist",
        summary="Put an entry in force; not by who proposed it",
        right=Right.BLACKLIST_APPROVE,
        answer=BlacklistEntry,
        path_types=_ENTRY,
        faults=(409, 503),
    ),
    Route(
        method="POST",
        path=f"{PATH}/{{n}}/lift",
        handler=post_lift,
        name="lift_blacklist",
        summary="Take an entry back, or turn a proposal down",
        right=Right.BLACKLIST_APPROVE,
        answer=BlacklistEntry,
        body=Note,
        path_types=_ENTRY,
        faults=(409, 503),
    ),
    Route(
        method="POST",
        path=f"{PATH}/{{n}}/appeal",
        handler=post_appeal,
        name="appeal_blacklist",
        summary="Take down what the caller objects",
        right=Right.BLACKLIST_APPROVE,
        answer=BlacklistEntry,
        body=Note,
        path_types=_ENTRY,
        faults=(409, 503),
    ),
)
