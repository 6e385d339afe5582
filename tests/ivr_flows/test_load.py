from __future__ import annotations

from pathlib import Path

import pytest

from ivr_flows.catalogue_files import read_catalogue
from ivr_flows.load import FlowsRefused, check_flow_files, load_flows, read_prompts
from ivr_flows.model import VERBS
from tests.ivr_flows.flow_files import PROMPTS, catalogue_of, flow_text

CATALOGUE = catalogue_of()

SOUND = """
a: {do: menu, say: choose, keys: {"1": p, "0": p}, give_up: p}
p: {do: queue, group: general, answered: z}
z: {do: hangup}
"""


def faults_of(folder: Path, text: str, *, name: str = "main") -> list[str]:
    file = folder / f"{name}.yaml"
    file.write_text(text, "utf-8")
    found = check_flow_files([file], catalogue=CATALOGUE)
    return [str(fault).removeprefix(f"{folder}/") for fault in found]


def test_a_sound_file_has_no_fault_and_is_loaded(tmp_path: Path) -> None:
    assert faults_of(tmp_path, flow_text(SOUND)) == []
    flows = load_flows(tmp_path, catalogue=CATALOGUE)
    assert (flows.first, list(flows.by_name)) == ("main", ["main"])


def test_every_fault_of_a_file_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    text = """flow: main
version: 1
title: 试验
start: a
steps:
  a:
    do: menu
    say: choose
    keys:
      1: p
      "0": p
      "0": q
    tries: 9
    give_up: p
  b: {do: sing, say: hello}
  c: {say: hello}
  d: {do: play, say: hello, nxt: p}
  e: [1]
  F: {do: hangup}
  g: {do: queue, group: law, answered: nowhere}
  p: {do: queue, group: general, answered: z, offers: {"a": callback}}
  z: {do: hangup, say: []}
"""
    verbs = ", ".join(VERBS)
    name = "should be a name of a-z, 0-9 and _, at most 40, not 'F'"
    assert faults_of(tmp_path, text) == [
        'main.yaml:10: steps.a.keys: the key 1 must be quoted: "1"',
        "main.yaml:12: steps.a.keys: 0 stands here twice, first on line 11",
        "main.yaml:13: steps.a.tries: should be less than or equal to 5, not 9",
        f"main.yaml:15: steps.b.do: there is no verb sing; verbs: {verbs}",
        f"main.yaml:16: steps.c: do is missing; verbs: {verbs}",
        "main.yaml:17: steps.d.next: is missing",
        "main.yaml:17: steps.d.nxt: is not known here",
        "main.yaml:18: steps.e: should be a mapping, not [1]",
        f"main.yaml:19: steps.F: {name}",
        "main.yaml:20: steps.g.answered: there is no step nowhere",
        "main.yaml:20: steps.g.group: there is no group law; "
        "known: family, labour, contract, general, service",
        "main.yaml:21: steps.p.offers.a: should be one of the keys 0-9 * #, not 'a'",
        "main.yaml:22: steps.z.say: should hold at least one",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[1, 2]\n", "main.yaml:1: file: should be a mapping, not [1, 2]"),
        (flow_text(SOUND).replace("version: 1\n", ""), "main.yaml:1: version: is missing"),
        (
            flow_text(SOUND).replace("version: 1", "version: true"),
            "main.yaml:2: version: should be a whole number, not True",
        ),
        (
            flow_text(SOUND, name="other"),
            "main.yaml:1: flow: is other, but the file is main.yaml",
        ),
        ("\ufeff" + flow_text(SOUND), "main.yaml:1: file: begins with a byte order mark: save it"),
        (flow_text("a: {do: sing}"), "main.yaml:6: steps.a.do: there is no verb sing"),
    ],
)
def test_a_file_that_is_no_flow_gives_its_one_fault(tmp_path: Path, text: str, fault: str) -> None:
    [only] = faults_of(tmp_path, text)
    assert only.startswith(fault)


def test_a_list_with_a_bad_item_is_not_called_empty_as_well(tmp_path: Path) -> None:
    text = flow_text(SOUND.replace("say: choose", "say: [1]"))
    assert faults_of(tmp_path, text) == [
        "main.yaml:6: steps.a.say.0: should be a valid string, not 1"
    ]


def test_our_own_flows_are_loaded_with_our_own_prompts() -> None:
    assert "main" in load_flows().by_name


def test_a_flow_is_checked_with_those_beside_it_that_it_goes_to(tmp_path: Path) -> None:
    (tmp_path / "ask.yaml").write_text(
        flow_text(SOUND.replace('0": p', '0": zero'), name="ask"), "utf-8"
    )
    (tmp_path / "rest.yaml").write_text("no flow at all\n", "utf-8")
    to_ask = flow_text("a: {do: goto_flow, flow: ask}")
    to_rest = flow_text("a: {do: goto_flow, flow: rest}")
    nowhere = flow_text("a: {do: goto_flow, flow: nowhere}")
    assert faults_of(tmp_path, to_ask) == []  # the faults of ask are its own
    assert faults_of(tmp_path, to_rest) == ["main.yaml:6: steps.a.flow: there is no flow rest"]
    assert faults_of(tmp_path, nowhere) == ["main.yaml:6: steps.a.flow: there is no flow nowhere"]


def test_a_broken_flow_that_is_gone_to_is_not_called_missing(tmp_path: Path) -> None:
    (tmp_path / "main.yaml").write_text(
        flow_text("a: {do: goto_flow, flow: ask}\nb: {do: sing}\n"), "utf-8"
    )
    (tmp_path / "ask.yaml").write_text(flow_text("a: {do: hangup}\nb: {}\n", name="ask"), "utf-8")
    files = sorted(tmp_path.glob("*.yaml"))
    found = [(Path(f.file).name, f.where) for f in check_flow_files(files, catalogue=CATALOGUE)]
    assert found == [("ask.yaml", "steps.b"), ("main.yaml", "steps.b.do")]


def test_files_of_two_folders_may_bear_the_same_names(tmp_path: Path) -> None:
    files = []
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        files.append(tmp_path / folder / "main.yaml")
        files[-1].write_text(flow_text(SOUND), "utf-8")
    assert check_flow_files(files, catalogue=CATALOGUE) == []


def test_a_folder_with_a_fault_is_refused_whole_and_warnings_refuse_nothing(tmp_path: Path) -> None:
    (tmp_path / "main.yaml").write_text(flow_text(SOUND), "utf-8")
    (tmp_path / "other.yaml").write_text("\t", "utf-8")
    with pytest.raises(FlowsRefused, match=r"other.yaml:1: file: ") as refused:
        load_flows(tmp_path, catalogue=CATALOGUE)
    assert len(refused.value.faults) == 1
    keys = ", ".join(f'"{key}": p' for key in range(7))
    many = SOUND.replace('"1": p, "0": p', keys).replace("say: choose", "say: all")
    (tmp_path / "other.yaml").write_text(flow_text(many, name="other"), "utf-8")
    flows = load_flows(tmp_path, catalogue=catalogue_of({**PROMPTS, "all": "请按0到6。"}))
    assert set(flows.by_name) == {"main", "other"}


def test_a_folder_without_the_first_flow_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FlowsRefused, match=r"main.yaml:1: file: does not exist"):
        load_flows(tmp_path, catalogue=CATALOGUE)


def test_prompts_are_read_as_id_and_text(tmp_path: Path) -> None:
    file = tmp_path / "prompts.yaml"
    file.write_text("a:\n  text: 甲\n  kind: clip\nb: 乙\nc: 3\n", "utf-8")
    assert read_prompts(file) == ({"a": "甲", "b": "乙", "c": ""}, ())


@pytest.mark.parametrize("raw", [b"[a]\n", b"\xff", b""])
def test_prompts_that_cannot_be_read_are_a_fault(tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "zh-CN" / "prompts.yaml"
    file.parent.mkdir()
    file.write_bytes(raw)
    texts, faults = read_prompts(file)
    assert (texts, len(faults)) == ({}, 1)
    catalogue, faults = read_catalogue(prompts=tmp_path)
    assert catalogue.prompts == {"zh-CN": {}}
    assert [str(fault).split(": ")[0] for fault in faults] == [f"{file}:1"]


def test_a_flow_of_a_thousand_steps_is_checked_whole(tmp_path: Path) -> None:
    menus = "".join(
        f's{at}: {{do: menu, say: choose, keys: {{"1": s{at + 1}, "0": p}}, give_up: p}}\n'
        for at in range(1000)
    )
    last = "s1000: {do: play, say: hello, next: p}\nlost: {do: play, say: hello, next: p}\n"
    end = "p: {do: queue, group: general, answered: z}\nz: {do: hangup}\n"
    text = flow_text(menus, last, end, start="s0")
    assert faults_of(tmp_path, text) == [
        "main.yaml:9: steps.s3: warning: lies 4 menus deep; more than 3 are hard to follow",
        "main.yaml:1007: steps.lost: no path leads to this step",
    ]
