"""Who is not let in, for real: the blacklist, its way to 110, and floods that hurt nobody else."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator

import pytest

from callcenter.settings import DEMO_PROVINCE
from reports.facts import Conversation
from reports.store import Store
from tests.real.asterisk_node import TRUNK_HOST, free_ports
from tests.real.house import House
from tests.reports.made import call

SECOND_HOST = "127.0.0.3"
NUISANCE, FLOOD = "+864315550188", "+864315550177"
FLOOD_CALLS = 60
AT_ONCE = 3


def trunks(port: int) -> str:
    return (
        "trunks:\n"
        f"  - {{name: demo, match: [{TRUNK_HOST}], dialled: '12348',"
        f" outbound: 'sip:{TRUNK_HOST}:{port}'}}\n"
        f"  - {{name: second, match: [{SECOND_HOST}], dialled: '12348', city: 222400}}\n"
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("admission")
    shutil.copytree(DEMO_PROVINCE, folder / "province")
    (port,) = free_ports(1, TRUNK_HOST)
    (folder / "province" / "trunks.yaml").write_text(trunks(port))
    whole = House(
        folder / "house",
        province=folder / "province",
        number_a_minute=30,
        number_at_once=AT_ONCE,
        trunk_at_once=12,
        blocked_at_once=2,
    )
    try:
        whole.start()
        whole.sipp.outside(TRUNK_HOST, port, answer_after_s=0.3, talk_s=2)
        whole.seat("8001", talk_s=3)  # 长春
        whole.seat("8201", talk_s=2)  # 延边
        yield whole
    finally:
        whole.close()


def ended(house: House, of: str, count: int) -> list[Conversation]:
    """So many ended calls whose number begins so."""
    found: list[Conversation] = []

    def enough() -> bool:
        found[:] = [c for c in house.calls() if c.ended_at and (c.caller or "").startswith(of)]
        return len(found) >= count

    house.wait_for(enough, 30, f"{count} ended calls of {of}", pause_s=0.3)
    return found


def blacklist(house: House, number: str) -> None:
    """Three calls of earlier days, and two persons."""

    async def evidence() -> None:
        async with Store(house.settings.database_url) as store:
            await store.upsert([call(name, caller=number) for name in ("e1", "e2", "e3")])

    asyncio.run(evidence())
    given = ("--call", "e1", "--call", "e2", "--call", "e3")
    house.hotline("blacklist", "propose", number, *given, "--reason", "骚扰", "--by", "李梅")
    house.hotline("blacklist", "approve", "1", "--by", "王强")
    house.wait_for(lambda: house.metric("hotline_numbers_blocked") == 1, what="it is in force")


def test_a_blacklisted_caller_hears_why_and_may_press_1_for_110(house: House) -> None:
    blacklist(house, NUISANCE)
    in_danger = house.sipp.citizen(caller=NUISANCE, keys=((3.0, "1"),), longest_s=40)
    house.wait_for(lambda: house.live()["calls"], what="the first is in the announcement")
    again = house.sipp.citizen(caller=NUISANCE, longest_s=10)  # hung up on at once
    other = house.sipp.citizen(caller="+864315550123", keys=((1.0, "2"),), hangup_after_s=9)
    house.wait_for(lambda: house.seat_state("8001") == "talking", what="another caller is served")
    assert house.api("seats/8001/city", {"city": "cbs"})["ok"]  # and tells the lawyer where he is
    for party in (again, in_danger, other):
        party.wait(60)
    calls = [c for c in ended(house, NUISANCE, 5) if c.trunk == "demo"]
    assert [c.end_stage for c in calls] == ["blocked", "blocked"]
    assert [c.unknown["blocked"] for c in calls] == [{"why": "blacklist", "entry": 1}] * 2
    first, second = calls
    assert [(t.line, t.outcome) for t in first.transfers] == [("police", "answered")]
    assert [alarm.name for alarm in first.alarms] == ["emergency"]
    assert (second.ended_by, second.transfers, second.asked_at) == ("system", (), None)
    (served,) = ended(house, "+864315550123", 1)
    assert served.attempts[0].outcome == "answered"
    assert (served.city, served.city_source) == ("cbs", "seat")
    counted = house.kpi("answer_rate_gross")
    assert (counted["numerator"], counted["denominator"]) == (1, 1)  # the two are counted apart


def test_who_has_confirmed_his_mobile_numbers_place_is_not_asked_again(house: House) -> None:
    mobile = "13904310001"  # sold in 长春
    first = house.sipp.citizen(caller=mobile, keys=((1.0, "2"), (2.0, "1")), hangup_after_s=2)
    first.wait(30)
    (told,) = ended(house, f"+86{mobile}", 1)
    assert (told.city, told.city_source, told.group) == ("220100", "menu", "labour")
    again = house.sipp.citizen(caller=mobile, keys=((1.5, "2"),), hangup_after_s=2)
    again.wait(30)
    calls = ended(house, f"+86{mobile}", 2)
    assert (calls[-1].city, calls[-1].city_source) == ("220100", "confirmed")
    assert calls[-1].asked_at  # straight into the line


def test_a_number_that_floods_is_held_back_and_another_caller_is_served(house: House) -> None:
    flood = house.sipp.citizen(caller=FLOOD, calls=FLOOD_CALLS, rate=15, hangup_after_s=12)
    house.wait_for(
        lambda: house.metric('hotline_calls_blocked_total{why="number_flood"}') > 10,
        what="the flood is noticed",
    )
    other = house.sipp.citizen(caller="+864315550124", keys=((1.0, "2"),), hangup_after_s=9)
    other.wait(60)
    flood.wait(60)
    (served,) = ended(house, "+864315550124", 1)
    assert served.attempts[0].outcome == "answered"
    calls = ended(house, FLOOD, FLOOD_CALLS)
    let_in = [c for c in calls if c.end_stage != "blocked"]
    assert len(calls) == FLOOD_CALLS and len(let_in) == AT_ONCE
    blocked = [c.unknown["blocked"]["why"] for c in calls if c.end_stage == "blocked"]
    assert set(blocked) == {"number_flood"}
    silent = [c for c in calls if c.recording is None]
    assert len(silent) >= FLOOD_CALLS - AT_ONCE - FLOOD_CALLS // 3  # no audio is kept of them
    house.wait_for(lambda: house.node.channels() == 0, what="nothing is left of the flood")


def test_a_trunk_that_floods_is_held_back_and_other_trunks_are_served(house: House) -> None:
    flood = house.sipp.citizen(
        caller="+86433555[call_number]",
        calls=FLOOD_CALLS,
        rate=15,
        hangup_after_s=8,
        host=SECOND_HOST,
    )
    house.wait_for(
        lambda: house.metric('hotline_calls_blocked_total{why="trunk_flood"}') > 10,
        what="the flood is noticed",
    )
    other = house.sipp.citizen(caller="+864315550125", keys=((1.0, "2"),), hangup_after_s=9)
    other.wait(60)
    flood.wait(60)
    (served,) = ended(house, "+864315550125", 1)
    assert (served.attempts[0].outcome, served.city_source) == ("answered", "landline")
    calls = ended(house, "+86433555", FLOOD_CALLS)
    assert {(c.city, c.city_source, c.trunk) for c in calls} == {("222400", "dialled", "second")}
    let_in = [c for c in calls if c.end_stage != "blocked"]
    assert len(calls) == FLOOD_CALLS and len(let_in) < FLOOD_CALLS / 2
    for seat in ("8001", "8201"):
        house.wait_for(lambda s=seat: house.seat_state(s) == "ready", what=f"{seat} is free")
