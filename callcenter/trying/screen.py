"""A talk for the eye: what is said, where it goes and why, in Chinese, turn by turn."""

from __future__ import annotations

import sys
from typing import Final

from rich import box
from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from callcenter.trying.situation import Situation
from callcenter.trying.texts import Texts
from callcenter.trying.words import fitting
from ivr_flows.catalogue import Catalogue
from ivr_flows.coverage import Coverage
from ivr_flows.model import Flow
from ivr_flows.names import HOME_LANGUAGE
from ivr_flows.scenario import ScenarioTurn
from ivr_flows.speech import position_clips
from ivr_flows.talk import Talk, Told
from ivr_flows.turn import Act, CallService, Collect, End, JoinQueue, RecordVoice, Transfer, Turn
from seats.places import name_of

_PIPE_WIDTH: Final = 100  # a pipe has no width of its own
_MARGIN: Final = 4  # columns between and beside two others
_WEEKDAYS: Final = "一二三四五六日"
_LANGUAGES: Final = {"zh-CN": "普通话", "ko-KR": "朝鲜语", "en": "英语"}
_NOTES: Final = {"callback": "回拨请求", "message": "留言", "note": "录音"}
_NOTHING: Final = "[dim]（不说话）[/dim]"


class Screen:
    """Prints a talk in the words of a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        width = None if sys.stdout.isatty() else _PIPE_WIDTH
        self._console = Console(width=width, highlight=False)
        self._texts = Texts(catalogue.prompts)
        self._lines, self._services = catalogue.lines or {}, catalogue.services or {}

    def beginning(self, flow: Flow, here: Situation) -> None:
        """What is tried, and what is pretended."""
        city = name_of(here.city) if here.city else "归属地不明"
        day = f"{here.now:%Y-%m-%d %H:%M} 星期{_WEEKDAYS[here.now.weekday()]}"
        caller = here.caller or "不显示号码"
        lines = [f"[bold]{escape(flow.title)}[/bold]  [dim]{flow.flow} 第 {flow.version} 版[/dim]"]
        lines.append(f"{day}  ·  {caller}  ·  {city}  ·  排队 {here.waiting} 人")
        facts = "  ".join(f"{name}={value}" for name, value in sorted(here.facts.items()))
        lines.append(f"[dim]{facts}[/dim]")
        lines += [f"[yellow]注意：{escape(note)}[/yellow]" for note in here.notes]
        self._console.print(Panel("\n".join(lines), box=box.ROUNDED, expand=False))

    def turn(self, told: Told, first: str) -> None:
        """What happened, and what came of it; `first` is the flow where the call began."""
        self._console.print(f"\n[bold cyan]▶ {escape(_happening(told.planned))}[/bold cyan]")
        table = Table.grid(padding=(0, 1, 0, 1))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        table.add_row("经过", _path(told, first))
        if told.looked_at:
            looked = (f"{name} = {value or '不知道'}" for name, value in told.looked_at.items())
            table.add_row("依据", "，".join(looked))
        if told.last.language != HOME_LANGUAGE:
            table.add_row("语言", _LANGUAGES.get(told.last.language, told.last.language))
        for turn in told.turns:
            for label, row in self._rows(turn):
                table.add_row(label, row)
        table.add_row("[bold]然后[/bold]", f"[bold]{escape(self.does(told.last.act))}[/bold]")
        self._console.print(table)

    def _rows(self, turn: Turn) -> list[tuple[str, Text | str]]:
        rows: list[tuple[str, Text | str]] = []
        if turn.fault:
            rows.append(
                ("故障", f"[red]{escape(turn.fault.step)}：{escape(turn.fault.reason)}[/red]")
            )
        if turn.alarm:
            rows.append(("警报", f"[bold red]{turn.alarm}[/bold red]"))
        for prompt in turn.say:
            said = self._said(prompt, turn.language)
            rows.append(("播放", said))
        return rows

    def _said(self, prompt: str, language: str) -> Text:
        text = self._texts.text(prompt, language) or "（没有文字）"
        if self._texts.is_missing(prompt, language):
            text += f"（没有{_LANGUAGES.get(language, language)}，用普通话）"
        name = f"{prompt}  "
        text = self._broken_up(name + text, cell_len("播放"))[len(name) :]
        return Text.assemble((name, "dim"), (text, "green"))

    def _broken_up(self, text: str, left: int) -> str:
        """Into lines that fit beside `left` columns: Chinese has no blanks to break a line at."""
        if text.isascii():
            return text
        return "\n".join(chop_cells(text, self._console.width - left - _MARGIN))

    def in_line(self, act: JoinQueue, waiting: int, language: str) -> None:
        """What who waits hears now and then."""
        clips = position_clips(waiting)
        rows = [(f"每 {act.every_s} 秒", clips)]
        if act.offers:
            rows.append((f"{act.offer_after_s} 秒起", act.offer_say))
        table = Table.grid(padding=(0, 1, 0, 1))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for when, prompts in rows:
            text = "".join(self._texts.text(prompt, language) for prompt in prompts)
            table.add_row(when, Text(self._broken_up(text, cell_len(when)), style="green"))
        self._console.print(table)

    def does(self, act: Act) -> str:
        """What the hotline does or waits for now, in words."""
        match act:
            case Collect(purpose="survey", wait_s=wait_s):
                return f"等待评价按键 1 到 5，{wait_s:g} 秒"
            case Collect(purpose="number" | "digits", wait_s=wait_s):
                return f"等待输入数字，每键 {wait_s:g} 秒"
            case Collect(keys=keys, wait_s=wait_s):
                return f"等待按键 {' '.join(keys)}，{wait_s:g} 秒"
            case JoinQueue(group=group):
                name = self._texts.text(f"group_{group}", HOME_LANGUAGE).rstrip("。")
                return f"排队等人工：{name or group}（{group}）"
            case RecordVoice(kind=kind, limit_s=limit_s):
                return f"录音（{_NOTES[kind]}），最长 {limit_s} 秒"
            case Transfer(line=line, ring_s=ring_s):
                title = self._lines[line].title if line in self._lines else line
                return f"转接 {title}（{line}），振铃 {ring_s} 秒"
            case CallService(service=name):
                title = self._services[name].title if name in self._services else name
                return f"查询 {title}（{name}）"
            case End(is_rescue=is_rescue):
                return "交给后备队列" if is_rescue else "挂断，通话结束"

    def note(self, text: str) -> None:
        """A remark that is no turn."""
        self._console.print(f" [yellow]{escape(text)}[/yellow]")

    def waits(self, talk: Talk) -> None:
        """What the flow waits for when nobody says more."""
        if talk.is_over:
            self._console.print("\n[bold]通话结束。[/bold]")
            return
        self._console.print(f"\n[bold]停在这里[/bold]：{escape(self.does(talk.act))}")
        self._console.print(f"[dim]{escape(fitting(talk.act, self._services))}[/dim]")

    def ask(self) -> str:
        """What the person says next; EOFError when there is no more."""
        return self._console.input("[bold cyan]＞ [/bold cyan]")

    def help(self, act: Act) -> None:
        """What may be said."""
        for line in (
            fitting(act, self._services),
            "回车 不按键 · b 退回一步 · 坏了 这一步放不出来或做不了 · q 结束 · ? 帮助",
        ):
            self._console.print(f" [dim]{escape(line)}[/dim]")

    def coverage(self, found: list[Coverage]) -> None:
        """A table of flows with what no scenario touches."""
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for name in ("流程", "场景", "步骤", "按键", "覆盖"):
            table.add_column(name, justify="left" if name == "流程" else "right", no_wrap=True)
        table.add_column("没有场景走到的", overflow="fold")
        for one in found:
            steps, keys = one.count(keys=False), one.count(keys=True)
            colour = "green" if not one.untouched else "yellow"
            table.add_row(
                f"{one.flow.flow} [dim]{escape(one.flow.title)}[/dim]",
                str(one.scenarios),
                f"{steps[0]}/{steps[1]}",
                f"{keys[0]}/{keys[1]}",
                f"[{colour}]{one.percent:.0f}%[/{colour}]"
                if one.percent in (0, 100)
                else f"[{colour}]{one.percent:.1f}%[/{colour}]",
                "、".join(one.left) or "—",
            )
        self._console.print(table)


def _happening(planned: ScenarioTurn) -> str:
    match planned.happening:
        case "call":
            return "来电"
        case "press":
            return f"按 {planned.press}"
        case "no_key":
            return "没有按键"
        case "answered":
            return "坐席接听，通话完毕后坐席挂断"
        case "spoken":
            return "说完"
        case "broken":
            return f"坏了：{planned.broken}"
        case "transferred":
            is_answered = planned.transferred == "answered"
            return "对方接听，通话完毕后挂断" if is_answered else "没有接通"
        case "service":
            told = planned.service
            if not isinstance(told, dict):
                return "服务没有答复"
            return f"服务答复：{'，'.join(f'{name} = {value}' for name, value in told.items())}"


def _path(told: Told, flow: str) -> str:
    """Steps passed; a step that waits for one digit after another is named once."""
    steps: list[str] = []
    last: tuple[str, str] | None = None
    for turn in told.turns:
        for at in turn.path:
            if at != last:
                steps.append(at[1] if at[0] == flow else ".".join(at))
            last, flow = at, at[0]
    return " → ".join(steps) or "—"
