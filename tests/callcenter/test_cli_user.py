"""`hotline user`: what it says, what it keeps, and with which exit code."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from callcenter.accounts.passwords import fits
from callcenter.accounts.store import AccountStore
from callcenter.cli import Fault, user
from reports import audit
from reports.store import Store
from tests.new_database import upgraded


def hotline(*words: str, given: str | None = None) -> tuple[int, str]:
    """Exit code and all that is printed; a Fault as `main` prints it."""
    app = typer.Typer()
    user.add(app)
    app.command("other")(lambda: None)  # with one command alone Typer would leave its name out
    went = CliRunner().invoke(app, ["user", *words], input=given)
    if isinstance(went.exception, Fault):
        return 1, went.output + str(went.exception)
    assert went.exception is None or isinstance(went.exception, SystemExit)
    return went.exit_code, went.output


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    made = f"sqlite:///{tmp_path}/hotline.db"
    monkeypatch.setenv("DATABASE_URL", made)
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path / "home"))

    async def fill() -> None:
        async with Store(made) as store:
            await upgraded(store)

    asyncio.run(fill())
    return made


def test_an_account_is_added_changed_locked_out_and_let_in_again(address: str) -> None:
    assert "没有账号" in hotline("list")[1]
    code, said = hotline("add", "LiMei", "--role", "seat", "--seat", "8001", "--shown", "李梅")
    password = said.split()[-1]
    assert code == 0 and len(password) == 23
    assert hotline("list")[1] == "limei\t李梅\t坐席\t坐席 8001\n"
    change = ("--role", "supervisor", "--city", "220100", "--by", "王强", "--reason", "调岗")
    assert hotline("change", "limei", *change)[0] == 0
    (row,) = json.loads(hotline("list", "--json")[1])
    assert (row["display_name"], row["roles"], row["seat"], row["city"]) == (
        "李梅",
        ["supervisor"],
        None,
        "220100",
    )
    assert password not in str(row)
    for move in ("disable", "enable", "unlock", "second-factor"):
        assert hotline(move, "limei", "--reason", "x")[0] == 0, move
    code, said = hotline("password", "limei")
    assert code == 0 and said.split()[-1] != password

    async def kept() -> list[str]:
        async with Store(address) as store:
            account = await AccountStore(store).find("limei")
            assert account is not None and fits(account.password, said.split()[-1])
            return [one.action for one in await audit.entries(store)]

    assert asyncio.run(kept()) == [
        *("password_reset", "second_factor_removed", "user_unlocked"),
        *("user_enabled", "user_disabled", "user_changed", "user_added"),
    ]


@pytest.mark.usefixtures("address")
def test_a_password_may_come_from_a_pipe_and_is_held_to_the_rules() -> None:
    words = ("add", "root", "--role", "admin", "--password-stdin")
    code, said = hotline(*words, given="12345678\n")
    assert code == 1 and "密码须为" in said
    code, said = hotline(*words, given="Correct-horse7\n")
    assert code == 0 and "Correct-horse7" not in said


@pytest.mark.usefixtures("address")
@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("add", "a b", "--role", "seat", "--seat", "8001"), "账号名须为"),
        (("add", "limei", "--role", "seat"), "坐席角色须填写坐席号"),
        (("add", "limei", "--role", "auditor", "--role", "admin"), "审计员不能兼任"),
        (("add", "limei", "--role", "admin", "--city", "nowhere"), "没有这个地区"),
        (("disable", "nobody"), "没有账号 nobody"),
    ],
)
def test_what_the_rules_refuse_is_one_clear_line(words: tuple[str, ...], why: str) -> None:
    code, said = hotline(*words)
    assert code == 1 and why in said and "\n" not in said.strip()


@pytest.mark.usefixtures("address")
def test_a_role_that_there_is_not_is_wrong_use() -> None:
    assert hotline("add", "limei", "--role", "king")[0] == 2


@pytest.mark.usefixtures("address")
def test_the_demos_people_are_made_once_and_told_once(tmp_path: Path) -> None:
    code, said = hotline("demo")
    assert code == 0
    kept = json.loads((tmp_path / "home" / "seats.json").read_text())["users"]
    assert all(f"{password}" in said for password in kept.values())
    assert {"supervisor", "manager", "auditor", "8001"} <= kept.keys()
    code, said = hotline("demo")
    assert code == 0 and said.startswith("0 made")
    assert not any(password in said for password in kept.values())


def test_without_a_database_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/none.db")
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))
    code, said = hotline("list")
    assert code == 1 and "database file is missing" in said
