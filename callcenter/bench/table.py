"""A benchmark's result as a person reads it in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

_SHOWN_APART = ("bench", "targets", "rows")


def shown(result: Mapping[str, Any]) -> Group:
    """Rows as a table, further rows as one each, then the rest, then the targets."""
    tables = [_table(str(result["bench"]), result["rows"])]
    rest = []
    for name, value in result.items():
        if name in _SHOWN_APART:
            continue
        if _is_rows(value):
            tables.append(_table(name.replace("_", " "), value))
        else:
            rest.append(Text(f"{name.replace('_', ' ')}: {cell(value)}"))
    return Group(*tables, *rest, *(verdict(target) for target in result["targets"]))


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, Mapping) for v in value)


def _table(title: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    """Columns in the order they first come."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    table = Table(title=title, title_justify="left")
    for name in columns:
        numbers = all(isinstance(row.get(name), int | float | None) for row in rows)
        table.add_column(name.replace("_", " "), justify="right" if numbers else "left")
    for row in rows:
        table.add_row(*(cell(row.get(name)) for name in columns))
    return table


def verdict(target: Mapping[str, Any]) -> Text:
    """One target as a line: met or MISSED, what was reached, what was aimed for."""
    bound = "at_most" if "at_most" in target else "at_least"
    aim = f"{cell(target['value'])} ({bound.replace('_', ' ')} {cell(target[bound])})"
    word, style = ("met", "green") if target["met"] else ("MISSED", "bold red")
    return Text.assemble((f"{word:7}", style), f"{target['name']}: {aim}")


def cell(value: object) -> str:
    """A value as text: large counts with their thousands set apart, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, int | float):
        return f"{value:,}" if abs(value) >= 10_000 else f"{value:g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name.replace('_', ' ')} {cell(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(cell, value))
    return str(value)
