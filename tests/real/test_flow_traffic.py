"""Where calls stand in the flows and which way they took: with calls through a real Asterisk."""

from __future__ import annotations

from tests.real.house import House

ONE, TWO = "+864315550141", "+864315550142"  # Changchun: its landlines need no choice of a city


def standing(house: House) -> dict[str, int]:
    found = house.api("flows/traffic")["standing"]
    return {f"{one['step']} {one['stage']}": one["calls"] for one in found}


def passed(house: House) -> dict[str, int]:
    found = house.api("flows/traffic")["passed"]
    return {f"{one['step']} {one['way']}": one["calls"] for one in found}


def test_calls_are_seen_where_they_are_and_counted_for_the_day(house: House) -> None:
    one = house.sipp.citizen(caller=ONE, keys=((1.0, "2"),), hangup_after_s=8)
    two = house.sipp.citizen(caller=TWO, keys=((1.0, "0"),), hangup_after_s=8)
    both = {"labour queue": 1, "general queue": 1}
    house.wait_for(lambda: standing(house) == both, what="both stand in line")
    ways = {
        **{"greeting next": 2, "hours cases.open": 2, "language otherwise": 2},
        **{"main_menu keys.2": 1, "main_menu keys.0": 1},
        **{"labour_city otherwise": 1, "labour_near otherwise": 1},
    }
    assert passed(house) == ways
    for party in (one, two):
        party.wait(40)
    told = {call.caller: call.path for call in house.ended(2)}
    assert standing(house) == {}
    assert passed(house) == ways
    # All of it stands in the facts of the call too, for whoever looks at one call.
    assert [(one.step, one.way) for one in told[ONE]][-3:] == [
        ("main_menu", "keys.2"),
        ("labour_city", "otherwise"),
        ("labour_near", "otherwise"),
    ]
    house.kill_controller()
    house.start_controller()
    assert passed(house) == ways


def test_a_call_that_ends_as_its_controller_is_killed_is_counted(house: House) -> None:
    calls = [
        house.sipp.citizen(caller=f"+86431555015{n}", keys=((1.0, "2"),), hangup_after_s=4)
        for n in range(3)
    ]
    house.wait_for(lambda: standing(house) == {"labour queue": 3}, what="all stand in line")
    for party in calls:
        party.wait(40)
    house.kill_controller()  # some have told of their end, some have not
    house.start_controller()
    assert len(house.ended(3)) == 3
    counted = {"main_menu keys.2": 3, "greeting next": 3}
    house.wait_for(lambda: counted.items() <= passed(house).items(), what="each is counted")
    house.stop_controller()
    house.start_controller()
    assert counted.items() <= passed(house).items()
