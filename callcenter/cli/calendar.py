"""`hotline calendar`: the year's holidays and adjusted workdays, taken in and shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callcenter.cli import Fault

if TYPE_CHECKING:
    from seats.calendar import Calendar

calendar = typer.Typer(
    help="Holidays, adjusted workdays and opening hours of the province folder.",
    no_args_is_help=True,
)

Province = Annotated[
    Path | None, typer.Option(help="Folder with calendar.yaml. Without: this hotline's own.")
]


def add(app: typer.Typer) -> None:
    """Register `hotline calendar`."""
    app.add_typer(calendar, name="calendar")


@calendar.command("import", epilog="Example: hotline calendar import 2027.json")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.json", help="A year of holiday-cn's JSON.")],
    province: Province = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Take a year anew that is loaded with other days.")
    ] = False,
) -> None:
    """Put a year's notice into calendar.yaml; the rest of the file stays as it is.

    Refused: a year whose notice is not out (no papers), days of another year or named twice, a
    year that is loaded already with other days. A running hotline takes the year up on SIGHUP.
    """
    from seats.calendar_import import import_notice
    from seats.holiday_cn import NoticeRefused, read_notice
    from seats.source import FileFaults

    into = _calendar_file(province)
    try:
        notice = read_notice(file.read_bytes())
        if file.stem.isdigit() and file.stem != str(notice.year):
            raise NoticeRefused([f"year: the file is named {file.stem}, but holds {notice.year}"])
        done = import_notice(notice, into, replace=replace)
    except NoticeRefused as refused:
        raise Fault("\n".join(f"{file}: {fault}" for fault in refused.faults)) from None
    except FileFaults as refused:
        raise Fault(str(refused)) from None
    except OSError as error:
        typer.echo(f"hotline calendar: {error.filename}: {error.strerror}", err=True)
        raise typer.Exit(2) from None
    days = f"{done.days_off} days off, {done.workdays} weekend days worked"
    typer.echo(f"{into}: {done.year} {done.what}: {days}")
    if done.what != "unchanged":
        typer.echo("a running hotline takes it up on SIGHUP: kill -HUP its controller.pid")


@calendar.command(epilog="Example: hotline calendar show --year 2026")
def show(
    year: Annotated[
        int | None, typer.Option(min=2000, max=2099, help="Without: the year that it is.")
    ] = None,
    province: Province = None,
) -> None:
    """Draw the year's months with holidays (休) and adjusted workdays (班), and list the hours.

    Exit 1 when the year's notice is not loaded.
    """
    import shutil
    from datetime import UTC, datetime

    from callcenter.month_picture import hours_in_words, year_picture

    held = _load(_calendar_file(province))
    today = held.day_of(datetime.now(UTC))
    year = year or today.year
    for line in hours_in_words(held):
        typer.echo(line)
    if year not in held.years:
        raise Fault(f"{year} 年的放假安排尚未载入（hotline calendar import {year}.json）")
    typer.echo("")
    columns = shutil.get_terminal_size((120, 24)).columns
    for line in year_picture(held, year, today=today, columns=columns):
        typer.echo(line)


def _calendar_file(province: Path | None) -> Path:
    from callcenter.province import CALENDAR
    from callcenter.settings import SettingsFault, load_settings

    try:
        return (province or load_settings().province) / CALENDAR
    except SettingsFault as fault:
        raise Fault(str(fault)) from None


def _load(file: Path) -> Calendar:
    from seats.calendar_file import load_calendar
    from seats.source import FileFaults

    try:
        return load_calendar(file)
    except FileFaults as refused:
        raise Fault(str(refused)) from None
