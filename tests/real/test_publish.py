"""A flow is published while people are on the phone: on the real Asterisk, whole controllers."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from callcenter.flows.desk import repository
from ivr_flows.load import FLOWS
from tests.real.house import House

FIRST = repository()["main"].version
NEW = FIRST + 1
ONE, TWO, THREE, FOUR = (f"+86431555013{n}" for n in range(4))


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Callable[..., House]]:
    houses: list[House] = []

    def start(name: str, **settings: object) -> House:
        house = House(tmp_path / name, **settings)
        houses.append(house)
        return house.start()

    yield start
    for house in houses:
        house.close()


def new_flow(house: House) -> None:
    """In the new main menu the keys 1 (family) and 2 (labour) have changed places."""
    text = (FLOWS / "main.yaml").read_text("utf-8")
    text = re.sub(r"(?m)^version: \d+$", f"version: {NEW}", text)
    keys = r'"1": (family\w*)(\s+)"2": (labour\w*)'
    text, changed = re.subn(keys, r'"1": \3\2"2": \1', text, count=1)
    assert changed
    file = house.settings.home / "main.yaml"
    file.write_text(text, encoding="utf-8")
    house.hotline("flow", "submit", str(file), "--author", "李梅", "--note", "对调")
    house.hotline("flow", "review", "main", str(NEW), "--reviewer", "王强")


def publish(house: House) -> None:
    house.hotline("flow", "publish", "main", str(NEW), "--reviewer", "王强", "--note", "启用")


def release(house: House) -> int:
    """The release that a controller gives to new calls."""
    with urllib.request.urlopen(f"http://{house.settings.web}/metrics", timeout=5) as answer:
        found = re.search(r"(?m)^hotline_flow_release (\d+)", answer.read().decode())
    assert found
    return int(found[1])


def in_menu(house: House, count: int = 1) -> Callable[[], bool]:
    return lambda: [call["stage"] for call in house.live()["calls"]].count("ivr") == count


def heard(house: House, count: int) -> dict[str | None, tuple[str | None, str | None]]:
    """Caller → group and version, of calls that have ended."""
    return {call.caller: (call.group, call.flow_version) for call in house.ended(count)}


def test_who_is_in_the_menu_goes_on_in_it_and_the_next_hears_the_new_one(
    build: Callable[..., House],
) -> None:
    house = build("house")
    new_flow(house)
    one = house.sipp.citizen(caller=ONE, keys=((14.0, "1"),), hangup_after_s=1.5)
    house.wait_for(in_menu(house), what="the first stands in the menu")
    publish(house)
    house.wait_for(lambda: release(house) == 1, what="the release is taken up")
    assert in_menu(house)()
    two = house.sipp.citizen(caller=TWO, keys=((1.0, "1"),), hangup_after_s=1.5)
    two.wait(30)
    house.hotline("flow", "rollback", "--by", "赵云")
    house.wait_for(lambda: release(house) == 2, what="the old one is back")
    three = house.sipp.citizen(caller=THREE, keys=((1.0, "1"),), hangup_after_s=1.5)
    for party in (one, three):
        party.wait(40)
    assert heard(house, 3) == {
        ONE: ("family", str(FIRST)),
        TWO: ("labour", str(NEW)),
        THREE: ("family", str(FIRST)),
    }


def test_a_caller_of_the_old_version_outlives_the_controller_in_it(
    build: Callable[..., House],
) -> None:
    house = build("house")
    new_flow(house)
    publish(house)
    house.wait_for(lambda: release(house) == 1, what="the new one is taken up")
    one = house.sipp.citizen(caller=ONE, keys=((22.0, "1"),), hangup_after_s=2)
    house.wait_for(in_menu(house), what="the caller stands in the menu")
    house.hotline("flow", "rollback", "--by", "赵云")
    house.wait_for(lambda: release(house) == 2, what="the old one is back")
    house.kill_controller()
    house.start_controller()
    assert release(house) == 2
    two = house.sipp.citizen(caller=TWO, keys=((1.0, "1"),), hangup_after_s=1.5)
    for party in (one, two):
        party.wait(50)
    assert heard(house, 2) == {ONE: ("labour", str(NEW)), TWO: ("family", str(FIRST))}


def test_every_controller_of_one_database_takes_it_up(build: Callable[..., House]) -> None:
    house = build("one")
    other = build("two", database_url=house.settings.database_url)
    new_flow(house)
    publish(house)
    for each, caller in ((house, ONE), (other, TWO)):
        each.wait_for(lambda each=each: release(each) == 1, what="taken up")  # type: ignore[misc]
        each.sipp.citizen(caller=caller, keys=((1.0, "1"),), hangup_after_s=1.5).wait(30)
    other.hotline("flow", "rollback", "--by", "赵云")
    for each, caller in ((house, THREE), (other, FOUR)):
        each.wait_for(lambda each=each: release(each) == 2, what="rolled back")  # type: ignore[misc]
        each.sipp.citizen(caller=caller, keys=((1.0, "1"),), hangup_after_s=1.5).wait(30)
    assert heard(house, 4) == {
        ONE: ("labour", str(NEW)),
        TWO: ("labour", str(NEW)),
        THREE: ("family", str(FIRST)),
        FOUR: ("family", str(FIRST)),
    }


def test_a_release_that_this_machine_cannot_say_is_refused(build: Callable[..., House]) -> None:
    house = build("one")
    other = build("two", database_url=house.settings.database_url)
    # A recording of the site's own that the other machine has and that cannot be played.
    own = other.settings.home / "prompts" / "zh-CN"
    own.mkdir(parents=True)
    (own / "main_menu.wav").write_bytes(b"RIFF")
    new_flow(house)
    publish(house)
    house.wait_for(lambda: release(house) == 1, what="taken up where it can be said")
    refused = "the new release of the flows is refused"
    other.wait_for(lambda: refused in other.log(), what="refused")
    assert "the prompt main_menu has audio that cannot be read" in other.log()
    assert release(other) == 0
    other.sipp.citizen(caller=ONE, keys=((1.0, "1"),), hangup_after_s=1.5).wait(30)
    assert heard(other, 1) == {ONE: ("family", str(FIRST))}
