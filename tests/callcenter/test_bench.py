"""The pure parts of the benchmarks: percentiles, targets, steps on the wire, results, tables."""

from __future__ import annotations

import io
import json
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from callcenter.bench import calls, flood, publish, scenarios
from callcenter.bench.bare import with_bare
from callcenter.bench.controller import FLOWS
from callcenter.bench.figures import Target, percentile, result, spread
from callcenter.bench.keys import write_keys
from callcenter.bench.load import Load
from callcenter.bench.province import TRUNK_HOST, seat_numbers, write_province
from callcenter.bench.table import cell, shown
from callcenter.bench.wire import KEY, Segment, steps
from callcenter.province import load_province
from ivr_flows.load import load_flows


def test_percentiles_are_by_nearest_rank() -> None:
    values = [float(n) for n in range(1, 101)]
    assert [percentile(values, share) for share in (0, 0.5, 0.99, 1)] == [1, 50, 99, 100]
    assert percentile([7.0], 0.99) == 7.0
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_so_many_values_do_not_exceed_a_percentile(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)


def test_a_spread_counts_and_rounds() -> None:
    assert spread([0.1234, 2.0, 1.0]) == {"count": 3, "p50_ms": 1.0, "p99_ms": 2.0, "max_ms": 2.0}


@pytest.mark.parametrize(
    ("target", "met"),
    [
        (Target("a", 0.5, 0.5), True),
        (Target("a", 0.51, 0.5), False),
        (Target("a", 0.5, 0.5, "higher"), True),
        (Target("a", 0.49, 0.5, "higher"), False),
    ],
)
def test_a_target_on_its_limit_is_met(target: Target, met: bool) -> None:
    assert target.is_met is met
    assert target.to_json()["met"] is met


def segment(at_us: int, sender: str, data: bytes, line: int = 40_000) -> Segment:
    return Segment(at_us * 1000, line, sender == "asterisk", data)


def test_a_step_is_a_key_the_next_command_and_its_answer() -> None:
    seen = [
        segment(0, "asterisk", b"200 result=57 endpos=800\n"),
        segment(100, "asterisk", b"200 result=49 endpos=80\n", line=40_001),
        segment(250, "controller", b"NOOP\n"),
        segment(400, "asterisk", b"200 result=0\n"),
        segment(450, "controller", b'STREAM FILE "invalid_key" "0123456789*#"\n'),
        segment(700, "controller", b"NOOP\n", line=40_001),
        segment(800, "asterisk", b"200 result=0\n", line=40_001),
        segment(900, "asterisk", b"200 result=0 endpos=25000\n"),
    ]
    assert sorted((s.think_ms, s.round_ms) for s in steps(seen, reply=KEY)) == [
        (0.25, 0.4),
        (0.6, 0.7),
    ]


def test_a_prompt_that_ended_and_a_hang_up_are_no_steps() -> None:
    seen = [
        segment(0, "asterisk", b"200 result=0 endpos=800\n"),
        segment(10, "controller", b"WAIT FOR DIGIT 5000\n"),
        segment(20, "asterisk", b"200 result=1\n"),
        segment(30, "asterisk", b"200 result=57 endpos=800\n"),
        segment(40, "asterisk", b"HANGUP\n"),
        segment(50, "controller", b"HANGUP\n"),
    ]
    assert steps(seen, reply=KEY) == []


def row(kind: str, rate: float, **changes: object) -> calls.Row:
    values: dict[str, object] = {
        "kind": kind,
        "rate": rate,
        "seconds": 15.0,
        "calls": 300,
        "reached_rate": rate,
        "failed": 0,
        "lost": 0,
        "asterisk_cpu_ms": 50.0,
        "controller_cpu_ms": 20.0,
    }
    return calls.Row(**{**values, **changes})  # type: ignore[arg-type]


MEMORY = {"kb_per_waiting_call": 30.0}


def test_the_highest_rate_is_the_last_with_none_failed_or_lost_and_the_rate_kept() -> None:
    assert calls.highest([row("a", 20), row("a", 25), row("a", 31, failed=1)]) == 25
    assert calls.highest([row("a", 20), row("a", 25, lost=1)]) == 20
    assert calls.highest([row("a", 20), row("a", 25, reached_rate=24)]) == 20
    assert calls.highest([row("a", 20, failed=1)]) == 0


def test_the_account_of_calls_gives_shares_and_is_json() -> None:
    found = calls.account(
        [row("hotline", 20), row("hotline", 25, failed=2)],
        [row("whole", 40)],
        [row("plain", 40), row("plain", 50, lost=1)],
        MEMORY,
    )
    assert json.loads(json.dumps(found)) == found
    assert found["bench"] == "calls" and len(found["rows"]) == 5
    assert {t["name"]: (t["value"], t["met"]) for t in found["targets"]} == {
        "failed or lost at 20/s": (0, True),
        "rate kept of 20/s": (20, True),
        "share of bare Answer+Dial": (0.5, True),
        "controller CPU / Asterisk CPU": (0.4, True),
        "KB per waiting call": (30.0, True),
    }
    assert found["share_of_same_media"] == 0.5


def test_an_account_without_any_good_rate_says_so() -> None:
    bad = row("hotline", 20, failed=1)
    found = calls.account([bad], [bad], [bad], MEMORY)
    missed = [target["name"] for target in found["targets"] if not target["met"]]
    assert missed == ["failed or lost at 20/s", "share of bare Answer+Dial"]


def test_a_table_shows_every_row_the_rest_and_what_was_missed() -> None:
    found = result(
        "ivr",
        [{"way": "ours", "p50_ms": 0.31}, {"way": "other", "p50_ms": 5.6, "note": None}],
        [Target("p50", 0.31, 0.5), Target("p99", 4.0, 3.0)],
        callers=100,
        publishing=[{"what": "rollback", "whole_ms": 249.0}],
    )
    text = io.StringIO()
    Console(file=text, width=100).print(shown(found))
    assert [line.split()[1:4:2] for line in text.getvalue().splitlines() if "rollback" in line] == [
        ["rollback", "249"]
    ]
    for part in ("ours", "0.31", "other", "callers: 100", "met    p50", "MISSED p99: 4 (at most 3"):
        assert part in text.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (False, "NO"),
        (123456, "123,456"),
        (0.05, "0.05"),
        ({"a_b": 1}, "a b 1"),
        ([1, "x"], "1, x"),
    ],
)
def test_cells(value: object, text: str) -> None:
    assert cell(value) == text


def test_the_province_for_load_and_the_bench_flow_are_sound(tmp_path: Path) -> None:
    write_province(tmp_path / "p", 6)
    loaded = load_province(tmp_path / "p")
    assert [seat.number for seat in loaded.seats] == seat_numbers(6)
    assert loaded.trunks[0].match == (TRUNK_HOST,)
    assert load_flows(FLOWS).by_name["main"].steps


def test_the_comparison_takes_over_the_bare_trunk(tmp_path: Path) -> None:
    names = ("extensions.conf", "pjsip.conf", "manager.conf", "modules.conf")
    files = {name: "[from-bare]\n" if name == names[0] else "; rendered\n" for name in names}
    made = with_bare(
        files,
        seats_port=5090,
        recordings=tmp_path,
        sounds=tmp_path,
        who="/who",
        greeting="/greeting",
    )
    assert made["extensions.conf"].count("[from-bare]") == 1
    assert "Dial(PJSIP/bare-seat/sip:seat@127.0.0.1:5090,15,g)" in made["extensions.conf"]
    assert "A(/who:/greeting)" in made["extensions.conf"]
    assert "${EXTEN}" in made["extensions.conf"] and "{{" not in made["extensions.conf"]
    assert all(made[name].startswith("; rendered") for name in names[1:])


def test_a_key_is_eight_packets_of_one_event(tmp_path: Path) -> None:
    write_keys(tmp_path / "key.pcap", "#", 2)
    data = (tmp_path / "key.pcap").read_bytes()[24:]
    events = []
    while data:
        (length,) = struct.unpack_from("<8xI", data)
        events.append(data[16 + 14 + 28 : 16 + length])
        data = data[16 + length :]
    assert len(events) == 8
    assert {struct.unpack_from("!4xI", event)[0] for event in events} == {240_000}
    assert [event[12] for event in events] == [11] * 8
    assert [event[13] >> 7 for event in events] == [0] * 5 + [1] * 3


def test_a_caller_presses_every_key_and_fails_when_nobody_hangs_up(tmp_path: Path) -> None:
    text = scenarios.caller(tmp_path, number="1", keys=((1, "2"), (0.5, "1")), stays_s=9)
    assert text.count("play_pcap_audio") == 2 and (tmp_path / "key1.pcap").exists()
    assert '<recv request="BYE" timeout="9000" next="bye"/>' in text
    leaving = scenarios.caller(tmp_path, number="1", keys=(), stays_s=9, hangs_up=True)
    assert "BYE sip:[service]" in leaving


def test_calls_are_counted_from_sipps_own_file(tmp_path: Path) -> None:
    load = Load("callers", tmp_path, [])
    assert load.counted().begun == 0 and load.reached_rate() == 0
    head = "StartTime;CurrentTime;OutgoingCall(P);TotalCallCreated;SuccessfulCall(C);FailedCall(C)"
    begun = [(0.0, 0, 0), (1.0, 20, 20), (2.0, 20, 40), (3.0, 20, 60), (3.5, 10, 70), (5, 0, 70)]
    lines = [f"d\tt\t100.0;d\tt\t{100 + at};{now};{all_};{all_ // 2};1" for at, now, all_ in begun]
    (tmp_path / "statistics.csv").write_text("\n".join([head, *lines]) + "\n")
    counted = load.counted()
    assert (counted.begun, counted.good, counted.failed, counted.current) == (70, 35, 1, 34)
    assert load.reached_rate() == 20


def test_a_release_is_in_effect_once_no_new_caller_gets_the_one_before() -> None:
    at = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
    one = publish.Round("publish", 1, 40.0, at, before="1", after="2")

    def call(after_s: float, version: str) -> publish.Seen:
        return publish.Seen(at + timedelta(seconds=after_s), version, True, False)

    heard = [call(-1, "1"), call(0.4, "2"), call(9, "1")]
    assert publish.last_old_ms(one, heard) == 0
    assert publish.last_old_ms(one, [*heard, call(0.25, "1")]) == 250
    assert publish.last_old_ms(one, [call(0.2, "1")]) == 1000 * publish.ROUND_S


def test_the_benchs_flow_passes_for_the_next_version_too() -> None:
    text = (FLOWS / "main.yaml").read_text("utf-8")
    assert "\nversion: 1\n" in text


def test_the_gate_is_measured_with_one_number_and_with_many() -> None:
    rows = flood._gates(500)
    assert [(row["calls"], row["knock_us"] > 0) for row in rows] == [(500, True)] * 2
