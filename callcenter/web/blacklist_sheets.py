"""Refused numbers as Excel files: the list out, proposals in."""

import asyncio
from datetime import UTC, datetime

from aiohttp import web

from callcenter.admission.desk import SomeRefused
from callcenter.admission.entries import Entry
from callcenter.documents import words
from callcenter.documents.blacklist_sheet import read_proposals, write_blacklist, write_form
from callcenter.documents.rows import CellFault
from callcenter.documents.workbook import CONTENT_TYPE, Table
from callcenter.english import excel
from callcenter.web.blacklist_admin import PATH, blacklist_desk
from callcenter.web.blacklist_models import BlacklistQuery, Proposed, entry_answer, fits
from callcenter.web.errors import ApiFault
from callcenter.web.excel import brought, excel_file
from callcenter.web.masking import mask_number
from callcenter.web.person import person_of
from callcenter.web.province_models import SheetChecked
from callcenter.web.province_part import refuse_faulty
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_query
from reports.metrics import ZONE


async def get_sheet(request: web.Request) -> web.Response:
    """Entries that fit as an Excel file; numbers masked."""
    asked, now = read_query(request, BlacklistQuery), datetime.now(UTC)
    every = [one for one in await blacklist_desk(request).every() if fits(one, asked.words)]
    rows = [_line(one, now) for one in every if asked.state in (None, one.state(now))]
    return excel_file(await asyncio.to_thread(write_blacklist, rows), "blacklist")


def _line(one: Entry, now: datetime) -> tuple[object, ...]:
    def when(moment: datetime | None) -> str | None:
        return moment.astimezone(ZONE).strftime("%Y-%m-%d %H:%M") if moment else None

    return (
        *(one.n, mask_number(one.number), excel.cell(words.STATES[one.state(now)]), one.reason),
        *(len(one.evidence), one.proposed_by, when(one.proposed_at), when(one.until)),
        *(one.approved_by, when(one.approved_at), one.lifted_by, when(one.lifted_at), one.appeal),
    )


async def get_form(request: web.Request) -> web.Response:
    """An empty Excel sheet for proposals."""
    blacklist_desk(request)
    return excel_file(await asyncio.to_thread(write_form), "blacklist-proposals")


async def _read_sheet(
    request: web.Request, *, is_trial: bool
) -> tuple[list[Entry], list[CellFault], int]:
    now, desk = datetime.now(UTC), blacklist_desk(request)
    if not person_of(request).may(Right.CALLS_SEE):
        raise ApiFault(403, "call_needed", "请从您接听的来电中提出。")
    wishes, table = await brought(request, lambda data: read_proposals(data, now))
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
    person, now = person_of(request), datetime.now(UTC)
    return json_answer(Proposed(entries=[entry_answer(one, person, now) for one in made]))


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path=f"{PATH}/sheet",
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
        path=f"{PATH}/form",
        handler=get_form,
        name="blacklist_form",
        summary="An empty Excel sheet for proposals",
        right=Right.BLACKLIST_PROPOSE,
        answer=CONTENT_TYPE,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{PATH}/sheet/check",
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
        path=f"{PATH}/sheet",
        handler=post_sheet,
        name="import_blacklist_sheet",
        summary="Make all proposals of an Excel file, or none",
        right=Right.BLACKLIST_PROPOSE,
        answer=Proposed,
        takes=CONTENT_TYPE,
        faults=(503,),
    ),
)
