"""Today's and this year's rates for the supervisors' pages: of the calls that are stored, and of
those that are not yet.

A year of calls is not added up for each who looks: today's hours are read every few seconds, the
days before them every few minutes, each once for all people of one reach.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from callcenter.fresh_calls import FreshCalls, Place
from callcenter.web import view
from reports.metrics import ZONE, Counts, SoFar, day_number
from reports.queries import Group, StaleTallies, day_so_far, sums
from reports.rates import RATES, Result, results_so_far
from reports.store import DatabaseAway, Store
from reports.targets import distance

READ_S = 2.0  # read anew no sooner
YEAR_S = 300.0
DAYS = 31  # shown day by day; before that, by month

City = str | None


class _Stored:
    """What is stored of a day, and which of the fresh calls are in that (`counted`)."""

    def __init__(self, day: date, groups: Sequence[Group] = (), counted: Collection[str] = ()):
        self.day = day
        self.counted = counted
        self._groups = groups
        self._hours: dict[City, Mapping[int, SoFar]] = {}

    def hours(self, city: City) -> Mapping[int, SoFar]:
        """Sums by hour, of a city or of all."""
        if city not in self._hours:
            found: dict[int, SoFar] = {}
            for group in self._groups:
                if city in (None, group.key["city"]):
                    hour = int(group.key["hour"] or 0)
                    found[hour] = found.get(hour, SoFar()) + _done(group.counts)
            self._hours[city] = found
        return self._hours[city]


@dataclass(frozen=True, slots=True)
class _Days:
    """The days before a day, as read at a moment."""

    before: date
    read_s: float
    groups: Sequence[Group]
    year: Counts


@dataclass(frozen=True, slots=True)
class _Told:
    """What was told of a city, and of what it was made: made anew when that is another."""

    stored: _Stored
    fresh: Mapping[Place, SoFar]
    days: _Days | None
    today: view.Today


class Figures:
    """Rates of the day and the year so far, of the province or of one city."""

    def __init__(
        self,
        store: Store,
        fresh: FreshCalls,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock`: monotonic seconds, so that tests need not wait."""
        self._store = store
        self._fresh = fresh
        self._now = now
        self._clock = clock
        self._stored: _Stored | None = None
        self._days: dict[City, _Days] = {}
        self._told: dict[City, _Told] = {}
        self._read_s = -READ_S
        self._one_reads = asyncio.Lock()
        self._one_reads_days = asyncio.Lock()

    async def read(self) -> None:
        """Read what is stored of the day, if that was not done a moment ago.

        Raises view.FiguresAway.
        """
        async with self._one_reads:
            day = self._today()
            is_new = self._stored is not None and self._stored.day == day
            if is_new and self._clock() - self._read_s < READ_S:
                return
            try:
                groups, counted = await day_so_far(self._store, day, ask_of=self._fresh.ids)
            except (DatabaseAway, StaleTallies) as fault:
                raise view.FiguresAway(str(fault)) from fault
            self._stored, self._read_s = _Stored(day, groups, counted), self._clock()
            self._fresh.stored(counted)

    def today(self, city: City = None) -> view.Today:
        """The Shanghai day until this moment, upon what was read last.

        Raises view.FiguresAway when nothing was.
        """
        stored, fresh = self._moment()
        days = self._days.get(city)
        days = days if days and days.before == stored.day else None
        told = self._told.get(city)
        if told and told.stored is stored and told.fresh is fresh and told.days is days:
            return told.today
        of_city = _total(_hours(stored, fresh, city).values())
        today = _answer(stored.day, of_city, days)
        self._told[city] = _Told(stored, fresh, days, today)
        return today

    async def trends(self, city: City = None) -> view.Trends:
        """Today by the hour, the last days, this year by the month. Raises as `read`."""
        await self.read()
        stored, fresh = self._moment()
        known = await self._days_before(city, stored.day)
        hours = _hours(stored, fresh, city)
        days = [(str(one.key["day"]), _done(one.counts)) for one in known.groups]
        days.append((stored.day.isoformat(), _total(hours.values())))
        months: dict[str, SoFar] = {}
        for name, sums_ in days:
            if name.startswith(f"{stored.day.year:04}"):
                months[name[:7]] = months.get(name[:7], SoFar()) + sums_
        since = (stored.day - timedelta(days=DAYS - 1)).isoformat()
        return view.Trends(
            day=stored.day,
            year=rate_rows(_total(months.values())),
            hours=_points((f"{hour:02}", sums_) for hour, sums_ in sorted(hours.items())),
            days=_points((name, sums_) for name, sums_ in days if name >= since),
            months=_points(sorted(months.items())),
        )

    def _today(self) -> date:
        return self._now().astimezone(ZONE).date()

    def _moment(self) -> tuple[_Stored, Mapping[Place, SoFar]]:
        if self._stored is None:
            raise view.FiguresAway("nothing was read yet")
        day = self._today()
        if self._stored.day != day:
            # just after midnight: what has ended since is among the fresh until it was read
            self._stored = _Stored(day)
        stored = self._stored
        return stored, self._fresh.sums(day_number(day), but=stored.counted)

    async def _days_before(self, city: City, day: date) -> _Days:
        """Of this year, and in January enough of the last."""
        async with self._one_reads_days:
            kept = self._days.get(city)
            if kept and kept.before == day and self._clock() - kept.read_s < YEAR_S:
                return kept
            first = min(date(day.year, 1, 1), day - timedelta(days=DAYS - 1))
            last = day - timedelta(days=1)
            try:
                groups = await sums(self._store, first=first, last=last, by=("day",), city=city)
            except (DatabaseAway, StaleTallies) as fault:
                raise view.FiguresAway(str(fault)) from fault
            of_year = (g.counts for g in groups if str(g.key["day"]).startswith(f"{day.year:04}"))
            kept = _Days(day, self._clock(), groups, sum(of_year, Counts()))
            self._days[city] = kept
            return kept


def _done(counts: Counts) -> SoFar:
    return SoFar(counts, counts)


def _total(parts: Iterable[SoFar]) -> SoFar:
    return sum(parts, SoFar())


def _hours(stored: _Stored, fresh: Mapping[Place, SoFar], city: City) -> dict[int, SoFar]:
    hours = dict(stored.hours(city))
    for (of_city, hour), known in fresh.items():
        if city in (None, of_city):
            hours[hour] = hours.get(hour, SoFar()) + known
    return hours


def _answer(day: date, known: SoFar, days: _Days | None) -> view.Today:
    counts = known.happened
    return view.Today(
        day=day,
        rates=rate_rows(known),
        year=rate_rows(known + _done(days.year)) if days else (),
        arrived=counts.n_in,
        asked=counts.n_req,
        answered=counts.n_ans,
        overflow=counts.n_overflow,
        abandoned=counts.n_abandon,
        rated=counts.n_rated,
    )


def _points(named: Iterable[tuple[str, SoFar]]) -> tuple[view.TrendPoint, ...]:
    return tuple(_point(at, known) for at, known in named if known.happened.n_in)


def _point(at: str, known: SoFar) -> view.TrendPoint:
    measures = (RATES["answer_rate_agent"], RATES["satisfaction"])
    answered, satisfied = results_so_far(known, measures)
    return view.TrendPoint(
        at=at,
        arrived=known.happened.n_in,
        asked=known.happened.n_req,
        answered=known.happened.n_ans,
        answer_rate=answered.value,
        satisfaction=satisfied.value,
    )


def rate_rows(known: SoFar) -> tuple[view.RateRow, ...]:
    """Every rate of these sums, with how far it is from its target."""
    return tuple(_row(result) for result in results_so_far(known, RATES.values()))


def _row(result: Result) -> view.RateRow:
    numerator = int(result.numerator)
    far = None
    if result.target is not None:
        far = distance(numerator, result.denominator, result.target)
    return view.RateRow(
        metric=result.metric,
        numerator=numerator,
        denominator=result.denominator,
        value=result.value,
        target=result.target,
        met=result.met,
        needed=far.needed if far else None,
        spare=far.spare if far else None,
    )
