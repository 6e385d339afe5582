"""Opening hours, closures and holidays: seen, checked as typed, saved, as Excel out and in."""

import asyncio
from datetime import UTC, datetime

from aiohttp import web

from callcenter.documents.calendar_plan import plan_calendar, read_calendar
from callcenter.documents.calendar_rows import (
    closure_rows,
    hours_rows,
    night_rows,
    year_row,
    years_of,
)
from callcenter.documents.calendar_sheet import Brought, read_calendar_sheets, write_calendar
from callcenter.documents.folder import Document
from callcenter.documents.roster_plan import Plan, read_roster
from callcenter.documents.rows import CellFault
from callcenter.documents.workbook import CONTENT_TYPE
from callcenter.province import CALENDAR, SEATS
from callcenter.web.calendar_models import (
    CalendarAnswer,
    CalendarChange,
    CalendarSave,
    NoticeAnswer,
    NoticeText,
    TodayHours,
)
from callcenter.web.errors import ApiFault
from callcenter.web.excel import brought, excel_file
from callcenter.web.person import person_of
from callcenter.web.province_models import MOST_BYTES as MOST_JSON
from callcenter.web.province_models import (
    Checked,
    GroupAnswer,
    PlaceChoice,
    Saved,
    SheetChecked,
    WholeSheetSave,
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
from callcenter.web.route import Route, json_answer, read_model, read_query
from callcenter.web.uploads import read_rows
from seats.calendar import Calendar, YearNotLoaded
from seats.calendar_file import amended
from seats.holiday_cn import NoticeRefused, read_notice
from seats.places import seat_places
from seats.source import FileFaults

ACTION = "calendar_changed"


async def _now(request: web.Request) -> tuple[Document, Calendar, dict[str, str]]:
    desk = province_desk(request)
    document, seats = await desk.read(CALENDAR), await desk.read(SEATS)
    try:
        calendar = await asyncio.to_thread(read_calendar, document.text)
        roster = await asyncio.to_thread(read_roster, seats.text)
    except FileFaults as broken:
        what = f"文件有错，请先在文件中改正：{broken.faults[0]}"
        raise ApiFault(503, "document_broken", what) from None
    return document, calendar, dict(roster.groups)


async def get_calendar(request: web.Request) -> web.Response:
    """The whole calendar."""
    document, calendar, groups = await _now(request)
    now = datetime.now(UTC)
    return json_answer(
        CalendarAnswer(
            revision=document.revision,
            zone=calendar.zone.key,
            hours=hours_rows(calendar),
            nights=night_rows(calendar),
            closures=closure_rows(calendar),
            years=list(years_of(calendar).values()),
            missing_year=calendar.missing_year(calendar.day_of(now)),
            today=_today(calendar, now),
            groups=[GroupAnswer(name=n, title=title, flows=[]) for n, title in groups.items()],
            places=[PlaceChoice(code=c, name=p.name) for c, p in seat_places().items()],
        )
    )


def _today(calendar: Calendar, now: datetime) -> TodayHours:
    day = calendar.day_of(now)
    try:
        return TodayHours(
            day=day, kind=calendar.kind(day).value, is_open=calendar.hours(now) == "open"
        )
    except YearNotLoaded:
        return TodayHours(day=day, kind=None, is_open=True)


async def _plan(change: CalendarChange | Brought, text: str, groups: dict[str, str]) -> Plan:
    return await asyncio.to_thread(
        lambda: plan_calendar(
            text,
            groups=groups,
            hours=change.hours,
            nights=change.nights,
            closures=change.closures,
            years=change.years,
        )
    )


def _check_reach(request: web.Request) -> None:
    """Hours are the whole province's."""
    if person_of(request).city is not None:
        raise ApiFault(403, "not_your_city", "服务时间由省级管理员更改。")


async def post_check(request: web.Request) -> web.Response:
    """What would be wrong with a change, and what it would change."""
    change = await read_rows(request, CalendarChange, most=MOST_JSON)
    document, _, groups = await _now(request)
    plan = await _plan(change, document.text, groups)
    faults = await plan_faults(request, document, plan)
    return json_answer(Checked(faults=faults, changes=list(plan.words)))


async def post_calendar(request: web.Request) -> web.Response:
    """Make a change."""
    change = await read_rows(request, CalendarSave, most=MOST_JSON)
    document, _, groups = await _now(request)
    refuse_other(document.revision, change.revision)
    plan = await _plan(change, document.text, groups)
    refuse_faulty(plan.faults)
    return await _save(request, plan, document, change.reason)


async def _save(request: web.Request, plan: Plan, document: Document, reason: str) -> web.Response:
    _check_reach(request)
    return await save_plan(request, document, plan, action=ACTION, reason=reason)


async def post_notice(request: web.Request) -> web.Response:
    """A year out of holiday-cn's JSON, as rows to be looked at."""
    asked = await read_model(request, NoticeText)
    _, calendar, _ = await _now(request)
    try:
        notice = read_notice(asked.text.encode())
    except NoticeRefused as refused:
        raise ApiFault(422, "no_notice", f"不是放假安排文件：{refused.faults[0]}") from None
    year = year_row(notice.year, notice.days).model_copy(update={"source": " ".join(notice.papers)})
    changes_december = bool(notice.before.holidays or notice.before.workdays)
    held = calendar.years.get(notice.year - 1)
    before = None
    if changes_december and held is not None:
        before = year_row(notice.year - 1, amended(held, notice.before))
    return json_answer(NoticeAnswer(year=year, changes_december=changes_december, before=before))


async def get_sheet(request: web.Request) -> web.Response:
    """The whole calendar as an Excel file."""
    _, calendar, groups = await _now(request)
    return excel_file(await asyncio.to_thread(write_calendar, calendar, groups), "calendar")


async def _read_sheet(
    request: web.Request,
) -> tuple[Document, Plan, list[CellFault], int]:
    document, calendar, groups = await _now(request)
    found = await brought(request, lambda data: read_calendar_sheets(data, calendar, groups))
    if found.faults:
        return document, Plan(document.text), found.faults, found.rows
    plan = await _plan(found, document.text, groups)
    return document, plan, [found.cell(fault) for fault in plan.faults], found.rows


async def post_sheet_check(request: web.Request) -> web.Response:
    """What is wrong in an Excel file, and what it would change."""
    document, plan, faults, rows = await _read_sheet(request)
    faults = faults or [cell(fault) for fault in await plan_faults(request, document, plan)]
    return json_answer(SheetChecked(faults=faults, changes=list(plan.words), rows=rows))


async def post_sheet(request: web.Request) -> web.Response:
    """Take over the calendar of an Excel file."""
    asked = read_query(request, WholeSheetSave)
    document, plan, faults, _ = await _read_sheet(request)
    refuse_other(document.revision, asked.revision)
    refuse_faulty(faults)
    return await _save(request, plan, document, asked.reason)


_PATH = "/api/v1/province/calendar"
ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path=_PATH,
        handler=get_calendar,
        name="province_calendar",
        summary="Opening hours, who answers when closed, closures, holidays",
        right=Right.PROVINCE_SEE,
        answer=CalendarAnswer,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/check",
        handler=post_check,
        name="check_calendar",
        summary="What would be wrong with changed hours and holidays, at the field",
        right=Right.PROVINCE_EDIT,
        answer=Checked,
        body=CalendarChange,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=_PATH,
        handler=post_calendar,
        name="save_calendar",
        summary="Change hours and holidays: in force at once, kept with name and reason",
        right=Right.PROVINCE_EDIT,
        answer=Saved,
        body=CalendarSave,
        faults=(409, 503),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/notice",
        handler=post_notice,
        name="read_holiday_notice",
        summary="A year's holidays out of holiday-cn's JSON, to be looked at",
        right=Right.PROVINCE_EDIT,
        answer=NoticeAnswer,
        body=NoticeText,
        faults=(503,),
    ),
    Route(
        method="GET",
        path=f"{_PATH}/sheet",
        handler=get_sheet,
        name="calendar_sheet",
        summary="The calendar as an Excel file",
        right=Right.PROVINCE_SEE,
        answer=CONTENT_TYPE,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/sheet/check",
        handler=post_sheet_check,
        name="check_calendar_sheet",
        summary="What is wrong in an Excel file of the calendar, at row and column",
        right=Right.PROVINCE_EDIT,
        answer=SheetChecked,
        takes=CONTENT_TYPE,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/sheet",
        handler=post_sheet,
        name="import_calendar_sheet",
        summary="Take over the calendar of an Excel file",
        right=Right.PROVINCE_EDIT,
        answer=Saved,
        query=WholeSheetSave,
        takes=CONTENT_TYPE,
        faults=(409, 503),
    ),
)
