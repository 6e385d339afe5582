"""The province folder: seats, trunks, calendar, lines and services, checked together."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog
import yaml

from callcenter.nodes_file import NODES, Node, load_nodes
from ivr_flows.catalogue import Line, Service
from ivr_flows.catalogue_files import LINES, SERVICES, read_lines, read_services
from ivr_flows.names import SPECIAL_GROUPS
from seats.calendar import Calendar, YearNotLoaded
from seats.calendar_file import load_calendar
from seats.places import seat_places
from seats.policy import DEFAULT, Policy
from seats.policy_file import Known, load_policy
from seats.roster import Roster, load_roster
from seats.seat import Seat
from seats.source import FileFaults, Source
from seats.supervisors import Supervisor
from sip_config.model import DialledCity, Trunk

log = structlog.get_logger()

SEATS, TRUNKS, CALENDAR = "seats.yaml", "trunks.yaml", "calendar.yaml"
# lines.yaml and services.yaml may be absent: a province that transfers to nobody and asks nobody.
ROUTING = "routing.yaml"  # may be absent: `seats.policy.DEFAULT`
_OUTBOUND = re.compile(r"sip:[0-9A-Za-z.-]{1,253}(:[0-9]{1,5})?")
_TRUNK_NAME = re.compile(r"[A-Za-z][0-9A-Za-z_-]{0,30}")
_DIALLED = re.compile(r"[0-9+*#]{1,32}")


class ProvinceFaults(Exception):
    """All that is wrong in the province folder, a line each."""


@dataclass(frozen=True)
class Province:
    """Everything of the province folder, checked."""

    seats: tuple[Seat, ...]
    trunks: tuple[Trunk, ...]
    calendar: Calendar
    lines: Mapping[str, Line] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    policy: Policy = DEFAULT
    nodes: tuple[Node, ...] = ()
    supervisors: tuple[Supervisor, ...] = ()

    @property
    def phones(self) -> tuple[list[str], list[str]]:
        """Numbers of the seats' phones, and of the supervisors'."""
        return [one.number for one in self.seats], [one.number for one in self.supervisors]

    @property
    def routable(self) -> Known:
        """What a routing policy may name here."""
        return Known(self.seats, tuple(self.lines), SPECIAL_GROUPS)

    def hours(self, at: datetime, city: str | None) -> str:
        """`open` or `closed`; a year nobody loaded is said and taken as open: a person answers."""
        try:
            return self.calendar.hours(at, city)
        except YearNotLoaded as missing:
            log.error("the calendar lacks a year; callers go to a person", why=str(missing))
            return "open"


def load_province(folder: Path) -> Province:
    """Read the folder; raises ProvinceFaults with the faults of every file at once."""
    faults: list[str] = []
    roster: Roster | None = _read(load_roster, folder / SEATS, faults)
    seats = roster.seats if roster else None
    trunks = _read(load_trunks, folder / TRUNKS, faults)
    calendar = _read(load_calendar, folder / CALENDAR, faults)
    leads = None if trunks is None else [trunk.name for trunk in trunks if trunk.outbound]
    nodes = _read(load_nodes, folder / NODES, faults)
    lines, line_faults = read_lines(folder / LINES, trunks=leads)
    services, service_faults = read_services(folder / SERVICES)
    faults += map(str, (*line_faults, *service_faults))
    # Without its seats every name in the policy would be a fault.
    known = Known(seats, None if line_faults else tuple(lines), SPECIAL_GROUPS)
    policy = _read(partial(load_routing, known=known), folder / ROUTING, faults)
    if faults or roster is None:
        raise ProvinceFaults("\n".join(faults))
    return Province(
        seats=roster.seats,
        supervisors=roster.supervisors,
        trunks=trunks,
        calendar=calendar,
        lines=lines,
        services=services,
        policy=policy,
        nodes=nodes,
    )


def load_routing(path: Path, known: Known) -> Policy:
    """The policy of the file, or DEFAULT when there is none; raises FileFaults."""
    return load_policy(path, known) if path.exists() else DEFAULT


def _read(load: Callable[[Path], Any], file: Path, faults: list[str]) -> Any:
    try:
        return load(file)
    except FileFaults as found:
        faults += map(str, found.faults)
        return None


def load_trunks(path: Path, raw: bytes | None = None) -> tuple[Trunk, ...]:
    """The lines to the public network; raises FileFaults with all that is wrong. `raw` in place
    of what the file holds.
    """
    source = Source(path, raw)
    top = source.table(source.root, "file", required=("trunks",))
    trunks: dict[str, Trunk] = {}
    for n, node in enumerate(source.items(top.get("trunks"), "trunks"), start=1):
        where = f"trunks[{n}]"
        fields = source.table(
            node,
            where,
            required=("name", "match", "dialled"),
            optional=("outbound", "city", "cities"),
        )
        if not {"name", "match", "dialled"} <= fields.keys():
            continue
        name = source.text(fields["name"], f"{where}.name")
        dialled = source.text(fields["dialled"], f"{where}.dialled")
        match = tuple(
            source.text(m, f"{where}.match") for m in source.items(fields["match"], where)
        )
        if not _TRUNK_NAME.fullmatch(name) or name in trunks:
            source.fault(
                fields["name"], f"{where}.name", f"{name!r} is no new name of letters and digits"
            )
        if not _DIALLED.fullmatch(dialled):
            source.fault(fields["dialled"], f"{where}.dialled", f"{dialled!r} is no number")
        for address in match:
            if not _is_network(address):
                source.fault(
                    fields["match"], f"{where}.match", f"{address!r} is no address or network"
                )
        outbound = None
        if "outbound" in fields:
            outbound = source.text(fields["outbound"], f"{where}.outbound")
            if not _OUTBOUND.fullmatch(outbound):
                what = f"{outbound!r} is not like sip:10.0.0.9:5060"
                source.fault(fields["outbound"], f"{where}.outbound", what)
        city, cities = _places(source, fields, where)
        trunks[name] = Trunk(
            name=name, match=match, dialled=dialled, outbound=outbound, city=city, cities=cities
        )
    source.finish()
    return tuple(trunks.values())


def _places(
    source: Source, fields: Mapping[str, yaml.Node], where: str
) -> tuple[str | None, tuple[DialledCity, ...]]:
    """The place that a trunk, and each number dialled through it, stands for."""

    def place(node: yaml.Node, at: str) -> str:
        code = source.text(node, at)
        if code not in seat_places():
            source.fault(node, at, f"{code!r} is no place of `hotline places show`")
        return code

    city = place(fields["city"], f"{where}.city") if "city" in fields else None
    found = []
    if "cities" in fields:
        table = source.table(fields["cities"], f"{where}.cities", optional=None)
        for dialled, node in table.items():
            if not _DIALLED.fullmatch(dialled):
                source.fault(node, f"{where}.cities", f"{dialled!r} is no number")
            found.append(DialledCity(dialled, place(node, f"{where}.cities.{dialled}")))
    return city, tuple(found)


def dialled_place(trunks: Iterable[Trunk], name: str, dialled: str) -> str | None:
    """The place that a call stands for by the trunk it came by and the number it dialled."""
    trunk = next((one for one in trunks if one.name == name), None)
    if trunk is None:
        return None
    return next((one.city for one in trunk.cities if one.dialled == dialled), trunk.city)


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True
