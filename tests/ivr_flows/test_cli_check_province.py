"""`hotline check` on a province: its seats, calendar, policy, nodes, lines and recordings."""

from __future__ import annotations

import shutil
import wave
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callcenter import sounds, spoken
from callcenter.cli import check
from callcenter.province_check import asterisk_input
from callcenter.routing_check import no_ways_out
from callcenter.settings import DEMO_PROVINCE, load_settings
from ivr_flows.load import FLOWS
from tests.ivr_flows.checked import FLOW, PROVINCE, all_lines, hotline, stand_alone


@pytest.fixture(autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    # not in tmp_path, whose name is as long as the test's: sockets below it would not fit
    stand_alone(tmp_path_factory.mktemp("at"), monkeypatch)


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
