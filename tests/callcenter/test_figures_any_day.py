"""Whatever happens on a day, and whenever the database hears of it, each call counts once and as
the report will count it.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from callcenter import events as ev
from callcenter.call import Call, change, conversation
from callcenter.figures import READ_S, Figures, rate_rows
from callcenter.fresh_calls import FreshCalls
from reports.facts import Conversation
from reports.metrics import SoFar, so_far
from reports.queries import sums
from reports.rates import RATES, results
from reports.store import Store
from tests.callcenter.call_played import ANSWER, NINE, NO_ANSWER, Talk
from tests.new_database import upgraded
from tests.thoroughness import tries

CALLS = 14
CITIES = ("220100", "220200", None)
WAYS = (
    ("hang up",),
    ("2", "hang up"),
    ("2", "offer", "rang", "hang up"),
    ("2", "offer", "no answer", "offer", "rang", "answer", "talk over", "1", "hang up"),
    ("2", "offer", "rang", "answer", "talk over", "5", "hang up"),
    ("2", "offer", "rang", "answer", "talk over", "hang up"),
    ("2", "offer", "rang", "answer", "caller gone", "hang up"),
    ("2", "minute", "*", "voice", "hang up"),
    ("2", "minute", "#", "voice", "hang up"),
    ("2", "minute", "hang up"),
)


def happens(talk: Talk, what: str) -> ev.Event:
    serial, seat = talk.call.serial, talk.call.seat or "8001"
    events: dict[str, ev.Event] = {
        "hang up": ev.HungUp(),
        "offer": ev.SeatOffered("8001", "municipal"),
        "rang": ev.SeatRang(seat, talk.now),
        "answer": ev.SeatAnswered(seat, talk.now),
        "no answer": ev.DialEnded(serial, NO_ANSWER, False),
        "talk over": ev.DialEnded(serial, ANSWER, False),
        "caller gone": ev.DialEnded(serial, ANSWER, True),
        "minute": ev.TimerFired(talk.call.timer),
        "voice": ev.VoiceRecorded(serial, 4.0, False),
    }
    return events.get(what) or ev.KeyPressed(serial, what)


def history(name: str, dice: random.Random) -> list[Call]:
    """The states of one call, the last one over."""
    talk = Talk()
    talk.call = change(talk.call, call_id=name, city=dice.choice(CITIES))
    states = [talk.call]
    talk.do(ev.Arrived())
    for what in dice.choice(WAYS):
        states.append(talk.call)
        talk.do(happens(talk, what), after_s=dice.choice([0.5, 3.0, 14.0, 61.0]))
    return [*states, talk.call]


def facts(call: Call) -> Conversation:
    return Conversation.from_json(msgspec.json.encode(conversation(call)))


class Day:
    """A hotline of two controllers; `there`: calls that are the other one's."""

    def __init__(self, store: Store, dice: random.Random) -> None:
        self.store, self.dice = store, dice
        self.coming = [history(f"{n}-1", dice) for n in range(CALLS)]
        self.on: dict[str, tuple[Call, list[Call]]] = {}
        self.there: set[str] = set()
        self.expected: dict[str, Call] = {}
        self.spool: list[Call] = []
        self.stored: dict[str, Call] = {}
        self.counted: dict[str, tuple[Call, SoFar]] = {}
        self.begin()

    def begin(self) -> None:
        """A controller that knows what its calls are, and no more."""
        self.clock_s = 0.0
        in_progress = lambda: [call for call, _ in self.on.values()]  # noqa: E731
        self.fresh = FreshCalls(in_progress, clock=lambda: self.clock_s)
        self.figures = Figures(
            self.store,
            self.fresh,
            now=lambda: datetime(2026, 3, 2, 2, 0, tzinfo=UTC),
            clock=lambda: self.clock_s,
        )

    def arrive(self) -> None:
        if self.coming:
            first, *rest = self.coming.pop()
            self.on[first.call_id] = (first, rest)
            self.expected[first.call_id] = first
            if self.dice.random() < 0.3:
                self.there.add(first.call_id)

    def go_on(self) -> None:
        if not self.on:
            return
        call_id = self.dice.choice(sorted(self.on))
        before, states = self.on.pop(call_id)
        if call_id in self.there:
            self._hear(before, states)
            return
        after, *rest = states
        self.expected[call_id] = after
        self.fresh.stepped(before, after)
        if after.is_over:
            self.spool.append(after)
        else:
            self.on[call_id] = (after, rest)

    def _hear(self, before: Call, states: list[Call]) -> None:
        """Of a call elsewhere its end is not told, only, sooner or later, that it is gone."""
        if not states:
            self.fresh.left(before)
            return
        after, *rest = states
        if after.is_over:
            self.spool.append(after)
            self.on[before.call_id] = (before, [])
        else:
            self.on[before.call_id] = (after, rest)
            self.expected[before.call_id] = after

    async def drain(self) -> None:
        await self.store.upsert(facts(call) for call in self.spool)
        self.stored |= {call.call_id: call for call in self.spool}
        self.spool.clear()

    async def read(self) -> None:
        self.clock_s += READ_S
        await self.figures.read()
        self.expected |= self.stored

    async def kill(self) -> None:
        """The next one drains what is spooled before it is asked for anything."""
        await self.drain()
        self.begin()
        await self.read()

    def _counts(self, call: Call) -> SoFar:
        if call is not self.counted.get(call.call_id, (None,))[0]:
            self.counted[call.call_id] = (call, so_far(facts(call)))
        return self.counted[call.call_id][1]

    def check(self) -> None:
        for city in (None, "220100"):
            calls = [call for call in self.expected.values() if city in (None, call.city)]
            known = sum(map(self._counts, calls), SoFar())
            today = self.figures.today(city)
            assert today.rates == rate_rows(known)
            happened = known.happened
            assert (today.arrived, today.asked, today.answered, today.rated) == (
                *(happened.n_in, happened.n_req, happened.n_ans, happened.n_rated),
            )


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store(f"sqlite:///{tmp_path}/facts.db") as opened:
        await upgraded(opened)
        yield opened


@pytest.mark.parametrize("seed", range(tries(12)))
async def test_each_call_counts_once_and_in_the_end_as_the_report_says(
    store: Store, seed: int
) -> None:
    dice = random.Random(seed)
    day = Day(store, dice)
    await day.read()
    while day.coming or day.on:
        for _ in range(dice.randrange(1, 4)):
            day.arrive()
        for _ in range(dice.randrange(1, 9)):
            day.go_on()
            day.check()
        if dice.random() < 0.5:
            await day.drain()
        if dice.random() < 0.5:
            await day.read()
        if dice.random() < 0.1:
            await day.kill()
        day.check()
    await day.drain()
    await day.read()
    assert list(day.fresh.ids()) == []
    (group,) = await sums(store, first=NINE.date(), last=NINE.date())
    report = {
        one.metric: (one.numerator, one.denominator)
        for one in results(group.counts, RATES.values())
    }
    rates = day.figures.today().rates
    assert {one.metric: (one.numerator, one.denominator) for one in rates} == report
    assert group.counts.n_in == CALLS
