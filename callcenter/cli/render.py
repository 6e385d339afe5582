"""`hotline render`: Asterisk's files from settings, province and secrets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callcenter.cli import Fault

if TYPE_CHECKING:
    from sip_config.model import RenderInput


def add(app: typer.Typer) -> None:
    """Register `hotline render` on the root app."""
    app.command("render", epilog="Example: hotline render --reload")(render)


def render(
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write to; made when not there. Without: this hotline's own."),
    ] = None,
    reload: Annotated[
        bool, typer.Option("--reload", help="Have the running Asterisk take up what changed.")
    ] = False,
) -> None:
    """Write the files, only those that changed, and name each of them.

    With --reload no call is dropped, and what Asterisk refused is named (exit 1). Afterwards
    `kill -HUP` lets the controller take up the changed province.
    """
    given, changed = _written(out)
    for name in changed:
        typer.echo(name)
    if reload:
        _reload(given, changed)


def rendered(out: Path | None) -> tuple[str, ...]:
    """Write Asterisk's files into `out`; the names of those that changed. Raises Fault."""
    return _written(out)[1]


def _written(out: Path | None) -> tuple[RenderInput, tuple[str, ...]]:
    from callcenter.launch.asterisk_program import find_asterisk
    from callcenter.launch.child import LaunchFault
    from callcenter.launch.plan import AsteriskFolders
    from callcenter.province import ProvinceFaults, load_province
    from callcenter.province_secrets import SecretsUnreadable, load_secrets
    from callcenter.rendering import render_input
    from callcenter.settings import SettingsFault, load_settings
    from sip_config.model import BadValue
    from sip_config.render import render as render_files
    from sip_config.render import write

    try:
        settings = load_settings()
        folder = out.expanduser().absolute() if out else AsteriskFolders(settings.home).config
        province = load_province(settings.province)
        kept = load_secrets(settings.home, *province.phones)
        asterisk = find_asterisk(settings.cache)
        given = render_input(settings, province, kept, asterisk, out=folder)
        return given, write(folder, render_files(given))
    except (SettingsFault, ProvinceFaults, SecretsUnreadable, LaunchFault, BadValue) as fault:
        raise Fault(str(fault)) from None
    except OSError as fault:
        raise Fault(f"{fault.filename or out}: {fault.strerror}") from None


def _reload(given: RenderInput, changed: tuple[str, ...]) -> None:
    import asyncio
    import logging

    from callcenter.asterisk.reload import NotReloaded, reload_running

    logging.getLogger("callcenter.asterisk.ami").setLevel(logging.CRITICAL)  # one line is enough
    try:
        done = asyncio.run(reload_running(given, changed))
    except NotReloaded as fault:
        raise Fault(str(fault)) from None
    for module in done.modules:
        typer.echo(f"reloaded: {module}")
    for name in done.waiting:
        typer.echo(f"waits for a restart of Asterisk: {name}")
    if done.refused:
        raise Fault("Asterisk did not take up:\n" + "\n".join(done.refused))
    if not (done.modules or done.waiting):
        typer.echo("Asterisk has it all already")
