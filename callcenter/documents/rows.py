"""The shape of what pages and tables change, and of what is wrong with it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from callcenter.english.said import Said


class Row(BaseModel):
    """Part of a document as it travels; what is wrong with its words is told at the field."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SkillRow(Row):
    """A group that a seat serves, and how well: 1 to 5, 5 best."""

    group: str = Field(max_length=40, examples=["labour"])
    level: int = Field(default=3, examples=[3])


class ShiftRow(Row):
    """When a seat is on duty: on these days, from then till then, over midnight too."""

    days: list[str] = Field(max_length=10, examples=[["workday", "sat"]])
    start: str = Field(max_length=10, examples=["08:30"])
    end: str = Field(max_length=10, examples=["17:30"])


class SeatRow(Row):
    """One seat. No shifts: on duty always."""

    number: str = Field(max_length=20, examples=["8001"])
    name: str = Field(max_length=80)
    level: str = Field(max_length=20, examples=["municipal", "provincial"])
    city: str | None = Field(max_length=20, description="code of a place; null: provincial")
    skills: list[SkillRow] = Field(max_length=100)
    languages: list[str] = Field(max_length=20, examples=[["zh-CN", "ko-KR"]])
    weight: int = 1
    shifts: list[ShiftRow] = Field(default=[], max_length=40)


class GroupRow(Row):
    """A group of matters that callers choose."""

    name: str = Field(max_length=60, examples=["labour"])
    title: str = Field(max_length=40, examples=["劳动劳务"])


class HoursRow(Row):
    """Opening hours of a place and group (null: every one), by what a day counts as.

    `weekdays`: in place of these on some days of the week, mon to sun.
    """

    place: str | None = Field(max_length=20)
    group: str | None = Field(max_length=40)
    workday: list[str] = Field(max_length=10, examples=[["08:30-11:30", "13:00-17:00"]])
    weekend: list[str] = Field(max_length=10)
    holiday: list[str] = Field(max_length=10)
    weekdays: dict[str, list[str]] = Field(default={}, max_length=7)


class NightRow(Row):
    """Who answers when it is closed."""

    place: str | None = Field(max_length=20)
    group: str | None = Field(max_length=40)
    answer: str = Field(max_length=20, examples=["message", "province", "line"])


class ClosureRow(Row):
    """Closed once, whatever the hours say; local times of the calendar."""

    place: str | None = Field(max_length=20)
    group: str | None = Field(max_length=40)
    start: str = Field(max_length=30, examples=["2026-03-01T12:00"])
    end: str = Field(max_length=30, examples=["2026-03-01T14:00"])
    why: str = Field(max_length=200)


class HolidayRow(Row):
    """Days off, the first and the last included."""

    name: str = Field(max_length=60)
    first: str = Field(max_length=20, examples=["2027-02-05"])
    last: str = Field(max_length=20)


class YearRow(Row):
    """What the State Council's notice says of a year."""

    year: int
    source: str = Field(max_length=600)
    holidays: list[HolidayRow] = Field(max_length=60)
    workdays: list[str] = Field(max_length=60, description="weekend days worked in exchange")


class FieldFault(Row):
    """What is wrong, and where: `at` names the row, `field` the field, both empty for the whole."""

    at: str
    field: str
    error: str = Field(description="stable id", examples=["number_taken"])
    message: Said = Field(description="one sentence")


class CellFault(Row):
    """What is wrong in a table that somebody brought: by sheet, row from 1, column's letter."""

    sheet: str
    row: int
    column: str
    error: str
    message: Said
