"""YAML text to plain data, with the line of every value and one clear fault for what is not wanted.

Reads a small, safe part of YAML (1.2 core scalars, no anchors, no tags, one document), so that a
file means to a person and to an editor what it means here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

import yaml

from ivr_flows.model import Fault
from ivr_flows.yaml_loader import Loader

MAX_BYTES: Final = 1_000_000  # a flow of 1,000 steps is about 100,000 bytes
MAX_DEPTH: Final = 12  # mappings and lists inside each other
MAX_VALUES: Final = 50_000  # scalars in a file

Where = tuple[str | int, ...]

_BOM: Final = b"\xef\xbb\xbf"
_UNWANTED: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_BARE_SIGN: Final = re.compile(r"(?:^\s*|[{,]\s*)([#*])\s*:(?:\s|$)")
_INT: Final = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT: Final = re.compile(r"[-+]?[0-9]{1,18}\.[0-9]{1,18}")
_WORDS: Final[dict[str, object]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip

# The C parser is ten times as fast; PyYAML built without libyaml has only the other.


class SourceFault(Exception):
    """The file cannot be read as a whole; carries its one fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Source:
    """What a file holds: plain data, the line (from 1) of each value by its path, small faults."""

    file: str
    data: Any
    lines: dict[Where, int] = field(repr=False)
    faults: tuple[Fault, ...] = ()

    def line_of(self, where: Where) -> int:
        """The line of this value, or of the nearest one round it."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)

    def fault(self, where: Where, what: str, *, is_warning: bool = False) -> Fault:
        """A fault about the value at this path."""
        name = ".".join(str(part) for part in where) or "file"
        return Fault(self.file, self.line_of(where), name, what, is_warning)


def read_file(path: Path, *, name: str | None = None) -> Source:
    """Read a file; `name` is how faults call it. Raises SourceFault, never OSError."""
    shown = name or str(path)
    try:
        with path.open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise SourceFault(Fault(shown, 1, "file", f"cannot be read: {error.strerror}")) from None
    return read_bytes(raw, file=shown)


def read_bytes(raw: bytes, *, file: str) -> Source:
    """Read a file's bytes. Raises SourceFault with the first thing that makes it unreadable."""
    text = _decoded(raw, file)
    _refuse_bare_signs(text, file)
    try:
        return _Reader(file).read(yaml.parse(text, Loader=Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = min(mark.line + 1, text.count("\n") + 1) if mark else 1
        problem = error.problem or error.context or "unreadable"
        raise SourceFault(Fault(file, line, "file", f"is not YAML: {problem}")) from None


def _decoded(raw: bytes, file: str) -> str:
    def refuse(line: int, what: str) -> NoReturn:
        raise SourceFault(Fault(file, line, "file", what))

    if len(raw) > MAX_BYTES:
        refuse(1, f"is larger than the limit of {MAX_BYTES:,} bytes")
    if raw.startswith(_BOM):
        refuse(1, "begins with a byte order mark: save it as UTF-8 without BOM")
    if not raw.strip():
        refuse(1, "is empty")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        refuse(raw.count(b"\n", 0, error.start) + 1, "is not UTF-8 text")
    if found := _UNWANTED.search(text):
        what = {
            "\t": "holds a tab: indent and separate with spaces",
            "\r": "has Windows line ends (CR LF): save it with Unix line ends (LF)",
        }.get(found[0], f"is not text: it holds the character U+{ord(found[0]):04X}")
        refuse(text.count("\n", 0, found.start()) + 1, what)
    return text


def _refuse_bare_signs(text: str, file: str) -> None:
    # Bare # begins a comment and bare * an alias, so the key would vanish or the parser would
    # speak of aliases: neither tells the author what to do.
    for number, line in enumerate(text.split("\n"), 1):
        if ("#" in line or "*" in line) and (found := _BARE_SIGN.search(_uncommented(line))):
            what = f'the key {found[1]} must be quoted: "{found[1]}"'
            raise SourceFault(Fault(file, number, "file", what))


def _uncommented(line: str) -> str:
    stripped = line.lstrip()
    if stripped.startswith("#"):
        return line if re.match(r"#\s*:\s", stripped) else ""
    return re.sub(r"\s#\s.*$", "", line)


class _Reader:
    """Builds plain data from parser events; holds the limits that keep any file harmless."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Where, int] = {}
        self.faults: list[Fault] = []
        self.values = 0

    def read(self, events: Iterator[Any]) -> Source:
        documents = 0
        data: Any = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse(event, "holds a second document: one file, one document")
                data = self._value(next(events), events, ())
        if data is None:
            raise SourceFault(Fault(self.file, 1, "file", "is empty"))
        return Source(self.file, data, self.lines, tuple(self.faults))

    def _value(self, event: Any, events: Iterator[Any], where: Where) -> Any:
        self.values += 1
        if self.values > MAX_VALUES:
            self._refuse(event, f"holds more than the limit of {MAX_VALUES:,} values")
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            self._refuse(event, f"anchors and aliases (& and *) are not used here: {event.anchor}")
        if event.tag is not None:
            self._refuse(event, f"tags are not used here: {event.tag}")
        if len(where) >= MAX_DEPTH:
            self._refuse(event, f"is nested deeper than the limit of {MAX_DEPTH}")
        self.lines.setdefault(where, _line(event))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, where)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(events, where)
        return _plain(event)

    def _mapping(self, events: Iterator[Any], where: Where) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._refuse(event, "a key must be a word, not a list or mapping")
            key, line = event.value, _line(event)
            here = (*where, key)
            name = ".".join(map(str, where)) or "file"
            if event.anchor is not None or event.tag is not None:
                self._refuse(event, "anchors and tags are not used here")
            if not isinstance(_plain(event), str):
                quoted = f'the key {key} must be quoted: "{key}"'
                self.faults.append(Fault(self.file, line, name, quoted))
            if key in found:
                again = f"{key} stands here twice, first on line {self.lines[here]}"
                self.faults.append(Fault(self.file, line, name, again))
            self.lines.setdefault(here, line)
            found[key] = self._value(next(events), events, here)
        return found

    def _list(self, events: Iterator[Any], where: Where) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            found.append(self._value(event, events, (*where, len(found))))
        return found

    def _refuse(self, event: Any, what: str) -> NoReturn:
        raise SourceFault(Fault(self.file, _line(event), "file", what))


def _line(event: Any) -> int:
    line: int = event.start_mark.line
    return line + 1


def _plain(event: Any) -> Any:
    value: str = event.value
    if event.style:  # quoted or block: always text
        return value
    if value in _WORDS:
        return _WORDS[value]
    if _INT.fullmatch(value):
        return int(value)
    return float(value) if _FLOAT.fullmatch(value) else value
