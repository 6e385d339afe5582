"""What the API says and hears of opening hours and holidays."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from callcenter.documents.rows import ClosureRow, HoursRow, NightRow, YearRow
from callcenter.web.account_models import Reason
from callcenter.web.models import ApiModel
from callcenter.web.province_models import GroupAnswer, PlaceChoice, Revision


class TodayHours(ApiModel):
    """How it is now for callers from everywhere."""

    day: date
    kind: Literal["workday", "weekend", "holiday"] | None = Field(description="null: year missing")
    is_open: bool


class CalendarAnswer(ApiModel):
    """The calendar as it is; `revision` is to be named with a change."""

    revision: str
    zone: str
    hours: list[HoursRow]
    nights: list[NightRow]
    closures: list[ClosureRow]
    years: list[YearRow]
    missing_year: int | None = Field(description="a year that should be loaded by now")
    today: TodayHours
    groups: list[GroupAnswer]
    places: list[PlaceChoice]


class CalendarChange(ApiModel):
    """What shall stand in place of what there is; null and years not named stay."""

    revision: Revision
    hours: list[HoursRow] | None = Field(default=None, max_length=200)
    nights: list[NightRow] | None = Field(default=None, max_length=200)
    closures: list[ClosureRow] | None = Field(default=None, max_length=200)
    years: list[YearRow] = Field(default=[], max_length=20)


class CalendarSave(CalendarChange):
    """The same, with why."""

    reason: Reason


class NoticeText(ApiModel):
    """A year's notice as holiday-cn publishes it: its JSON, as it is."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=60_000)]


class NoticeAnswer(ApiModel):
    """The year that a notice is of, to be looked at and saved as any change."""

    year: YearRow
    changes_december: bool = Field(description="it changes days of the year before as well")
    before: YearRow | None = Field(description="the year before with these days")
