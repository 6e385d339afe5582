"""A hotline for the web side's tests: three states of a day, and a record of what was asked."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from callcenter.web.view import (
    FiguresAway,
    Health,
    LiveAlarm,
    LiveCall,
    LiveCallback,
    LiveLine,
    LiveSeat,
    LiveView,
    RateRow,
    SeatFault,
    Share,
    Stage,
    TalkTarget,
    Today,
    TrendPoint,
    Trends,
    Want,
)
from reports.targets import distance


@dataclass(frozen=True)
class FakeAddress:
    host: str
    port: int


@dataclass(frozen=True)
class FakeSettings:
    home: Path
    demo: bool = True
    sip: FakeAddress = FakeAddress("127.0.0.1", 5060)


ALL_WELL = {
    "asterisk": Health(ok=True, detail="已连接"),
    "redis": Health(ok=True, detail="已连接"),
    "database": Health(ok=True, detail="已连接"),
    "controller": Health(ok=True, detail="运行中"),
}
UNHEALTHY = ALL_WELL | {
    "redis": Health(ok=False, detail="连接中断，暂用内存"),
    "database": Health(ok=False, detail="被锁定，事实暂存"),
}
SEATS = (
    ("8001", "王律师", "municipal", "长春市"),
    ("8002", "李律师", "municipal", "长春市"),
    ("8003", "赵律师", "municipal", "长春市"),
    ("8101", "孙律师", "municipal", "吉林市"),
    ("8201", "金律师", "municipal", "延边朝鲜族自治州"),
    ("8901", "周律师", "provincial", None),
    ("8902", "吴律师", "provincial", None),
    ("8903", "郑律师", "provincial", None),
    ("8904", "冯律师", "provincial", None),
)


CITY_CODES = {
    "长春市": "220100",
    "吉林市": "220200",
    "四平市": "220300",
    "延边朝鲜族自治州": "222400",
}


def rate(metric: str, numerator: int, denominator: int, target: float) -> RateRow:
    value = numerator / denominator if denominator else None
    met = None if value is None else value >= target
    far = distance(numerator, denominator, target)
    return RateRow(metric, numerator, denominator, value, target, met, far.needed, far.spare)


def day(answered: int, asked: int, satisfied: int, rated: int) -> Today:
    return Today(
        day=date(2026, 3, 2),
        rates=(
            rate("answer_rate_agent", answered, asked, 0.95),
            rate("satisfaction", satisfied, rated, 0.90),
        ),
        arrived=asked + 7 if asked else 0,
        asked=asked,
        answered=answered,
        overflow=min(2, asked - answered),
        abandoned=max(0, asked - answered - 2),
        rated=rated,
    )


def point(at: str, answered: int, asked: int, satisfaction: float | None = 0.93) -> TrendPoint:
    return TrendPoint(at, asked + 3, asked, answered, answered / asked, satisfaction)


def trends() -> Trends:
    hours = [(9, 21, 21), (10, 32, 33), (11, 28, 29), (12, 14, 15), (13, 23, 23)]
    return Trends(
        day=date(2026, 3, 2),
        year=(
            rate("answer_rate_agent", 71_930, 75_860, 0.95),
            rate("satisfaction", 30_402, 33_104, 0.90),
        ),
        hours=tuple(point(f"{hour:02}", answered, asked) for hour, answered, asked in hours),
        days=tuple(
            point(f"2026-02-{day:02}", 1100 + 13 * (day % 7), 1170 + 9 * (day % 5))
            for day in range(1, 29)
        ),
        months=(
            point("2026-01", 35_200, 37_000, 0.915),
            point("2026-02", 34_100, 36_100, None),
            point("2026-03", 118, 121),
        ),
    )


def seat(row: tuple[str, str, str, str | None], state: str, now: datetime) -> LiveSeat:
    number, name, level, city = row
    reason = {"not_ready": "no_answer", "offline": "unregistered"}.get(state)
    is_municipal = level == "municipal"
    return LiveSeat(
        number=number,
        name=name,
        level="municipal" if is_municipal else "provincial",
        city=city,
        state=state,
        reason=reason,
        since=now - timedelta(seconds=37 * int(number[-1]) + 5),
        call_id="demo-1.1" if state == "talking" else None,
        city_code=CITY_CODES.get(city or ""),
    )


def empty_live(now: datetime) -> LiveView:
    return LiveView(now, (), tuple(seat(row, "ready", now) for row in SEATS), 0, 0.0)


def busy_live(now: datetime) -> LiveView:
    states = "talking talking wrap_up ringing ready not_ready talking offline reserved".split()
    rows = (
        ("+8613800000000", "长春市", "labour", Stage.TALKING, 214, 6, "8001"),
        ("043155500123", "长春市", "family", Stage.TALKING, 95, 12, "8002"),
        ("15900001234", None, "contract", Stage.RINGING, 6, 41, "8101"),
        ("043355501777", "延边朝鲜族自治州", "general", Stage.QUEUE, 83, 83, None),
        ("anonymous", None, "labour", Stage.QUEUE, 27, 27, None),
        ("13900005678", "吉林市", None, Stage.IVR, 9, 0, None),
        ("043255501002", "吉林市", "service", Stage.SURVEY, 4, 9, None),
        ("18600003456", "四平市", "contract", Stage.RECORDING, 18, 64, None),
        ("13900001111", "延边朝鲜族自治州", None, Stage.TRANSFER, 7, 0, None),
    )
    calls = tuple(
        LiveCall(
            call_id=f"demo-{index}",
            caller=caller,
            city=city,
            group=group,
            stage=stage,
            since=now - timedelta(seconds=since_s),
            waited_s=waited_s,
            seat=number,
            asked_at=now - timedelta(seconds=waited_s + (since_s if number else 0)),
            city_code=CITY_CODES.get(city or ""),
        )
        for index, (caller, city, group, stage, since_s, waited_s, number) in enumerate(rows)
    )
    seats = tuple(seat(row, state, now) for row, state in zip(SEATS, states, strict=True))
    alarm = LiveAlarm(
        name="emergency",
        at=now - timedelta(seconds=9),
        call_id="demo-8",
        caller="13900001111",
        city="延边朝鲜族自治州",
        city_code="222400",
    )
    callback = LiveCallback(
        call_id="demo-77",
        caller="13900002222",
        city="长春市",
        group="labour",
        state="waiting",
        asked_at=now - timedelta(seconds=400),
        tries=1,
        next_at=now + timedelta(seconds=200),
        city_code="220100",
    )
    line = (
        LiveLine("general", "延边朝鲜族自治州", "222400", 1, now - timedelta(seconds=83)),
        LiveLine("labour", None, None, 1, now - timedelta(seconds=27)),
    )
    return LiveView(now, calls, seats, 2, 83.0, alarms=(alarm,), callbacks=(callback,), line=line)


@dataclass
class FakeView:
    """Answers from its fields; `changes` and `wishes` record what was asked for."""

    snapshot: LiveView = field(default_factory=lambda: busy_live(datetime.now(UTC)))
    so_far: Today | Exception = field(default_factory=lambda: day(118, 121, 64, 75))
    state_of_parts: Mapping[str, Health] = field(default_factory=lambda: ALL_WELL)
    refusal: SeatFault | None = None
    changes: list[tuple[str, Want, str]] = field(default_factory=list)
    wishes: list[tuple[str, str, str]] = field(default_factory=list)
    asked_live: int = 0
    reads: int = 0
    told_of: set[str | None] = field(default_factory=set)

    def live(self) -> LiveView:
        self.asked_live += 1
        passed_s = (datetime.now(UTC) - self.snapshot.at).total_seconds()
        return replace(
            self.snapshot,
            at=datetime.now(UTC),
            longest_wait_s=self.snapshot.longest_wait_s + passed_s * bool(self.snapshot.waiting),
        )

    def share(self) -> Share:
        now = self.live()
        return Share(
            stages=Counter(call.stage for call in now.calls),
            states=Counter(seat.state for seat in now.seats),
            waiting=now.waiting,
            longest_wait_s=now.longest_wait_s,
        )

    async def read(self) -> None:
        self.reads += 1
        if isinstance(self.so_far, Exception):
            raise self.so_far

    def today(self, city: str | None = None) -> Today:
        self.told_of.add(city)
        if isinstance(self.so_far, Exception):
            raise self.so_far
        return self.so_far

    async def trends(self, city: str | None = None) -> Trends:
        if isinstance(self.so_far, Exception):
            raise FiguresAway
        return trends()

    def health(self) -> Mapping[str, Health]:
        return self.state_of_parts

    async def talk(self, *, number: str, what: str, target: TalkTarget | None) -> None:
        self._note(number, what, f"{target.kind} {target.name}" if target else "")

    async def release_seat(self, *, number: str, by: str, reason: str) -> None:
        self._note(number, "release", f"{by}: {reason}")

    async def set_city(self, *, number: str, city: str) -> None:
        self._note(number, "city", city)

    async def record_filed(self, *, number: str) -> None:
        self._note(number, "filed", "")

    def _note(self, number: str, what: str, of: str) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.wishes.append((number, what, of))

    async def change_seat(self, *, number: str, want: Want, reason: str) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.changes.append((number, want, reason))
