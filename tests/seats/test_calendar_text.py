"""Changed hours in the text of calendar.yaml: what it says, and what of the text stays."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from seats.calendar import DAY_MIN, Calendar, Closure, DayKind, Hours, Night, Span, Year
from seats.calendar_file import load_calendar
from seats.calendar_import import with_year
from seats.calendar_text import with_hours

DEMO = Path(__file__).parents[2] / "callcenter" / "demo" / "province" / "calendar.yaml"
TEXT = DEMO.read_text("utf-8")


def read(text: str) -> Calendar:
    return load_calendar(Path("calendar.yaml"), text.encode())


def test_rules_nights_and_closures_are_written_as_they_are_read() -> None:
    zone = read(TEXT).zone
    day, night = Span(510, 690), Span(780, 1020)
    rules = (
        Hours(None, None, dict.fromkeys(DayKind, (Span(0, DAY_MIN),))),
        Hours(
            "220100",
            "service",
            {DayKind.WORKDAY: (day, night), DayKind.WEEKEND: (), DayKind.HOLIDAY: ()},
            {4: (day,)},
        ),
        Hours("cbs", None, dict.fromkeys(DayKind, (Span(22 * 60, DAY_MIN + 360),))),
    )
    nights = (Night(None, None, "province"), Night("220100", None, "message"))
    closures = (
        Closure(
            None,
            None,
            datetime(2026, 3, 1, 12, 0, tzinfo=zone),
            datetime(2026, 3, 1, 14, 30, tzinfo=zone),
            '机房检修: "二期" #1',
        ),
    )
    text = with_hours(TEXT, rules=rules, nights=nights, closures=closures)
    found = read(text)
    assert (found.rules, found.nights, found.closures) == (rules, nights, closures)
    assert found.years == read(TEXT).years
    # What was said of the file at its top, and the years, stand there still.
    assert set(TEXT.splitlines()) - set(text.splitlines()) == set()
    emptied = with_hours(text, rules=rules[:1], nights=(), closures=())
    assert (read(emptied).nights, read(emptied).closures) == ((), ())
    assert "closures" not in emptied.split("zone:")[1]


def test_nothing_changed_leaves_the_text_alone() -> None:
    found = read(TEXT)
    same = with_hours(TEXT, rules=found.rules, nights=found.nights, closures=found.closures)
    assert same == TEXT


def test_a_year_is_put_in_its_place() -> None:
    days = Year(
        frozenset({date(2027, 1, 1), date(2027, 1, 2), date(2027, 2, 5)}),
        frozenset({date(2027, 1, 9)}),
        {date(2027, 1, 1): "元旦", date(2027, 1, 2): "元旦", date(2027, 2, 5): "春节"},
    )
    before = Year(frozenset({date(2026, 12, 31)}), frozenset(), {date(2026, 12, 31): "元旦"})
    text = with_year(TEXT, 2027, source='通知 "试行"', days=days, before=before)
    found = read(text).years[2027]
    assert (found.holidays, found.workdays, found.names) == (
        days.holidays,
        days.workdays,
        days.names,
    )
    assert found.source == '通知 "试行"'
    assert read(text).kind(date(2026, 12, 31)) is DayKind.HOLIDAY
    again = with_year(text, 2027, source="改", days=days, before=None)
    assert read(again).years[2027].december_before is None
    assert read(again).years[2026] == read(TEXT).years[2026]
