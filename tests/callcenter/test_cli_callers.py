"""`hotline blacklist` and `hotline places`: what they say, and with which exit code."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from callcenter.cli import Fault, blacklist, places
from reports.store import Store
from tests.new_database import upgraded
from tests.reports.made import call
from tests.seats.test_places import OURS, phone_dat

NUMBER = "+864315550123"
EVIDENCE = ("--call", "a", "--call", "b", "--call", "c")


def hotline(*words: str | Path) -> tuple[int, str]:
    """Exit code and all that is printed; a Fault as `main` prints it."""
    app = typer.Typer()
    blacklist.add(app)
    places.add(app)
    went = CliRunner().invoke(app, [*map(str, words)])
    if isinstance(went.exception, Fault):
        return 1, went.output + str(went.exception)
    assert went.exception is None or isinstance(went.exception, SystemExit)
    return went.exit_code, went.output


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"sqlite:///{tmp_path}/facts.db"
    monkeypatch.setenv("DATABASE_URL", address)

    async def fill() -> None:
        async with Store(address) as store:
            await upgraded(store)
            await store.upsert([call(name, caller=NUMBER) for name in "abc"])

    asyncio.run(fill())


def propose(*more: str) -> tuple[int, str]:
    given = ("--reason", "反复骚扰", "--by", "李梅", *EVIDENCE, *more)
    return hotline("blacklist", "propose", "04315550123", *given)


@pytest.mark.usefixtures("database")
def test_two_persons_put_a_number_on_the_blacklist_and_one_takes_it_off() -> None:
    assert hotline("blacklist", "list") == (0, "没有受限号码\n")
    assert propose()[0] == 0
    code, said = hotline("blacklist", "approve", "1", "--by", "李梅")
    assert (code, said) == (1, "提出人不能批准自己的提议")
    code, said = hotline("blacklist", "approve", "1", "--by", "王强")
    assert code == 0 and said.startswith("第 1 条已生效")
    code, said = hotline("blacklist", "appeal", "1", "--by", "李梅", "--note", "号码已换人")
    assert code == 0
    code, said = hotline("blacklist", "list")
    assert code == 0 and "生效中" in said and "李梅 → 王强" in said and "申诉：号码已换人" in said
    assert "5550123" not in said  # masked, unless the whole is asked for
    code, said = hotline("blacklist", "list", "--json", "--full")
    (row,) = json.loads(said)
    assert (row["number"], row["state"], row["evidence"]) == (NUMBER, "in_force", ["a", "b", "c"])
    assert hotline("blacklist", "lift", "1", "--by", "王强", "--note", "申诉成立")[0] == 0
    assert hotline("blacklist", "list")[1] == "没有受限号码\n"
    assert "已解除" in hotline("blacklist", "list", "--all")[1]
    moves = [line["move"] for line in json.loads(hotline("blacklist", "log", "--json")[1])]
    assert moves == ["lift", "appeal", "approve", "propose"]
    assert "申诉成立" in hotline("blacklist", "log")[1]


@pytest.mark.usefixtures("database")
def test_what_the_rules_refuse_is_one_clear_line() -> None:
    assert propose("--days", "181") == (1, "截止时间应在今后 180 天之内")
    assert propose("--days", "0")[0] == 1
    code, said = propose("--call", "nowhere")
    assert (code, said) == (1, "没有编号为 nowhere 的来电")
    assert hotline("blacklist", "approve", "9", "--by", "王强") == (1, "没有第 9 条")


def test_the_tree_of_places_is_shown() -> None:
    code, said = hotline("places", "show")
    assert code == 0
    assert "cbs 长白山保护开发区  代为接听 延边朝鲜族自治州、白山市" in said
    assert "220100 长春市  固话 0431  手机号段 4360" in said
    rows = {row["code"]: row for row in json.loads(hotline("places", "show", "--json")[1])}
    assert rows["220184"]["parent"] == "220100"
    assert rows["cbs"]["served_by"] == ["222400", "220600"]


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("04315550123", "长春市  固话区号"),
        ("04346215550", "长春市  公主岭市  固话区号"),
        ("13904330000", "手机号段，只作提示"),
        ("anonymous", "不明  不明"),
    ],
)
def test_where_a_number_is_from(number: str, told: str) -> None:
    code, said = hotline("places", "of", number)
    assert code == 0 and said.strip().endswith(told)


def test_a_table_of_mobile_prefixes_is_taken_in(tmp_path: Path) -> None:
    file, into = tmp_path / "phone.dat", tmp_path / "mobile.csv"
    file.write_bytes(phone_dat(OURS))
    code, said = hotline("places", "import", file, "--into", into)
    assert (code, said.strip()) == (0, f"{into}: version 2501, 2 prefixes")
    file.write_bytes(b"no table")
    code, said = hotline("places", "import", file, "--into", into)
    assert (code, "is no phone.dat" in said) == (1, True)
    assert hotline("places", "import", tmp_path / "none", "--into", into)[0] == 1
