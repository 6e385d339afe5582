"""`hotline taxonomy`: what it says, and with which exit code."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from callcenter.cli import Fault, taxonomy
from callcenter.records.taxonomy import BUILT_IN
from reports.store import Store
from tests.new_database import upgraded


def hotline(*words: str | Path) -> tuple[int, str]:
    """Exit code and all that is printed; a Fault as `main` prints it."""
    app = typer.Typer()
    taxonomy.add(app)
    went = CliRunner().invoke(app, [*map(str, words)])
    if isinstance(went.exception, Fault):
        return 1, went.output + str(went.exception)
    assert went.exception is None or isinstance(went.exception, SystemExit)
    return went.exit_code, went.output


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"sqlite:///{tmp_path}/facts.db"
    monkeypatch.setenv("DATABASE_URL", address)

    async def make() -> None:
        async with Store(address) as store:
            await upgraded(store)

    asyncio.run(make())


def test_list_is_shown_as_a_tree_and_as_json() -> None:
    code, said = hotline("taxonomy", "show")
    assert code == 0
    assert "07 劳动报酬与社保福利（劳动）\n  0701 拖欠工资\n" in said
    assert said.endswith("共 32 类 246 项\n")
    code, said = hotline("taxonomy", "show", "--json")
    assert (code, len(json.loads(said))) == (0, 246)


def test_own_list_is_taken_in_and_what_it_lacks_is_retired(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    lines = BUILT_IN.read_text("utf-8").splitlines()
    own.write_text("\n".join([*lines[:10], "01,婚姻家庭,0110,涉外婚姻,家事,省"]) + "\n", "utf-8")
    assert hotline("taxonomy", "import", own, "--by", "李梅") == (
        0,
        "已启用 10 项，停用 237 项\n",
    )
    _, said = hotline("taxonomy", "show")
    assert "0110 涉外婚姻" in said and said.endswith("共 1 类 10 项\n")
    _, said = hotline("taxonomy", "show", "--retired")
    assert "0702 农民工欠薪（已停用）" in said


def test_faults_are_named_with_file_and_line(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("cat,cat_name,item,item_name,queue\n1,家事,0101,离婚,家事\n", "utf-8")
    code, said = hotline("taxonomy", "import", own, "--by", "李梅")
    assert (code, said) == (1, f"{own}:2: cat '1' is not two digits")
    code, said = hotline("taxonomy", "import", tmp_path / "none.csv", "--by", "李梅")
    assert (code, said) == (1, f"{tmp_path}/none.csv: No such file or directory")
