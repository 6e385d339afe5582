"""A file's text brought to hold other data, its comments and layout kept wherever nothing changed.

People write flows by hand and in forms by turns: a form may change a value, never what stands
beside it. Only the spans of values that differ are written anew, and the outcome is read again: it
holds exactly the data that was asked for, or `RewriteFailed` is raised.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

import yaml

from ivr_flows.yaml_loader import Loader
from ivr_flows.yaml_source import SourceFault, Where, read_bytes

LONGEST_LINE: Final = 100  # a mapping that is longer is written line by line

_PLAIN: Final = re.compile(r"[a-z_][a-z0-9_.-]*|[\u4e00-\u9fff][\w、，。；（）「」/·-]*")
_NOT_TEXT: Final = frozenset(("yes", "no", "on", "off", "true", "false", "null", "y", "n"))


class RewriteFailed(Exception):
    """The text cannot be changed in place; it is as it was."""


@dataclass(frozen=True, slots=True)
class _Span:
    """Characters `start` to `end` give way to `text`."""

    start: int
    end: int
    text: str


def rewritten(text: str, data: Any, *, renamed: Mapping[Where, str] | None = None) -> str:
    """The text with this data in it. `renamed`: keys by their path in the text → their new name.

    Raises SourceFault for a text that cannot be read, RewriteFailed.
    """
    before = read_bytes(text.encode(), file="text").data
    rewriting = _Rewriting(text, renamed or {})
    root = yaml.compose(text, Loader=Loader)
    spans = sorted(rewriting.spans(root, before, data, ()), key=lambda one: (one.start, one.end))
    out, at = list[str](), 0
    for span in spans:
        if span.start < at:
            raise RewriteFailed("changes that overlap")
        out += [text[at : span.start], span.text]
        at = span.end
    new = "".join([*out, text[at:]])
    try:
        held = read_bytes(new.encode(), file="text").data
    except SourceFault as fault:
        raise RewriteFailed(str(fault)) from None
    if held != data:
        raise RewriteFailed("the text would hold something else")
    return new


class _Rewriting:
    """One text and what is to be called otherwise in it."""

    def __init__(self, text: str, renamed: Mapping[Where, str]) -> None:
        self._text = text
        self._renamed = renamed

    def spans(
        self, node: Any, old: Any, new: Any, where: Where, *, in_line: bool = False
    ) -> Iterator[_Span]:
        """What must change for this node to hold `new`; `in_line`: it stands within brackets."""
        is_mapping = isinstance(node, yaml.MappingNode)
        if is_mapping and isinstance(new, Mapping) and self._shares_keys(old, new, where):
            yield from self._mapping(node, old, new, where)
        elif old == new:
            return
        elif isinstance(node, yaml.SequenceNode) and isinstance(new, list | tuple) and new and old:
            yield from self._list(node, old, list(new))
        else:
            end = self._end(node)
            yield _Span(node.start_mark.index, end, self._value(new, node, in_line=in_line))

    def _shares_keys(self, old: Mapping[str, Any], new: Mapping[str, Any], where: Where) -> bool:
        """Whether enough stays for the mapping to be changed in place."""
        stay = [key for key in old if self._name(where, key) in new]
        return bool(stay) and old.get("do") == new.get("do")

    def _name(self, where: Where, key: str) -> str:
        return self._renamed.get((*where, key), key)

    def _mapping(
        self, node: Any, old: Mapping[str, Any], new: Mapping[str, Any], where: Where
    ) -> Iterator[_Span]:
        pairs: list[tuple[Any, Any]] = node.value
        staying = [pair for pair in pairs if self._name(where, pair[0].value) in new]
        for key, value in staying:
            name = self._name(where, key.value)
            if name != key.value:
                yield _Span(key.start_mark.index, key.end_mark.index, _scalar(name))
            inner = (*where, key.value)
            yield from self.spans(
                value, old[key.value], new[name], inner, in_line=bool(node.flow_style)
            )
        had = {self._name(where, key.value) for key, _ in pairs}
        come = {name: value for name, value in new.items() if name not in had}
        if node.flow_style:
            yield from self._in_line(node, pairs, staying, come)
        else:
            yield from self._in_lines(pairs, staying, come, node.start_mark.column)

    def _in_line(
        self, node: Any, pairs: list[Any], staying: list[Any], come: Mapping[str, Any]
    ) -> Iterator[_Span]:
        for at, pair in enumerate(pairs):
            if pair in staying:
                continue
            if at + 1 < len(pairs) and any(one in staying for one in pairs[at + 1 :]):
                yield _Span(pair[0].start_mark.index, pairs[at + 1][0].start_mark.index, "")
            else:
                yield _Span(pairs[at - 1][1].end_mark.index, pair[1].end_mark.index, "")
        end = pairs[-1][1].end_mark.index
        more = "".join(f", {_scalar(name)}: {_flat(value)}" for name, value in come.items())
        if more:
            yield _Span(end, end, more)

    def _in_lines(
        self, pairs: list[Any], staying: list[Any], come: Mapping[str, Any], column: int
    ) -> Iterator[_Span]:
        for key, value in pairs:
            if (key, value) not in staying:
                # With the line end before it: what is put in behind it goes in front of its own.
                start = max(self._text.rfind("\n", 0, key.start_mark.index), 0)
                yield _Span(start, self._line_end(self._end(value)), "")
        if not come:
            return
        at = self._line_end(self._end(staying[-1][1]))
        lines = (_entry(name, value, column) for name, value in come.items())
        yield _Span(at, at, "".join(f"\n{line}" for line in lines))

    def _list(self, node: Any, old: Sequence[Any], new: list[Any]) -> Iterator[_Span]:
        items: list[Any] = node.value
        if node.flow_style:
            texts = [self._text[one.start_mark.index : self._end(one)] for one in items]
            kept = _kept(old, new, texts)
            inside = ", ".join(_flat(n) if was is None else was for n, was in kept)
            yield _Span(node.start_mark.index, node.end_mark.index, f"[{inside}]")
            return
        column = node.start_mark.column
        dashes = [self._text.rfind("-", 0, one.start_mark.index + 1) for one in items]
        ends = [*dashes[1:], self._line_end(self._end(items[-1]))]
        texts = [self._text[dash:end].rstrip() for dash, end in zip(dashes, ends, strict=True)]
        lines = (f"- {_flat(n)}" if was is None else was for n, was in _kept(old, new, texts))
        joined = f"\n{' ' * column}".join(lines)
        yield _Span(dashes[0], ends[-1], joined)

    def _end(self, node: Any) -> int:
        """Where a node's own text ends; a block's mark stands before what comes after it."""
        while not isinstance(node, yaml.ScalarNode) and not node.flow_style and node.value:
            last = node.value[-1]
            node = last[1] if isinstance(last, tuple) else last
        end: int = node.end_mark.index
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
            end = len(self._text[:end].rstrip())
        return end

    def _line_end(self, at: int) -> int:
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end

    def _value(self, new: Any, node: Any, *, in_line: bool) -> str:
        """A whole value in place of another: in one line, unless it is too long for one."""
        start: int = node.start_mark.index
        line = self._text.rfind("\n", 0, start) + 1
        flat = _flat(new) if start < node.end_mark.index else f" {_flat(new)}"
        is_short = start - line + len(flat) <= LONGEST_LINE
        if in_line or is_short or not isinstance(new, Mapping):
            return flat
        if not self._text[line:start].strip():
            return "\n".join(_entry(name, one, start - line) for name, one in new.items()).lstrip()
        indent = len(self._text[line:start]) - len(self._text[line:start].lstrip()) + 2
        return "".join(f"\n{_entry(name, value, indent)}" for name, value in new.items())


def _kept(old: Sequence[Any], new: list[Any], texts: list[str]) -> Iterator[tuple[Any, str | None]]:
    """Each new item with the text it had, None for one that was not there."""
    marks = [json.dumps(one, sort_keys=True) for one in old]
    wanted = [json.dumps(one, sort_keys=True) for one in new]
    was: dict[int, str] = {}
    for i, j, size in SequenceMatcher(None, marks, wanted, autojunk=False).get_matching_blocks():
        was |= {j + n: texts[i + n] for n in range(size)}
    yield from ((one, was.get(at)) for at, one in enumerate(new))


def _entry(name: str, value: Any, column: int) -> str:
    """`name: value` at this column, a mapping line by line if it is too long for one."""
    line = f"{' ' * column}{_scalar(name)}: {_flat(value)}"
    if not isinstance(value, Mapping) or not value or len(line) <= LONGEST_LINE:
        return line
    inside = (_entry(key, one, column + 2) for key, one in value.items())
    return "\n".join([f"{' ' * column}{_scalar(name)}:", *inside])


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_scalar(name)}: {_flat(one)}" for name, one in value.items())
        return f"{{{inside}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_flat, value))}]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if _PLAIN.fullmatch(value) and value not in _NOT_TEXT:
        return str(value)
    return json.dumps(value, ensure_ascii=False)  # a string of JSON is one of YAML
