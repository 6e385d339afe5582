"""The live state and the rates on the wire; numbers are masked here, seconds whole."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field, computed_field

from callcenter.english.sentences import english
from callcenter.web.masking import mask_number
from callcenter.web.models import ApiModel
from callcenter.web.view import (
    LiveAlarm,
    LiveCall,
    LiveCallback,
    LiveLine,
    LiveSeat,
    Stage,
)

CityCode = Field(default=None, description="GB/T 2260", examples=["220100"])
Masked = Field(description="masked", examples=["138****0000"])


class CallAnswer(ApiModel):
    """A call in progress."""

    call_id: str
    caller: str = Masked
    city: str | None
    group: str | None
    stage: Stage
    since: datetime = Field(description="UTC, when this stage began")
    waited_s: int = Field(description="seconds since a person was asked for, until answered")
    seat: str | None
    asked_at: datetime | None = Field(default=None, description="UTC, when a person was asked for")
    city_code: str | None = CityCode

    @classmethod
    def of(cls, call: LiveCall) -> "CallAnswer":
        """As it leaves this machine."""
        return cls(
            call_id=call.call_id,
            caller=mask_number(call.caller),
            city=call.city,
            group=call.group,
            stage=call.stage,
            since=call.since,
            waited_s=int(call.waited_s),
            seat=call.seat,
            asked_at=call.asked_at,
            city_code=call.city_code,
        )


class SeatAnswer(ApiModel):
    """A seat and what it does now."""

    number: str
    name: str
    level: Literal["municipal", "provincial"]
    city: str | None
    state: str
    reason: str | None
    since: datetime
    call_id: str | None
    city_code: str | None = CityCode

    @classmethod
    def of(cls, seat: LiveSeat) -> "SeatAnswer":
        """As it leaves this machine."""
        return cls.model_validate(seat)


class LineAnswer(ApiModel):
    """Who waits on the telephone for one group from one city."""

    group: str
    city: str | None
    city_code: str | None
    waiting: int
    since: datetime = Field(description="UTC, when the first of them asked for a person")

    @classmethod
    def of(cls, row: LiveLine) -> "LineAnswer":
        """As it leaves this machine."""
        return cls.model_validate(row)


class RateAnswer(ApiModel):
    """A rate as `hotline report kpi --json` prints it; null value: zero denominator."""

    metric: str
    numerator: int
    denominator: int
    value: float | None
    target: float | None
    met: bool | None
    needed: int | None = Field(
        description="so many calls in a row must go well to reach it; null: no target, or in vain"
    )
    spare: int | None = Field(
        description="calls in a row that may go badly before it is missed; null: no target"
    )


class AlarmAnswer(ApiModel):
    """An alarm that a step of a flow raised, of this shift."""

    name: str = Field(description="as the flow names it", examples=["emergency"])
    at: datetime = Field(description="UTC")
    call_id: str
    caller: str = Masked
    city: str | None
    city_code: str | None = CityCode

    @classmethod
    def of(cls, alarm: LiveAlarm) -> "AlarmAnswer":
        """As it leaves this machine."""
        return cls(
            name=alarm.name,
            at=alarm.at,
            call_id=alarm.call_id,
            caller=mask_number(alarm.caller),
            city=alarm.city,
            city_code=alarm.city_code,
        )


class CallbackAnswer(ApiModel):
    """A caller who has hung up and keeps his place until he is called back."""

    call_id: str = Field(description="of the conversation in which he asked")
    caller: str = Masked
    city: str | None
    group: str
    state: str = Field(description="waiting or calling")
    asked_at: datetime = Field(description="UTC, when he first asked for a person")
    tries: int = Field(description="how often he was rung")
    next_at: datetime | None = Field(description="UTC, not rung before")
    city_code: str | None = CityCode

    @classmethod
    def of(cls, one: LiveCallback) -> "CallbackAnswer":
        """As it leaves this machine."""
        return cls(
            call_id=one.call_id,
            caller=mask_number(one.caller),
            city=one.city,
            group=one.group,
            state=one.state,
            asked_at=one.asked_at,
            tries=one.tries,
            next_at=one.next_at,
            city_code=one.city_code,
        )


class TodayAnswer(ApiModel):
    """The Shanghai day so far, calls in progress included: counts of what has happened."""

    day: date
    rates: list[RateAnswer] = Field(
        description="of the calls whose fate is known: answered, taken over or ended"
    )
    year: list[RateAnswer] = Field(
        default=[], description="of this year, today included; empty while it is not known"
    )
    arrived: int
    asked: int
    answered: int
    overflow: int
    abandoned: int
    rated: int


class TrendAnswer(ApiModel):
    """Calls of one hour, day or month in Shanghai; a rate is null where nothing was to be rated."""

    at: str = Field(examples=["09", "2026-03-02", "2026-03"])
    arrived: int
    asked: int
    answered: int
    answer_rate: float | None
    satisfaction: float | None


class KpiAnswer(ApiModel):
    """Today, these days and this year; points in order, only those with calls."""

    day: date
    year: list[RateAnswer] = Field(description="the Shanghai year so far")
    hours: list[TrendAnswer] = Field(description="of today")
    days: list[TrendAnswer] = Field(description="the last 31 days, today included")
    months: list[TrendAnswer] = Field(description="of this year")


class HealthAnswer(ApiModel):
    """One dependency. Both languages: one board is sent to all who look at it."""

    ok: bool
    detail: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def detail_en(self) -> str:
        """The detail in English."""
        return english(self.detail)


class DialIn(ApiModel):
    """How to call this hotline."""

    number: str
    sip: str = Field(examples=["127.0.0.1:5060"])


class LiveAnswer(ApiModel):
    """One moment of the hotline, as far as who asks may see it."""

    at: datetime
    calls: list[CallAnswer]
    seats: list[SeatAnswer]
    alarms: list[AlarmAnswer] = Field(description="the newest first")
    callbacks: list[CallbackAnswer] = Field(description="who asked first comes first")
    line: list[LineAnswer] = Field(description="who waits, by group and city; longest wait first")
    waiting: int
    waiting_since: datetime | None = Field(description="UTC, when the first in line asked")
    longest_wait_s: int
    today: TodayAnswer | None = Field(description="null while history cannot be had")
    health: dict[str, HealthAnswer]
    dial: DialIn
    demo: bool


class CallsChange(BaseModel):
    """Kind `calls` of the event stream."""

    changed: list[CallAnswer]
    gone: list[str]


class SeatsChange(BaseModel):
    """Kind `seats` of the event stream."""

    changed: list[SeatAnswer]
    gone: list[str]


class LineChange(BaseModel):
    """Kind `line` of the event stream."""

    line: list[LineAnswer]
    waiting: int
    waiting_since: datetime | None
    longest_wait_s: int


class HealthReport(ApiModel):
    """All dependencies; `ok` only if each is."""

    ok: bool
    dependencies: dict[str, HealthAnswer]
