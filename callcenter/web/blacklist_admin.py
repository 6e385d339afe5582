"""Numbers that are refused: proposed by one person, approved by another, lifted, searched."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta

from aiohttp import web

from callcenter.admission.desk import BlacklistDesk, SomeRefused
from callcenter.admission.entries import Entry, Refused
from callcenter.documents import words
from callcenter.documents.blacklist_sheet import read_proposals, write_blacklist, write_form
from callcenter.documents.rows import CellFault
from callcenter.documents.workbook import CONTENT_TYPE, MOST_BYTES, NoWorkbook, Table
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
    Proposed,
    entry_answer,
    fits,
)
from callcenter.web.errors import ApiFault
from callcenter.web.masking import mask_number
from callcenter.web.person import Person, person_of
from callcenter.web.province_models import SheetChecked
from callcenter.web.province_part import excel_file, refuse_faulty
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_model, read_query
from callcenter.web.uploads import read_bytes
from callcenter.web.web_parts import PARTS
from reports.metrics import ZONE
from seats.locate import e164


def _desk(request: web.Request) -> BlacklistDesk:
    desk = request.app[PARTS].blacklist
    if desk is None:
        raise ApiFault(503, "not_here", "此服务进程不管理受限号码。")
    return desk


async def get_entries(request: web.Request) -> web.Response:
    """One page of entries that fit."""
    asked, person, now = read_query(request, BlacklistQuery), person_of(request), _now()
    every = [one for one in await _desk(request).every() if fits(one, asked.words)]
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
    lines = await _desk(request).log()
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
    desk, person = _desk(request), person_of(request)
    number = await _number(desk, await read_model(request, Caller), person)
    calls = await desk.of_caller(number)
    if not person.may(Right.CALLS_SEE):
        calls = [one for one in calls if person.seat in one.seats]
    found = [CallerCall.model_validate(one) for one in calls]
    return json_answer(CallerCalls(number=mask_number(number), calls=found))


async def post_proposal(request: web.Request) -> web.Response:
    """Propose a number; another person must approve it."""
    desk, person, now = _desk(request), person_of(request), _now()
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
    return await _moved(request, _desk(request).approve(_entry(request), by=person.name, now=now))


async def post_lift(request: web.Request) -> web.Response:
    """No more in force, or turned down."""
    person, now, said = person_of(request), _now(), await read_model(request, Note)
    lifting = _desk(request).lift(_entry(request), by=person.name, note=said.note, now=now)
    return await _moved(request, lifting)


async def post_appeal(request: web.Request) -> web.Response:
    """What the caller objects; it decides nothing by itself."""
    person, now, said = person_of(request), _now(), await read_model(request, Note)
    noting = _desk(request).appeal(_entry(request), by=person.name, note=said.note, now=now)
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


async def get_sheet(request: web.Request) -> web.Response:
    """Entries that fit as an Excel file; numbers masked."""
    asked, now = read_query(request, BlacklistQuery), _now()
    every = [one for one in await _desk(request).every() if fits(one, asked.words)]
    rows = [_line(one, now) for one in every if asked.state in (None, one.state(now))]
    return excel_file(await asyncio.to_thread(write_blacklist, rows), "blacklist")


def _line(one: Entry, now: datetime) -> tuple[object, ...]:
    def when(moment: datetime | None) -> str | None:
        return moment.astimezone(ZONE).strftime("%Y-%m-%d %H:%M") if moment else None

    return (
        *(one.n, mask_number(one.number), words.STATES[one.state(now)], one.reason),
        *(len(one.evidence), one.proposed_by, when(one.proposed_at), when(one.until)),
        *(one.approved_by, when(one.approved_at), one.lifted_by, when(one.lifted_at), one.appeal),
    )


async def get_form(request: web.Request) -> web.Response:
    """An empty Excel sheet for proposals."""
    _desk(request)
    return excel_file(await asyncio.to_thread(write_form), "blacklist-proposals")


async def _read_sheet(
    request: web.Request, *, is_trial: bool
) -> tuple[list[Entry], list[CellFault], int]:
    now, desk = _now(), _desk(request)
    if not person_of(request).may(Right.CALLS_SEE):
        raise ApiFault(403, "call_needed", "请从您接听的来电中提出。")
    data = await read_bytes(request, most=MOST_BYTES)
    try:
        wishes, table = await asyncio.to_thread(read_proposals, data, now)
    except NoWorkbook as refused:
        raise ApiFault(422, "no_workbook", str(refused)) from None
    if table.faults:
        return [], table.faults, len(wishes)
    try:
        by = person_of(request).name
        made = await desk.propose_all(wishes, by=by, now=now, is_trial=is_trial)
    except SomeRefused as refused:
        return [], _cells(table, refused), len(wishes)
    return made, [], len(wishes)


def _cells(table: Table, refused: SomeRefused) -> list[CellFault]:
    for n, why in refused.whys.items():
        heading = "依据来电" if "来电" in why else "理由" if "理由" in why else "号码"
        table.fault(table.rows[n][0], heading, "not_allowed", f"{why.rstrip('。')}。")
    return table.faults


async def post_sheet_check(request: web.Request) -> web.Response:
    """What is wrong in an Excel file of proposals."""
    _, faults, rows = await _read_sheet(request, is_trial=True)
    told = [] if faults else [f"提出 {rows} 条，待他人批准"]
    return json_answer(SheetChecked(faults=faults, changes=told, rows=rows))


async def post_sheet(request: web.Request) -> web.Response:
    """Make all proposals of an Excel file, or none."""
    made, faults, _ = await _read_sheet(request, is_trial=False)
    refuse_faulty(faults)
    person, now = person_of(request), _now()
    return json_answer(Proposed(entries=[entry_answer(one, person, now) for one in made]))


_PATH = "/api/v1/blacklist"
_ENTRY = {"n": {"type": "integer", "minimum": 1, "maximum": 999_999_999}}
ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path=_PATH,
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
        path=f"{_PATH}/log",
        handler=get_log,
        name="blacklist_log",
        summary="Who did what with which refused number",
        right=Right.BLACKLIST_SEE,
        answer=BlacklistLog,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/calls",
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
        path=_PATH,
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
        path=f"{_PATH}/{{n}}/approve",
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
        path=f"{_PATH}/{{n}}/lift",
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
        path=f"{_PATH}/{{n}}/appeal",
        handler=post_appeal,
        name="appeal_blacklist",
        summary="Take down what the caller objects",
        right=Right.BLACKLIST_APPROVE,
        answer=BlacklistEntry,
        body=Note,
        path_types=_ENTRY,
        faults=(409, 503),
    ),
    Route(
        method="GET",
        path=f"{_PATH}/sheet",
        handler=get_sheet,
        name="blacklist_sheet",
        summary="Entries as an Excel file, numbers masked",
        right=Right.BLACKLIST_SEE,
        answer=CONTENT_TYPE,
        query=BlacklistQuery,
        faults=(503,),
    ),
    Route(
        method="GET",
        path=f"{_PATH}/form",
        handler=get_form,
        name="blacklist_form",
        summary="An empty Excel sheet for proposals",
        right=Right.BLACKLIST_PROPOSE,
        answer=CONTENT_TYPE,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/sheet/check",
        handler=post_sheet_check,
        name="check_blacklist_sheet",
        summary="What is wrong in an Excel file of proposals, at row and column",
        right=Right.BLACKLIST_PROPOSE,
        answer=SheetChecked,
        takes=CONTENT_TYPE,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/sheet",
        handler=post_sheet,
        name="import_blacklist_sheet",
        summary="Make all proposals of an Excel file, or none",
        right=Right.BLACKLIST_PROPOSE,
        answer=Proposed,
        takes=CONTENT_TYPE,
        faults=(503,),
    ),
)
