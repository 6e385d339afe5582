"""Excel workbooks: written for people, and read back with every fault at its row and column."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from typing import Any, Final

import openpyxl
import xlsxwriter
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from callcenter.documents.rows import CellFault
from callcenter.documents.unread import unread_cells
from callcenter.english import excel
from callcenter.english.said import said

CONTENT_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_BYTES: Final = 5_000_000
_MOST_UNPACKED: Final = 100_000_000
_MOST_ROWS: Final = 5_000
_MOST_LINES: Final = 50_000  # empty ones too: who formats a whole column leaves many
_MOST_COLUMNS: Final = 200
_MOST_FAULTS: Final = 200


class NoWorkbook(ValueError):
    """What was brought is no workbook that can be read; one Chinese sentence."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, its width in characters, and what may be chosen in it.

    All in Chinese, as names of sheets are; they are written in the language of the answer.
    """

    heading: str
    width: int = 12
    choices: Sequence[str] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet to be written; its cells stand in it as they are."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sheet to be read: its name, the headings that it must have, and those that it may."""

    name: str
    needed: Sequence[str]
    more: Sequence[str] = ()


def write_workbook(sheets: Iterable[Sheet]) -> bytes:
    """The bytes of an .xlsx: headings in bold that stay in sight, with filters and choices."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    head = book.add_format({"bold": True, "bg_color": "#14345C", "font_color": "#FFFFFF"})
    cell = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    number = book.add_format({"valign": "top"})
    for sheet in sheets:
        page = book.add_worksheet(excel.sheet_name(sheet.name))
        page.freeze_panes(1, 1)
        for at, column in enumerate(sheet.columns):
            page.set_column(at, at, column.width, cell)
            page.write_string(0, at, excel.heading(column.heading), head)
            if column.note:
                page.write_comment(0, at, said(column.note))
            choices = [excel.cell(one) for one in column.choices]
            if choices and len(",".join(choices)) <= 255:
                page.data_validation(
                    *(1, at, _MOST_ROWS, at),
                    {"validate": "list", "source": choices, "error_type": "warning"},
                )
        count = 0
        for count, row in enumerate(sheet.rows, start=1):
            for at, value in enumerate(row):
                if isinstance(value, (int, float)):
                    page.write_number(count, at, value, number)
                elif value is not None:
                    page.write_string(count, at, str(value), cell)
        page.autofilter(0, 0, max(count, 1), len(sheet.columns) - 1)
    book.close()
    return out.getvalue()


@dataclass(slots=True)
class Table:
    """A sheet that was read: rows that are not empty, by heading; faults noted as they are found.

    Headings are Chinese, whatever they are in the file; `name` is what the file calls it.
    Cells are text: whole numbers without a point, dates as 2026-03-01, times as 08:30.
    """

    name: str
    columns: Mapping[str, str]
    rows: list[tuple[int, dict[str, str]]]
    faults: list[CellFault] = field(default_factory=list)

    def fault(self, row: int, heading: str, error: str, message: str) -> None:
        """Note what is wrong in a cell."""
        if len(self.faults) < _MOST_FAULTS:
            column = self.columns.get(heading, "")
            self.faults.append(
                CellFault(sheet=self.name, row=row, column=column, error=error, message=message)
            )


def read_workbook(data: bytes, *wanted: Wanted) -> dict[str, Table]:
    """The sheets that are there of those wanted, in Chinese or English, by their Chinese names.

    One wanted sheet alone is taken whatever it is called. Raises NoWorkbook.
    """
    book = _open(data)
    try:
        found: dict[str, Table] = {}
        for one in wanted:
            for page in book.worksheets:
                if page.title in excel.names_of(one.name):
                    found.setdefault(one.name, _read(page, data, one))
        if not found and len(wanted) == 1:
            found[wanted[0].name] = _read(book.worksheets[0], data, wanted[0])
    except (ValueError, KeyError, TypeError, zipfile.BadZipFile, SyntaxError) as broken:
        raise NoWorkbook("Excel 文件已损坏，请另存一份再导入。") from broken
    finally:
        book.close()
    if not found:
        names = "、".join(one.name for one in wanted)
        raise NoWorkbook(f"没有找到工作表：{names}。请先导出一份，在其中修改。")
    return found


def _open(data: bytes) -> openpyxl.Workbook:
    if len(data) > MOST_BYTES:
        raise NoWorkbook(f"文件超过 {MOST_BYTES // 1_000_000} MB。")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(one.file_size for one in packed.infolist())
        if unpacked > _MOST_UNPACKED:
            raise NoWorkbook("文件展开后过大。")
        return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except NoWorkbook:
        raise
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as broken:
        raise NoWorkbook("不是 Excel 文件（.xlsx）。") from broken
    except (TypeError, AttributeError, SyntaxError, IndexError, EOFError) as broken:
        raise NoWorkbook("Excel 文件已损坏，请另存一份再导入。") from broken


def _read(page: Any, data: bytes, wanted: Wanted) -> Table:
    table = _table(page.title, page.iter_rows(values_only=True), wanted)
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        for one in unread_cells(packed, page._worksheet_path):
            heading = next((head for head, at in table.columns.items() if at == one.letter), "")
            if not heading:
                continue  # beside the table, or above it
            if one.merged:
                told = f"{one.merged} 是合并单元格，请取消合并，逐行填写。"
                table.fault(one.row, heading, "cells_merged", told)
            else:
                told = "公式没有算出结果，请改为文字或数字。"
                table.fault(one.row, heading, "formula_unread", told)
    return table


def _table(name: str, every: Iterator[Sequence[object]], wanted: Wanted) -> Table:
    known = excel.headings_as_written((*wanted.needed, *wanted.more))
    written = [_text(value) for value in next(every, ())][:_MOST_COLUMNS]
    first = [known.get(head.casefold(), head) for head in written]
    columns = {head: get_column_letter(n) for n, head in enumerate(first, start=1) if head}
    table = Table(name, columns, [])
    for needed in wanted.needed:
        if needed not in columns:
            table.fault(1, needed, "column_missing", f"缺少“{needed}”这一列。")
    number = 1
    for number, line in enumerate(islice(every, _MOST_LINES), start=2):
        cells = {head: _text(value) for head, value in zip(first, line, strict=False) if head}
        if any(cells.values()):
            table.rows.append((number, cells))
        if len(table.rows) > _MOST_ROWS:
            break
    if len(table.rows) > _MOST_ROWS or next(every, None) is not None:
        table.fault(number, first[0] if first else "", "rows_many", f"最多 {_MOST_ROWS} 行。")
    return table


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return str(value).strip()
