"""Seats, skills, shifts and groups: seen, checked as typed, saved, as Excel out and in."""

import asyncio

from aiohttp import web

from callcenter.documents.folder import Document
from callcenter.documents.roster_plan import Plan, plan_roster, read_roster, rows_of
from callcenter.documents.rows import CellFault
from callcenter.documents.seats_sheet import read_seats, write_seats
from callcenter.documents.workbook import CONTENT_TYPE
from callcenter.province import SEATS
from callcenter.web.errors import ApiFault
from callcenter.web.excel import brought, excel_file
from callcenter.web.person import Person, person_of
from callcenter.web.province_models import MOST_BYTES as MOST_JSON
from callcenter.web.province_models import (
    Checked,
    GroupAnswer,
    PlaceChoice,
    Saved,
    SeatsAnswer,
    SeatsChange,
    SeatsSave,
    SheetChecked,
    SheetQuery,
    SheetSaveQuery,
)
from callcenter.web.province_part import (
    cell,
    plan_faults,
    province_desk,
    refuse_faulty,
    refuse_other,
    save_plan,
)
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_query
from callcenter.web.uploads import read_rows
from seats.places import seat_places
from seats.roster import Roster
from seats.source import FileFaults

ACTION = "seats_changed"


async def _now(request: web.Request) -> tuple[Document, Roster]:
    document = await province_desk(request).read(SEATS)
    try:
        return document, await asyncio.to_thread(read_roster, document.text)
    except FileFaults as broken:
        what = f"seats.yaml 有错，请先在文件中改正：{broken.faults[0]}"
        raise ApiFault(503, "document_broken", what) from None


async def get_seats(request: web.Request) -> web.Response:
    """All seats and groups; of a city's people those of the city."""
    person = person_of(request)
    document, roster = await _now(request)
    used = await province_desk(request).groups_in_flows()
    return json_answer(
        SeatsAnswer(
            revision=document.revision,
            groups=[
                GroupAnswer(name=name, title=title, flows=list(used.get(name, ())))
                for name, title in roster.groups.items()
            ],
            seats=[row for row in rows_of(roster) if person.sees_city(row.city)],
            places=[PlaceChoice(code=c, name=p.name) for c, p in seat_places().items()],
        )
    )


async def _plan(request: web.Request, change: SeatsChange, document: Document) -> Plan:
    used = await province_desk(request).groups_in_flows()
    try:
        return await asyncio.to_thread(
            lambda: plan_roster(
                document.text,
                put=change.put,
                remove=change.remove,
                groups=change.groups,
                used=used,
            )
        )
    except FileFaults as broken:
        raise ApiFault(503, "document_broken", str(broken.faults[0])) from None


def _check_reach(person: Person, roster: Roster, change: SeatsChange) -> None:
    """Who is there for one city changes its seats alone."""
    cities = {seat.number: seat.city for seat in roster.seats}
    touched = [cities[number] for number in change.remove if number in cities]
    touched += [row.city for row in change.put]
    touched += [cities[row.number] for row in change.put if row.number in cities]
    is_beyond = person.city is not None and change.groups is not None
    if is_beyond or not all(person.sees_city(city) for city in touched):
        raise ApiFault(403, "not_your_city", "您只能更改本市州的坐席。")


async def post_check(request: web.Request) -> web.Response:
    """What would be wrong with a change, and what it would change."""
    change = await read_rows(request, SeatsChange, most=MOST_JSON)
    document, roster = await _now(request)
    _check_reach(person_of(request), roster, change)
    plan = await _plan(request, change, document)
    faults = await plan_faults(request, document, plan)
    return json_answer(Checked(faults=faults, changes=list(plan.words)))


async def post_seats(request: web.Request) -> web.Response:
    """Make a change."""
    change = await read_rows(request, SeatsSave, most=MOST_JSON)
    document, roster = await _now(request)
    refuse_other(document.revision, change.revision)
    _check_reach(person_of(request), roster, change)
    plan = await _plan(request, change, document)
    refuse_faulty(plan.faults)
    return await save_plan(request, document, plan, action=ACTION, reason=change.reason)


async def get_sheet(request: web.Request) -> web.Response:
    """All seats as an Excel file."""
    person = person_of(request)
    _, roster = await _now(request)
    seats = tuple(seat for seat in roster.seats if person.sees_city(seat.city))
    body = await asyncio.to_thread(write_seats, Roster(roster.groups, seats))
    return excel_file(body, "seats")


async def _read_sheet(
    request: web.Request, document: Document, roster: Roster, *, only: bool
) -> tuple[Plan, list[CellFault], int]:
    rows, table = await brought(request, lambda data: read_seats(data, roster.groups))
    person = person_of(request)
    in_file = {row.number for row in rows}
    gone = [
        seat.number
        for seat in roster.seats
        if only and seat.number not in in_file and person.sees_city(seat.city)
    ]
    change = SeatsChange(revision=document.revision, put=rows, remove=gone)
    _check_reach(person, roster, change)
    if table.faults:
        return Plan(document.text), table.faults, len(rows)
    plan = await _plan(request, change, document)
    lines = {row.number: at for row, (at, _) in zip(rows, table.rows, strict=True)}
    faults = [cell(fault, table.name, lines.get(fault.at, 0)) for fault in plan.faults]
    return plan, faults, len(rows)


async def post_sheet_check(request: web.Request) -> web.Response:
    """What is wrong in an Excel file, and what it would change."""
    asked = read_query(request, SheetQuery)
    document, roster = await _now(request)
    plan, faults, rows = await _read_sheet(request, document, roster, only=asked.only)
    faults = faults or [cell(fault) for fault in await plan_faults(request, document, plan)]
    return json_answer(SheetChecked(faults=faults, changes=list(plan.words), rows=rows))


async def post_sheet(request: web.Request) -> web.Response:
    """Take over the seats of an Excel file."""
    asked = read_query(request, SheetSaveQuery)
    document, roster = await _now(request)
    refuse_other(document.revision, asked.revision)
    plan, faults, _ = await _read_sheet(request, document, roster, only=asked.only)
    refuse_faulty(faults)
    return await save_plan(request, document, plan, action=ACTION, reason=asked.reason)


_PATH = "/api/v1/province/seats"
ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path=_PATH,
        handler=get_seats,
        name="province_seats",
        summary="Seats with their skills and shifts, and groups",
        right=Right.PROVINCE_SEE,
        answer=SeatsAnswer,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/check",
        handler=post_check,
        name="check_seats",
        summary="What would be wrong with changed seats and groups, at the field",
        right=Right.PROVINCE_EDIT,
        answer=Checked,
        body=SeatsChange,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=_PATH,
        handler=post_seats,
        name="save_seats",
        summary="Change seats and groups: in force at once, kept with name and reason",
        right=Right.PROVINCE_EDIT,
        answer=Saved,
        body=SeatsSave,
        faults=(409, 503),
    ),
    Route(
        method="GET",
        path=f"{_PATH}/sheet",
        handler=get_sheet,
        name="seats_sheet",
        summary="All seats as an Excel file",
        right=Right.PROVINCE_SEE,
        answer=CONTENT_TYPE,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/sheet/check",
        handler=post_sheet_check,
        name="check_seats_sheet",
        summary="What is wrong in an Excel file of seats, at row and column",
        right=Right.PROVINCE_EDIT,
        answer=SheetChecked,
        query=SheetQuery,
        takes=CONTENT_TYPE,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/sheet",
        handler=post_sheet,
        name="import_seats_sheet",
        summary="Take over the seats of an Excel file",
        right=Right.PROVINCE_EDIT,
        answer=Saved,
        query=SheetSaveQuery,
        takes=CONTENT_TYPE,
        faults=(409, 503),
    ),
)
