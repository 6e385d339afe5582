"""Refused numbers as an Excel sheet, and proposals out of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from callcenter.admission.desk import Wish
from callcenter.admission.entries import LONGEST
from callcenter.documents.workbook import (
    Column,
    Sheet,
    Table,
    Wanted,
    read_workbook,
    write_workbook,
)
from seats.locate import e164

SHEET: Final = "受限号码"
_FORM: Final = "提议"
_NUMBER, _REASON, _EVIDENCE, _DAYS = "号码", "理由", "依据来电", "天数"
_USUAL_DAYS: Final = 30


def write_blacklist(rows: Iterable[Sequence[object]]) -> bytes:
    """The workbook of entries; a row is number (masked), state, reason and so on, as text."""
    headings = ("序号", _NUMBER, "状态", _REASON, "依据（通）", "提出人", "提出时间", "截止时间")
    more = ("批准人", "批准时间", "解除人", "解除时间", "申诉")
    widths = (6, 16, 10, 40, 10, 12, 18, 18, 12, 18, 12, 18, 30)
    pairs = zip((*headings, *more), widths, strict=True)
    return write_workbook([Sheet(SHEET, [Column(one, width) for one, width in pairs], rows)])


def write_form() -> bytes:
    """An empty sheet to write proposals into."""
    columns = [
        Column(_NUMBER, 18),
        Column(_REASON, 40),
        Column(_EVIDENCE, 60, (), "至少三通来电的编号，用顿号或换行隔开"),
        Column(_DAYS, 8, (), f"1 到 {LONGEST.days} 天，空着为 {_USUAL_DAYS} 天"),
    ]
    return write_workbook([Sheet(_FORM, columns, ())])


def read_proposals(data: bytes, now: datetime) -> tuple[list[Wish], Table]:
    """The proposals of a workbook, one for each row of the table. Raises NoWorkbook."""
    wanted = Wanted(_FORM, (_NUMBER, _REASON, _EVIDENCE), (_DAYS,))
    (table,) = read_workbook(data, wanted).values()
    wishes = []
    for at, cells in table.rows if not table.faults else ():
        number, days = cells.get(_NUMBER, ""), cells.get(_DAYS, "") or str(_USUAL_DAYS)
        if e164(number) is None:
            table.fault(at, _NUMBER, "number_form", f"“{number[:20]}”不是电话号码。")
        if not (days.isascii() and days.isdigit() and 1 <= int(days[:6]) <= LONGEST.days):
            table.fault(at, _DAYS, "days_range", f"天数为 1 到 {LONGEST.days}。")
            days = str(_USUAL_DAYS)
        calls = cells.get(_EVIDENCE, "").replace("\n", "、").replace("，", "、").replace(",", "、")
        evidence = tuple(one.strip() for one in calls.split("、") if one.strip())
        until = now + timedelta(days=int(days))
        wishes.append(Wish(number, cells.get(_REASON, ""), evidence, until))
    return wishes, table
