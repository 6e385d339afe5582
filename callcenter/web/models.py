"""What the API says and hears, as pydantic models: the OpenAPI document is made from these."""

from datetime import date, datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from callcenter.web.masking import mask_number
from callcenter.web.view import Health, LiveView, Stage, TargetKind, Today


class ApiModel(BaseModel):
    """Unknown fields are refused, so a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class Fault(ApiModel):
    """Any answer that is not a success."""

    error: str = Field(description="stable id", examples=["seat_unknown"])
    message: str = Field(description="one sentence in Chinese")


class CallAnswer(ApiModel):
    """A call in progress."""

    call_id: str
    caller: str = Field(description="masked", examples=["138****0000"])
    city: str | None
    group: str | None
    stage: Stage
    since: datetime = Field(description="UTC, when this stage began")
    waited_s: int = Field(description="seconds since a person was asked for, until answered")
    seat: str | None


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


class RateAnswer(ApiModel):
    """A rate as `hotline report kpi --json` prints it; null value: zero denominator."""

    metric: str
    numerator: int
    denominator: int
    value: float | None
    target: float | None
    met: bool | None


class AlarmAnswer(ApiModel):
    """An alarm that a step of a flow raised, of this shift."""

    name: str = Field(description="as the flow names it", examples=["emergency"])
    at: datetime = Field(description="UTC")
    call_id: str
    caller: str = Field(description="masked", examples=["138****0000"])
    city: str | None


class CallbackAnswer(ApiModel):
    """A caller who has hung up and keeps his place until he is called back."""

    call_id: str = Field(description="of the conversation in which he asked")
    caller: str = Field(description="masked", examples=["138****0000"])
    city: str | None
    group: str
    state: str = Field(description="waiting or calling")
    asked_at: datetime = Field(description="UTC, when he first asked for a person")
    tries: int = Field(description="how often he was rung")
    next_at: datetime | None = Field(description="UTC, not rung before")


class TodayAnswer(ApiModel):
    """The Shanghai day so far."""

    day: date
    rates: list[RateAnswer]
    arrived: int
    asked: int
    answered: int
    overflow: int
    abandoned: int
    rated: int


class HealthAnswer(ApiModel):
    """One dependency."""

    ok: bool
    detail: str


class DialIn(ApiModel):
    """How to call this hotline."""

    number: str
    sip: str = Field(examples=["127.0.0.1:5060"])


class LiveAnswer(ApiModel):
    """One moment of the hotline."""

    at: datetime
    calls: list[CallAnswer]
    seats: list[SeatAnswer]
    alarms: list[AlarmAnswer] = Field(description="the newest first")
    callbacks: list[CallbackAnswer] = Field(description="who asked first comes first")
    waiting: int
    longest_wait_s: int
    today: TodayAnswer | None = Field(description="null while history cannot be had")
    health: dict[str, HealthAnswer]
    dial: DialIn
    demo: bool


class HealthReport(ApiModel):
    """All dependencies; `ok` only if each is."""

    ok: bool
    dependencies: dict[str, HealthAnswer]


class SeatChange(ApiModel):
    """A wish to set a seat ready or not ready."""

    state: Literal["ready", "not_ready"]
    reason: str = Field(default="supervisor", min_length=1, max_length=40, pattern=r"^[\w-]+$")


class Target(ApiModel):
    """Exactly one of the four."""

    seat: str | None = Field(default=None, pattern=r"^[0-9]{2,8}$", examples=["8002"])
    group: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]{0,30}$", examples=["labour"])
    line: str | None = Field(default=None, pattern=r"^[\w-]{1,40}$", examples=["court"])
    number: str | None = Field(default=None, pattern=r"^[0-9]{3,20}$", examples=["04315550123"])

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError("exactly one of seat, group, line, number")
        return self

    def one(self) -> tuple[TargetKind, str]:
        """Its kind and its name."""
        kinds: tuple[TargetKind, ...] = ("seat", "group", "line", "number")
        return next((kind, name) for kind in kinds if (name := getattr(self, kind)) is not None)


class TalkWish(ApiModel):
    """What is to be done with a talk; `to` with transfer, consult, and a conference from none."""

    to: Target | None = None


class SeatRelease(ApiModel):
    """Who takes a seat out of its state, and why: both are kept."""

    by: str = Field(min_length=1, max_length=80, examples=["王强"])
    reason: str = Field(min_length=1, max_length=400, examples=["话机死机，坐席卡在通话中"])


class SeatCity(ApiModel):
    """Where the caller says that he is: a code of `hotline places show`."""

    city: str = Field(pattern="^([0-9]{6}|[a-z]{2,20})$", examples=["222400", "cbs"])


class Done(ApiModel):
    """A change was made."""

    ok: Literal[True] = True


class Me(ApiModel):
    """Who is logged in."""

    name: str
    display_name: str
    roles: list[str]
    rights: list[str] = Field(description="ids of what this person may do")
    seat: str | None = None
    city: str | None = Field(default=None, description="limited to this city; null: the province")


class LogIn(ApiModel):
    """The API key, typed once by a person."""

    key: str = Field(min_length=1, max_length=200)


def live_answer(
    *, live: LiveView, today: Today | None, health: dict[str, Health], dial: DialIn, demo: bool
) -> LiveAnswer:
    """The snapshot as it leaves this machine: numbers masked, seconds whole."""
    return LiveAnswer(
        at=live.at,
        calls=[
            CallAnswer(
                call_id=call.call_id,
                caller=mask_number(call.caller),
                city=call.city,
                group=call.group,
                stage=call.stage,
                since=call.since,
                waited_s=int(call.waited_s),
                seat=call.seat,
            )
            for call in live.calls
        ],
        seats=[SeatAnswer.model_validate(seat) for seat in live.seats],
        alarms=[
            AlarmAnswer(
                name=alarm.name,
                at=alarm.at,
                call_id=alarm.call_id,
                caller=mask_number(alarm.caller),
                city=alarm.city,
            )
            for alarm in live.alarms
        ],
        callbacks=[
            CallbackAnswer(
                call_id=one.call_id,
                caller=mask_number(one.caller),
                city=one.city,
                group=one.group,
                state=one.state,
                asked_at=one.asked_at,
                tries=one.tries,
                next_at=one.next_at,
            )
            for one in live.callbacks
        ],
        waiting=live.waiting,
        longest_wait_s=int(live.longest_wait_s),
        today=TodayAnswer.model_validate(today) if today else None,
        health={name: HealthAnswer.model_validate(one) for name, one in health.items()},
        dial=dial,
        demo=demo,
    )
