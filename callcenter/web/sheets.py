"""Tables as Excel files. What people typed stays text: nothing in it is ever a formula or link."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import xlsxwriter
from aiohttp import web

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Cell = str | int | float | bool | datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet. `widths`: of the columns, in characters; times are naive, in local time."""

    name: str
    columns: Sequence[str]
    widths: Sequence[int]
    rows: Iterable[Sequence[Cell]]


def excel(sheets: Iterable[Sheet]) -> bytes:
    """The file, with a header that stays in sight and can be filtered by."""
    file = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(file, options)
    head = book.add_format({"bold": True, "bg_color": "#DCE6F2", "border": 1})
    when = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        page.write_row(0, 0, sheet.columns, head)
        page.freeze_panes(1, 0)
        n = 0
        for n, row in enumerate(sheet.rows, 1):
            for column, value in enumerate(row):
                if isinstance(value, datetime):
                    page.write_datetime(n, column, value, when)
                elif isinstance(value, str):
                    page.write_string(n, column, value, wrapped)
                elif value is not None:
                    page.write(n, column, value)
        for column, width in enumerate(sheet.widths):
            page.set_column(column, column, width)
        page.autofilter(0, 0, n, len(sheet.columns) - 1)
    book.close()
    return file.getvalue()


def excel_answer(body: bytes, name: str) -> web.Response:
    """The file to be saved under this name (ASCII)."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, content_type=TYPE, headers=headers)
