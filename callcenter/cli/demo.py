"""`hotline demo`: the simulated lawyers and citizens of the demo, each by itself."""

import typer

demo = typer.Typer(help="Simulated people with telephones of their own.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    """Register `hotline demo`."""
    app.add_typer(demo, name="demo")


@demo.command()
def seats() -> None:
    """Register as every seat of HOTLINE_HOME/seats.json, answer, talk, hang up.

    Example: hotline demo seats
    """
    _run(seats=True, citizens=False)


@demo.command()
def citizens() -> None:
    """Call 12348, HOTLINE_DEMO_CALLERS times a minute.

    Example: HOTLINE_DEMO_CALLERS=3 hotline demo citizens
    """
    _run(seats=False, citizens=True)


def _run(*, seats: bool, citizens: bool) -> None:
    from callcenter.cli import Fault
    from callcenter.demo.run import run_demo
    from callcenter.settings import SettingsFault, load_settings

    try:
        settings = load_settings()
    except SettingsFault as fault:
        raise Fault(str(fault)) from None
    run_demo(settings, seats=seats, citizens=citizens)
