"""The mobile table out of `phone.dat`, the data of the package `phone` (PyPI, BSD), at build time.

Its form: four characters of version and the index's offset (little-endian int32), then records
`province|city|post code|area code` ended by a zero byte, then the index: prefix of seven digits and
the record's offset (int32 each), and a byte for the operator.
"""

from __future__ import annotations

import struct
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from seats.mobile import TABLE, MobileTable, read_table
from seats.places import divisions

DATA = Path(__file__).parent / "data" / TABLE
MEMBER = "phone/phone.dat"
MOST_BYTES = 64_000_000
_HEAD = struct.Struct("<4si")
_INDEX = struct.Struct("<iiB")


class TableRefused(Exception):
    """The file cannot be taken; the message is one clear line."""


def data_of(file: Path) -> bytes:
    """The bytes of phone.dat: the file itself, or out of the package as it is downloaded."""
    try:
        if file.suffix == ".whl":
            with zipfile.ZipFile(file) as wheel:
                return wheel.read(MEMBER)
        if file.name.endswith(".tar.gz"):
            with tarfile.open(file) as archive:
                for member in archive:
                    found = archive.extractfile(member) if member.name.endswith(MEMBER) else None
                    if found is not None and member.size <= MOST_BYTES:
                        return found.read()
            raise TableRefused(f"{file}: holds no {MEMBER}")
        return file.read_bytes()
    except (OSError, KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise TableRefused(f"{file}: cannot be read: {error}") from None


def table_of(data: bytes, *, source: str) -> str:
    """The table's text: the prefixes of our two provinces in runs. Raises TableRefused."""
    if len(data) < _HEAD.size or len(data) > MOST_BYTES:
        raise TableRefused(f"{source}: is no phone.dat")
    version, index = _HEAD.unpack_from(data)
    if not (version.isdigit() and _HEAD.size <= index < len(data)):
        raise TableRefused(f"{source}: is no phone.dat")
    if (len(data) - index) % _INDEX.size:
        raise TableRefused(f"{source}: is cut short")
    cities = {division.area_code: code for code, division in divisions().items()}
    found = sorted(_prefixes(data, index, cities, source))
    if not found:
        raise TableRefused(f"{source}: names no place of Jilin or Heilongjiang")
    runs = list(_runs(found))
    head = (
        "# Where mobile numbers of Jilin and Heilongjiang were sold: a hint, never a proof.\n"
        f"# source: {source}\n# version: {version.decode()}\n# prefixes: {len(found)}\n"
        "first,last,city\n"
    )
    return head + "".join(f"{first},{last},{city}\n" for first, last, city in runs)


def _prefixes(
    data: bytes, index: int, cities: dict[str, str], source: str
) -> Iterator[tuple[int, str]]:
    places: dict[int, str | None] = {}
    for prefix, offset, _ in _INDEX.iter_unpack(data[index:]):
        if offset not in places:
            end = data.find(b"\0", offset) if 0 <= offset < index else -1
            parts = data[offset:end].decode("utf-8", "replace").split("|") if end > 0 else []
            if len(parts) != 4:
                raise TableRefused(f"{source}: prefix {prefix} has no record")
            # By area code, not by name: 珲春 stands beside 延边, and 吉林 is two places.
            places[offset] = cities.get(parts[3])
        if city := places[offset]:
            yield prefix, city


def _runs(found: list[tuple[int, str]]) -> Iterator[tuple[int, int, str]]:
    first, city = found[0]
    last = first
    for prefix, place in found[1:]:
        if prefix == last + 1 and place == city:
            last = prefix
            continue
        yield first, last, city
        first, last, city = prefix, prefix, place
    yield first, last, city


def import_table(file: Path, into: Path = DATA, *, replace: bool = False) -> MobileTable:
    """Put the table made from `file` in the place of `into`.

    Raises TableRefused, also for data older than what is there unless `replace` is said.
    """
    text = table_of(data_of(file), source=f"{file.name}, package phone of PyPI (BSD)")
    made = read_table(text)
    if into.exists() and not replace:
        held = read_table(into.read_text(encoding="utf-8"))
        if held.version > made.version:
            raise TableRefused(f"{file}: is of {made.version}, older than {held.version} held here")
    new = into.with_name(into.name + ".new")
    new.write_text(text, encoding="utf-8")
    new.replace(into)
    return made
