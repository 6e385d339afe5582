"""Lawyers at their desks, each in a Chromium of his own, and citizens who ask for one."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from callcenter.cli.prompts import DEMO_SPEECH
from reports.facts import Conversation
from tests.real.desk_page import DeskPage, lawyer
from tests.real.people import make_person
from tests.real.sipp import Party, spoken
from tests.real.talk_house import TalkHouse

WAGES, DIVORCE = DEMO_SPEECH / "lawyer_wages.wav", DEMO_SPEECH / "lawyer_divorce.wav"
ASKS = DEMO_SPEECH / "citizen_wages.wav"
IN_MENU_S = 0.6


def passwords_of(house: TalkHouse, *seats: str) -> dict[str, str]:
    """An account for the lawyer of each seat; their passwords by seat."""
    return {seat: make_person(house.settings, f"lawyer{seat}", "seat", seat=seat) for seat in seats}


class Sitting:
    """Brings lawyers to their desks; whoever is left signs off as `stack` is closed."""

    def __init__(self, house: TalkHouse, passwords: dict[str, str], stack: AsyncExitStack) -> None:
        self.address = f"http://{house.settings.web}"
        self._passwords = passwords
        self._stack = stack

    async def at(self, seat: str, speech: Path = WAGES, *, script: str = "") -> DeskPage:
        """Logged in at the gate of this seat's desk; `script` runs before those of the page."""
        person = (f"lawyer{seat}", self._passwords[seat])
        desk = lawyer(self.address, speech, *person, script=script)
        return await self._stack.enter_async_context(desk)

    async def ready(self, seat: str, speech: Path = WAGES) -> DeskPage:
        """Ready for calls."""
        desk = await self.at(seat, speech)
        await desk.sit_down()
        await desk.close_dialog()
        await desk.be_ready()
        return desk


def citizen(
    house: TalkHouse, number: str, *keys: tuple[float, str], audio: Path | None = None
) -> Party:
    """Calls and asks for a lawyer; stays until the other side hangs up."""
    return house.sipp.citizen(
        keys=((IN_MENU_S, "4"), *keys),
        caller=f"+86{number}",
        audio=audio or spoken(house.sipp.folder, ASKS),
        longest_s=90,
    )


async def call_of(house: TalkHouse, number: str) -> Conversation:
    """The facts of this citizen's call, once it is over and its recordings are closed."""
    async with asyncio.timeout(40):
        while True:
            calls = await asyncio.to_thread(house.calls)
            found = [one for one in calls if one.caller == f"+86{number}" and one.ended_at]
            if found and found[0].recording and found[0].recording.duration_s is not None:
                return found[0]
            await asyncio.sleep(0.5)


def track(call: Conversation, part: str) -> Path:
    """One of the files that its recording is made of: "caller.wav", "seat-1.wav16"."""
    assert call.recording
    return Path(f"{call.recording.path}-{part}")
