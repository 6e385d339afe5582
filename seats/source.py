"""A YAML file of the province folder, read so that every fault is told at once with its line."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

MAX_BYTES: Final = 200_000  # a thousand seats are about 100,000; composed in seconds
_WHOLE: Final = re.compile("[0-9]{1,9}")
_SHOWN: Final = 60  # characters of a wrong value
_TOO_LARGE: Final = f"is larger than the limit of {MAX_BYTES:,} bytes"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file; its text is `file:line: where: what`."""

    file: str
    line: int
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.where}: {self.what}"


class FileFaults(Exception):
    """Everything found wrong in one file, in the order of its lines."""

    def __init__(self, faults: Collection[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def shortened(text: str) -> str:
    """A wrong value as a fault quotes it."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def named(key: str) -> str:
    """A key as a fault names it without quotation marks: always on one line."""
    key = shortened(key)
    return key if key.isprintable() else repr(key)[1:-1]


class Source:
    """One file being read: hands out values and collects faults; call `finish` at the end."""

    def __init__(self, path: Path, raw: bytes | None = None) -> None:
        """`raw` in place of what the file holds: `path` is then only how faults call it."""
        self._file = str(path)
        self._faults: list[Fault] = []
        self.root = self._compose(self._read(path) if raw is None else raw)

    def fault(self, node: yaml.Node | None, where: str, what: str) -> None:
        """Notes a fault at the node's line."""
        line = node.start_mark.line + 1 if node is not None else 1
        self._faults.append(Fault(self._file, line, where, what))

    @property
    def has_faults(self) -> bool:
        """Whether anything was wrong so far."""
        return bool(self._faults)

    def finish(self) -> None:
        """Raises FileFaults when anything was wrong."""
        if self._faults:
            raise FileFaults(self._faults)

    def table(
        self,
        node: yaml.Node | None,
        where: str,
        *,
        required: Collection[str] = (),
        optional: Collection[str] | None = (),
    ) -> dict[str, yaml.Node]:
        """Key -> value node; missing, doubled and unknown keys are faults (None: any key goes)."""
        if not isinstance(node, yaml.MappingNode):
            if node is not None:
                self.fault(node, where, "must be a table of keys and values")
            return {}
        found: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = self.text(key_node, where)
            if key in found:
                self.fault(key_node, where, f"{named(key)} stands here twice")
            elif optional is not None and key not in required and key not in optional:
                known = ", ".join(sorted({*required, *optional}))
                self.fault(key_node, where, f"unknown key {shortened(key)!r} (known: {known})")
            found[key] = value
        for key in required:
            if key not in found:
                self.fault(node, where, f"{key} is missing")
        return found

    def items(self, node: yaml.Node | None, where: str) -> list[yaml.Node]:
        """The nodes of a list; a missing list is empty, anything else is a fault."""
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.fault(node, where, "must be a list")
            return []
        return list(node.value)

    def text(self, node: yaml.Node | None, where: str) -> str:
        """The value as written, quotes off; a missing value is empty."""
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode):
            self.fault(node, where, "must be a single value")
            return ""
        return str(node.value)

    def whole(
        self, node: yaml.Node | None, where: str, least: int, most: int, otherwise: int
    ) -> int:
        """A whole number within bounds; `otherwise` when it is missing or none."""
        if node is None:
            return otherwise
        text = self.text(node, where)
        if _WHOLE.fullmatch(text) and least <= int(text) <= most:
            return int(text)
        self.fault(node, where, f"{shortened(text)!r} is no whole number from {least} to {most:,}")
        return otherwise

    def _read(self, path: Path) -> bytes | None:
        try:
            with path.open("rb") as file:
                return file.read(MAX_BYTES + 1)
        except OSError as error:
            self.fault(None, "file", f"cannot be read: {error.strerror}")
            return None

    def _compose(self, raw: bytes | None) -> yaml.Node | None:
        if raw is None:
            return None
        try:
            text = raw[:MAX_BYTES].decode("utf-8")
        except UnicodeDecodeError:
            what = "is not UTF-8 text"
            self.fault(None, "file", what if len(raw) <= MAX_BYTES else _TOO_LARGE)
            return None
        if len(raw) > MAX_BYTES:
            self.fault(None, "file", _TOO_LARGE)
            return None
        try:
            # Not the C parser: composing deep nesting in it ends the process.
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            self._faults.append(Fault(self._file, line, "yaml", error.problem or "is not YAML"))
            return None
        except (yaml.YAMLError, RecursionError) as error:
            self.fault(None, "yaml", f"is not YAML: {str(error).splitlines()[0]}")
            return None
        if root is None:
            self.fault(None, "file", "is empty")
        return root
