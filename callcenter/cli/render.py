"""`hotline render`: Asterisk's files from settings, province and secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from callcenter.cli import Fault


def add(app: typer.Typer) -> None:
    """Register `hotline render` on the root app."""
    app.command("render", epilog="Example: hotline render --out /tmp/asterisk")(render)


def render(
    out: Annotated[Path, typer.Option(help="Folder to write to; made when it is not there.")],
) -> None:
    """Write the files, only those that changed, and name each of them."""
    for name in rendered(out.expanduser().absolute()):
        typer.echo(name)


def rendered(out: Path) -> tuple[str, ...]:
    """Write Asterisk's files into `out`; the names of those that changed. Raises Fault."""
    from callcenter.launch.asterisk_program import find_asterisk
    from callcenter.launch.child import LaunchFault
    from callcenter.province import ProvinceFaults, load_province
    from callcenter.province_secrets import SecretsUnreadable, load_secrets
    from callcenter.rendering import render_input
    from callcenter.settings import SettingsFault, load_settings
    from sip_config.model import BadValue
    from sip_config.render import render as render_files
    from sip_config.render import write

    try:
        settings = load_settings()
        province = load_province(settings.province)
        kept = load_secrets(settings.home, (seat.number for seat in province.seats))
        asterisk = find_asterisk(settings.cache)
        return write(out, render_files(render_input(settings, province, kept, asterisk, out=out)))
    except (SettingsFault, ProvinceFaults, SecretsUnreadable, LaunchFault, BadValue) as fault:
        raise Fault(str(fault)) from None
    except OSError as fault:
        raise Fault(f"{fault.filename or out}: {fault.strerror}") from None
