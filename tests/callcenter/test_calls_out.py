"""Calls out as the controller makes them: the seat is kept for them, and free again if not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from callcenter.asterisk.ami import AmiDown, OutcomeUnknown
from callcenter.calls_out import CallsOut
from callcenter.web.view import SeatFault
from seats.seat import Change, SeatState
from tests.callcenter.web.desk_open import NOW, SEAT, FakeHouse

MOBILE = "13904310000"


class House(FakeHouse):
    """A house whose Asterisk may fail, with a clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.fault: Exception | None = None
        self.is_free = True
        self.dispatcher.on_status = lambda status: None

    def clock(self) -> Any:
        return self.now

    async def _take(self, number: str, call_id: str) -> bool:
        return self.is_free

    async def ring_seat_first(self, call_id: str, *, number: str, **more: Any) -> None:
        if self.fault is not None:
            raise self.fault
        await super().ring_seat_first(call_id, number=number, **more)

    async def call(self) -> str:
        return await self.calls_out.begin(SEAT, MOBILE, by="wang", reason="回电")

    async def refused(self) -> str:
        with pytest.raises(SeatFault) as refused:
            await self.call()
        return refused.value.error


@pytest.fixture
def house() -> House:
    return House()


def out(house: House) -> CallsOut:
    return house.calls_out


async def test_a_seat_that_was_not_ready_is_so_again_after_its_call(house: House) -> None:
    house.become(reason="record")
    call_id = await house.call()
    assert out(house).held() == {call_id: SEAT}
    assert house.status.state is SeatState.READY
    assert house.moved == [(Change.READY, None), (Change.REST_NEXT, "record")]


async def test_a_seat_that_was_ready_is_so_again_after_its_call(house: House) -> None:
    house.become(state=SeatState.READY, reason=None)
    await house.call()
    assert house.moved == []


async def test_the_channel_that_comes_is_the_call(house: House) -> None:
    call_id = await house.call()
    assert out(house).arrived("main-1.1", "/r/1", NOW) is None
    call = out(house).arrived(call_id, "/r/out", NOW)
    assert call and call.out and call.reserved == SEAT
    assert (call.caller, call.recording, call.group) == (f"+86{MOBILE}", "/r/out", "family")
    assert house.moved[-1][0] is Change.KEPT
    assert out(house).arrived(call_id, "/r/out", NOW) is None
    assert out(house).held() == {}


async def test_a_seat_that_somebody_else_reserved_first_makes_no_call(house: House) -> None:
    house.is_free = False
    assert await house.refused() == "seat_busy"
    assert out(house).held() == {} and house.rung == []
    assert house.status.state is SeatState.NOT_READY  # as before


async def test_without_asterisk_the_seat_is_free_again(house: House) -> None:
    house.fault = AmiDown("away")
    assert await house.refused() == "controller_away"
    assert house.moved[-1][0] is Change.RELEASED and out(house).held() == {}


async def test_a_call_that_may_have_begun_is_given_up_when_it_does_not_come(house: House) -> None:
    house.fault = OutcomeUnknown("no answer")
    call_id = await house.call()
    assert out(house).held() == {call_id: SEAT}
    house.now += timedelta(seconds=31)
    assert out(house).held() == {}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"is_registered": False}, "seat_offline"),
        ({"state": SeatState.RINGING}, "seat_busy"),
    ],
)
async def test_a_seat_that_cannot_call_now(
    house: House, changes: dict[str, Any], error: str
) -> None:
    house.become(**changes)
    assert await house.refused() == error


async def test_nobody_calls_where_no_trunk_leads_out_or_from_no_seat(house: House) -> None:
    house.outside.trunk_out = lambda name: None
    assert await house.refused() == "target_unknown"
    with pytest.raises(SeatFault) as refused:
        out(house).check("9999", MOBILE)
    assert refused.value.error == "seat_unknown"
