"""`hotline run`: the whole hotline on one machine, in the foreground."""

import typer

from callcenter.cli import Fault


def add(app: typer.Typer) -> None:
    """Register `hotline run`."""

    @app.command()
    def run(
        with_parent: bool = typer.Option(
            False, help="Stop when the program that started this one ends, as `make run` wants."
        ),
    ) -> None:
        """Run everything on this machine: Redis, Asterisk, controller, web and the demo.

        Example: HOTLINE_DEMO=1 hotline run

        Prints `ready: <web address>` when calls can be taken; Ctrl-C stops all of it.
        """
        import asyncio
        import os
        import signal
        from functools import partial

        from callcenter.launch.child import LaunchFault, die_with_parent
        from callcenter.launch.plan import run_here
        from callcenter.settings import SettingsFault, load_settings

        if with_parent:
            die_with_parent(os.getppid(), signal.SIGTERM)
        try:
            asyncio.run(run_here(load_settings(), say=partial(print, flush=True)))
        except (LaunchFault, SettingsFault) as fault:
            raise Fault(str(fault)) from None
