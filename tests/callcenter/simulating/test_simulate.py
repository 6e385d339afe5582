"""`hotline simulate` as a supervisor or a script uses it."""

from __future__ import annotations

import json
from datetime import timedelta
from xml.etree import ElementTree

import pytest
import typer
from typer.testing import CliRunner

from callcenter.cli import Fault, facts
from callcenter.cli import simulate as command
from callcenter.simulating.plan import seats_of
from seats.simulation import jilin
from tests.reports.made import answered, at, call, likely, queued

WEEK = ("--from", "2026-03-02", "--to", "2026-03-08", "--load", "0.3")
STRICT = """
default:
  stages:
    - {who: city}
    - {who: provincial, after_s: 60}
    - {who: provincial, after_s: 60, by_catch_all: true}
"""


@pytest.fixture
def hotline(tmp_path, monkeypatch):
    """Runs one command; the configured database lies in a folder of its own."""
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/home/hotline.db")
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    for topic in (command, facts):
        topic.add(app)

    def run(*arguments):
        return CliRunner().invoke(app, [str(each) for each in arguments])

    return run


@pytest.fixture
def strict(tmp_path):
    file = tmp_path / "strict.yaml"
    file.write_text(STRICT, encoding="utf-8")
    return file


@pytest.fixture
def past(tmp_path):
    file = tmp_path / "calls.jsonl"
    file.write_bytes(b"".join(each.to_json() + b"\n" for each in likely(3, 300)))
    return file


def told(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_week_is_told_whole_and_the_same_again(hotline):
    first = hotline("simulate", *WEEK, "--json", "--seed", 5)
    found = told(first)
    assert hotline("simulate", *WEEK, "--json", "--seed", 5).stdout_bytes == first.stdout_bytes
    assert hotline("simulate", *WEEK, "--json", "--seed", 6).stdout_bytes != first.stdout_bytes
    run = found["runs"][0]
    total = run["total"]
    parts = ("answered", "abandoned", "callback", "message", "line", "left_over")
    assert total["calls"] == found["calls"] == sum(total[name] for name in parts)
    assert total["wait_p50"] <= total["wait_p90"] <= total["wait_p95"] <= total["wait_p99"]
    for name in ("groups", "cities", "hours"):
        assert sum(row["calls"] for row in run[name]) == found["calls"]
    assert len(run["seats"]) == 28
    assert sum(row["answered"] for row in run["seats"]) == total["answered"]
    assert 0 < run["fairness"]["jain"] <= 1
    assert total["met"] is (total["answer_rate"] >= 0.95)


def test_two_policies_meet_the_same_calls(hotline, strict, tmp_path):
    drawn = tmp_path / "both.svg"
    result = hotline("simulate", *WEEK, "--against", strict, "--json", "--plot", drawn)
    found = told(result)
    own, other = found["runs"]
    assert [own["policy"], other["policy"]] == ["现行策略", "strict"]
    assert own["total"]["calls"] == other["total"]["calls"]
    worse = found["difference"]["wait_mean"]
    assert 0 < worse["low"] < worse["value"] < worse["high"]
    means = [run["total"]["wait_mean"] for run in found["runs"]]
    assert worse["value"] == pytest.approx(means[1] - means[0], abs=1e-5)
    tree = ElementTree.fromstring(drawn.read_text(encoding="utf-8"))
    texts = "".join(tree.itertext())
    for part in ("两种派线策略", "各时段接通率", "各市州接通率", "坐席利用率", "strict", "长春市"):
        assert part in texts
    assert "nan" not in drawn.read_text(encoding="utf-8")


def test_the_same_policy_against_itself_differs_by_nothing(hotline):
    found = told(
        hotline("simulate", *WEEK, "--policy", "default", "--against", "default", "--json")
    )
    assert set(found["difference"]) == {"answer_rate", "abandon_rate", "service_level", "wait_mean"}
    assert all(each["value"] == 0 for each in found["difference"].values())


def test_more_seats_are_tried_beside_the_own_ones(hotline):
    found = told(hotline("simulate", *WEEK, "--seats", 14, "--against-seats", 40, "--json"))
    few, many = found["runs"]
    assert (len(few["seats"]), len(many["seats"])) == (14, 40)
    assert few["total"]["answer_rate"] < many["total"]["answer_rate"]


@pytest.mark.parametrize(("count", "provincial"), [(7, 3), (28, 12), (35, 15), (60, 25)])
def test_a_number_of_seats_keeps_the_roster_in_proportion(count, provincial):
    seats = seats_of(str(count), jilin.roster())
    assert len({seat.number for seat in seats}) == len(seats) == count
    assert sum(seat.city is None for seat in seats) == provincial
    assert count < 28 or seats[:28] == jilin.roster()


def test_supervisors_read_it_in_chinese(hotline, strict):
    shown = hotline("simulate", *WEEK, "--against", strict, "--by", "group,city,hour,seat")
    assert shown.exit_code == 0
    for part in (
        "接通率", "20秒接通率", "等候 99%分位", "A 现行策略（28席）", "B strict（28席）",
        "按事项", "婚姻家庭", "按市州", "延边朝鲜族自治州", "按时段", "09时", "按坐席", "未达",
        "坐席负荷均衡", "95%区间",
    ):  # fmt: skip
        assert part in shown.stdout
    alone = hotline("simulate", *WEEK, "--by", "")
    assert "95%区间" not in alone.stdout
    assert "按事项" not in alone.stdout


def test_facts_of_a_file_and_of_the_database_play_alike(hotline, past):
    by_file = told(hotline("simulate", past, "--json"))
    assert hotline("facts", "import", past).exit_code == 0
    by_store = told(hotline("simulate", "facts", "--json"))
    assert by_file == by_store
    asked = sum(each.asked_at is not None for each in likely(3, 300))
    assert by_file["calls"] == asked
    assert by_file["habits"]["talk"]["labour"].startswith("empirical")
    assert by_file["habits"]["patience"].startswith("empirical")
    assert {row["group"] for row in by_file["runs"][0]["groups"]} <= {
        "labour", "family", "contract", "general",
    }  # fmt: skip


def test_days_choose_among_the_facts(hotline, tmp_path):
    file = tmp_path / "calls.jsonl"
    later = answered("b", arrived_at=at(86_400), asked_at=at(86_405), answered_at=at(86_410),
                     ended_at=at(86_500), attempts=(), survey=None)  # fmt: skip
    file.write_bytes(b"".join(each.to_json() + b"\n" for each in (answered("a"), later)))
    assert told(hotline("simulate", file, "--json"))["calls"] == 2
    found = told(hotline("simulate", file, "--json", "--from", "2026-03-03"))
    assert (found["calls"], found["from"]) == (1, "2026-03-03")


def test_a_call_back_to_a_citizen_is_not_played_as_one_more_caller(hotline, tmp_path):
    file = tmp_path / "calls.jsonl"
    back = answered("back", callback_of="a")
    file.write_bytes(b"".join(each.to_json() + b"\n" for each in (answered("a"), back)))
    assert told(hotline("simulate", file, "--json"))["calls"] == 1


def test_habits_are_changed_by_hand(hotline, past):
    given = ("--talk", "fixed:60", "--talk", "labour=fixed:90", "--patience", "never")
    more = ("--ring", "fixed:2", "--wrap-up", "fixed:5", "--no-answer", 0.5, "--callback", 0)
    found = told(hotline("simulate", past, "--json", *given, *more))
    assert found["habits"]["talk"] == {"all": "fixed:60", "labour": "fixed:90"}
    assert (found["habits"]["patience"], found["habits"]["wrap_up"]) == ("never", "fixed:5")
    run = found["runs"][0]
    assert run["total"]["abandoned"] == 0
    assert sum(row["missed"] for row in run["seats"]) > 0


def test_a_table_of_calls_is_played(hotline, tmp_path):
    table = tmp_path / "calls.csv"
    table.write_text(
        "asked_at,group,city,special\n"
        "2026-03-02T09:00:00,labour,220100,elderly\n"
        "2026-03-02T01:10:00Z,family,,\n",
        encoding="utf-8",
    )
    found = told(hotline("simulate", table, "--json"))
    run = found["runs"][0]
    assert found["calls"] == 2
    assert [row["hour"] for row in run["hours"]] == [9]
    assert {row["city"] for row in run["cities"]} == {"220100", None}


def test_a_table_of_rates_is_played_for_the_days_said(hotline, tmp_path):
    table = tmp_path / "rates.csv"
    table.write_text("day,from,calls\nworkday,09:00,300\nsat,10:30,50\n2026-03-03,09:00,0\n")
    found = told(hotline("simulate", table, "--json", "--from", "2026-03-02", "--to", "2026-03-08"))
    hours = {row["hour"]: row["calls"] for row in found["runs"][0]["hours"]}
    assert set(hours) == {9, 10}
    assert hours[9] == pytest.approx(4 * 300, abs=150)  # Tuesday has none
    assert hours[10] == pytest.approx(50, abs=35)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("when,who\n", ["1: header: is neither asked_at"]),
        ("", ["1: header: is neither"]),
        (
            "asked_at,city\nyesterday,220100\n2026-03-02T09:00:00,999999\n1,2,3\n",
            [
                "2: asked_at: 'yesterday' is not like",
                "3: city: '999999' is no place of ours",
                "4: row: has 3 fields, the header has 2",
            ],
        ),
        (
            "asked_at,group\n2026-03-02T09:00:00,la bour\n",
            ["2: group: 'la bour' is no name"],
        ),
        (
            "day,from,calls\nmonday,09:00,3\nmon,09:15,3\nmon,09:30,many\nmon,09:30,1\n",
            [
                "2: day: 'monday' is none of",
                "3: from: '09:15' begins no half-hour",
                "4: calls: 'many' is no number",
                "5: from: mon 09:30 stands here twice",
            ],
        ),
        ("\xff", ["1: file: is not UTF-8"]),
    ],
)
def test_faults_of_a_table_are_told_with_their_lines(hotline, tmp_path, text, faults):
    table = tmp_path / "t.csv"
    table.write_bytes(text.encode("latin-1"))
    result = hotline("simulate", table)
    assert isinstance(result.exception, Fault)
    lines = str(result.exception).splitlines()
    for fault in faults:
        assert any(line.startswith(f"{table}:{fault}") for line in lines), lines


def test_faults_of_facts_and_policies_are_told_with_their_lines(hotline, tmp_path):
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{}\n")
    assert f"{bad}:1: call_id: field required" in str(hotline("simulate", bad).exception)
    policy = tmp_path / "p.yaml"
    policy.write_text("default: {stages: [{who: nobody}]}\n")
    result = hotline("simulate", *WEEK, "--policy", policy)
    assert isinstance(result.exception, Fault)
    assert str(result.exception).startswith(f"{policy}:1: ")
    absent = hotline("simulate", *WEEK, "--policy", tmp_path / "none.yaml")
    assert str(absent.exception) == f"{tmp_path}/none.yaml:1: file: there is no such file"


@pytest.mark.parametrize(
    ("lines", "told"),
    [([], "no call asked for a person"), ([call("a")], "no call asked for a person")],
)
def test_nothing_to_play_is_told(hotline, tmp_path, lines, told):
    file = tmp_path / "calls.jsonl"
    file.write_bytes(b"".join(each.to_json() + b"\n" for each in lines))
    assert str(hotline("simulate", file).exception) == told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--by", "colour"], "group, city, hour, seat"),
        (["--plot", "picture.png"], "must end in .svg"),
        (["--talk", "often"], "is none of"),
        (["--talk", "=fixed:3"], "no group"),
        (["--seats", "0"], "from 1 to"),
        (["--from", "2026-03-02", "--to", "2026-03-01"], "--to is before --from"),
        (["--to", "2026-03-01", "--from", "2026-03-01", "--load", "0"], "0.01"),
        (["calls.txt"], "neither jilin, facts"),
        (["--no-answer", "2"], "should be less than or equal to 1"),
    ],
)
def test_wrong_use_is_told_and_exits_with_two(hotline, arguments, told):
    result = hotline("simulate", *arguments)
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.replace("│", " ").split())


def test_load_is_not_for_calls_that_were(hotline, past):
    result = hotline("simulate", past, "--load", 2)
    assert result.exit_code == 2
    assert "tables of rates" in " ".join(result.stderr.replace("│", " ").split())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["none.csv"], "none.csv: No such file or directory"),
        (["facts"], "the database file is missing: hotline.db"),
    ],
)
def test_what_stops_it_is_one_clear_line(hotline, arguments, told):
    result = hotline("simulate", *arguments)
    assert isinstance(result.exception, Fault)
    assert str(result.exception) == told


def test_a_picture_that_cannot_be_written_is_told(hotline, tmp_path):
    result = hotline("simulate", *WEEK, "--plot", tmp_path / "no" / "p.svg")
    assert isinstance(result.exception, Fault)
    assert "No such file or directory" in str(result.exception)


def test_the_command_shows_an_example(hotline):
    result = hotline("simulate", "--help")
    assert result.exit_code == 0
    assert "Example: hotline simulate facts" in result.stdout


def test_who_gave_up_and_who_was_answered_make_the_patience(hotline, tmp_path):
    file = tmp_path / "calls.jsonl"
    lost = [queued(f"q{n}", lasted_s=20 + n, arrived_at=at(n * 600), asked_at=at(n * 600 + 5),
                   ended_at=at(n * 600 + 25 + n)) for n in range(40)]  # fmt: skip
    file.write_bytes(b"".join(each.to_json() + b"\n" for each in lost))
    found = told(hotline("simulate", file, "--json", "--talk", "fixed:1"))
    assert found["habits"]["patience"] == "empirical (40 measured)"
    assert timedelta(seconds=found["runs"][0]["total"]["wait_p99"]) < timedelta(minutes=2)
