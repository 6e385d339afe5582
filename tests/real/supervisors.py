"""Supervisors at desk phones in a real house: what they ask for, and what comes of it."""

from __future__ import annotations

import time
from typing import Any

from tests.real.rtp_tap import RtpTap
from tests.real.sipp import Party, tone
from tests.real.talk_house import CALLER_HZ, SEAT_HZ, TalkHouse

SUPERVISOR_HZ = 1550
EVERYBODY = (CALLER_HZ, SEAT_HZ, SUPERVISOR_HZ)  # as the lists below


def supervisor(house: TalkHouse, number: str) -> Party:
    """A supervisor's desk phone that picks up at once; his voice is a tone of its own."""
    audio = tone(house.sipp.folder, SUPERVISOR_HZ)
    party = house.seat(number, answer_after_s=0.1, audio=audio)
    house.wait_for(lambda: beside(house, number)["is_registered"], what="the phone is known")
    return party


def beside(house: TalkHouse, phone: str) -> dict[str, Any]:
    return house.api(f"supervise?phone={phone}")


def is_there(house: TalkHouse, phone: str, mode: str) -> bool:
    place = beside(house, phone)["beside"]
    return bool(place and place["is_there"] and place["mode"] == mode)


def do(house: TalkHouse, call_id: str, what: str, phone: str) -> str:
    """What a supervisor wants; the fault's id when it is refused. Waits until he is there."""
    fault = house.post(f"calls/{call_id}/{what}", {"reason": "带教", "phone": phone})
    if not fault:
        house.wait_for(lambda: is_there(house, phone, what), 10, f"{phone}: {what}", 0.1)
        time.sleep(0.5)
    return fault


def soon(tap: RtpTap, who: list[bool]) -> bool:
    """Whether exactly these are heard, now or within seconds: rooms are entered one by one."""
    return any(tap.hears(*EVERYBODY) == who for _ in range(4))


def hang_up(house: TalkHouse, call_id: str) -> None:
    """The network loses the caller."""
    house.node.cli(f"channel request hangup {_channel(house, call_id)}")
    house.wait_for(lambda: house.state(call_id) is None, what="the call is over")


def _channel(house: TalkHouse, call_id: str) -> str:
    for line in house.node.cli("core show channels concise").splitlines():
        if line.endswith(f"!{call_id}"):
            return line.partition("!")[0]
    return "all"
