"""`hotline user`: who may log in to the pages."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from callcenter.cli import Fault
from callcenter.cli.db import with_store
from callcenter.web.rights import Role

if TYPE_CHECKING:
    from callcenter.accounts.account import Account
    from callcenter.accounts.accounts import Accounts

user = typer.Typer(
    help="Accounts: add, list, change, disable, enable, unlock, password, second-factor, demo.",
    no_args_is_help=True,
)
Made = TypeVar("Made")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name to log in with.")]
By = Annotated[str, typer.Option("--by", help="Who does it; kept in the audit trail.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept in the audit trail.")]
Roles = Annotated[list[Role], typer.Option("--role", help="May be given more than once.")]
Seat = Annotated[str | None, typer.Option("--seat", help="The seat's number.")]
City = Annotated[str | None, typer.Option("--city", help="Limits to a city: code of `places`.")]
HERE = "命令行"


def add(app: typer.Typer) -> None:
    """Register `hotline user`."""
    app.add_typer(user, name="user")


def _do(work: Callable[[Accounts], Awaitable[Made]]) -> Made:
    from callcenter.accounts.account import Refused
    from callcenter.accounts.accounts import make_accounts
    from callcenter.settings import SettingsFault, load_settings
    from reports.store import Store

    async def at_desk(store: Store) -> Made:
        settings = load_settings()
        return await work(make_accounts(store, settings.home, settings.log_in_rules))

    try:
        return with_store(at_desk)
    except (Refused, SettingsFault, OSError) as refused:
        raise Fault(str(refused)) from None


@user.command("add", epilog="Example: hotline user add limei --role supervisor --shown 李梅")
def add_user(
    name: Name,
    role: Roles,
    shown: Annotated[str, typer.Option(help="What people read; the name, if none.")] = "",
    seat: Seat = None,
    city: City = None,
    from_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password, one line; else it is made.")
    ] = False,
    by: By = HERE,
    reason: Reason = "",
) -> None:
    """Add an account and print its password, which its owner changes at the first log-in."""
    password = sys.stdin.readline().rstrip("\r\n") if from_stdin else None
    _check_city(city)

    async def work(accounts: Accounts) -> str:
        return await accounts.desk.add(
            name,
            display_name=shown or name,
            roles=role,
            seat=seat,
            city=city,
            password=password,
            by=by,
            reason=reason,
        )

    given = _do(work)
    typer.echo(f"账号 {name} 已建立" + ("" if from_stdin else f"，初始密码 {given}"))


@user.command("list", epilog="Example: hotline user list --json")
def list_users(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list.")] = False,
) -> None:
    """Every account with its roles; never a password."""
    from callcenter.accounts.account import ROLE_WORDS

    found = _do(lambda accounts: accounts.store.every())
    if as_json:
        typer.echo(json.dumps([_row(one) for one in found], ensure_ascii=False))
        return
    for one in found:
        told = [one.name, one.display_name, "、".join(ROLE_WORDS[role] for role in one.roles)]
        told += [f"坐席 {one.seat}" if one.seat else "", one.city or ""]
        told += ["动态验证码" if one.has_second_factor else "", "停用" if one.is_disabled else ""]
        typer.echo("\t".join(told).rstrip())
    if not found:
        typer.echo("没有账号：hotline user add NAME --role admin")


@user.command(epilog="Example: hotline user change limei --role supervisor --city 220100")
def change(
    name: Name,
    role: Roles,
    shown: Annotated[str, typer.Option(help="What people read; as before, if none.")] = "",
    seat: Seat = None,
    city: City = None,
    by: By = HERE,
    reason: Reason = "",
) -> None:
    """Give an account these roles, seat and city in place of what it had."""
    _check_city(city)

    async def work(accounts: Accounts) -> Account:
        found = await accounts.store.find(name)
        return await accounts.desk.change(
            name,
            display_name=shown or (found.display_name if found else name),
            roles=role,
            seat=seat,
            city=city,
            by=by,
            reason=reason,
        )

    _do(work)
    typer.echo(f"账号 {name} 已更改")


@user.command(epilog="Example: hotline user disable limei --reason 离职")
def disable(name: Name, by: By = HERE, reason: Reason = "") -> None:
    """No log-in any more; who is in is out within seconds."""
    _do(lambda accounts: accounts.desk.disable(name, by=by, reason=reason))
    typer.echo(f"账号 {name} 已停用")


@user.command(epilog="Example: hotline user enable limei")
def enable(name: Name, by: By = HERE, reason: Reason = "") -> None:
    """The account may be used again."""
    _do(lambda accounts: accounts.desk.enable(name, by=by, reason=reason))
    typer.echo(f"账号 {name} 已启用")


@user.command(epilog="Example: hotline user unlock limei")
def unlock(name: Name, by: By = HERE, reason: Reason = "") -> None:
    """Let somebody in again who typed a wrong password too often."""
    _do(lambda accounts: accounts.desk.unlock(name, by=by, reason=reason))
    typer.echo(f"账号 {name} 已解锁")


@user.command(epilog="Example: hotline user password limei")
def password(name: Name, by: By = HERE, reason: Reason = "") -> None:
    """Give a new password, which its owner changes at the next log-in; ends all log-ins."""

    async def work(accounts: Accounts) -> str:
        given = await accounts.desk.reset_password(name, by=by, reason=reason)
        await accounts.sessions.end(name)
        return given

    typer.echo(f"账号 {name} 的新密码 {_do(work)}")


@user.command("second-factor", epilog="Example: hotline user second-factor limei --reason 手机遗失")
def second_factor(name: Name, by: By = HERE, reason: Reason = "") -> None:
    """Take the second factor away, for a lost telephone."""
    _do(lambda accounts: accounts.desk.remove_second_factor(name, by=by, reason=reason))
    typer.echo(f"账号 {name} 的动态验证码已停用")


@user.command(epilog="Example: hotline user demo")
def demo() -> None:
    """Make the demo's accounts where they are missing, and print their passwords this once."""
    from callcenter.accounts.demo import add_demo_people, demo_people
    from callcenter.province import ProvinceFaults, load_province
    from callcenter.province_secrets import FILE, SecretsUnreadable
    from callcenter.settings import SettingsFault, load_settings

    try:
        settings = load_settings()
        people = demo_people(load_province(settings.province).seats)
        made = _do(lambda accounts: add_demo_people(accounts.desk, people, settings.home))
    except (SettingsFault, ProvinceFaults, SecretsUnreadable) as fault:
        raise Fault(str(fault)) from None
    for one in people:
        if one.name in made:
            typer.echo(f"{one.name:<11} {made[one.name]}  {one.display_name}")
    typer.echo(f"{len(made)} made; passwords in {settings.home / FILE}")


def _check_city(city: str | None) -> None:
    from seats.places import seat_places

    if city is not None and city not in seat_places():
        raise Fault(f"--city {city}: 没有这个地区，见 hotline places show")


def _row(one: Account) -> dict[str, object]:
    return {
        **{"name": one.name, "display_name": one.display_name, "roles": list(one.roles)},
        **{"seat": one.seat, "city": one.city, "second_factor": one.has_second_factor},
        **{"is_disabled": one.is_disabled, "created_at": one.created_at.isoformat()},
    }
