"""A year's notice out of holiday-cn's JSON: what is taken and refused, and the file after it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar
import pytest

from seats.calendar import Calendar, DayKind
from seats.calendar_file import load_calendar
from seats.calendar_import import import_notice
from seats.holiday_cn import NoticeRefused, read_notice

PAPER = "https://www.gov.cn/zhengce/content/202511/content_7047090.htm"
BEFORE = """\
# 本省的日历
zone: Asia/Shanghai
hours:
  - {workday: [08:30-17:00], weekend: [], holiday: []}

years:
  2025:
    source: 通知
    holidays: {元旦: 2025-01-01}
    workdays: []
  # 后年另行通知
closures: []  # 无
"""


def notice_of(year: int, days: Any = None, **more: Any) -> bytes:
    days = [day("元旦", f"{year}-01-01")] if days is None else days
    return json.dumps({"year": year, "papers": [PAPER], "days": days, **more}).encode()


def day(name: str, at: str, *, off: bool = True) -> dict[str, Any]:
    return {"name": name, "date": at, "isOffDay": off}


def published(year: int) -> bytes:
    """The year in holiday-cn's form, made from an independent table."""
    days, at = [], date(year, 1, 1)
    while at.year == year:
        is_off, holiday = chinese_calendar.get_holiday_detail(at)
        if is_off and holiday is not None:
            name = "".join(sign for sign in str(holiday) if sign.isalnum())
            days.append(day(name, at.isoformat()))
        elif not is_off and at.weekday() >= 5:
            days.append(day("调休", at.isoformat(), off=False))
        at += timedelta(days=1)
    return notice_of(year, days)


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    path = tmp_path / "calendar.yaml"
    path.write_text(BEFORE, encoding="utf-8")
    return path


def days_of(calendar: Calendar, year: int) -> tuple[list[str], list[str]]:
    held = calendar.years[year]
    return sorted(map(str, held.holidays)), sorted(map(str, held.workdays))


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_seeded_years_are_those_of_an_independent_table(year: int) -> None:
    demo = Path(__file__).parents[2] / "callcenter" / "demo" / "province" / "calendar.yaml"
    notice = read_notice(published(year))
    held = load_calendar(demo).years[year]
    assert (held.holidays, held.workdays) == (notice.days.holidays, notice.days.workdays)


def test_a_year_is_added_and_the_rest_of_the_file_stays(file: Path) -> None:
    done = import_notice(read_notice(published(2026)), file)
    assert (done.what, done.year, done.days_off, done.workdays) == ("added", 2026, 33, 6)
    text = file.read_text("utf-8")
    added = text[text.index("  2026:") : text.index("  # 后年另行通知")]
    assert text.replace(added, "") == BEFORE
    assert f'source: "{PAPER}"' in added
    calendar = load_calendar(file)
    assert calendar.years[2026].workdays == read_notice(published(2026)).days.workdays
    assert calendar.kind(date(2026, 10, 7)) is DayKind.HOLIDAY
    assert calendar.kind(date(2026, 10, 8)) is DayKind.WORKDAY


def test_the_same_year_again_changes_nothing(file: Path) -> None:
    import_notice(read_notice(published(2026)), file)
    text = file.read_bytes()
    assert import_notice(read_notice(published(2026)), file).what == "unchanged"
    assert file.read_bytes() == text


def test_other_days_for_a_year_are_refused_unless_meant(file: Path) -> None:
    before = file.read_bytes()
    other = read_notice(published(2025))
    with pytest.raises(NoticeRefused, match=r"2025 is loaded already, with other days: 2025-01-26"):
        import_notice(other, file)
    assert file.read_bytes() == before
    assert import_notice(other, file, replace=True).what == "replaced"
    assert load_calendar(file).years[2025].workdays == other.days.workdays
    assert file.read_text("utf-8").endswith("  # 后年另行通知\nclosures: []  # 无\n")


def test_years_stand_in_order_and_an_empty_table_is_filled(file: Path) -> None:
    for year in (2028, 2026, 2024):
        import_notice(read_notice(notice_of(year)), file)
    text = file.read_text("utf-8")
    found = [line.strip() for line in text.splitlines() if line.startswith("  20")]
    assert found == ["2024:", "2025:", "2026:", "2028:"]
    file.write_text("zone: Asia/Shanghai\nhours: [daily: [00:00-24:00]]\nyears: {}", "utf-8")
    import_notice(read_notice(notice_of(2026)), file)
    assert days_of(load_calendar(file), 2026) == (["2026-01-01"], [])


def test_a_notice_may_change_the_december_before(file: Path) -> None:
    days = [day("元旦", "2025-12-31"), day("元旦", "2026-01-01")]
    days += [day("元旦", "2025-12-28", off=False), day("国庆节", "2026-10-01")]
    days += [day("国庆节", "2026-10-03")]
    done = import_notice(read_notice(notice_of(2026, days)), file)
    assert (done.days_off, done.workdays) == (4, 1)
    calendar = load_calendar(file)
    assert days_of(calendar, 2025) == (["2025-01-01", "2025-12-31"], ["2025-12-28"])
    assert days_of(calendar, 2026) == (["2026-01-01", "2026-10-01", "2026-10-03"], [])
    assert calendar.kind(date(2025, 12, 28)) is DayKind.WORKDAY
    assert import_notice(read_notice(notice_of(2026, days)), file).what == "unchanged"


def test_a_replaced_year_takes_back_what_it_changed_before(file: Path) -> None:
    long = [day("元旦", "2025-12-31"), day("元旦", "2026-01-01")]
    import_notice(read_notice(notice_of(2026, long)), file)
    import_notice(read_notice(notice_of(2026)), file, replace=True)
    assert days_of(load_calendar(file), 2025) == (["2025-01-01"], [])


@pytest.mark.parametrize(
    ("data", "faults"),
    [
        (b"", ["file: line 1 is not JSON"]),
        (b'{"year":\n\n nope}', ["file: line 3 is not JSON"]),
        (b"\xff\xfe", ["file: is not UTF-8 text"]),
        (b"[" * 200_000, ["file: line 1 is not JSON"]),
        (b" " * 1_000_001, ["file: is larger than 1,000,000 bytes"]),
        (b"[]", ["file: should be a JSON object with year, papers and days"]),
        (b"{}", ["year: should be a year like 2027, not None"]),
        (
            notice_of(2027).replace(b"2027,", b"true,"),
            ["year: should be a year like 2027, not True"],
        ),
        (
            notice_of(2027, papers=[], days=[]),
            [
                "papers: the notice of 2027 is not in this file (no papers or no days):"
                " it may not be out"
            ],
        ),
        (
            notice_of(2027, []),
            [
                "papers: the notice of 2027 is not in this file (no papers or no days):"
                " it may not be out"
            ],
        ),
        (notice_of(2027, papers="x"), ["papers: should be a list with the address of the notice"]),
        (
            notice_of(2027, papers=['https://a/"b']),
            ["papers: should hold addresses (https://…) only"],
        ),
        (notice_of(2027, {}), ["days: should be a list of at most 400 days"]),
        (
            notice_of(2027, [day("元旦", "2026-01-01"), day("春节", "2028-01-26")]),
            [
                "days[0]: 2026-01-01 is of another year: this is the notice of 2027",
                "days[1]: 2028-01-26 is of another year: this is the notice of 2027",
            ],
        ),
        (
            notice_of(2027, [day("元旦", "2027-01-02"), day("元旦", "2027-01-02", off=False)]),
            ["days[1]: 2027-01-02 stands here twice"],
        ),
        (
            notice_of(2027, [day("元旦", "2027-01-04", off=False)]),
            ["days[0]: 2027-01-04 is said to be worked in exchange, but is no weekend day"],
        ),
        (
            notice_of(2027, [7, {"date": "2027-01-01"}, day("元旦", "1 Jan"), day("a: b", "")]),
            [
                "days[0]: should be an object, not 7",
                "days[1]: name: should be the holiday's name, not None",
                "days[2]: date: should be like 2027-01-01, not '1 Jan'",
                "days[3]: name: should be the holiday's name, not 'a: b'",
            ],
        ),
        (
            notice_of(2027, [{"name": "元旦", "date": "2027-01-01", "isOffDay": 1}]),
            ["days[0]: isOffDay: should be true or false, not 1"],
        ),
    ],
)
def test_what_is_no_notice_is_refused_with_every_fault(data: bytes, faults: list[str]) -> None:
    with pytest.raises(NoticeRefused) as refused:
        read_notice(data)
    assert list(refused.value.faults) == faults
