"""What a workbook shows that its cells do not say: merged cells, formulas without a result.

Both would be read as empty fields, and change or delete what nobody meant to (openpyxl 3.1:
`read_only` knows no merged ranges, `data_only` gives None for a formula that nothing worked out,
as in files that programs write).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from openpyxl.utils import coordinate_to_tuple, get_column_letter, range_boundaries

_MARKS = (b"mergeCell", b"<f>", b"<f ", b":f>", b":f ")  # most files have none of them
_MOST = 50  # of one sheet: they are mended all at once anyway


@dataclass(frozen=True, slots=True)
class Unread:
    """A cell, from 1, or a range that begins there. `merged`: the range; else a formula."""

    row: int
    column: int
    merged: str = ""

    @property
    def letter(self) -> str:
        """Its column as people call it."""
        return get_column_letter(self.column)


def unread_cells(book: zipfile.ZipFile, part: str) -> list[Unread]:
    """Those of the sheet that is this part of the file, in order of rows, _MOST of them.

    Raises KeyError, SyntaxError for a part that is not there or no XML.
    """
    raw = book.read(part)
    if not any(mark in raw for mark in _MARKS):
        return []
    with book.open(part) as xml:
        found = _found(element for _, element in ElementTree.iterparse(xml))
        return sorted(found, key=lambda one: (one.row, one.column))[:_MOST]


def _found(elements: Iterator[ElementTree.Element]) -> Iterator[Unread]:
    for element in elements:
        name = element.tag.rpartition("}")[2]
        if name == "mergeCell":
            merged = element.get("ref", "")
            left, top, _, _ = range_boundaries(merged)
            if left and top:
                yield Unread(top, left, merged)
        elif name == "c":
            inside = {one.tag.rpartition("}")[2]: one.text for one in element}
            if "f" in inside and not inside.get("v") and "is" not in inside:
                yield Unread(*coordinate_to_tuple(element.get("r", "A1")))
        if name in ("c", "row"):
            element.clear()
