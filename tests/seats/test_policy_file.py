"""routing.yaml: what it gives, and every fault with its line."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from callcenter.settings import DEMO_PROVINCE
from ivr_flows.names import SPECIAL_GROUPS
from seats.policy import (
    DEFAULT,
    Assumed,
    CallbackPolicy,
    First,
    GroupPolicy,
    Order,
    Policy,
    Stage,
    When,
    Who,
)
from seats.policy_file import Known, load_policy
from seats.roster import load_seats
from seats.source import FileFaults
from tests.seats.policy_text import GOOD, KNOWN, faults_of, policy_of

READ = Policy(
    version=3,
    catch_all="general",
    neighbours={"220100": ("220200", "220300")},
    head_start_s={"elderly": 600.0},
    callback=CallbackPolicy(First.SEAT, 2, 60.0, 20, time(9), time(18, 30)),
    assume=Assumed(1800.0, 20),
    default=GroupPolicy(
        stages=(
            Stage(Who.CITY),
            Stage(Who.NEIGHBOURS, 20.0),
            Stage(Who.PROVINCIAL, when=When(3, 40.0, 0.25)),
            Stage(Who.PROVINCIAL, 30.0),
            Stage(Who.PROVINCIAL, 45.0, by_catch_all=True),
            Stage(Who.LINE, 120.0, line="oncall"),
            Stage(Who.CALLBACK, 180.0),
        ),
        sticky_s=0.0,
    ),
    groups={
        "labour": GroupPolicy(
            stages=(Stage(Who.MUNICIPAL), Stage(Who.MESSAGE, 60.0)),
            order=Order.SKILL_LEVEL,
            sticky_days=30,
            sticky_s=20.0,
            language_s=10.0,
        )
    },
)


def test_a_good_file_is_read_whole(tmp_path: Path) -> None:
    assert policy_of(tmp_path, GOOD) == READ


def test_what_is_left_out_is_as_without_a_file(tmp_path: Path) -> None:
    text = "default:\n  stages: [{who: provincial}]\n"
    stages = (Stage(Who.PROVINCIAL),)
    default = replace(DEFAULT.default, stages=stages, sticky_s=0.0)
    assert policy_of(tmp_path, text) == replace(DEFAULT, default=default)
    none = policy_of(tmp_path, text + "head_start_s: {}\n")
    assert none.head_start_s == {}


def test_the_same_bytes_are_read_alike_from_wherever_they_come(tmp_path: Path) -> None:
    assert load_policy(Path("submitted.yaml"), KNOWN, GOOD.encode()) == READ
    with pytest.raises(FileFaults, match=r"^submitted\.yaml:1: file: is empty$"):
        load_policy(Path("submitted.yaml"), KNOWN, b"")


def test_the_demo_province_has_a_policy_without_fault() -> None:
    seats = load_seats(DEMO_PROVINCE / "seats.yaml")
    policy = load_policy(DEMO_PROVINCE / "routing.yaml", Known(seats, ("night",), SPECIAL_GROUPS))
    assert policy.head_start_s == DEFAULT.head_start_s
    assert policy.callback == CallbackPolicy()
    assert len(policy.neighbours) == 9
    assert all(any(s.who is Who.CALLBACK for s in policy.of(g).stages) for g in ("labour", "x"))


STAGE = "    - {who: neighbours, after_s: 20}\n"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("version: 3", "version: 0", "1: version: '0' is no whole number from 1 to 999,999,999"),
        ("catch_all: general", "catch_all: all", "2: catch_all: 'all' is a group that no seat"),
        ("  220100: [", "  220985: [", "4: neighbours.220985: '220985' is no place"),
        ("[220200, 220300]", "[220100]", "4: neighbours.220100: 220100 is this city itself"),
        ("[220200, 220300]", "[220200, 220200]", "4: neighbours.220100: 220200 stands here twice"),
        ("[220200, 220300]", "[9]", "4: neighbours.220100: '9' is no place"),
        ("[220200, 220300]", "220200", "4: neighbours.220100: must be a list"),
        ("elderly: 600", "old: 600", "5: head_start_s: 'old' is none of "),
        ("elderly: 600", "elderly: -1", "5: head_start_s.elderly: '-1' is no whole number from 0"),
        ("elderly: 600", "elderly: 86401", "5: head_start_s.elderly: '86401' is no whole number"),
        ("first: seat", "first: me", "6: callback.first: 'me' is none of seat, caller"),
        ("tries: 2", "tries: 11", "6: callback.tries: '11' is no whole number from 1 to 10"),
        ("every_s: 60", "every_s: 1", "6: callback.every_s: '1' is no whole number from 30"),
        ("every_s: 60", "every: 60", "6: callback: unknown key 'every' (known: every_s, first, "),
        ("from: 09:00", "from: 9", "6: callback.from: '9' is no time like 08:30"),
        ("from: 09:00", "from: 19:00", "6: callback.to: nobody is called back from 19:00 to 18:30"),
        ('"18:30"', '"24:00"', "6: callback.to: is the next day: the latest is 23:59"),
        ("waiting: 20", "waiting: no", "7: assume.waiting: 'no' is no whole number from 1"),
        ("{who: city}", "{}", "10: default.stages[1]: who is missing"),
        ("{who: city}", "city", "10: default.stages[1]: must be a table of keys and values"),
        ("{who: city}", "{who: town}", "10: default.stages[1].who: 'town' is none of city, "),
        ("{who: city}", "{who: [city]}", "10: default.stages[1].who: must be a single value"),
        ("{who: city}", "{who: city, line: oncall}", "10: default.stages[1].line: does not go"),
        (STAGE, STAGE * 2, "12: default.stages[3]: stands here twice"),
        ("    - {who: city}\n", STAGE, "11: default.stages[2]: stands here twice"),
        ("after_s: 30", "after_s: 30.5", "13: default.stages[4].after_s: '30.5' is no whole"),
        ("after_s: 30", "after_s: soon", "13: default.stages[4].after_s: 'soon' is no whole"),
        ("queue_at_least: 3, ", "queue: 3, ", "12: default.stages[3].when: unknown key 'queue'"),
        ("queue_at_least: 3, ", "queue_at_least: 0, ", "12: default.stages[3].when.queue_at_least"),
        ("loss_rate: 0.25", "loss_rate: 25", "12: default.stages[3].when.loss_rate: '25' is no"),
        (
            "{queue_at_least: 3, longest_wait_s: 40, loss_rate: 0.25}",
            "{}",
            "12: default.stages[3].when: says nothing",
        ),
        ("by_catch_all: true", "by_catch_all: 1", "14: default.stages[5].by_catch_all: '1' is"),
        ("line: oncall, ", "", "15: default.stages[6]: line is missing: a name of lines.yaml"),
        (
            "line: oncall",
            "line: bell",
            "15: default.stages[6].line: 'bell' is not in lines.yaml (night, oncall)",
        ),
        (
            "{who: callback,",
            "{who: callback, by_catch_all: true,",
            "16: default.stages[7].by_catch_all: does not go with who: callback",
        ),
        ("  labour:\n", "  tax:\n", "19: groups.tax: 'tax' is a group that no seat serves"),
        ("skill_level", "best", "19: groups.labour.order: 'best' is none of longest_idle, "),
        ("days: 30, ", "", "20: groups.labour.sticky: days is missing"),
        ("days: 30", "days: 4000", "20: groups.labour.sticky.days: '4000' is no whole number"),
        ("language_for_s: 10", "language_s: 10", "21: groups.labour: unknown key 'language_s'"),
        ("version: 3", "defaults: 1", "1: file: unknown key 'defaults' (known: assume, callback"),
        ("version: 3", "version: 3\nversion: 4", "2: file: version stands here twice"),
    ],
)
def test_each_fault_is_told_with_its_line(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert GOOD.count(old) == 1
    found = faults_of(tmp_path, GOOD.replace(old, new))
    assert any(one.startswith(fault) for one in found), found


def test_a_stage_for_neighbours_needs_some(tmp_path: Path) -> None:
    text = GOOD.replace("neighbours:\n  220100: [220200, 220300]\n", "")
    assert faults_of(tmp_path, text) == [
        "9: default.stages[2]: neighbours names no neighbour of any city"
    ]


def test_stages_without_end_are_refused(tmp_path: Path) -> None:
    many = "default:\n  stages:\n" + "    - {who: city}\n" * 21
    assert faults_of(tmp_path, many)[0] == "3: default.stages: has 21 entries, not 1 to 20"
    none = "default:\n  stages: []\n"
    assert faults_of(tmp_path, none) == ["2: default.stages: has 0 entries, not 1 to 20"]
    assert faults_of(tmp_path, "default: {order: weighted}\n") == ["1: default: stages is missing"]


@pytest.mark.parametrize(
    ("stages", "fault"),
    [
        (
            "[{who: city}]",
            "2: default (general): a caller of 220100 reaches no seat and no line, callback or "
            "message by any stage",
        ),
        (
            "[{who: provincial, when: {queue_at_least: 2}}]",
            "2: default (general): a caller of 220100 reaches no seat and no line, callback or "
            "message by any stage",
        ),
        ("[{who: city}, {who: callback, after_s: 9}]", None),
        ("[{who: city, by_catch_all: true}, {who: provincial, by_catch_all: true}]", None),
        ("[{who: city}, {who: line, line: night}]", None),
    ],
)
def test_whoever_calls_must_reach_somebody(tmp_path: Path, stages: str, fault: str | None) -> None:
    text = f"groups:\n  labour: {{stages: [{{who: provincial}}]}}\ndefault:\n  stages: {stages}\n"
    if fault is None:
        policy_of(tmp_path, text)
    else:
        fault = fault.replace("2: default", "4: default")
        assert faults_of(tmp_path, text) == [fault]


def test_a_group_of_its_own_must_reach_somebody_from_any_city(tmp_path: Path) -> None:
    text = (
        "default:\n  stages: [{who: provincial}]\ngroups:\n  labour:\n    stages: [{who: city}]\n"
    )
    assert faults_of(tmp_path, text) == [
        "5: groups.labour: a caller of no known city reaches no seat and no line, callback or "
        "message by any stage"
    ]


@pytest.mark.parametrize("lines", [None, ()])
def test_what_is_not_known_here_may_have_any_name(
    tmp_path: Path, lines: Collection[str] | None
) -> None:
    text = "default:\n  stages: [{who: line, line: bell}]\ncatch_all: x\nhead_start_s: {y: 1}\n"
    if lines is None:
        assert policy_of(tmp_path, text, Known()).catch_all == "x"
    else:
        assert faults_of(tmp_path, text, Known(lines=lines)) == [
            "2: default.stages[1].line: 'bell' is not in lines.yaml (empty)"
        ]
