"""`hotline check` as these tests run it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from callcenter.cli import check
from tests.ivr_flows.flow_files import flow_text

PROVINCE = Path(check.__file__).parents[1] / "demo" / "province"
FLOW = (
    flow_text(
        'a: {do: menu, say: menu_of_these_tests, keys: {"0": p}, give_up: p}',
        "p: {do: queue, group: family, say: transfer, answered: z, message: n, offer: o, "
        'offers: {"#": message}}',
        "n: {do: message, say: message, next: z}",
        "z: {do: hangup}",
    )
    .replace("menu_of_these_tests", "language_person")
    .replace("offer: o", "offer: message")
)


def stand_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine or of the folder the tests are run in, and a year that is told."""
    monkeypatch.setattr(check, "_now", lambda: datetime(2026, 6, 1, tzinfo=UTC))
    monkeypatch.chdir(folder)
    for name in [name for name in os.environ if name.startswith("HOTLINE_")]:
        monkeypatch.delenv(name)


def hotline(*words: str | Path) -> tuple[int, list[str]]:
    """Exit code and lines, without what is said of waits, which is no fault."""
    exit_code, lines = all_lines(*words)
    return exit_code, [line for line in lines if ": note: " not in line]


def all_lines(*words: str | Path) -> tuple[int, list[str]]:
    app = typer.Typer()
    check.add(app)
    app.callback()(lambda: None)  # keeps `check` a command of its own
    went = CliRunner().invoke(app, ["check", *map(str, words)])
    assert went.exception is None or isinstance(went.exception, SystemExit)
    return went.exit_code, went.output.splitlines()
