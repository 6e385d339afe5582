"""`hotline audit verify`: tells a whole trail from one that somebody worked on."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from callcenter.cli import Fault, audit
from reports.audit import Entry, write
from reports.store import Store
from tests.new_database import upgraded

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
Verify = Callable[..., Any]


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With three lines in the trail."""
    file = tmp_path / "hotline.db"
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    monkeypatch.chdir(tmp_path)

    async def fill() -> None:
        async with Store(f"sqlite:///{file}") as store:
            await upgraded(store)
            for reason in ("一", "二", "三"):
                await write(store, Entry(at=AT, by="a", action="b", subject="c", reason=reason))

    asyncio.run(fill())
    return file


@pytest.fixture
def verify(database: Path) -> Verify:
    app = typer.Typer()
    audit.add(app)
    return lambda *words: CliRunner().invoke(app, ["audit", "verify", *words])


def work_on(database: Path, *statements: str) -> None:
    with sqlite3.connect(database) as connection:
        for statement in ("DROP TRIGGER audit_same", "DROP TRIGGER audit_stays", *statements):
            connection.execute(statement)


def test_a_whole_trail_is_told_with_its_head(verify: Verify) -> None:
    said = verify()
    assert (said.exit_code, said.output[:24]) == (0, "3 rows in order, head 3:")
    head = said.output.split()[-1]
    assert verify("--head", head).exit_code == 0
    told = json.loads(verify("--json").output)
    assert (told["rows"], f"{told['head']['n']}:{told['head']['hash']}") == (3, head)


def test_a_changed_row_and_a_cut_off_end_are_faults(database: Path, verify: Verify) -> None:
    head = verify().output.split()[-1]
    work_on(database, "DELETE FROM audit WHERE n = 3")
    assert verify().exit_code == 0
    said = verify("--head", head)
    assert (said.exit_code, "row 3 is gone" in said.output) == (1, True)
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE audit SET reason = 'z' WHERE n = 1")
    said = verify()
    assert (said.exit_code, "row 1 is not what was written" in said.output) == (1, True)


def test_a_head_that_is_none_is_wrong_use(verify: Verify) -> None:
    assert isinstance(verify("--head", "3:xyz").exception, Fault)
