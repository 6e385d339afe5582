"""`hotline prompts notice`: what every caller hears right after the greeting, from one time until
another.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from callcenter.cli import Fault

Lines = tuple[str, ...]

notice = typer.Typer(
    help="Emergency notices, heard right after the greeting: set, list, clear.",
    no_args_is_help=True,
)

_FORMS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
_ZONE = "Asia/Shanghai"  # all of China


def add(_app: typer.Typer) -> None:
    """Nothing at the root: `hotline prompts` has it."""


@notice.command(
    "set",
    epilog="Example: hotline prompts notice set --text '因暴雨，长春大厅今日停办。' --until 18:00",
)
def set_notice(
    until: Annotated[
        str, typer.Option("--until", help="2026-11-22 18:00, or 18:00 today; China's time.")
    ],
    since: Annotated[
        str | None, typer.Option("--from", help="From when on; now if left out.")
    ] = None,
    text: Annotated[
        str | None, typer.Option(help="What is said; spoken by the extra `voice` without --file.")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="A recording of it.")] = None,
    language: Annotated[str, typer.Option(help="zh-CN, ko-KR or en.")] = "zh-CN",
) -> None:
    """Put a notice in force within a second on every controller of this HOTLINE_HOME, without a
    restart.
    """
    from callcenter.notice_desk import Unplayable, free_id, in_force
    from callcenter.notices import Notice
    from callcenter.settings import load_settings

    now = datetime.now(UTC)
    start = _moment(since) if since else now
    end = _moment(until)
    if end <= max(start, now):
        raise Fault("结束时间要在开始时间和现在之后")
    if not text and not file:
        raise Fault("请用 --text 给出文字，或用 --file 给出录音")
    home = load_settings().home
    made = Notice(free_id(home, now, language), language, text or "", start, end, now)
    done = _audio(home, made.id, made.text, file, language)
    try:
        in_force(home, made)
    except Unplayable as fault:
        raise Fault(f"紧急通知没有设置，声音文件放不出来（{fault}）") from fault
    for line in done:
        typer.echo(line)
    typer.echo(f"紧急通知 {made.id} 已设置：{_local(start)} 起，{_local(end)} 止")


@notice.command("list", epilog="Example: hotline prompts notice list")
def list_notices(
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON list instead of lines.")
    ] = False,
) -> None:
    """Every notice with its times, and whether it is played now; exit 1 when one has faulty
    audio.
    """
    from callcenter.notice_desk import state_of
    from callcenter.notices import load_notices, sound_fault
    from callcenter.settings import load_settings

    home, now = load_settings().home, datetime.now(UTC)
    rows = []
    is_faulty = False
    for one in load_notices(home):
        fault = sound_fault(one, home) if now < one.until else None
        is_faulty |= fault is not None
        rows.append(
            {
                "id": one.id,
                "language": one.language,
                "from": _local(one.since),
                "until": _local(one.until),
                "state": state_of(one, now, fault),
                "text": one.text,
            }
        )
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
    elif not rows:
        typer.echo("没有紧急通知")
    else:
        words = {
            "active": "生效中",
            "waiting": "未到时间",
            "over": "已结束",
            "off": "已停用",
            "faulty": "声音有问题",
        }
        for row in rows:
            times = f"{row['from']} ～ {row['until']}"
            typer.echo("\t".join((row["id"], words[row["state"]], times, row["text"])))
    if is_faulty:
        raise typer.Exit(1)


@notice.command("clear", epilog="Example: hotline prompts notice clear 20261122_071500_zh")
def clear(
    notice_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="As in notice list.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> None:
    """Take a notice back at once; calls that are hearing it hear it to its end."""
    from callcenter.notices import clear_notice, load_notices
    from callcenter.settings import load_settings

    home = load_settings().home
    found = [one for one in load_notices(home) if every or one.id == notice_id]
    if not found and not every:
        raise Fault(f"没有编号为 {notice_id} 的紧急通知" if notice_id else "请给出编号，或用 --all")
    for one in found:
        clear_notice(home, one)
        typer.echo(f"紧急通知 {one.id} 已取消")


def _audio(home: Path, notice_id: str, text: str, file: Path | None, language: str) -> Lines:
    from callcenter.notice_sound import NoVoice, record, speak
    from callcenter.settings import load_settings
    from ivr_flows.prompts.texts import PromptFault

    stem = home / "prompts" / language / f"notice_{notice_id}"
    try:
        if file:
            return record(stem, file, text=text, language=language)
        return speak(stem, text=text, language=language, cache=load_settings().cache)
    except PromptFault as fault:
        raise Fault(str(fault)) from fault
    except NoVoice as fault:
        raise Fault(
            f"本机不能合成语音，请录好后用 --file 给出（WAV、FLAC、OGG、MP3）：{fault}"
        ) from fault


def _moment(given: str) -> datetime:
    """A time as it is typed, in China's zone if it names none; aware UTC."""
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(_ZONE)
    if len(given) <= 5 and ":" in given:
        given = f"{datetime.now(zone):%Y-%m-%d} {given}"
    for form in _FORMS:
        try:
            return datetime.strptime(given, form).replace(tzinfo=zone).astimezone(UTC)
        except ValueError:
            continue
    raise Fault(f"看不懂时间 {given}，请写成 2026-11-22 18:00，或今天的 18:00")


def _local(moment: datetime) -> str:
    from zoneinfo import ZoneInfo

    return f"{moment.astimezone(ZoneInfo(_ZONE)):%Y-%m-%d %H:%M}"
