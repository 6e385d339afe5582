"""The script of all prompts as an Excel sheet, and a site's own wordings out of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from callcenter.documents.workbook import (
    Column,
    Sheet,
    Table,
    Wanted,
    read_workbook,
    write_workbook,
)
from callcenter.english import excel
from callcenter.prompt_shelf import Shelved, wording_fault

SHEET: Final = "提示音"
_ID, _TEXT, _OWN = "编号", "文字", "本单位文字"
_SOURCES: Final = {"own": "真人录音", "packaged": "合成语音", "missing": "无"}


def write_prompts(rows: Iterable[Shelved], used: Mapping[str, Iterable[str]]) -> bytes:
    """The workbook of a language's prompts: what a speaker records from."""
    columns = [
        Column(_ID, 24),
        Column(_TEXT, 60),
        Column(_OWN, 60, (), "要改说法时写在这里，导入后按新文字录音；空着用原来的文字"),
        Column("现用", 12),
        Column("时长（秒）", 10),
        Column("用于流程", 30),
    ]
    lines = (
        (
            *(one.id, one.text, one.own_text, excel.cell(_SOURCES[one.source]), one.duration_s),
            "、".join(used.get(one.id, ())),
        )
        for one in rows
    )
    return write_workbook([Sheet(SHEET, columns, lines)])


def read_wordings(data: bytes, known: Mapping[str, Shelved]) -> tuple[dict[str, str], Table]:
    """Prompt -> wording where it differs from what there is. Raises NoWorkbook."""
    (table,) = read_workbook(data, Wanted(SHEET, (_ID, _OWN))).values()
    found: dict[str, str] = {}
    for at, cells in table.rows if not table.faults else ():
        prompt, text = cells.get(_ID, ""), " ".join(cells.get(_OWN, "").split())
        if prompt not in known:
            table.fault(at, _ID, "prompt_unknown", f"没有“{prompt[:40]}”这条提示音。")
        elif fault := wording_fault(text):
            table.fault(at, _OWN, "wording_form", f"{fault}。")
        elif text != (known[prompt].own_text or "") and text != known[prompt].text:
            found[prompt] = text
    return found, table
