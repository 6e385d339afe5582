"""What a document of the province said before: version by version, and against what it says now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from callcenter.documents.calendar_plan import plan_calendar, read_calendar
from callcenter.documents.calendar_rows import closure_rows, hours_rows, night_rows, years_of
from callcenter.documents.folder import KEPT
from callcenter.documents.outside_plan import Unsound, phones_of, read_lines, read_services
from callcenter.documents.outside_words import line_words, phone_words, service_words
from callcenter.documents.roster_plan import read_roster
from callcenter.documents.seat_rows import differences
from callcenter.province import CALENDAR, SEATS
from ivr_flows.catalogue_files import LINES, SERVICES
from reports.audit import Entry
from seats.source import FileFaults

_STAMP = "%Y%m%dT%H%M%S"


class NoVersion(LookupError):
    """There is no such earlier version."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A text that was replaced at `until`; `id` names it among those of its document."""

    id: str
    until: datetime
    file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A text, and the change that made it; of the first one nobody knows who, when and why.

    `id`: None for what holds now. `words`: what the change did, as the audit trail keeps it.
    """

    id: str | None
    since: datetime | None
    by: str
    reason: str
    words: str


def earlier_texts(folder: Path, document: str) -> list[Earlier]:
    """All that were kept of a document, the oldest first. Raises OSError."""
    stem, ending = document.rsplit(".", 1)
    found = []
    for file in (folder / KEPT).glob(f"{stem}-*.{ending}"):
        name = file.stem.removeprefix(f"{stem}-")
        try:
            until = datetime.strptime(name.split("-")[0], _STAMP).replace(tzinfo=UTC)
        except ValueError:
            continue  # somebody's own file
        found.append(Earlier(name, until, file))
    return sorted(found, key=lambda one: (one.until, one.file.stat().st_mtime_ns))


def earlier_text(folder: Path, document: str, version: str) -> str:
    """One of them whole. Raises NoVersion, OSError."""
    for one in earlier_texts(folder, document):
        if one.id == version:
            return one.file.read_bytes().decode("utf-8")
    raise NoVersion(version)


def versions_of(earlier: Sequence[Earlier], trail: Iterable[Entry]) -> list[Version]:
    """All versions, what holds now first. `trail`: the document's lines of the audit trail.

    The change that ended one text made the next; file and line bear the same second.
    """
    lines = {entry.at.astimezone(UTC).replace(microsecond=0): entry for entry in trail}
    ids = [*(one.id for one in earlier), None]
    made: list[datetime | None] = [None, *(one.until for one in earlier)]
    found = []
    for version, since in zip(ids, made, strict=True):
        line = lines.get(since) if since else None
        found.append(
            Version(
                id=version,
                since=since,
                by=line.by if line else "",
                reason=line.reason if line else "",
                words=line.before if line else "",
            )
        )
    return found[::-1]


def told(document: str, now: str, then: str, groups: Mapping[str, str]) -> tuple[str, ...]:
    """What changes when an earlier text takes the place of this one, in words.

    `groups`: what each is called now. Nothing where a text cannot be read: its faults say why.
    """
    try:
        if document == SEATS:
            old, new = read_roster(now), read_roster(then)
            return (*differences(old, new), *phone_words(phones_of(old), phones_of(new)))
        if document == LINES:
            return line_words(read_lines(now), read_lines(then))
        if document == SERVICES:
            return service_words(read_services(now), read_services(then))
        if document == CALENDAR:
            return _calendar_told(now, then, groups)
    except (FileFaults, Unsound):
        pass
    return ()


def _calendar_told(now: str, then: str, groups: Mapping[str, str]) -> tuple[str, ...]:
    earlier = read_calendar(then)
    plan = plan_calendar(
        now,
        groups=groups,
        hours=hours_rows(earlier),
        nights=night_rows(earlier),
        closures=closure_rows(earlier),
        years=list(years_of(earlier).values()),
    )
    gone = read_calendar(now).years.keys() - earlier.years.keys()
    return (*plan.words, *(f"取消 {year} 年节假日" for year in sorted(gone)))
