from __future__ import annotations

import json
import os
import shutil
import wave
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from callcenter import sounds, spoken
from callcenter.cli import check
from callcenter.province_check import asterisk_input
from callcenter.routing_check import no_ways_out
from callcenter.settings import DEMO_PROVINCE, load_settings
from ivr_flows.load import FLOWS
from ivr_flows.model import FACTS, json_schema
from ivr_flows.scenario import SCENARIOS
from tests.ivr_flows.flow_files import flow_text

PROVINCE = Path(check.__file__).parents[1] / "demo" / "province"


FLOW = (
    flow_text(
        'a: {do: menu, say: menu_of_these_tests, keys: {"0": p}, give_up: p}',
        "p: {do: queue, group: family, say: transfer, answered: z, message: n, offer: o, "
        'offers: {"#": message}}',
        "n: {do: message, say: message, next: z}",
        "z: {do: hangup}",
    )
    .replace("menu_of_these_tests", "language_person")
    .replace("offer: o", "offer: message")
)


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine or of the folder the tests are run in, and a year that is told."""
    monkeypatch.setattr(check, "_now", lambda: datetime(2026, 6, 1, tzinfo=UTC))
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("HOTLINE_")]:
        monkeypatch.delenv(name)


def hotline(*words: str | Path) -> tuple[int, list[str]]:
    """Exit code and lines, without what is said of waits, which is no fault."""
    exit_code, lines = all_lines(*words)
    return exit_code, [line for line in lines if ": note: " not in line]


def all_lines(*words: str | Path) -> tuple[int, list[str]]:
    app = typer.Typer()
    check.add(app)
    app.callback()(lambda: None)  # keeps `check` a command of its own
    went = CliRunner().invoke(app, ["check", *map(str, words)])
    assert went.exception is None or isinstance(went.exception, SystemExit)
    return went.exit_code, went.output.splitlines()


def test_all_that_the_hotline_runs_with_is_sound() -> None:
    assert hotline() == (0, [])
    assert hotline(FLOWS, SCENARIOS, PROVINCE) == (0, [])
    assert hotline(FLOWS / "main.yaml") == (0, [])


def test_faults_are_printed_one_a_line_and_make_exit_1(tmp_path: Path) -> None:
    (tmp_path / "main.yaml").write_text(FLOW.replace("give_up: p", "give_up: nobody"), "utf-8")
    assert hotline(tmp_path) == (
        1,
        [f"{tmp_path}/main.yaml:6: steps.a.give_up: there is no step nobody"],
    )


def test_warnings_alone_are_printed_and_make_exit_0(tmp_path: Path) -> None:
    keys = ", ".join(f'"{key}": p' for key in "012345*#")
    text = FLOW.replace('"0": p', keys).replace("language_person", "[main_menu, queue_offer]")
    (tmp_path / "main.yaml").write_text(text, "utf-8")
    code, lines = hotline(tmp_path)
    assert (code, len(lines)) == (0, 1)
    assert "steps.a.keys: warning: has 8 keys" in lines[0]


@pytest.mark.parametrize(
    ("name", "raw", "what"),
    [
        ("a.yaml", b"", "is empty"),
        ("a.yaml", b"\x00\xff", "is not UTF-8 text"),
        ("a.yaml", b"a: &x [*x]\n", "anchors and aliases"),
        ("a.yaml", b"colour: red\n", "is no flow (flow, steps"),
        ("a.yaml", b"- 1\n", "is no flow (flow, steps"),
        ("prompts.yaml", b"a: x\na: y\n", "a stands here twice"),
        ("trunks.yaml", b"a: x\na: y\n", "a stands here twice"),
        (
            "trunks.yaml",
            b"trunks: [{name: 1st, match: [nowhere], dialled: x}]\n",
            "'1st' is no new",
        ),
        ("trunks.yaml", b"trunks: [{name: a, match: [nowhere], dialled: x}]\n", "'nowhere' is no"),
        (
            "trunks.yaml",
            b"trunks: [{name: a, match: [10.0.0.1], dialled: x}]\n",
            "'x' is no number",
        ),
        ("trunks.yaml", b"trunks: [{name: a, dialled: '1'}]\n", "match is missing"),
        ("trunks.yaml", b"trunks: []\ncolour: red\n", "colour"),
        ("seats.yaml", b"groups: 1\n", "seats is missing"),
        ("calendar.yaml", b"zone: Mars\n", "'Mars' is not an IANA time zone"),
        ("scenario.yaml", b"scenario: x\n", "turns: is missing"),
        ("lines.yaml", b"lines: {police: {title: x, number: '110'}}\n", "police.trunk: is missing"),
        ("lines.yaml", b"lines:\n\tpolice: x\n", "2: file: holds a tab"),
        (
            "lines.yaml",
            b"lines:\n  a: {title: x, number: '1 1', trunk: a}\n",
            "2: lines.a.number: should be a number of 2 to 32 of the signs 0-9 * # +, not '1 1'",
        ),
        ("services.yaml", b"services: {a: {title: x, facts: {b: [c]}}}\n", "a.url: is missing"),
        (
            "services.yaml",
            b"services:\n  a:\n    title: x\n    url: http://10.0.0.9/\n    facts: {b: [c]}\n",
            "4: services.a.url: should be https://; http:// is for services on this machine only",
        ),
    ],
)
def test_any_bad_file_gives_clear_lines_and_exit_1(
    tmp_path: Path, name: str, raw: bytes, what: str
) -> None:
    (tmp_path / name).write_bytes(raw)
    code, lines = hotline(tmp_path / name)
    assert code == 1
    assert all(line.startswith(f"{tmp_path / name}:") for line in lines)
    assert any(what in line for line in lines)


def test_a_path_that_does_not_exist_is_wrong_use(tmp_path: Path) -> None:
    code, lines = hotline(tmp_path / "nowhere", FLOWS)
    assert (code, lines) == (2, [f"hotline check: there is no file or folder {tmp_path}/nowhere"])


def test_scenarios_run_on_the_flows_beside_them(tmp_path: Path) -> None:
    for folder in ("flows", "scenarios"):
        (tmp_path / folder).mkdir()
    flow = tmp_path / "flows" / "ask.yaml"
    steps = "a: {do: queue, group: family, say: transfer, answered: z}\nz: {do: hangup}\n"
    flow.write_text(flow_text(steps, name="ask"), "utf-8")
    scenario = tmp_path / "scenarios" / "x.yaml"
    turns = "turns:\n  - expect: [play transfer, join_queue family]\n"
    scenario.write_text("scenario: x\nflow: ask\n" + turns, "utf-8")
    assert hotline(tmp_path) == (0, [])
    flow.write_text(flow_text(steps.replace("family", "nobody"), name="ask"), "utf-8")
    code, lines = hotline(scenario)
    assert code == 1
    assert lines == [
        f"{scenario}:1: flow: the flows in {tmp_path}/flows have faults, so it cannot be run"
    ]


def test_faults_of_the_settings_are_told_among_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_WEB", "nowhere")
    monkeypatch.setenv("HOTLINE_RING_S", "1000")
    monkeypatch.setenv("HOTLINE_DEMO", "perhaps")
    code, lines = hotline()
    assert code == 1
    assert sorted(line.split(":")[2].strip() for line in lines) == [
        "HOTLINE_DEMO",
        "HOTLINE_RING_S",
        "HOTLINE_WEB",
    ]
    assert hotline(FLOWS) == (0, [])  # not asked about


def test_groups_are_those_that_the_seats_of_the_province_serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roster = (PROVINCE / "seats.yaml").read_text("utf-8")
    (tmp_path / "seats.yaml").write_text(roster.replace("family", "marriage"), "utf-8")
    monkeypatch.setenv("HOTLINE_PROVINCE", str(tmp_path))
    code, lines = hotline(FLOWS)
    assert code == 1
    assert any("steps.family.group: there is no group family" in line for line in lines)
    (tmp_path / "seats.yaml").write_text("groups: 1\n", "utf-8")
    assert hotline(FLOWS) == (0, [])


def test_facts_are_listed_with_their_values_and_what_they_say() -> None:
    code, lines = hotline("--facts")
    assert code == 0
    assert [line.split(": ")[:2] for line in lines[: len(FACTS)]] == [
        [name, ", ".join(of)] for name, of in FACTS.items()
    ]
    assert all(line.split(": ", 2)[2] for line in lines)


def test_facts_of_services_are_listed_with_their_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = "{title: 工单进度, url: 'https://x.example/', facts: {order_state: [done, none]}}"
    (tmp_path / "services.yaml").write_text(f"services: {{orders: {service}}}\n", "utf-8")
    monkeypatch.setenv("HOTLINE_PROVINCE", str(tmp_path))
    told = "order_state: done, none: told by the service orders (工单进度)"
    assert hotline("--facts")[1][len(FACTS) :] == [told]


def test_the_schema_is_printed() -> None:
    code, lines = hotline("--schema")
    assert (code, json.loads("\n".join(lines))) == (0, json_schema())


def a_province(folder: Path, monkeypatch: pytest.MonkeyPatch, **files: str) -> None:
    """The demo's province with other files in place of some."""
    for file in PROVINCE.glob("*.yaml"):
        (folder / file.name).write_text(file.read_text("utf-8"), "utf-8")
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    monkeypatch.setenv("HOTLINE_PROVINCE", str(folder))


def test_lines_and_services_that_flows_name_must_stand_in_the_province(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "lines:\n  night: {title: 夜间, number: '12348', trunk: nowhere}\n"
    a_province(tmp_path, monkeypatch, lines=lines)
    code, said = hotline()
    assert code == 1
    what = "the trunk nowhere has no `outbound` in trunks.yaml"
    assert f"{tmp_path}/lines.yaml:2: lines.night.trunk: {what}" in said
    assert any(line.endswith("there is no line police; known: night") for line in said)


@pytest.mark.parametrize(
    ("now", "hours", "told"),
    [
        (datetime(2026, 12, 1, tzinfo=UTC), "daily: [00:00-24:00]", "warning: does not hold 2027"),
        (datetime(2026, 11, 30, tzinfo=UTC), "daily: [00:00-24:00]", ""),
        (datetime(2027, 1, 1, tzinfo=UTC), "daily: [00:00-24:00]", "warning: does not hold 2027"),
        (
            datetime(2026, 12, 31, 17, tzinfo=UTC),  # 2027 in China
            "workday: [08:30-17:00]\n    weekend: []\n    holiday: []",
            "years: does not hold 2027",
        ),
    ],
)
def test_a_year_that_the_calendar_lacks_is_told_at_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: datetime, hours: str, told: str
) -> None:
    text = (PROVINCE / "calendar.yaml").read_text("utf-8")
    years = text[text.index("\nyears:") :]
    calendar = f"zone: Asia/Shanghai\nhours:\n  - {hours}\n{years}"
    (tmp_path / "calendar.yaml").write_text(calendar, "utf-8")
    monkeypatch.setattr(check, "_now", lambda: now)
    code, lines = hotline(tmp_path / "calendar.yaml")
    line = calendar.splitlines().index("years:") + 1
    assert code == (1 if told.startswith("years") else 0)
    assert [told in one and one.startswith(f"{tmp_path}/calendar.yaml:{line}: years: ")
            for one in lines] == [True] * bool(told)  # fmt: skip


def test_a_prompt_that_nobody_says_is_a_warning_at_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = asterisk_input(load_settings())
    assert given
    said = spoken.spoken_prompts(given)
    assert {"sorry_person", "position_next", "seat_number_before"} <= said["zh-CN"] & said["ko-KR"]
    assert {"fallback", "seat_ready", "city_220100"} <= said["zh-CN"] - said["ko-KR"]
    monkeypatch.setattr(spoken, "spoken_prompts", lambda given: {"zh-CN": frozenset()})
    code, lines = hotline()
    assert code == 0
    prompts = (FLOWS.parent / "prompts" / "zh-CN" / "prompts.yaml").read_text("utf-8")
    line = prompts.splitlines().index("position_before:") + 1
    what = "position_before: warning: is said by no flow and nowhere else"
    assert any(one.endswith(f"zh-CN/prompts.yaml:{line}: {what}") for one in lines)
    assert any("fallback: warning: is said by no flow" in one for one in lines)


def test_the_longest_waits_are_said_of_the_province_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def notes() -> list[str]:
        exit_code, lines = all_lines()
        assert exit_code == 0
        return [line.removeprefix(f"{tmp_path}/") for line in lines if ": note: " in line]

    a_province(tmp_path, monkeypatch)
    over = "nobody waits longer than 14 min 45 s: by then a callback or a message, however many"
    default, labour, head = notes()
    assert default.startswith("routing.yaml:")
    assert f": default (contract, family, general, service): note: {over}" in default
    assert f": groups.labour: note: {over}" in labour
    assert "nobody is overtaken by those who ask more than 5 min after him" in head
    text = (tmp_path / "routing.yaml").read_text("utf-8")
    text = text.replace("who: callback, ", "who: city, ").replace("waiting: 60", "waiting: 1")
    (tmp_path / "routing.yaml").write_text(text, "utf-8")
    assert (
        "nobody waits longer than 2 h 6 min for a lawyer, if at most 1 callers wait" in notes()[0]
    )
    monkeypatch.setenv("HOTLINE_RING_S", "30")
    (tmp_path / "routing.yaml").unlink()
    every = "contract, family, general, labour, service"
    assert notes()[0].startswith(f"routing:1: default ({every}): note: nobody waits longer than ")


def test_a_way_out_that_a_flow_does_not_have_is_a_warning_at_its_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = tmp_path / "a.yaml"
    flow.write_text(FLOW, "utf-8")  # it offers a message only
    a_province(tmp_path, monkeypatch)
    settings = load_settings()
    line = next(n for n, text in enumerate(FLOW.split("\n"), 1) if "do: queue" in text)
    assert [str(fault) for fault in no_ways_out(settings, [flow])] == [
        f"{flow}:{line}: steps.p: warning: callback is not offered, which the policy turns to "
        "after 10 min"
    ]
    routing = (tmp_path / "routing.yaml").read_text("utf-8")
    (tmp_path / "routing.yaml").write_text(routing.replace("who: callback", "who: message"))
    assert list(no_ways_out(settings, [flow])) == []
    (tmp_path / "routing.yaml").unlink()
    assert list(no_ways_out(settings, [flow])) == []


def test_a_policy_is_checked_with_the_seats_and_lines_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_province(tmp_path, monkeypatch)
    file = tmp_path / "routing.yaml"
    text = file.read_text("utf-8")
    bad = text.replace("line: night", "line: bell").replace("  labour:\n", "  tax:\n")
    file.write_text(bad, "utf-8")
    lines = text.split("\n")
    first, second = (n for n, line in enumerate(lines, start=1) if "line: night" in line)
    own = next(n for n, line in enumerate(lines, start=1) if line == "  labour:")
    for words in ((), (file,)):
        exit_code, found = hotline(*words)
        assert exit_code == 1
        assert found == [
            f"{file}:{first}: default.stages[9].line: 'bell' is not in lines.yaml "
            "(ambulance, court, gov, night, police)",
            f"{file}:{own + 1}: groups.tax: 'tax' is a group that no seat serves",
            f"{file}:{second}: groups.tax.stages[7].line: 'bell' is not in lines.yaml "
            "(ambulance, court, gov, night, police)",
        ]


def test_a_province_without_its_files_is_told_of_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_PROVINCE", str(tmp_path / "nowhere"))
    code, lines = hotline()
    assert code == 1
    files = ("seats.yaml", "trunks.yaml", "calendar.yaml")
    assert [line.split(":")[0] for line in lines] == [f"{tmp_path}/nowhere/{f}" for f in files]


def test_nodes_are_checked_and_what_this_machine_lacks_to_be_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(DEMO_PROVINCE, tmp_path / "province")
    file = tmp_path / "province" / "nodes.yaml"
    one = '  - {{name: {0}, sip: "10.0.0.{1}:5060", agi: "10.0.0.{1}:4573", ami: "10.0.0.{1}:{2}"}}'
    file.write_text("\n".join(["nodes:", one.format("a", 1, 5038), one.format("b", 2, 99999), ""]))
    monkeypatch.setenv("HOTLINE_PROVINCE", str(file.parent))
    monkeypatch.setenv("HOTLINE_NODE", "a")
    assert hotline() == (
        1,
        [f"{file}:3: nodes[2].ami: '10.0.0.2:99999' is not like 10.0.0.1:5060"],
    )
    file.write_text(file.read_text().replace("99999", "5038"))
    code, lines = hotline()
    assert code == 1
    assert [line.split(" ", 1)[1] for line in lines if line.startswith("settings:")] == [
        "nodes.yaml: several nodes need HOTLINE_CLUSTER, one name for all of them",
        "nodes.yaml: several nodes need REDIS_URL, one Redis for all of them",
    ]


def test_what_asterisks_files_cannot_hold_is_told_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path / "a;b"))
    code, [line] = hotline()
    assert code == 1
    assert line.startswith("settings:1: folders.config: holds a character")


@pytest.mark.parametrize(
    ("audio", "what"),
    [
        (b"", "cannot be read"),
        (b"RIFF\x04\x00\x00\x00WAVE", "cannot be read"),
        (b"not audio at all, only words", "cannot be read"),
        ((8000, 2, 100), "not 8 kHz, mono, 16 bit PCM"),
        ((16000, 1, 100), "not 8 kHz, mono, 16 bit PCM"),
        ((8000, 1, 0), "has empty audio"),
    ],
)
def test_a_sites_recording_that_cannot_be_played_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, audio: bytes | tuple[int, int, int], what: str
) -> None:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))
    file = tmp_path / "prompts" / "zh-CN" / "greeting.wav"
    file.parent.mkdir(parents=True)
    if isinstance(audio, bytes):
        file.write_bytes(audio)
    else:
        rate, channels, frames = audio
        with wave.open(str(file), "wb") as out:
            out.setparams((channels, 2, rate, 0, "NONE", ""))
            out.writeframes(bytes(2 * channels * frames))
    code, [line] = hotline(FLOWS)
    assert code == 1
    place, where, text = line.split(": ", 2)
    assert (Path(place.rpartition(":")[0]).name, where) == ("prompts.yaml", "greeting")
    assert str(file) in text
    assert what in text


def test_a_prompt_without_audio_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in sounds.PACKAGED.glob("*.wav"):
        if file.stem != "survey":
            (tmp_path / file.name).symlink_to(file)
    monkeypatch.setattr(sounds, "PACKAGED", tmp_path)
    code, lines = hotline()
    [line] = [line for line in lines if "warning: " not in line]  # of languages that lack it too
    assert code == 1
    assert f"survey: has no audio: make {tmp_path}/survey.wav" in line
