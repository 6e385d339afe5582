"""What the web side may ask of the hotline: one Protocol and the values it hands over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal, Protocol

Want = Literal["ready", "not_ready"]


TargetKind = Literal["seat", "group", "line", "number"]
TALK_WISHES = (
    *("hold", "retrieve", "transfer", "consult", "complete", "cancel", "conference", "leave"),
)


@dataclass(frozen=True, slots=True)
class TalkTarget:
    """Whom a talk is to be transferred to, or who is to be consulted.

    `name`: a seat's number, a group, a line of lines.yaml, or a number outside.
    """

    kind: TargetKind
    name: str


class Stage(StrEnum):
    """Where a call in progress is."""

    IVR = "ivr"
    QUEUE = "queue"
    RINGING = "ringing"
    TALKING = "talking"
    SURVEY = "survey"
    TRANSFER = "transfer"
    RECORDING = "recording"


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call in progress. `waited_s`: seconds since a person was asked for, until answered."""

    call_id: str
    caller: str  # as received or already masked: the web side masks whatever leaves it
    city: str | None  # name, not code
    group: str | None
    stage: Stage
    since: datetime  # aware UTC: when this stage began
    waited_s: float
    seat: str | None
    asked_at: datetime | None = None  # aware UTC: first asked for a person
    city_code: str | None = None  # GB/T 2260: who may see it


@dataclass(frozen=True, slots=True)
class LiveSeat:
    """A seat and what it does now. `state` and `reason` are the ids of seats.seat."""

    number: str
    name: str
    level: Literal["municipal", "provincial"]
    city: str | None  # name; None for a provincial seat
    state: str
    reason: str | None
    since: datetime
    call_id: str | None
    city_code: str | None = None  # GB/T 2260; None for a provincial seat


@dataclass(frozen=True, slots=True)
class LiveAlarm:
    """An alarm that a step of a flow raised for a call; `name` as the flow names it."""

    name: str
    at: datetime  # aware UTC
    call_id: str
    caller: str  # as that of LiveCall
    city: str | None  # name, not code
    city_code: str | None = None


@dataclass(frozen=True, slots=True)
class LiveCallback:
    """A caller who has hung up and keeps his place. `state`: waiting, or calling him now."""

    call_id: str  # of the conversation in which he asked
    caller: str  # the number that is rung, as that of LiveCall
    city: str | None  # name, not code
    group: str
    state: str
    asked_at: datetime  # aware UTC: when he first asked for a person
    tries: int  # how often he was rung, the one that runs included
    next_at: datetime | None  # not rung before
    city_code: str | None = None


@dataclass(frozen=True, slots=True)
class LiveLine:
    """Who waits on the telephone for one group from one city."""

    group: str
    city: str | None  # name, not code
    city_code: str | None
    waiting: int
    since: datetime  # aware UTC: when the first of them asked for a person


@dataclass(frozen=True, slots=True)
class LiveView:
    """One moment of the hotline, from memory; alarms of this shift, the newest first.

    `waiting` and `longest_wait_s` count who is on the telephone; `callbacks` who is not.
    """

    at: datetime
    calls: tuple[LiveCall, ...]
    seats: tuple[LiveSeat, ...]
    waiting: int
    longest_wait_s: float
    alarms: tuple[LiveAlarm, ...] = ()
    callbacks: tuple[LiveCallback, ...] = ()
    line: tuple[LiveLine, ...] = ()


@dataclass(frozen=True, slots=True)
class RateRow:
    """One rate, named and shaped as `hotline report kpi --json` prints it.

    `needed`, `spare`: as those of reports.targets.Distance; None without a target.
    """

    metric: str
    numerator: int
    denominator: int
    value: float | None  # None when the denominator is zero
    target: float | None
    met: bool | None
    needed: int | None = None
    spare: int | None = None


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """Calls of one hour ("09"), day ("2026-03-02") or month ("2026-03") in Shanghai, and rates."""

    at: str
    arrived: int
    asked: int
    answered: int
    answer_rate: float | None
    satisfaction: float | None


@dataclass(frozen=True, slots=True)
class Trends:
    """Today by the hour, the last 31 days, this year's months; points in order, only with calls."""

    day: date
    year: tuple[RateRow, ...]  # the Shanghai year so far
    hours: tuple[TrendPoint, ...]
    days: tuple[TrendPoint, ...]
    months: tuple[TrendPoint, ...]


@dataclass(frozen=True, slots=True)
class Today:
    """The Shanghai day so far, calls in progress included.

    Counts tell what has happened; rates are of the calls whose fate is known: answered, taken over
    or ended. `year`: the rates since New Year, today included; empty while they are not known.
    """

    day: date
    rates: tuple[RateRow, ...]  # at least answer_rate_agent and satisfaction
    arrived: int
    asked: int
    answered: int
    overflow: int
    abandoned: int
    rated: int
    year: tuple[RateRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """One dependency: does it work, and one short line that holds no secret."""

    ok: bool
    detail: str


class SeatFault(Exception):
    """A change of seat state that was refused; `error` is one of SEAT_FAULTS."""

    def __init__(self, error: str, message: str) -> None:
        """`error`: stable id; `message`: one Chinese sentence for the person who asked."""
        super().__init__(message)
        self.error = error
        self.message = message


# stable id -> HTTP status; any other id answers 409
SEAT_FAULTS: Mapping[str, int] = {
    "seat_unknown": 404,
    "call_unknown": 404,
    "city_unknown": 422,
    "seat_offline": 409,
    "seat_busy": 409,
    "seat_unchanged": 409,
    "controller_away": 503,
    "database_away": 503,
    "target_unknown": 404,
}


class FiguresAway(Exception):
    """History cannot be had right now; ask again later."""


class Figures(Protocol):
    """Rates of the calls; `city`: GB/T 2260, None for the province.

    All raise FiguresAway when history cannot be had.
    """

    async def read(self) -> None:
        """Read what is stored of today, if that was not done a moment ago."""
        ...

    def today(self, city: str | None = None) -> Today:
        """Counts and rates of the Shanghai day at this moment, upon what was read last."""
        ...

    async def trends(self, city: str | None = None) -> Trends:
        """How they went today, these days and this year."""
        ...


@dataclass(frozen=True, slots=True)
class Share:
    """What of the hotline is this controller's to count: over all of them it adds up to the whole.

    `stages`: of its calls; `states`: of the seats whose telephones are at its node.
    """

    stages: Mapping[Stage, int]
    states: Mapping[str, int]
    waiting: int
    longest_wait_s: float


class HotlineView(Protocol):
    """The hotline as the web side sees it; the controller's wiring provides it."""

    def live(self) -> LiveView:
        """Calls and seats at this moment; never blocks."""
        ...

    def share(self) -> Share:
        """This controller's part of it at this moment; never blocks."""
        ...

    def health(self) -> Mapping[str, Health]:
        """Each dependency by name: asterisk, redis, database, controller."""
        ...

    async def change_seat(self, *, number: str, want: Want, reason: str) -> None:
        """Set a seat ready or not ready; raises SeatFault."""
        ...

    async def talk(self, *, number: str, what: str, target: TalkTarget | None) -> None:
        """Do what the lawyer wants done with his talk, one of TALK_WISHES; raises SeatFault."""
        ...

    async def release_seat(self, *, number: str, by: str, reason: str) -> None:
        """Take a seat out of whatever it is in, and write down who did; raises SeatFault."""
        ...

    async def set_city(self, *, number: str, city: str) -> None:
        """Note where the caller of this seat's talk is from; raises SeatFault."""
        ...

    async def record_filed(self, *, number: str) -> None:
        """End a seat's wrap-up; raises SeatFault."""
        ...


class ListenAddress(Protocol):
    """Host and port, as in settings."""

    @property
    def host(self) -> str:
        """Name or address."""
        ...

    @property
    def port(self) -> int:
        """TCP or UDP port."""
        ...


class WebSettings(Protocol):
    """The part of the settings that the web side reads."""

    @property
    def home(self) -> Path:
        """Runtime folder; api.key lies here."""
        ...

    @property
    def demo(self) -> bool:
        """Open to people on this machine without a key."""
        ...

    @property
    def sip(self) -> ListenAddress:
        """Where Asterisk takes SIP: shown as the way to dial in."""
        ...
