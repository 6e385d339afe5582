"""Whatever stands in routing.yaml, it is read or refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seats.policy_file import load_policy
from seats.source import FileFaults
from tests.seats.policy_text import GOOD, KNOWN, faults_of
from tests.thoroughness import tries


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"", "1: file: is empty"),
        (b"\n \n", "1: file: is empty"),
        (b"\xff\xfe\x00", "1: file: is not UTF-8 text"),
        ("default: 标题\n".encode("gb18030"), "1: file: is not UTF-8 text"),
        (b"\x7fELF\x02\x01\x01\x00", "1: yaml: is not YAML"),
        (b"a: b\n" * 2_000_000, "1: file: is larger than the limit of 200,000 bytes"),
        (b"default: [", "1: yaml: expected the node content"),
        (b"[" * 100_000, "1: yaml: is not YAML: maximum recursion depth exceeded"),
        (b"- 1\n", "1: file: must be a table of keys and values"),
        (b"default\n", "1: file: must be a table of keys and values"),
        (b"a: 1\n---\nb: 2\n", "2: yaml: but found another document"),
        (b"default: 1\n", "1: default: must be a table of keys and values"),
        (b"default: !!python/object/apply:os.system [x]\n", "1: default: must be a table"),
        (b"? [a]\n: b\n", "1: file: must be a single value"),
        (b"default: {stages: {}}\n", "1: default.stages: must be a list"),
        (b"groups: {" + b"a: {}, " * 101 + b"a: {}}\n", "1: groups: a stands here twice"),
        (
            b"groups: {" + b"".join(b"a%d: 1, " % n for n in range(101)) + b"}\n",
            "1: groups: are more than 100",
        ),
        (
            b"x: &a [" + b"{who: city}, " * 9_000 + b"]\ndefault: {stages: *a}\n",
            "1: default.stages: has 9,000 entries, not 1 to 20",
        ),
        (b"default: &a {stages: [*a]}\n", "1: default.stages[1]: unknown key 'stages'"),
    ],
)
def test_a_file_that_is_no_policy_is_said_to_be_none(
    tmp_path: Path, raw: bytes, fault: str
) -> None:
    found = faults_of(tmp_path, raw)
    assert any(one.startswith(fault) for one in found), found[:5]
    assert all(len(one) < 300 for one in found)


WORDS = [
    "{",
    "}",
    "[",
    "]",
    ":",
    "- ",
    "\n",
    "  ",
    "*a",
    "&a ",
    "null",
    "-1",
    "1e9",
    "'",
    "#",
    "\t",
]


@settings(max_examples=tries(300), deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(GOOD)), st.integers(0, 30), st.sampled_from([*WORDS, ""])),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_becomes_of_a_file_it_is_read_or_refused_line_by_line(
    changes: list[tuple[int, int, str]],
) -> None:
    text = GOOD
    for at, cut, word in changes:
        text = text[:at] + word + text[at + cut :]
    try:
        load_policy(Path("routing.yaml"), KNOWN, text.encode())
    except FileFaults as refused:
        assert refused.faults
        for fault in refused.faults:
            assert 1 <= fault.line <= text.count("\n") + 1
            assert "\n" not in str(fault)


@settings(max_examples=tries(200), deadline=None)
@given(st.binary(max_size=300))
def test_whatever_bytes_it_holds_a_file_is_refused(raw: bytes) -> None:
    with pytest.raises(FileFaults):
        load_policy(Path("routing.yaml"), KNOWN, raw)


def test_a_long_word_is_quoted_short(tmp_path: Path) -> None:
    [fault] = faults_of(tmp_path, f"default:\n  stages: [{{who: {'x' * 100_000}}}]\n")
    assert fault.startswith(f"2: default.stages[1].who: '{'x' * 59}…' is none of city, ")


def test_a_long_key_is_quoted_short(tmp_path: Path) -> None:
    faults = faults_of(tmp_path, f"{'x' * 1000}: 1\ndefault:\n  stages: [{{who: city}}]\n")
    assert faults[0].startswith(f"1: file: unknown key '{'x' * 59}…' (known: ")


@pytest.mark.parametrize("top", ["groups", "neighbours", "head_start_s", "x"])
def test_a_key_of_two_lines_is_named_on_one(tmp_path: Path, top: str) -> None:
    key = r'"a\nb"'
    text = f"{top}: {{{key}: 1, {key}: 1}}\n{key}: 1\ndefault: {{stages: [{{who: city}}]}}\n"
    assert any(r"a\nb" in fault for fault in faults_of(tmp_path, text))


def test_a_missing_file_is_a_fault_like_any_other(tmp_path: Path) -> None:
    with pytest.raises(FileFaults, match=r"gone.yaml:1: file: cannot be read: No such file"):
        load_policy(tmp_path / "gone.yaml", KNOWN)
