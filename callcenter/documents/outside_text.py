"""Lines, services and supervisors' telephones written into the text of their files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from callcenter.documents.outside_rows import LineRow, PhoneRow, ServiceRow
from seats.yaml_text import list_items, quoted, table_items, with_block

LINES_KEY, SERVICES_KEY, PHONES_KEY = "lines", "services", "supervisors"


def with_lines(text: str, rows: Sequence[LineRow], kept: Iterable[str]) -> str:
    """The text of lines.yaml with these lines; those of `kept` stand as before."""
    return _with_table(text, LINES_KEY, {row.name: _line(row) for row in rows}, kept)


def with_services(text: str, rows: Sequence[ServiceRow], kept: Iterable[str]) -> str:
    """The text of services.yaml with these services; those of `kept` stand as before."""
    return _with_table(text, SERVICES_KEY, {row.name: _service(row) for row in rows}, kept)


def with_phones(text: str, rows: Sequence[PhoneRow], before: Sequence[PhoneRow]) -> str:
    """The text of seats.yaml with these telephones."""
    kept = dict(zip(before, list_items(text, PHONES_KEY), strict=False))
    lines = [f"{PHONES_KEY}:"] if rows else []
    for row in rows:
        block = kept.get(row) or f"  - number: {row.number}\n    name: {quoted(row.name)}"
        lines += block.splitlines()
    return with_block(text, PHONES_KEY, lines)


def _with_table(text: str, key: str, blocks: Mapping[str, list[str]], kept: Iterable[str]) -> str:
    text = text or f"{key}: {{}}\n"
    stand = table_items(text, key)
    keeps = stand.keys() & set(kept)
    lines = [f"{key}:" if blocks else f"{key}: {{}}"]
    for name, block in blocks.items():
        lines += stand[name].splitlines() if name in keeps else block
    return with_block(text, key, lines)


def _line(row: LineRow) -> list[str]:
    fields = {"title": row.title, "number": row.number, "trunk": row.trunk, "hours": row.hours}
    inside = ", ".join(f"{name}: {quoted(value)}" for name, value in fields.items())
    return [f"  {row.name}: {{{inside}}}"]


def _service(row: ServiceRow) -> list[str]:
    lines = [f"  {row.name}:", f"    title: {quoted(row.title)}", f"    url: {quoted(row.url)}"]
    if row.send:
        lines.append(f"    send: {_list(row.send)}")
    lines.append("    facts:")
    lines += [f"      {fact.name}: {_list(fact.values)}" for fact in row.facts]
    if row.key:
        lines.append(f"    key: {quoted(row.key)}")
    return lines


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(map(quoted, values))}]"
