"""Whatever bytes a file holds: one clear message with its line, whichever file it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ivr_flows.catalogue_files import read_lines, read_prompts, read_services
from ivr_flows.load import check_flow_files, check_texts
from ivr_flows.model import Fault
from ivr_flows.scenario import read_scenario
from ivr_flows.yaml_source import MAX_BYTES
from tests.ivr_flows.flow_files import catalogue_of

READERS: dict[str, Callable[[Path], Sequence[Fault]]] = {
    "flow": lambda file: check_flow_files([file], catalogue=catalogue_of()),
    "scenario": lambda file: read_scenario(file)[2],
    "lines": lambda file: read_lines(file)[1],
    "services": lambda file: read_services(file)[1],
    "prompts": lambda file: read_prompts(file)[1],
}
LARGE = f"is larger than the limit of {MAX_BYTES:,} bytes"
LAUGHS = b"a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nd: [*c, *c, *c]\n"
BAD: dict[str, tuple[bytes, int, str]] = {
    "empty": (b"", 1, "is empty"),
    "blank": (b"\n  \n", 1, "is empty"),
    "huge in one line": (b"a: " + b"x" * 10_000_000, 1, LARGE),
    "huge in many lines": (b"a: b\n" * 2_000_000, 1, LARGE),
    "a program": (b"\x7fELF\x02\x01\x01\x00", 1, "is not text: it holds the character U+007F"),
    "all bytes": (bytes(range(256)), 2, "is not UTF-8 text"),
    "a WAV": (b"RIFF\x24\x08\x00\x00WAVEfmt ", 1, "is not text: it holds the character U+0008"),
    "UTF-16": ("flow: main\n".encode("utf-16"), 1, "is not UTF-8 text"),
    "GB 18030": ("a: b\ntitle: 标题\n".encode("gb18030"), 2, "is not UTF-8 text"),
    "a byte order mark": (b"\xef\xbb\xbfa: b\n", 1, "begins with a byte order mark"),
    "Windows line ends": (b"a: b\r\nc: d\r\n", 1, "has Windows line ends (CR LF)"),
    "a tab": (b"a:\n\tb: c\n", 2, "holds a tab"),
    "not YAML": (b"a: b\nc: [d\n", 3, "is not YAML"),
    "prose": (b"Dear: all: of you\n", 1, "is not YAML"),
    "an anchor": (b"a: b\nc: &d e\n", 2, "anchors and aliases (& and *) are not used here: d"),
    "a billion laughs": (LAUGHS, 1, "anchors and aliases (& and *) are not used here: a"),
    "a tag": (b"a: !!python/object/apply:os.system [x]\n", 1, "tags are not used here"),
    "two documents": (b"a: b\n---\nc: d\n", 2, "holds a second document"),
    "deep nesting": (b"[" * 100_000, 1, "is nested deeper than the limit of 12"),
    "many values": (
        b"a: [" + b"1," * 60_000 + b"1]",
        1,
        "holds more than the limit of 50,000 values",
    ),
    "a list": (b"- a\n- b\n", 1, "should be a mapping"),
    "a word": (b"flow\n", 1, "should be a mapping"),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_file_is_one_clear_message_with_its_line(
    tmp_path: Path, reader: str, bad: str
) -> None:
    raw, line, what = BAD[bad]
    file = tmp_path / "main.yaml"
    file.write_bytes(raw)
    [fault] = READERS[reader](file)
    assert (fault.file, fault.line, fault.where) == (str(file), line, "file")
    assert fault.what.startswith(what)
    assert "\n" not in str(fault)
    assert len(str(fault)) < len(str(file)) + 200


@pytest.mark.parametrize("reader", READERS)
def test_a_key_that_stands_twice_is_told_with_both_lines(tmp_path: Path, reader: str) -> None:
    file = tmp_path / "main.yaml"
    file.write_text("a: b\nc: d\na: e\n", "utf-8")
    assert any(
        (fault.line, fault.what) == (3, "a stands here twice, first on line 1")
        for fault in READERS[reader](file)
    )


@pytest.mark.parametrize("bad", ["empty", "a tab", "a billion laughs", "a byte order mark"])
def test_a_text_that_is_in_no_file_is_refused_alike(bad: str) -> None:
    raw, line, what = BAD[bad]
    [fault] = check_texts({"main": raw.decode()}, catalogue=catalogue_of())
    assert str(fault).startswith(f"main.yaml:{line}: file: {what}")


def test_half_a_character_is_no_text() -> None:
    [fault] = check_texts({"main": "flow: \ud800"}, catalogue=catalogue_of())
    assert str(fault) == "main.yaml:1: file: is not UTF-8 text"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (
            "flow: [main]\nversion: '1'\ntitle:\nstart: 1\nsteps: none\n",
            [
                "main.yaml:1: flow: should be a valid string, not ['main']",
                "main.yaml:2: version: should be a whole number, not '1'",
                "main.yaml:3: title: should be a valid string, not None",
                "main.yaml:4: start: should be a valid string, not 1",
                "main.yaml:5: steps: should be a mapping, not 'none'",
            ],
        ),
        (
            "flow: main\nversion: 1\ntitle: x\nstart: a\nsteps:\n  a:\n    do: menu\n"
            "    say: {a: b}\n    keys: [a]\n    wait_s: 1.5\n    tries: yes\n    give_up:\n",
            [
                "main.yaml:8: steps.a.say: should be a list, not {'a': 'b'}",
                "main.yaml:9: steps.a.keys: should be a mapping, not ['a']",
                "main.yaml:10: steps.a.wait_s: should be a whole number, not 1.5",
                "main.yaml:11: steps.a.tries: should be a whole number, not 'yes'",
                "main.yaml:12: steps.a.give_up: should be a valid string, not None",
            ],
        ),
    ],
)
def test_wrong_types_are_told_all_at_once(text: str, faults: list[str]) -> None:
    assert [str(one) for one in check_texts({"main": text}, catalogue=catalogue_of())] == faults
