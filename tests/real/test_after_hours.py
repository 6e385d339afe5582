"""A province with office hours: who calls after them leaves a message, or gets a person by 0."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from callcenter.settings import DEMO_PROVINCE
from tests.real.asterisk_node import wav_seconds
from tests.real.house import House

CHANGCHUN = "+864315550123"


@pytest.fixture
def closed_house(tmp_path: Path) -> Iterator[House]:
    folder = tmp_path / "province"
    shutil.copytree(DEMO_PROVINCE, folder)
    calendar = folder / "calendar.yaml"
    closure = "closures:\n  - {from: 2020-01-01T00:00, to: 2099-01-01T00:00, why: 试验}\n"
    calendar.write_text(calendar.read_text() + closure)
    with House(tmp_path / "house", province=folder) as house:
        yield house


def test_after_hours_a_message_is_taken_also_when_the_controller_dies_under_it(
    closed_house: House,
) -> None:
    house = closed_house
    house.seat("8901", talk_s=5)
    left = house.sipp.citizen(caller=CHANGCHUN, hangup_after_s=58)
    broken = house.sipp.citizen(caller="+864315550124", hangup_after_s=100)
    person = house.sipp.citizen(caller="+864315550125", keys=((17.0, "0"),), hangup_after_s=12)

    def records() -> list[str]:
        return [c["stage"] for c in house.live()["calls"] if c["stage"] == "recording"]

    left.wait(90)
    person.wait(70)
    house.wait_for(lambda: len(records()) == 1, what="the second caller leaves a message")
    house.kill_controller()
    house.start_controller()
    broken.wait(120)
    calls = {call.caller: call for call in house.ended(3)}
    for caller in (CHANGCHUN, "+864315550124"):
        call = calls[caller]
        assert (call.overflow, call.end_stage, call.asked_at) == ("message", "ivr", None)
        assert call.overflow_request and call.overflow_request.audio
        assert wav_seconds(Path(f"{call.overflow_request.audio}.wav")) > 2
    assert calls["+864315550125"].attempts[0].outcome == "answered"
    assert house.kpi("answer_rate_agent")["denominator"] == 1
