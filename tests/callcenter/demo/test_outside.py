"""Numbers outside that the demo answers itself, on real UDP sockets."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from callcenter.demo.outside import HOST, Manner, Outside, open_outside, run_outside
from callcenter.demo.phone import Phone

QUICK = Manner(answer_s=(0.0, 0.05), talk_s=(0.2, 0.3))


@pytest.fixture(name="outside")
async def _outside() -> AsyncIterator[Outside]:
    outside = await open_outside(manner=QUICK, dice=random.Random(1), port=0)
    yield outside
    outside.close()


def place_of(outside: Outside) -> tuple[str, int]:
    return HOST, outside.port


async def test_every_number_is_answered_spoken_to_and_hung_up(outside: Outside) -> None:
    phone = Phone(place_of(outside))
    await phone.open("127.0.0.1")
    try:
        for number in ("110", "12345"):
            call = await phone.dial(user="12348", number=number)
            async with asyncio.timeout(10):
                await call.ended.wait()
            assert call.was_answered
            assert call.line.heard_frames > 0
    finally:
        phone.close()
    assert outside.rung == ["110", "12345"]


async def test_two_hotlines_on_one_machine_are_answered_each(outside: Outside) -> None:
    phones = [Phone(place_of(outside)) for _ in range(2)]
    try:
        for phone in phones:
            await phone.open("127.0.0.1")
        calls = await asyncio.gather(*(one.dial(user="12348", number="110") for one in phones))
        async with asyncio.timeout(10):
            await asyncio.gather(*(call.ended.wait() for call in calls))
        assert all(call.was_answered for call in calls)
    finally:
        for phone in phones:
            phone.close()


async def test_who_gives_up_while_it_rings_is_not_answered() -> None:
    slow = Manner(answer_s=(30.0, 30.0))
    outside = await open_outside(manner=slow, dice=random.Random(1), port=0)
    phone = Phone(place_of(outside))
    await phone.open("127.0.0.1")
    try:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(phone.dial(user="12348", number="110"), 0.3)
        assert outside.rung == ["110"]
    finally:
        phone.close()
        outside.close()


@pytest.mark.parametrize("is_out", [0.0, 1.0])
async def test_a_citizen_who_is_called_back_picks_up_or_is_out(is_out: float) -> None:
    citizens = Manner(answer_s=(0.0, 0.05), talk_s=(0.2, 0.3), is_out=is_out)
    outside = await open_outside(manner=QUICK, citizens=citizens, dice=random.Random(1), port=0)
    phone = Phone(place_of(outside))
    await phone.open("127.0.0.1")
    try:
        if is_out:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(phone.dial(user="12348", number="04315550123"), 0.3)
        else:
            call = await phone.dial(user="12348", number="04315550123")
            async with asyncio.timeout(10):
                await call.ended.wait()
            assert call.was_answered and call.line.heard_frames > 0
    finally:
        phone.close()
        outside.close()


async def test_a_second_demo_answers_when_the_first_has_ended(outside: Outside) -> None:
    port = outside.port
    second = asyncio.ensure_future(
        run_outside(manner=QUICK, dice=random.Random(1), port=port, again_s=0.02)
    )
    phone = Phone((place_of(outside)[0], port))
    await phone.open("127.0.0.1")
    try:
        await asyncio.sleep(0.1)
        assert not second.done()
        outside.close()
        await asyncio.sleep(0.2)
        async with asyncio.timeout(10):
            call = await phone.dial(user="12348", number="110")
            await call.hang_up()
        assert outside.rung == []
    finally:
        phone.close()
        second.cancel()
        await asyncio.wait([second])
