"""Earlier versions of the province's documents."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callcenter.documents.calendar_plan import plan_calendar, read_calendar
from callcenter.documents.folder import KEPT
from callcenter.documents.history import NoVersion, earlier_texts, told, versions_of
from callcenter.documents.rows import HolidayRow, YearRow
from callcenter.province import CALENDAR, SEATS
from reports.audit import Entry
from tests.callcenter.documents.desk_here import NOW, Here, here


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Here]:
    async with here(tmp_path) as one:
        yield one


async def test_versions_tell_who_made_each_and_why(house: Here) -> None:
    first = house.text(SEATS)
    second = first.replace("长春", "春城", 1)
    await house.change(SEATS, second, reason="改名")
    now, made = await house.desk.versions(SEATS)
    assert (now.id, now.since, now.by, now.reason) == (None, NOW, "李梅", "改名")
    assert now.words == "改了名称"
    assert (made.since, made.by, made.reason) == (None, "", "")
    assert made.id is not None
    assert await house.desk.earlier_text(SEATS, made.id) == first
    assert len(await house.desk.versions(CALENDAR)) == 1
    with pytest.raises(NoVersion):
        await house.desk.earlier_text(CALENDAR, made.id)


async def test_nothing_was_kept_of_a_province_that_nobody_changed(house: Here) -> None:
    (now,) = await house.desk.versions(SEATS)
    assert (now.id, now.since, now.by) == (None, None, "")


def test_each_text_is_named_by_the_change_that_made_it(tmp_path: Path) -> None:
    kept = tmp_path / KEPT
    kept.mkdir()
    names = ("20261122T060000-aaaa", "20261122T070000-bbbb", "mine")
    for name in (*names, "20261122T080000-cccc"):
        (kept / f"seats-{name}.yaml").write_text(name)
    (kept / "calendar-20261122T060000-dddd.yaml").write_text("")
    earlier = earlier_texts(tmp_path, SEATS)
    assert [one.id for one in earlier] == [names[0], names[1], "20261122T080000-cccc"]

    at = datetime(2026, 11, 22, 7, 0, 0, 400_000, tzinfo=UTC)
    line = Entry(at=at, by="王强", action="seats_changed", subject=SEATS, reason="增员")
    found = versions_of(earlier, [line])
    assert [one.id for one in found] == [None, "20261122T080000-cccc", names[1], names[0]]
    assert [one.by for one in found] == ["", "王强", "", ""]
    assert found[1].since == at.replace(microsecond=0)
    assert found[0].since == found[1].since + timedelta(hours=1)


async def test_what_restoring_seats_comes_to_is_told_in_words(house: Here) -> None:
    was = house.text(SEATS)
    now = was.replace("name: 长春一席", "name: 春城一席")
    assert told(SEATS, now, was, {}) == ("8001 名称：春城一席 → 长春一席",)
    assert told(SEATS, was, was, {}) == ()
    assert told(SEATS, "seats: [", was, {}) == ()


async def test_what_restoring_the_calendar_comes_to_is_told_in_words(house: Here) -> None:
    was = house.text(CALENDAR)
    years = read_calendar(was).years
    gone = max(years)
    row = YearRow(
        year=gone + 1,
        source="国办发明电〔2026〕1号",
        holidays=[HolidayRow(name="元旦", first=f"{gone + 1}-01-01", last=f"{gone + 1}-01-01")],
        workdays=[],
    )
    now = plan_calendar(was, groups={}, years=[row]).text
    assert told(CALENDAR, now, was, {}) == (f"取消 {gone + 1} 年节假日",)
    assert told(CALENDAR, was, now, {}) == (f"新增 {gone + 1} 年节假日：放假 1 天，调休上班 0 天",)
