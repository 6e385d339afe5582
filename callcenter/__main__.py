"""The `hotline` command: each topic registers its own from `callcenter/cli/`."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import typer

from callcenter import cli
from callcenter.cli import Fault

app = typer.Typer(
    name="hotline",
    help="The 12348 public legal service hotline.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def main() -> None:
    """Run one command: exit 0 good, 1 faults found, 2 wrong use."""
    for module in sorted(info.name for info in pkgutil.iter_modules(cli.__path__)):
        importlib.import_module(f"callcenter.cli.{module}").add(app)
    try:
        app()
    except Fault as fault:
        print(f"hotline: {fault}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
