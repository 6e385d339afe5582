"""`hotline prompts notice`: what every caller hears right after the greeting, from one time until
another.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callcenter.cli import Fault

if TYPE_CHECKING:
    from callcenter.notices import Notice

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
    from callcenter.notices import Notice, clear_notice, sound_fault, write_notice
    from callcenter.settings import load_settings
    from callcenter.sounds import lay_in, prepare

    now = datetime.now(UTC)
    start = _moment(since) if since else now
    end = _moment(until)
    if end <= max(start, now):
        raise Fault("结束时间要在开始时间和现在之后")
    if not text and not file:
        raise Fault("请用 --text 给出文字，或用 --file 给出录音")
    home = load_settings().home
    made = Notice(_free_id(home, now, language), language, text or "", start, end, now)
    done = _record(made, file, home) if file else _speak(made, home)
    if not lay_in(home, made.prompt, language):
        prepare(home)  # nothing runs here, or not in this language yet
    if fault := sound_fault(made, home):
        clear_notice(home, made)
        raise Fault(f"紧急通知没有设置，声音文件放不出来（{fault}）")
    write_notice(home, made)
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
                "state": "faulty" if fault else _state(one, now),
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


def _record(made: Notice, file: Path, home: Path) -> tuple[str, ...]:
    from ivr_flows.prompts.check import length_of
    from ivr_flows.prompts.saying import spelled_out
    from ivr_flows.prompts.texts import Prompt, PromptFault, folder_of
    from ivr_flows.prompts.upload import LONGEST_S, take_in

    try:
        folder_of(made.language)  # a language that is spoken here
        length_s = (0.5, LONGEST_S)
        if made.text:
            say = spelled_out(made.text, made.language)
            least, most = length_of(Prompt(made.prompt, made.text, say, "sentence", made.language))
            length_s = (least, min(most + 2, LONGEST_S))
        ready = take_in(file, text=made.text, length_s=length_s)
    except PromptFault as fault:
        raise Fault(str(fault)) from fault
    ready.write(home / "prompts" / made.language / made.prompt)
    return ready.done


def _speak(made: Notice, home: Path) -> tuple[str, ...]:
    from callcenter.settings import load_settings
    from ivr_flows.prompts.kokoro import Kokoro, VoiceFault, fetch
    from ivr_flows.prompts.make import speak_both
    from ivr_flows.prompts.saying import spelled_out
    from ivr_flows.prompts.texts import PromptFault

    stem = home / "prompts" / made.language / made.prompt
    try:
        say = spelled_out(made.text, made.language)
        _, seconds = speak_both(stem, say, made.language, Kokoro(fetch(load_settings().cache)))
    except PromptFault as fault:
        raise Fault(str(fault)) from fault
    except VoiceFault as fault:
        raise Fault(
            f"本机不能合成语音，请录好后用 --file 给出（WAV、FLAC、OGG、MP3）：{fault}"
        ) from fault
    return (f"已合成语音 {seconds:.1f} 秒：{say}",)


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


def _state(one: Notice, now: datetime) -> str:
    if one.is_in_force(now):
        return "active"
    return "waiting" if now < one.since else "over"


def _free_id(home: Path, now: datetime, language: str) -> str:
    from zoneinfo import ZoneInfo

    from callcenter.notices import notice_folder

    base = f"{now.astimezone(ZoneInfo(_ZONE)):%Y%m%d_%H%M%S}_{language[:2]}"
    taken = {file.stem for file in notice_folder(home).glob("*.json")}
    ids = (base if not number else f"{base}_{number}" for number in range(len(taken) + 1))
    return next(name for name in ids if name not in taken)
