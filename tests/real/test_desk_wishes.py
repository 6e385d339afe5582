"""A lawyer's desk in a real Chromium whose sound goes by a TURN server: a talk, the wish to rest
after it over a reload, and the log-in that a supervisor ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.looks import keep_picture
from tests.real.sitting import ASKS, WAGES, Sitting, call_of, citizen, passwords_of, track
from tests.real.speech_heard import who_speaks
from tests.real.talk_house import GENERAL, TalkHouse
from tests.real.turn_server import TurnServer

SEAT, SECRET = GENERAL[0], "shared-with-turn"
NUMBER = "4315550931"
RESTS = "document.querySelector('#desk-rests-next')?.innerText.includes('用餐')"


class Relayed(TalkHouse):
    """A house whose browsers reach Asterisk by a TURN server only."""

    def __init__(self, folder: Path, turn: TurnServer) -> None:
        self._turn = turn
        super().__init__(folder, ring_s=15, wrap_up_s=5)

    def environment(self) -> dict[str, str]:
        return {
            **super().environment(),
            "HOTLINE_ICE": self._turn.url,
            "HOTLINE_ICE_SECRET": SECRET,
            "HOTLINE_ICE_RELAY": "1",
        }


@pytest.fixture(scope="module")
def turn() -> Iterator[TurnServer]:
    server = TurnServer(SECRET).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def house(turn: TurnServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relayed]:
    with Relayed(tmp_path_factory.mktemp("wishes"), turn) as made:
        yield made


@pytest.fixture(scope="module")
def passwords(house: Relayed) -> dict[str, str]:
    return passwords_of(house, SEAT)


async def test_a_desk_behind_a_relay_and_the_rest_after_its_talk(
    house: Relayed, turn: TurnServer, sitting: Sitting, tmp_path: Path
) -> None:
    desk = await sitting.ready(SEAT)
    citizen(house, NUMBER)
    await desk.rings()
    await desk.answer()
    await desk.hears()
    assert {user.partition(":")[2] for user in turn.users} == {SEAT}
    assert turn.refused == 0
    before = turn.relayed
    await asyncio.sleep(3)
    assert turn.relayed - before > 200, "fifty packets a second go each way"

    await desk.page.click(".rest-next")
    await keep_picture(desk.page, "desk-rest-menu", tmp_path)
    await desk.page.value(
        "[...document.querySelectorAll('.el-dropdown-menu__item')]"
        ".find((one) => one.checkVisibility() && one.innerText === '用餐').click()"
    )
    await desk.page.until(RESTS)
    await keep_picture(desk.page, "desk-rests-next", tmp_path)
    await desk.page.key("r", "KeyR", alt=True)  # taken back, and asked for anew by the key
    await desk.hides("#desk-rests-next")
    await desk.page.key("r", "KeyR", alt=True)
    await desk.shows("#desk-rests-next")
    await desk.page.send("Page.reload")
    await desk.shows("#desk-hold")
    await desk.shows("#desk-rests-next")
    await desk.hears()
    await asyncio.sleep(2)
    await desk.page.click("#desk-hang-up")
    await desk.seat_is("话后处理")
    await desk.shows("#desk-rest")
    await desk.seat_is("示忙")
    assert await desk.page.value("document.querySelector('.bar .reason').innerText") == "小休"

    call = await call_of(house, NUMBER)
    talk_s = (call.attempts[0].answered_at - call.arrived_at).total_seconds()  # type: ignore[operator]
    voices = (WAGES, ASKS)
    assert who_speaks(track(call, "heard.wav"), talk_s, talk_s + 5, voices) == WAGES
    assert who_speaks(track(call, "caller.wav"), talk_s, talk_s + 5, voices) == ASKS

    await asyncio.to_thread(house.api, f"seats/{SEAT}/log_out", {"reason": "下班未签出"})
    await desk.shows("input[name=password]")
    await desk.page.until("document.body.innerText.includes('下班未签出')")
    await keep_picture(desk.page, "desk-logged-out", tmp_path)
    await desk.page.open(f"{sitting.address}/desk")
    await desk.shows("input[name=password]")  # the log-in itself has ended
