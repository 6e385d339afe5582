"""A routing policy is published while people wait: they are routed by it, in their places."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator

import pytest

from callcenter.settings import DEMO_PROVINCE
from tests.real.house import House

ONE, TWO = "+864315550141", "+864315550142"
NARROW = "default:\n  sticky: {days: 0, for_s: 0}\n  stages:\n    - {who: city}\n"
LATER = "    - {who: line, line: night, after_s: 300}\n"
WIDE = "    - {who: municipal}\n"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Callers of Changchun may have seats of Changchun only."""
    folder = tmp_path_factory.mktemp("routing")
    province = folder / "province"
    shutil.copytree(DEMO_PROVINCE, province)
    (province / "routing.yaml").write_text(NARROW + LATER, encoding="utf-8")
    with House(folder / "house", province=province) as whole:
        yield whole


def submit(house: House, version: int, text: str) -> None:
    file = house.settings.home / "routing.yaml"
    file.write_text(f"version: {version}\n{text}", encoding="utf-8")
    house.hotline("routing", "submit", str(file), "--author", "李梅", "--note", "放宽")
    house.hotline("routing", "review", str(version), "--reviewer", "王强")


def publish(house: House, version: int) -> None:
    house.hotline("routing", "publish", str(version), "--reviewer", "王强", "--note", "启用")


def waiting(house: House) -> list[str]:
    return [call["stage"] for call in house.live()["calls"]]


def routed_by(house: House, version: int) -> bool:
    return house.metric("hotline_routing_version") == version


def test_waiting_callers_are_rerouted_within_a_second_and_keep_their_places(house: House) -> None:
    submit(house, 1, NARROW + WIDE)
    house.seat("8101", talk_s=2)  # of another city
    house.wait_for(lambda: house.seat_state("8101") == "ready", what="a seat is free for nobody")
    first = house.sipp.citizen(keys=((1.0, "2"),), hangup_after_s=18, caller=ONE)
    house.wait_for(lambda: waiting(house) == ["queue"], what="the first waits")
    second = house.sipp.citizen(keys=((1.0, "2"),), hangup_after_s=18, caller=TWO)
    house.wait_for(lambda: waiting(house) == ["queue"] * 2, what="both wait")
    publish(house, 1)
    published = time.time()
    house.wait_for(lambda: routed_by(house, 1), what="the policy is taken up")
    for party in (first, second):
        party.wait(60)
    calls = {call.caller: call for call in house.ended(2)}
    offers = [calls[one].attempts[0] for one in (ONE, TWO)]
    assert [(offer.seat, offer.outcome) for offer in offers] == [("8101", "answered")] * 2
    assert offers[0].offered_at.timestamp() - published < 1
    assert offers[0].offered_at < offers[1].offered_at
    for one in (ONE, TWO):
        (stint,) = calls[one].stints
        assert stint.asked_at == calls[one].asked_at

    # Back to the province's own file, which SIGHUP reads again.
    house.hotline("routing", "rollback", "--by", "赵云")
    house.wait_for(lambda: routed_by(house, 0), what="the province's own policy holds again")
    third = house.sipp.citizen(keys=((1.0, "2"),), hangup_after_s=6, caller=ONE)
    house.wait_for(lambda: waiting(house) == ["queue"], what="the third waits")
    file = house.settings.province / "routing.yaml"
    file.write_text(NARROW + WIDE + LATER, encoding="utf-8")
    os.kill(house.controller_pid, signal.SIGHUP)
    third.wait(60)
    assert [a.seat for a in house.ended(3)[-1].attempts] == ["8101"]


def test_a_province_that_cannot_follow_the_published_policy_is_refused(house: House) -> None:
    submit(house, 2, NARROW + LATER)
    publish(house, 2)
    house.wait_for(lambda: routed_by(house, 2), what="the policy is taken up")
    lines = house.settings.province / "lines.yaml"
    lines.write_text(lines.read_text("utf-8").replace("  night:", "  evening:"), "utf-8")
    (house.settings.province / "routing.yaml").unlink()
    os.kill(house.controller_pid, signal.SIGHUP)
    house.wait_for(lambda: "'night' is not in lines.yaml" in house.log(), what="refused")
    assert routed_by(house, 2)
    assert house.is_healthy()
