"""`hotline seat`: what the seats do, a supervisor's release, and who released which."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callcenter.cli import Fault
from callcenter.cli.db import with_store

if TYPE_CHECKING:
    from callcenter.settings import Settings
    from reports.audit import Entry
    from reports.store import Store

seat = typer.Typer(
    help="Seats: list, release one that is stuck, log of releases.", no_args_is_help=True
)

Number = Annotated[str, typer.Argument(metavar="SEAT", help="The seat's number.")]
STATES = {
    **{"offline": "离线", "not_ready": "示忙", "ready": "空闲", "reserved": "已预占"},
    **{"ringing": "振铃", "talking": "通话", "held": "保持", "wrap_up": "话后处理"},
}


def add(app: typer.Typer) -> None:
    """Register `hotline seat`."""
    app.add_typer(seat, name="seat")


def _ask(settings: Settings, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """GET, or POST with a body, on the running hotline of these settings. Raises Fault."""
    from callcenter.web.auth import load_api_key

    request = urllib.request.Request(
        f"http://{settings.web}/api/v1/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Content-Type": "application/json",
            "Authorization": f"Bearer {load_api_key(settings.home)}",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as refused:
        raise Fault(str(json.load(refused)["message"])) from None
    except OSError:
        raise Fault(f"热线没有在 http://{settings.web} 运行") from None


@seat.command("list", epilog="Example: hotline seat list --json")
def list_seats(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list.")] = False,
) -> None:
    """Every seat and what it does now."""
    from callcenter.settings import load_settings

    seats = _ask(load_settings(), "live")["seats"]
    if as_json:
        typer.echo(json.dumps(seats, ensure_ascii=False))
        return
    for one in seats:
        told = [one["number"], one["name"], STATES.get(one["state"], one["state"])]
        typer.echo("\t".join((*told, one["reason"] or "", one["call_id"] or "")).rstrip())


@seat.command(epilog="Example: hotline seat release 8001 --by 王强 --reason 话机死机")
def release(
    number: Number,
    by: Annotated[str, typer.Option(help="Who does it.")],
    reason: Annotated[str, typer.Option(help="Why; kept for ever.")],
) -> None:
    """Take a seat out of whatever it is in: it is not ready afterwards. Its call is not ended."""
    from callcenter.settings import load_settings

    _ask(load_settings(), f"seats/{number}/release", {"by": by, "reason": reason})
    typer.echo(f"坐席 {number} 已释放为示忙，已留痕。")


@seat.command(epilog="Example: hotline seat log 8001")
def log(
    number: Annotated[str | None, typer.Argument(metavar="[SEAT]", help="All, if none.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list.")] = False,
) -> None:
    """Who released which seat and why, the newest first."""
    from zoneinfo import ZoneInfo

    async def look(store: Store) -> list[Entry]:
        from reports.audit import entries

        return await entries(store, subject=number)

    found = with_store(look)
    if as_json:
        rows = [
            {"at": one.at.isoformat(), "by": one.by, "seat": one.subject}
            | {"reason": one.reason, "before": one.before}
            for one in found
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for one in found:
        at = one.at.astimezone(ZoneInfo("Asia/Shanghai"))
        typer.echo(f"{at:%Y-%m-%d %H:%M}\t{one.by}\t{one.subject}\t{one.before}\t{one.reason}")
