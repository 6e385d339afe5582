"""`hotline blacklist`: numbers that are refused, by two persons, with an end and an appeal."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from callcenter.cli import Fault
from callcenter.cli.db import with_store

if TYPE_CHECKING:
    from callcenter.admission.desk import BlacklistDesk
    from callcenter.admission.entries import Entry

blacklist = typer.Typer(
    help="Numbers that are refused: propose, approve, lift, appeal, list, log.",
    no_args_is_help=True,
)

By = Annotated[str, typer.Option("--by", help="Who does it.")]
Number = Annotated[int, typer.Argument(metavar="N", help="As in blacklist list.")]
Note = Annotated[str, typer.Option(help="Why.")]
Made = TypeVar("Made")

WORDS = {"proposed": "待审批", "in_force": "生效中", "over": "已到期", "lifted": "已解除"}
MOVES = {"propose": "提出", "approve": "批准", "lift": "解除", "appeal": "申诉"}


def add(app: typer.Typer) -> None:
    """Register `hotline blacklist`."""
    app.add_typer(blacklist, name="blacklist")


def _at_desk(work: Callable[[BlacklistDesk], Awaitable[Made]]) -> Made:
    from callcenter.admission.desk import BlacklistDesk
    from callcenter.admission.entries import Refused

    try:
        return with_store(lambda store: _awaited(work(BlacklistDesk(store))))
    except Refused as refused:
        raise Fault(str(refused)) from None


async def _awaited(work: Awaitable[Made]) -> Made:
    return await work


@blacklist.command(
    epilog="Example: hotline blacklist propose 04315550123 --call ID1 --call ID2 --call ID3 "
    "--reason 反复骚扰 --days 30 --by 李梅"
)
def propose(
    number: Annotated[str, typer.Argument(help="The caller's number.")],
    reason: Annotated[str, typer.Option(help="What happened.")],
    call: Annotated[list[str], typer.Option(help="A call that shows it; three at least.")],
    by: By,
    days: Annotated[int, typer.Option(help="For how long, 180 at most.")] = 30,
) -> None:
    """Propose to refuse a number; another person must approve it."""
    now = datetime.now(UTC)
    until = now + timedelta(days=max(-1, min(days, 10_000)))
    made = _at_desk(
        lambda desk: desk.propose(number, reason=reason, evidence=call, by=by, until=until, now=now)
    )
    typer.echo(f"第 {made.n} 条已提出，待另一人批准：hotline blacklist approve {made.n} --by …")


@blacklist.command(epilog="Example: hotline blacklist approve 3 --by 王强")
def approve(n: Number, by: By) -> None:
    """Put an entry in force within two seconds, on every controller; not by who proposed it."""
    made = _at_desk(lambda desk: desk.approve(n, by=by, now=datetime.now(UTC)))
    typer.echo(f"第 {made.n} 条已生效，{_day(made.until)} 到期")


@blacklist.command(epilog="Example: hotline blacklist lift 3 --by 王强 --note 申诉成立")
def lift(n: Number, by: By, note: Note = "") -> None:
    """Take an entry back, or turn a proposal down."""
    made = _at_desk(lambda desk: desk.lift(n, by=by, note=note, now=datetime.now(UTC)))
    typer.echo(f"第 {made.n} 条已解除")


@blacklist.command(epilog="Example: hotline blacklist appeal 3 --note 号码已换人使用 --by 李梅")
def appeal(n: Number, note: Note, by: By) -> None:
    """Take down what the caller objects (he is told of 12345); it decides nothing by itself."""
    made = _at_desk(lambda desk: desk.appeal(n, by=by, note=note, now=datetime.now(UTC)))
    typer.echo(f"第 {made.n} 条的申诉已记下")


@blacklist.command("list", epilog="Example: hotline blacklist list --all")
def list_(
    every: Annotated[bool, typer.Option("--all", help="Those that are over too.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Whole numbers.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list.")] = False,
) -> None:
    """Entries in force and proposals, the newest first."""
    now = datetime.now(UTC)
    found = _at_desk(lambda desk: desk.every())
    shown = [one for one in found if every or one.state(now) in ("proposed", "in_force")]
    if as_json:
        typer.echo(json.dumps([_row(one, now, full=full) for one in shown], ensure_ascii=False))
        return
    for one in shown:
        row = _row(one, now, full=full)
        people = f"{one.proposed_by} → {one.approved_by or '…'}"
        told = [str(one.n), str(row["number"]), WORDS[one.state(now)], people]
        told += [f"至 {_day(one.until)}", one.reason, f"依据 {len(one.evidence)} 通"]
        typer.echo("\t".join((*told, *([f"申诉：{one.appeal}"] if one.appeal else []))))
    if not shown:
        typer.echo("没有受限号码")


@blacklist.command(epilog="Example: hotline blacklist log")
def log(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list.")] = False,
) -> None:
    """Who did what with which entry, the newest first."""
    lines = _at_desk(lambda desk: desk.log())
    if as_json:
        rows = [
            {"at": line.at.isoformat(), "by": line.by, "move": line.move}
            | {"entry": line.entry, "note": line.note}
            for line in lines
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for line in lines:
        told = (f"{_day(line.at)}", line.by, MOVES[line.move], f"第 {line.entry} 条", line.note)
        typer.echo("\t".join(told))


def _row(one: Entry, now: datetime, *, full: bool) -> dict[str, object]:
    from callcenter.web.masking import mask_number

    return {
        "n": one.n,
        "number": one.number if full else mask_number(one.number),
        "state": one.state(now),
        "reason": one.reason,
        "evidence": list(one.evidence),
        "proposed_by": one.proposed_by,
        "approved_by": one.approved_by,
        "until": one.until.isoformat(),
        "lifted_by": one.lifted_by,
        "appeal": one.appeal,
    }


def _day(moment: datetime) -> str:
    from zoneinfo import ZoneInfo

    return f"{moment.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M}"
