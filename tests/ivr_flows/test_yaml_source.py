from __future__ import annotations

from pathlib import Path

import pytest

from ivr_flows.yaml_source import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_VALUES,
    SourceFault,
    read_bytes,
    read_file,
)

BOMB = b"a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n"


def refused(raw: bytes) -> str:
    with pytest.raises(SourceFault) as fault:
        read_bytes(raw, file="f.yaml")
    text = str(fault.value)
    assert "\n" not in text
    return text


@pytest.mark.parametrize(
    ("raw", "line", "what"),
    [
        (b"", 1, "is empty"),
        (b" \n\n", 1, "is empty"),
        (b"# only a comment\n", 1, "is empty"),
        (b"~\n", 1, "is empty"),
        (b"a: b\n" + b"#" * MAX_BYTES, 1, f"is larger than the limit of {MAX_BYTES:,} bytes"),
        (b"\xef\xbb\xbfflow: main\n", 1, "begins with a byte order mark"),
        (b"flow: main\r\nversion: 1\r\n", 1, "has Windows line ends"),
        (b"a: 1\nb:\n\tc: 2\n", 3, "holds a tab"),
        (b"a: 1\n\x00\x01\x02", 2, "it holds the character U+0000"),
        (b"\x7fELF\x02\x01\x01", 1, "it holds the character U+007F"),
        (b"a: 1\nb: \xc2\x80", 2, "it holds the character U+0080"),
        (b"a: 1\nb: \xff\xfe\n", 2, "is not UTF-8 text"),
        ("标题: 中文\n".encode("gb18030"), 1, "is not UTF-8 text"),
        (BOMB, 1, "anchors and aliases (& and *) are not used here: a"),
        (b"a: 1\nb: *nowhere\n", 2, "anchors and aliases (& and *) are not used here: nowhere"),
        (b"&k a: 1\n", 1, "anchors and tags are not used here"),
        (b"a: !!python/object:os.system x\n", 1, "tags are not used here"),
        (b"a: 1\n---\nb: 2\n", 2, "holds a second document"),
        (b"a: b: c\n", 1, "is not YAML: mapping values are not allowed"),
        (b"a: [1\n", 2, "is not YAML: did not find expected"),
        (b"a: 'x\n", 2, "is not YAML: found unexpected end of stream"),
        (b"? [a]\n: b\n", 1, "a key must be a word, not a list or mapping"),
        (b"a:\n  *: b\n", 2, 'the key * must be quoted: "*"'),
        (b"a: {*: b}\n", 1, 'the key * must be quoted: "*"'),
        (b'a: {"1": b, #: c}\n', 1, 'the key # must be quoted: "#"'),
        (b"a:\n  #: c\n", 2, 'the key # must be quoted: "#"'),
        (b"[" * 100_000, 1, f"is nested deeper than the limit of {MAX_DEPTH}"),
        (b"a: [" + b"x," * MAX_VALUES + b"x]", 1, f"holds more than the limit of {MAX_VALUES:,}"),
    ],
)
def test_an_unreadable_file_gives_one_clear_line(raw: bytes, line: int, what: str) -> None:
    text = refused(raw)
    assert text.startswith(f"f.yaml:{line}: file: ")
    assert what in text


def test_values_are_those_of_the_yaml_core_and_quoted_ones_are_text() -> None:
    raw = b'a: 1\nb: "1"\nc: 1.5\nd: true\ne: yes\nf: ~\ng: no\nh: 1:30\ni: 010\nj: |\n  7\n'
    assert read_bytes(raw, file="f").data == {
        "a": 1, "b": "1", "c": 1.5, "d": True, "e": "yes", "f": None, "g": "no", "h": "1:30",
        "i": 10, "j": "7\n",
    }  # fmt: skip


def test_every_value_has_its_line_and_an_unknown_place_that_of_what_is_round_it() -> None:
    source = read_bytes(b"a:\n  - x\n  - y: 1\n    z: 2\n", file="f")
    assert source.data == {"a": ["x", {"y": 1, "z": 2}]}
    assert source.line_of(("a", 1, "z")) == 4
    assert source.line_of(("a", 1, "missing", "deeper")) == 3
    assert source.line_of(("b",)) == 1
    assert str(source.fault(("a", 1), "is odd", is_warning=True)) == "f:3: a.1: warning: is odd"
    assert str(source.fault((), "is odd")) == "f:1: file: is odd"


def test_doubled_and_unquoted_keys_are_told_with_their_lines_and_the_rest_is_read() -> None:
    source = read_bytes(b"keys:\n  1: a\n  true: b\n  x: c\n  x: d\n", file="f")
    assert [str(fault) for fault in source.faults] == [
        'f:2: keys: the key 1 must be quoted: "1"',
        'f:3: keys: the key true must be quoted: "true"',
        "f:5: keys: x stands here twice, first on line 4",
    ]
    assert source.data == {"keys": {"1": "a", "true": "b", "x": "d"}}
    [doubled] = read_bytes(b"a: 1\na: 2\n", file="f").faults
    assert str(doubled) == "f:2: file: a stands here twice, first on line 1"


@pytest.mark.parametrize("raw", [b"a: 1 # {#: x}\n", b"# keys: {*: x}\na: 1\n", b"a: 1 # *: x\n"])
def test_signs_in_comments_are_no_keys(raw: bytes) -> None:
    assert read_bytes(raw, file="f").data == {"a": 1}


def test_a_file_is_read_by_its_path_and_shown_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a: 1\n")
    assert read_file(tmp_path / "a.yaml").file == str(tmp_path / "a.yaml")
    assert read_file(tmp_path / "a.yaml", name="a").file == "a"


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_a_file_that_cannot_be_opened_is_a_fault_too(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceFault, match=r":1: file: cannot be read: "):
        read_file(tmp_path / name)
