"""A call at the entrance: marked when it is not let in, and what its steps then are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.admission.entrance import Entrance
from callcenter.admission.gate import Gate, Limits
from callcenter.call import Call, CallId, World, conversation, step
from ivr_flows.load import load_flows
from ivr_flows.model import Flows
from reports.facts import Conversation
from reports.metrics import tally
from seats.locate import Place
from sip_config.model import DialledCity, Trunk

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
NUMBER = "+864315550123"


@cache
def flows() -> Flows:
    return load_flows()


def blocked(entrance: Entrance, name: str = "b-1.1", of: Flows | None = None) -> Call:
    call = Call(call_id=CallId(name), arrived_at=NOW, caller=NUMBER, trunk="demo", recording="/r")
    return entrance.let_in(call, of or flows())


def test_where_a_caller_is_from_is_told_by_what_he_dialled() -> None:
    trunk = Trunk(
        name="demo",
        match=("127.0.0.2",),
        dialled="12348",
        city="220100",
        cities=(DialledCity("043312348", "222400"), DialledCity("043912348", "cbs")),
    )
    entrance = Entrance(trunks=lambda: [trunk])
    found = [entrance.who("13900000000", "demo", n)[1] for n in ("12348", "043312348", "043912348")]
    assert found == [Place(city, "dialled") for city in ("220100", "222400", "cbs")]
    assert entrance.who("04325550123", "other", "12348")[1] == Place("220200", "landline")
    plain = Entrance(trunks=lambda: [replace(trunk, city=None)])
    assert plain.who("04325550123", "demo", "12348")[1] == Place("220200", "landline")


def test_a_blocked_caller_may_press_1_for_the_police_and_is_counted_apart() -> None:
    counted: list[str] = []
    entrance = Entrance(Gate(blacklist={NUMBER: 7}), count=counted.append)
    call = blocked(entrance)
    world = World(flows=flows(), facts={"hours": "closed"}, notices={"zh-CN": ("notice_x",)})
    call, said = step(call, ev.Arrived(), world, NOW)
    assert said[0] == cmd.Play(call.serial, ("blocked", "ai_mark"), "0123456789*#", 5)
    call, said = step(call, ev.KeyPressed(call.serial, "1"), world, NOW)
    assert said[0] == cmd.RaiseAlarm("emergency")
    assert isinstance(said[1], cmd.RingLine) and said[1].line == "police"
    call, _ = step(call, ev.HungUp(), world, NOW)
    facts = conversation(call)
    assert (facts["end_stage"], facts["blocked"]) == ("blocked", {"why": "blacklist", "entry": 7})
    counts = tally(Conversation.model_validate(facts))
    assert counts and (counts.counts.n_in, counts.counts.n_blocked) == (1, 1)
    assert (counts.counts.n_req, counts.counts.n_ivr_end, counts.counts.n_short_in) == (0, 0, 0)
    assert counted == ["blacklist"]


def test_a_blocked_caller_in_danger_whom_110_does_not_answer_comes_to_a_person() -> None:
    world = World(flows=flows(), facts={})
    call, _ = step(blocked(Entrance(Gate(blacklist={NUMBER: 7}))), ev.Arrived(), world, NOW)
    call, _ = step(call, ev.KeyPressed(call.serial, "1"), world, NOW)
    busy = ev.DialEnded(call.serial, ev.DialResult("BUSY"), caller_gone=False)
    call, said = step(call, busy, world, NOW)
    assert any(isinstance(one, cmd.JoinLine) for one in said)
    call, _ = step(call, ev.HungUp(), world, NOW)
    counts = tally(Conversation.model_validate(conversation(call)))
    assert counts and (counts.counts.n_blocked, counts.counts.n_req) == (0, 1)  # he asked for one


def test_a_second_call_meanwhile_is_ended_without_a_word_and_written_down() -> None:
    entrance = Entrance(Gate(blacklist={NUMBER: 7}))
    blocked(entrance)
    call, said = step(blocked(entrance, "b-1.2"), ev.Arrived(), World(flows=flows(), facts={}), NOW)
    assert said == (cmd.Finish(call.serial, ()),)
    call, _ = step(call, ev.HungUp(), World(flows=flows(), facts={}), NOW)
    facts = conversation(call)
    assert (facts["end_stage"], facts["ended_by"]) == ("blocked", "system")


def test_without_the_flow_that_leads_to_110_nobody_is_kept_out() -> None:
    entrance = Entrance(Gate(Limits(number_at_once=1), blacklist={NUMBER: 7}))
    main = Flows("main", {"main": flows().by_name["main"]})
    assert blocked(entrance, of=main).blocked == ""
    entrance.gone("b-1.1")
    assert not entrance.gate._present


def test_calls_of_an_earlier_run_count_on() -> None:
    entrance = Entrance(Gate(blacklist={NUMBER: 7}))
    first = blocked(entrance)
    later = Entrance(Gate(blacklist={NUMBER: 7}))
    later.take_up(first)
    assert blocked(later, "b-1.2").turned_away
    later.take_up(blocked(later, "b-1.2"))
    later.gone(first.call_id)
    assert not blocked(later, "b-1.3").turned_away


@pytest.mark.parametrize(
    ("before", "found", "city"),
    [
        (("220100", "mobile_hint"), ev.CityFound("cbs", "confirmed"), ("cbs", "confirmed")),
        ((None, "unknown"), ev.CityFound("220200", "confirmed"), ("220200", "confirmed")),
        (("220100", "landline"), ev.CityFound("220200", "confirmed"), ("220100", "landline")),
        (("220100", "menu"), ev.CityFound("220200", "confirmed"), ("220100", "menu")),
        (("220100", "dialled"), ev.CityFound("222400", "seat"), ("222400", "seat")),
    ],
)
def test_what_was_told_before_goes_before_a_hint_and_a_lawyers_word_before_all(
    before: tuple[str | None, str], found: ev.CityFound, city: tuple[str, str]
) -> None:
    call = Call(call_id=CallId("c"), arrived_at=NOW, city=before[0], city_source=before[1])
    call, said = step(call, found, World(flows=flows(), facts={}), NOW)
    assert ((call.city, call.city_source), said) == (city, ())


def test_a_callers_county_has_its_seats_first_and_its_prefecture_in_the_facts() -> None:
    call = Call(
        call_id=CallId("c"),
        arrived_at=NOW,
        caller=NUMBER,
        city="220100",
        city_source="landline",
        county="220184",
    )
    world = World(flows=flows(), facts={"hours": "open", "city": "220100"})
    call, _ = step(call, ev.Arrived(), world, NOW)
    call, said = step(call, ev.KeyPressed(call.serial, "2"), world, NOW)
    join = next(one for one in said if isinstance(one, cmd.JoinLine))
    facts = conversation(call)
    assert (join.city, facts["city"], facts["county"]) == ("220184", "220100", "220184")
