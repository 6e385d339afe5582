"""What the desk is told as a call goes on: it rings here, it was picked up, it is done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callcenter.call import Call, CallId, Stage
from callcenter.call.state import Attempt
from callcenter.call.table import Leg
from callcenter.record_watch import RecordWatch
from callcenter.records.desk import NoRecord, Records
from callcenter.records.form import Draft
from callcenter.records.taxonomy import built_in
from callcenter.web.feed import Feed
from reports.store import Store
from seats.seat import Change, SeatState, first_status
from tests.new_database import upgraded

T0 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
RUNG = Attempt(seat="8001", level="municipal", offered_at=T0)
UP = msgspec.structs.replace(RUNG, answered_at=T0, outcome="answered")
WAITING = Call(call_id=CallId("a-1"), arrived_at=T0 - timedelta(seconds=9), stage=Stage.QUEUE)


def change(call: Call, **changes: Any) -> Call:
    return msgspec.structs.replace(call, **changes)


RINGING = change(WAITING, stage=Stage.RINGING, attempts=(RUNG,))
TALKING = change(WAITING, stage=Stage.TALKING, attempts=(UP,))
RATING = change(TALKING, stage=Stage.SURVEY)


class FakeSeats:
    """One seat after its talk; `moves`: what it was told."""

    def __init__(self) -> None:
        self.statuses = {
            "8001": replace(first_status("8001", T0), state=SeatState.WRAP_UP, is_registered=True)
        }
        self.moves: list[tuple[str, Change]] = []

    def change_seat(self, number: str, move: Change) -> bool:
        self.moves.append((number, move))
        return True


class Watched:
    def __init__(self, folder: Path) -> None:
        self.store = Store(f"sqlite+aiosqlite:///{folder}/w.db")
        self.records = Records(self.store, folder / "r", clock=lambda: T0, taxonomy=built_in)
        self.feed, self.seats = Feed(), FakeSeats()
        self.watch = RecordWatch(self.records, self.feed, self.seats)  # type: ignore[arg-type]

    def goes(self, *calls: Call) -> None:
        for before, after in zip(calls, calls[1:], strict=False):
            self.watch(before, after)

    def pops(self) -> list[tuple[str | None, str]]:
        news = self.feed.since(0) or ()
        return [(one.to.seat, one.data) for one in news if one.kind == "pop"]


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    watched = Watched(tmp_path)
    await upgraded(watched.store)
    yield watched
    await watched.records.close()
    await watched.store.close()


async def test_page_of_the_seat_that_is_rung_is_told_and_no_other(watched: Watched) -> None:
    watched.goes(WAITING, RINGING, TALKING)
    assert watched.pops() == [("8001", '{"call_id":"a-1"}')]


async def test_each_ring_is_told_also_that_of_the_same_seat_again(watched: Watched) -> None:
    missed = msgspec.structs.replace(RUNG, outcome="no_answer")
    again = change(RINGING, attempts=(missed, RUNG))
    elsewhere = change(RINGING, attempts=(missed, msgspec.structs.replace(RUNG, seat="8002")))
    watched.goes(WAITING, RINGING, change(WAITING, attempts=(missed,)), again)
    watched.goes(change(WAITING, attempts=(missed,)), elsewhere)
    assert [seat for seat, _ in watched.pops()] == ["8001", "8001", "8002"]


async def test_seat_that_is_consulted_sees_the_call_too(watched: Watched) -> None:
    asked = Leg(kind="consult", at=T0, by="8001", seat="8901")
    watched.goes(TALKING, change(TALKING, legs=(asked,)))
    assert [seat for seat, _ in watched.pops()] == ["8901"]


async def test_record_begins_when_a_seat_picks_up_and_not_before(watched: Watched) -> None:
    watched.goes(WAITING, RINGING)
    with pytest.raises(NoRecord):
        await watched.records.find("a-1")
    watched.goes(RINGING, TALKING)
    assert (await watched.records.find("a-1")).seats == ("8001",)


async def test_who_is_consulted_and_picks_up_may_write_the_record_too(watched: Watched) -> None:
    joined = Leg(
        kind="consult", at=T0, by="8001", seat="8901", answered_at=T0 + timedelta(seconds=3)
    )
    watched.goes(RINGING, TALKING, change(TALKING, legs=(joined,)))
    assert (await watched.records.find("a-1")).seats == ("8001", "8901")


@pytest.mark.parametrize("is_filed", [True, False])
async def test_who_filed_while_he_talked_has_no_wrap_up(watched: Watched, is_filed: bool) -> None:
    watched.goes(RINGING, TALKING)
    if is_filed:
        draft = Draft(main="0702", question="欠薪", reply="仲裁", outcome="answered")
        await watched.records.file("a-1", draft, revision=1, by="wang")
    watched.goes(TALKING, RATING)
    assert watched.seats.moves == ([("8001", Change.FILED)] if is_filed else [])
