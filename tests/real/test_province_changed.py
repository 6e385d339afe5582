"""A seat made in the pages takes the next call: controller, router and Asterisk know it at once."""

import json
import shutil
from collections.abc import Iterator

import pytest

from callcenter.settings import DEMO_PROVINCE
from tests.real.house import House

pytestmark = pytest.mark.real

CHANGCHUN = "+864315550123"
NEW = {
    "number": "8004",
    "name": "长春四席",
    "level": "municipal",
    "city": "220100",
    "skills": [{"group": "labour", "level": 5}],
    "languages": ["zh-CN"],
    "weight": 1,
    "shifts": [],
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A hotline with the demo province, which it copies at the first change."""
    with House(tmp_path_factory.mktemp("house") / "house") as whole:
        yield whole


def numbers(house: House) -> set[str]:
    return {seat["number"] for seat in house.live()["seats"]}


def test_a_new_seat_rings_while_a_talk_goes_on(house: House) -> None:
    house.seat("8001", talk_s=16)
    talk = house.sipp.citizen(keys=((1.0, "2"), (21.0, "1")), caller=CHANGCHUN)
    house.wait_for(lambda: house.seat_state("8001") == "talking", what="8001 talks")
    was = house.api("province/seats")
    body = {"revision": was["revision"], "put": [NEW], "reason": "增加一席"}
    saved = house.api("province/seats", body)
    assert (saved["taken_up"], saved["telephones"]) == (True, "")
    assert "8004" in numbers(house) and house.settings.province != DEMO_PROVINCE
    secrets = json.loads((house.settings.home / "seats.json").read_text())
    house.seat("8004", secret=secrets["seats"]["8004"], talk_s=4)
    house.wait_for(lambda: house.seat_state("8004") == "ready", what="8004 is ready")
    other = house.sipp.citizen(keys=((1.0, "2"), (12.0, "1")), caller="+864315550124")
    house.wait_for(lambda: house.seat_state("8004") == "talking", what="8004 talks")
    assert house.seat_state("8001") == "talking"
    other.wait()
    talk.wait()
    assert {call.attempts[-1].seat for call in house.ended(2)} == {"8001", "8004"}


def test_hours_hold_from_the_next_call_on(house: House) -> None:
    was = house.api("province/calendar")
    never = {**was["hours"][0], "workday": [], "weekend": [], "holiday": []}
    body = {"revision": was["revision"], "hours": [never], "reason": "停机演练"}
    assert house.api("province/calendar", body)["taken_up"]
    assert not house.api("province/calendar")["today"]["is_open"]


def test_a_change_that_another_process_wrote_is_taken_up_too(house: House) -> None:
    """What a node on another machine does to the shared folder: its files, then its mark."""
    folder = house.settings.province
    text = (folder / "seats.yaml").read_text("utf-8").replace("长春二席", "长春次席")
    (folder / "seats.yaml").write_text(text, "utf-8")
    shutil.copyfile(folder / ".published", folder / ".published.new")
    (folder / ".published.new").replace(folder / ".published")

    def names() -> set[str]:
        return {seat["name"] for seat in house.live()["seats"]}

    house.wait_for(lambda: "长春次席" in names(), what="the new name is shown")
