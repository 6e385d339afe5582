"""Today's and this year's rates for the supervisors' pages, from the stored facts.

A year of calls is not added up for each who looks: today's hours are asked for every few seconds,
the days before them every few minutes, each once for all people of one reach.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from callcenter.web import view
from reports.metrics import ZONE, Counts
from reports.queries import Group, StaleTallies, sums
from reports.rates import RATES, Result, results
from reports.store import DatabaseAway, Store
from reports.targets import distance

TODAY_S = 5.0
YEAR_S = 300.0
DAYS = 31  # shown day by day; before that, by month


@dataclass(frozen=True, slots=True)
class _Kept:
    day: date
    asked_s: float
    groups: Sequence[Group]


class Figures:
    """Rates of the day and the year so far, of the province or of one city."""

    def __init__(
        self,
        store: Store,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock`: monotonic seconds, so that tests need not wait."""
        self._store = store
        self._now = now
        self._clock = clock
        self._hours: dict[str | None, _Kept] = {}
        self._days: dict[str | None, _Kept] = {}
        self._one_asks = asyncio.Lock()

    async def today(self, city: str | None = None) -> view.Today:
        """The Shanghai day so far. Raises view.FiguresAway."""
        day = self._today()
        counts = _total(await self._of_hours(city, day))
        return view.Today(
            day=day,
            rates=rate_rows(counts),
            arrived=counts.n_in,
            asked=counts.n_req,
            answered=counts.n_ans,
            overflow=counts.n_overflow,
            abandoned=counts.n_abandon,
            rated=counts.n_rated,
        )

    async def trends(self, city: str | None = None) -> view.Trends:
        """Today by the hour, the last days, this year by the month. Raises as `today`."""
        day = self._today()
        hours = await self._of_hours(city, day)
        days = [*await self._of_days(city, day), Group({"day": day.isoformat()}, _total(hours))]
        year = [group for group in days if str(group.key["day"]).startswith(f"{day.year:04}")]
        months: dict[str, Counts] = {}
        for group in year:
            month = str(group.key["day"])[:7]
            months[month] = months.get(month, Counts()) + group.counts
        since = (day - timedelta(days=DAYS - 1)).isoformat()
        return view.Trends(
            day=day,
            year=rate_rows(_total(year)),
            hours=tuple(_point(f"{group.key['hour']:02}", group.counts) for group in hours),
            days=tuple(
                _point(str(group.key["day"]), group.counts)
                for group in days
                if str(group.key["day"]) >= since and group.counts.n_in
            ),
            months=tuple(
                _point(month, counts) for month, counts in sorted(months.items()) if counts.n_in
            ),
        )

    def _today(self) -> date:
        return self._now().astimezone(ZONE).date()

    async def _of_hours(self, city: str | None, day: date) -> Sequence[Group]:
        return await self._kept(
            self._hours,
            city,
            day,
            TODAY_S,
            lambda: sums(self._store, first=day, last=day, by=("hour",), city=city),
        )

    async def _of_days(self, city: str | None, day: date) -> Sequence[Group]:
        """The days before this one: of this year, and in January enough of the last."""
        first = min(date(day.year, 1, 1), day - timedelta(days=DAYS - 1))
        last = day - timedelta(days=1)
        return await self._kept(
            self._days,
            city,
            day,
            YEAR_S,
            lambda: sums(self._store, first=first, last=last, by=("day",), city=city),
        )

    async def _kept(
        self,
        table: dict[str | None, _Kept],
        city: str | None,
        day: date,
        for_s: float,
        ask: Callable[[], Awaitable[Sequence[Group]]],
    ) -> Sequence[Group]:
        async with self._one_asks:
            kept = table.get(city)
            if kept is None or kept.day != day or self._clock() - kept.asked_s >= for_s:
                try:
                    groups = await ask()
                except (DatabaseAway, StaleTallies) as fault:
                    raise view.FiguresAway(str(fault)) from fault
                kept = table[city] = _Kept(day, self._clock(), groups)
            return kept.groups


def _total(groups: Iterable[Group]) -> Counts:
    return sum((group.counts for group in groups), Counts())


def _point(at: str, counts: Counts) -> view.TrendPoint:
    answered, satisfied = results(counts, (RATES["answer_rate_agent"], RATES["satisfaction"]))
    return view.TrendPoint(
        at=at,
        arrived=counts.n_in,
        asked=counts.n_req,
        answered=counts.n_ans,
        answer_rate=answered.value,
        satisfaction=satisfied.value,
    )


def rate_rows(counts: Counts) -> tuple[view.RateRow, ...]:
    """Every rate of these sums, with how far it is from its target."""
    return tuple(_row(result) for result in results(counts, RATES.values()))


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
