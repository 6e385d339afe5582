"""`hotline bench`: how fast it is, measured on this machine."""

from __future__ import annotations

import sys

import typer

from callcenter.cli import Fault

ALL = "all"
RESULTS = "bench.json"


def add(app: typer.Typer) -> None:
    """Register `hotline bench`."""

    @app.command(epilog="Example: hotline bench ivr --json")
    def bench(
        name: str = typer.Argument(
            help="ivr, engine, publish, calls, ami, desk, flood, routing, simulate; "
            "all writes HOTLINE_HOME/bench.json too."
        ),
        as_json: bool = typer.Option(False, "--json", help="Print JSON, not a table."),
        scale: float = typer.Option(
            1.0, min=0.05, max=10, help="Shorter or longer runs; 0.1 for a try."
        ),
    ) -> None:
        """Measure on a private hotline on free ports; needs root, SIPp and a quiet machine."""
        import json

        import uvloop
        from rich.console import Console

        from callcenter.bench import every
        from callcenter.bench.table import shown
        from callcenter.launch.child import LaunchFault
        from callcenter.settings import SettingsFault, load_settings

        names = every.ALL if name == ALL else [name]
        if names[0] not in every.BENCHES:
            raise typer.BadParameter(f"{name}: known are {', '.join(every.BENCHES)}, {ALL}")
        progress = Console(stderr=True)
        out = Console(width=None if sys.stdout.isatty() else 200)
        results = []
        try:
            settings = load_settings()
            for one in names:
                with progress.status(one) as status:

                    def say(line: str, one: str = one) -> None:
                        progress.print(f"{one}: {line}", highlight=False)
                        status.update(f"{one}: {line}")

                    found = uvloop.run(every.run(one, cache=settings.cache, say=say, scale=scale))
                results.append(found)
                if not as_json:
                    out.print(shown(found))
            if name == ALL:
                settings.home.mkdir(parents=True, exist_ok=True)
                text = json.dumps(results, ensure_ascii=False, indent=2)
                (settings.home / RESULTS).write_text(text + "\n", encoding="utf-8")
        except (LaunchFault, SettingsFault) as fault:
            raise Fault(str(fault)) from None
        except PermissionError as fault:
            raise Fault(f"{fault}: run it as root, it listens in on loopback") from None
        if as_json:
            print(json.dumps(results if name == ALL else results[0], ensure_ascii=False))
