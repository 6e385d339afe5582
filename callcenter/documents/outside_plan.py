"""A change of lines, services or supervisors' telephones before it is made: what is wrong with it,
what it changes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeVar

from callcenter.documents.outside_faults import line_faults, phone_faults, service_faults
from callcenter.documents.outside_rows import FactRow, LineRow, PhoneRow, ServiceRow
from callcenter.documents.outside_text import with_lines, with_phones, with_services
from callcenter.documents.outside_words import line_words, phone_words, service_words
from callcenter.documents.roster_plan import Plan, read_roster
from callcenter.documents.rows import FieldFault
from ivr_flows.catalogue import LinesFile, ServicesFile
from ivr_flows.catalogue_files import LINES, SERVICES
from ivr_flows.validation import validated
from ivr_flows.yaml_source import SourceFault, read_bytes
from seats.roster import Roster

Used = Mapping[str, Sequence[str]]
"""Name -> titles of the flows in force that name it."""

_Model = TypeVar("_Model", LinesFile, ServicesFile)


class Unsound(ValueError):
    """The file itself has a fault, to be mended in the file; one line."""


def read_lines(text: str) -> list[LineRow]:
    """The lines in the text of lines.yaml, in its order. Raises Unsound."""
    model = _read(LinesFile, LINES, text)
    found = model.lines.items() if model else ()
    return [LineRow(name=name, **line.model_dump()) for name, line in found]


def read_services(text: str) -> list[ServiceRow]:
    """The services in the text of services.yaml, in its order. Raises Unsound."""
    model = _read(ServicesFile, SERVICES, text)
    found = model.services.items() if model else ()
    return [
        ServiceRow(
            name=name,
            title=one.title,
            url=one.url,
            send=list(one.send),
            facts=[FactRow(name=fact, values=list(said)) for fact, said in one.facts.items()],
            key=one.key,
        )
        for name, one in found
    ]


def phones_of(roster: Roster) -> list[PhoneRow]:
    """Supervisors' telephones, in the file's order."""
    return [PhoneRow(number=one.number, name=one.name) for one in roster.supervisors]


def _read(model: type[_Model], name: str, text: str) -> _Model | None:
    """None for a file that is not there."""
    if not text:
        return None
    try:
        found, faults = validated(model, read_bytes(text.encode(), file=name))
    except SourceFault as refused:
        raise Unsound(str(refused.fault)) from None
    if found is None:
        raise Unsound(str(faults[0]))
    return found


def plan_lines(text: str, rows: Sequence[LineRow], *, trunks: Collection[str], used: Used) -> Plan:
    """These lines in place of those there are. `trunks`: those that lead out. Raises Unsound."""
    before, rows = read_lines(text), list(rows)
    gone = _gone_in_use({one.name: one.title for one in before}, [one.name for one in rows], used)
    if faults := (*line_faults(rows, trunks), *gone):
        return Plan(text, faults)
    if rows == before:
        return Plan(text)
    after = with_lines(text, rows, [row.name for row in rows if row in before])
    return Plan(after, (), line_words(before, rows))


def plan_services(text: str, rows: Sequence[ServiceRow], *, used: Used) -> Plan:
    """These services in place of those there are. Raises Unsound."""
    before, rows = read_services(text), list(rows)
    gone = _gone_in_use({one.name: one.title for one in before}, [one.name for one in rows], used)
    if faults := (*service_faults(rows), *gone):
        return Plan(text, faults)
    if rows == before:
        return Plan(text)
    after = with_services(text, rows, [row.name for row in rows if row in before])
    return Plan(after, (), service_words(before, rows))


def plan_phones(text: str, rows: Sequence[PhoneRow]) -> Plan:
    """These telephones in place of those there are. Raises FileFaults."""
    roster, rows = read_roster(text), list(rows)
    before = phones_of(roster)
    if faults := tuple(phone_faults(rows, [seat.number for seat in roster.seats])):
        return Plan(text, faults)
    if rows == before:
        return Plan(text)
    return Plan(with_phones(text, rows, before), (), phone_words(before, rows))


def _gone_in_use(
    before: Mapping[str, str], kept: Collection[str], used: Used
) -> Iterator[FieldFault]:
    for name, title in before.items():
        if name not in kept and name in used:
            message = f"“{title}”还在语音导航流程 {'、'.join(used[name])} 中使用，不能删除。"
            yield FieldFault(at=name, field="name", error="in_use", message=message)
