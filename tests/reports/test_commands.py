"""`hotline facts`, `report` and `db` as a person or a script uses them."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from callcenter.cli import Fault, db, facts, report
from reports import migrations
from tests.reports.made import answered, call, queued

VERSIONS = Path(migrations.__file__).parent / "versions"
NEWEST = max(file.name[:4] for file in VERSIONS.glob("0*.py"))
MARCH = ["--from", "2026-03-01", "--to", "2026-03-31"]


@pytest.fixture
def hotline(tmp_path, monkeypatch):
    """Runs one command; the configured database lies in a folder of its own."""
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/home/hotline.db")
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    for topic in (db, facts, report):
        topic.add(app)

    def run(*arguments):
        return CliRunner().invoke(app, [str(each) for each in arguments])

    return run


@pytest.fixture
def filled(hotline, tmp_path):
    good = [answered(f"a-{n}") for n in range(95)]
    lost = [queued(f"q-{n}", city="222400") for n in range(5)]
    lines = [each.to_json() + b"\n" for each in [*good, *lost, call("i-1", city="220100")]]
    file = tmp_path / "calls.jsonl"
    file.write_bytes(b"".join(lines))
    assert hotline("facts", "import", file).exit_code == 0
    return hotline


def rates(result, *keys):
    assert result.exit_code == 0, result.output
    return {(row["metric"], *(row[key] for key in keys)): row for row in json.loads(result.stdout)}


def test_the_rates_of_the_contract_come_as_it_says(filled):
    found = rates(filled("report", "kpi", *MARCH, "--json"))
    assert found["answer_rate_agent",] == {
        "metric": "answer_rate_agent",
        "numerator": 95,
        "denominator": 100,
        "value": 0.95,
        "target": 0.95,
        "met": True,
    }
    assert found["answer_rate_gross",]["denominator"] == 101
    assert found["sl_15",]["target"] is None
    assert found["sl_15",]["met"] is None
    assert ("n_in",) not in found


def test_counts_and_means_come_when_asked_for(filled):
    found = rates(filled("report", "kpi", *MARCH, "--json", "--counts"))
    assert (found["n_in",]["value"], found["n_req",]["value"]) == (101, 100)
    assert found["wait_mean_s",]["value"] == 10.0


def test_a_day_without_calls_has_rates_without_a_value(filled):
    found = rates(filled("report", "kpi", "--from", "2026-04-01", "--to", "2026-04-01", "--json"))
    assert {(row["denominator"], row["value"], row["met"]) for row in found.values()} == {
        (0, None, None)
    }
    by_city = filled(
        "report", "kpi", "--from", "2026-04-01", "--to", "2026-04-01", "--by", "city", "--json"
    )
    assert json.loads(by_city.stdout) == []


def test_rates_by_columns_carry_their_values(filled):
    result = filled("report", "kpi", *MARCH, "--by", "city,hour,day,seat,group,category", "--json")
    found = rates(result, "city", "hour", "day", "seat", "group", "category")
    served = found["answer_rate_agent", "220100", 9, "2026-03-02", "8001", "labour", None]
    assert (served["numerator"], served["denominator"]) == (95, 95)
    lost = found["answer_rate_agent", "222400", 9, "2026-03-02", None, None, None]
    assert (lost["numerator"], lost["denominator"], lost["value"]) == (0, 5, 0.0)


def test_a_person_sees_the_chinese_names(filled):
    shown = filled("report", "kpi", *MARCH, "--by", "city")
    assert shown.exit_code == 0
    for part in ("answer_rate_agent", "接通率（人工口径）", "100.00%", "≥ 95%", "yes", "NO", "—"):
        assert part in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["report", "kpi", *MARCH, "--by", "city,colour"],
            "city, group, hour, day, seat, category",
        ),
        (["report", "kpi", "--from", "2026-03-02", "--to", "2026-03-01"], "--to is before --from"),
        (["report", "kpi", "--from", "yesterday", "--to", "2026-03-01"], "yesterday"),
        (["report", "kpi", "--from", "2026-03-01"], "--to"),
        (["facts", "export", "--from", "2026-03-02", "--to", "2026-03-01"], "--to is before"),
        (["facts", "import"], "FILE"),
    ],
)
def test_wrong_use_is_told_and_exits_with_two(hotline, arguments, told):
    result = hotline(*arguments)
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.replace("│", " ").split())


def test_faults_of_a_file_name_file_and_line_and_exit_with_one(hotline, tmp_path):
    file = tmp_path / "bad.jsonl"
    file.write_bytes(answered().to_json() + b"\n{}\n")
    result = hotline("facts", "import", file)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"{file}:2: call_id: field required",
        f"{file}:2: arrived_at: field required",
    ]
    assert result.stdout == "imported 1 calls, 1 lines refused\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["facts", "import", "none.jsonl"], "none.jsonl: No such file or directory"),
        (["facts", "import", "."], ".: Is a directory"),
        (["facts", "export"], "the database file is missing: hotline.db"),
        (["report", "kpi", *MARCH], "the database file is missing: hotline.db"),
        (["report", "rebuild"], "the database file is missing: hotline.db"),
        (["db", "status"], "the database file is missing: hotline.db"),
    ],
)
def test_what_stops_a_command_is_one_clear_line(hotline, arguments, told):
    result = hotline(*arguments)
    assert isinstance(result.exception, Fault)
    assert str(result.exception) == told


def test_export_to_a_file_and_to_standard_output_are_the_same(filled, tmp_path):
    out = tmp_path / "out.jsonl"
    result = filled("facts", "export", "--out", out)
    assert result.stdout == f"exported 101 calls to {out}\n"
    assert out.stat().st_mode & 0o777 == 0o600
    assert filled("facts", "export").stdout_bytes == out.read_bytes()
    assert out.read_bytes().count(b"\n") == 101
    assert filled("facts", "export", "--from", "2026-03-03").stdout_bytes == b""
    assert filled("facts", "export", "--to", "2026-03-02").stdout_bytes == out.read_bytes()
    assert [path.name for path in tmp_path.glob("out*")] == ["out.jsonl"]


def test_an_export_that_cannot_be_written_is_told(filled, tmp_path):
    result = filled("facts", "export", "--out", tmp_path / "no" / "out.jsonl")
    assert isinstance(result.exception, Fault)
    assert "No such file or directory" in str(result.exception)


def test_rebuilding_gives_the_same_rates(filled):
    before = filled("report", "kpi", *MARCH, "--by", "city,hour", "--counts", "--json").stdout
    assert filled("report", "rebuild").stdout == "tallied 101 finished calls\n"
    assert (
        filled("report", "kpi", *MARCH, "--by", "city,hour", "--counts", "--json").stdout == before
    )


def test_the_schema_is_upgraded_once_and_its_state_told(hotline):
    told = f"database schema {NEWEST}: up to date\n"
    assert hotline("db", "upgrade").stdout == told
    assert hotline("db", "upgrade").stdout == told
    assert hotline("db", "status").stdout == told


@pytest.mark.parametrize(
    "command",
    [
        ["facts", "import"],
        ["facts", "export"],
        ["report", "kpi"],
        ["report", "rebuild"],
        ["db", "upgrade"],
    ],
)
def test_every_command_shows_an_example(hotline, command):
    result = hotline(*command, "--help")
    assert result.exit_code == 0
    assert f"Example: hotline {' '.join(command)}" in result.stdout


def test_a_database_that_is_not_up_to_date_is_told(hotline, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "hotline.db").touch()
    result = hotline("db", "status")
    assert isinstance(result.exception, Fault)
    assert str(result.exception) == (
        f"database schema none, newest {NEWEST}: run `hotline db upgrade`"
    )


def test_settings_that_cannot_be_used_are_told(hotline, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://u:secret@h/d")
    result = hotline("db", "upgrade")
    assert isinstance(result.exception, Fault)
    assert "DATABASE_URL" in str(result.exception)
    assert "secret" not in str(result.exception)
