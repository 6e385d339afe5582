"""`hotline calendar`: what it says, and with which exit code."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import typer
from typer.testing import CliRunner

from callcenter.cli import Fault, calendar
from callcenter.month_picture import hours_in_words, year_picture
from callcenter.settings import DEMO_PROVINCE
from seats.calendar import YearNotLoaded
from seats.calendar_file import load_calendar

DEMO = load_calendar(DEMO_PROVINCE / "calendar.yaml")


def hotline(*words: str | Path) -> tuple[int, str]:
    """Exit code and all that is printed; a Fault as `main` prints it."""
    app = typer.Typer()
    calendar.add(app)
    went = CliRunner().invoke(app, ["calendar", *map(str, words)])
    if isinstance(went.exception, Fault):
        return 1, went.output + str(went.exception)
    assert went.exception is None or isinstance(went.exception, SystemExit)
    return went.exit_code, went.output


@pytest.fixture(name="province")
def _province(tmp_path: Path) -> Path:
    folder = tmp_path / "province"
    folder.mkdir()
    text = (DEMO_PROVINCE / "calendar.yaml").read_bytes()
    (folder / "calendar.yaml").write_bytes(text)
    return folder


def notice(folder: Path, year: int, *, papers: tuple[str, ...] = ("https://x.cn/1",)) -> Path:
    file = folder / f"{year}.json"
    days = [{"name": "元旦", "date": f"{year}-01-01", "isOffDay": True}] if papers else []
    file.write_text(json.dumps({"year": year, "papers": papers, "days": days}), "utf-8")
    return file


def test_a_year_is_taken_in_and_shown(tmp_path: Path, province: Path) -> None:
    assert hotline("show", "--year", "2027", "--province", province)[0] == 1
    code, said = hotline("import", notice(tmp_path, 2027), "--province", province)
    assert code == 0
    assert "calendar.yaml: 2027 added: 1 days off, 0 weekend days worked" in said
    assert "SIGHUP" in said
    code, said = hotline("show", "--year", "2027", "--province", province)
    assert code == 0
    assert "2027 年" in said and "1休" in said and "https://x.cn/1" in said
    code, said = hotline("import", notice(tmp_path, 2027), "--province", province)
    assert (code, "unchanged" in said, "SIGHUP" in said) == (0, True, False)


def test_what_cannot_be_taken_in_is_one_clear_line(tmp_path: Path, province: Path) -> None:
    before = (province / "calendar.yaml").read_bytes()
    code, said = hotline("import", notice(tmp_path, 2027, papers=()), "--province", province)
    assert code == 1
    assert "2027.json: papers: the notice of 2027 is not in this file" in said
    misnamed = notice(tmp_path, 2027).rename(tmp_path / "2028.json")
    code, said = hotline("import", misnamed, "--province", province)
    assert (code, said.endswith("year: the file is named 2028, but holds 2027")) == (1, True)
    code, said = hotline("import", notice(tmp_path, 2026), "--province", province)
    assert (code, "2026 is loaded already, with other days" in said) == (1, True)
    assert hotline("import", tmp_path / "none.json", "--province", province)[0] == 2
    assert hotline("import", notice(tmp_path, 2027), "--province", tmp_path)[0] == 1
    assert (province / "calendar.yaml").read_bytes() == before


def test_a_year_that_is_not_loaded_is_not_drawn(province: Path) -> None:
    code, said = hotline("show", "--year", "2031", "--province", province)
    assert (code, "2031 年的放假安排尚未载入" in said) == (1, True)
    with pytest.raises(YearNotLoaded):
        list(year_picture(DEMO, 2031))


@pytest.mark.parametrize(("columns", "lines"), [(120, 4), (80, 6), (20, 12)])
def test_months_stand_side_by_side_as_far_as_there_is_room(columns: int, lines: int) -> None:
    drawn = list(year_picture(DEMO, 2026, columns=columns))
    assert sum(line.count("月") > 0 and "日" not in line for line in drawn) == lines


def test_the_picture_marks_each_day_by_what_it_counts_as() -> None:
    drawn = list(year_picture(DEMO, 2026, today=date(2026, 2, 24), columns=20))
    start = drawn.index("  2 月")
    assert drawn[start + 2 : start + 7] == [
        "                                1·",
        "  2    3    4    5    6    7·   8·",
        "  9   10   11   12   13   14班 15休",
        " 16休 17休 18休 19休 20休 21休 22休",
        " 23休[24]  25   26   27   28班",
    ]
    assert "春节              2月15日至2月23日" in drawn


def test_hours_night_and_closures_are_told_in_words(tmp_path: Path) -> None:
    text = """\
zone: Asia/Shanghai
hours:
  - {workday: [08:30-11:30, 13:00-17:00], weekend: [], holiday: [], fri: [22:00-02:00]}
  - {place: 220100, group: service, daily: [00:00-24:00]}
night: [{place: 220100, answer: line}]
years: {}
closures: [{from: 2026-03-02T10:00, to: 2026-03-02T11:00, why: 检修}]
"""
    (tmp_path / "calendar.yaml").write_text(text, "utf-8")
    held = load_calendar(tmp_path / "calendar.yaml")
    assert held.zone == ZoneInfo("Asia/Shanghai")
    assert list(hours_in_words(held)) == [
        "时区 Asia/Shanghai",
        "全部地区 全部业务: 工作日 08:30-11:30、13:00-17:00；周末 不开放；节假日 不开放；"
        "周五 22:00-次日 02:00",
        "长春市 service: 每天 00:00-24:00",
        "长春市 全部业务 下班后: 夜间外线",
        "停止服务 2026-03-02 10:00 至 2026-03-02 11:00: 检修",
    ]
