"""Parts of a YAML file written anew, everything else in it left as it stands, comments too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache

import yaml

_PLAIN = re.compile(r"\w([\w ()().、-]*[\w))])?")
_OTHER = re.compile(r"[0-9.eE_+-]+|null|true|false|yes|no|on|off|y|n", re.IGNORECASE)


def scalar(value: object) -> str:
    """A value as it may stand in YAML, in quotation marks where it needs them."""
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def quoted(text: str) -> str:
    """Text as a value that no reader takes for a number or a truth."""
    return json.dumps(text, ensure_ascii=False) if _OTHER.fullmatch(text) else scalar(text)


def flow_list(values: Iterable[object]) -> str:
    """`[a, b]`."""
    return f"[{', '.join(map(scalar, values))}]"


def with_block(text: str, key: str, lines: Iterable[str]) -> str:
    """The text with these lines in place of a top-level key and its value, or behind all others.

    `text` must be a table at its top. No lines: the key goes.
    """
    block = [f"{line}\n" for line in lines]
    root = _root(text)
    if root.flow_style:  # `{a: 1, b: 2}` on one line: there is no layout to keep
        text = yaml.safe_dump(yaml.safe_load(text), allow_unicode=True, sort_keys=False)
        root = _root(text)
    old = _lines(text)
    for name, value in root.value:
        if name.value == key:
            first, after = name.start_mark.line, last_line(value) + 1
            return "".join([*old[:first], *block, *old[after:]])
    return "".join([*old, *block])


def list_items(text: str, key: str) -> list[str]:
    """The text of each item of a top-level list, the comment before it included.

    Empty where the list is not written one below the other.
    """
    root = _root(text)
    at = {name.value: (name.start_mark.line + 1, value) for name, value in root.value}
    first, value = at.get(key, (0, None))
    if root.flow_style or not isinstance(value, yaml.SequenceNode) or value.flow_style:
        return []
    lines, found = _lines(text), []
    for item in value.value:
        after = last_line(item) + 1
        found.append("".join(lines[first:after]))
        first = after
    return found


def table_items(text: str, key: str) -> dict[str, str]:
    """The text of each entry of a top-level table by its name, the comment before it included.

    Empty where the entries are not written one below the other.
    """
    root = _root(text)
    at = {name.value: (name.start_mark.line + 1, value) for name, value in root.value}
    first, table = at.get(key, (0, None))
    if root.flow_style or not isinstance(table, yaml.MappingNode) or table.flow_style:
        return {}
    lines, found = _lines(text), {}
    for name, value in table.value:
        after = last_line(value) + 1
        found[str(name.value)] = "".join(lines[first:after])
        first = after
    return found


def last_line(node: yaml.Node) -> int:
    """The line (from 0) on which a value ends, comments behind it left out."""
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        return last_line(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and node.value and not node.flow_style:
        return last_line(node.value[-1])
    return int(node.end_mark.line)


@lru_cache(maxsize=4)  # composing 100 KB takes most of a second, and one text is asked often
def _root(text: str) -> yaml.MappingNode:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        raise ValueError("the file is no table of keys and values")
    return root


def _lines(text: str) -> list[str]:
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    return lines
