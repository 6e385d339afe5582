"""What is wrong with a province beyond each of its files: years, trunks, what Asterisk can hold."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from callcenter.launch.asterisk_program import AsteriskProgram
from callcenter.launch.plan import AsteriskFolders
from callcenter.nodes_file import NODES, cluster_faults, load_nodes
from callcenter.province import TRUNKS, ProvinceFaults, load_province, load_trunks
from callcenter.province_secrets import Secrets
from callcenter.rendering import render_input
from callcenter.settings import Settings
from ivr_flows.catalogue_files import read_lines
from ivr_flows.model import Fault
from ivr_flows.yaml_source import SourceFault, read_file
from seats.calendar_file import load_calendar
from seats.source import FileFaults
from sip_config.model import BadValue, RenderInput

_STAND_IN = "stand-in-for-a-secret"  # the real ones are made, and fit


def asterisk_input(settings: Settings) -> RenderInput | None:
    """What Asterisk's files would be rendered from; None while the province has faults."""
    try:
        province = load_province(settings.province)
    except ProvinceFaults:
        return None  # told of each file by itself
    kept = Secrets(
        ami=_STAND_IN,
        seats={seat.number: _STAND_IN for seat in province.seats},
        supervisors={one.number: _STAND_IN for one in province.supervisors},
    )
    program = AsteriskProgram((), (0, 0), Path("/modules"), Path("/data"))
    out = AsteriskFolders(settings.home).config
    return render_input(settings, province, kept, program, out=out)


def asterisk_faults(given: RenderInput) -> Iterator[str]:
    """What Asterisk's files cannot hold, though each file by itself is sound."""
    try:
        given.check()
    except BadValue as bad:
        yield f"settings:1: {bad}"


def node_faults(settings: Settings) -> Iterator[str]:
    """Why this machine cannot be one of several nodes, as its settings are."""
    with contextlib.suppress(FileFaults):  # told of the file itself
        yield from (
            f"settings:1: {fault}"
            for fault in cluster_faults(
                load_nodes(settings.province / NODES),
                own=settings.node,
                cluster=settings.cluster,
                is_private=settings.redis_is_private,
            )
        )


def line_faults(file: Path) -> list[Fault]:
    """All that is wrong in lines.yaml, trunks that lead nowhere included."""
    trunks: list[str] | None = None
    with contextlib.suppress(FileFaults):  # told of the file itself
        trunks = [trunk.name for trunk in load_trunks(file.with_name(TRUNKS)) if trunk.outbound]
    return read_lines(file, trunks=trunks)[1]


def year_faults(file: Path, now: datetime) -> Iterator[Fault]:
    """A year that calendar.yaml does not hold: this one, or from 1 December on the next.

    A fault where the hours depend on what a day counts as; else only `holiday` is not known.
    """
    try:
        calendar = load_calendar(file)
        source = read_file(file)
    except (FileFaults, SourceFault):
        return  # told of the file itself
    today = calendar.day_of(now)
    year = calendar.missing_year(today)
    if year is not None:
        what = f"does not hold {year}: get it with hotline calendar import"
        matters = calendar.hours_need_years and year == today.year
        yield source.fault(("years",), what, is_warning=not matters)
