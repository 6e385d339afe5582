"""A simulation as supervisors read it in the terminal: Chinese tables, two policies abreast."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from seats.places import name_of

GROUPS = {
    "family": "婚姻家庭",
    "labour": "劳动劳务",
    "contract": "合同债务",
    "general": "其他咨询",
    "service": "办理预约",
}
UNKNOWN = "未知"

_LINES = (
    ("answer_rate", "接通率", "rate"),
    ("service_level", "20秒接通率", "rate"),
    ("abandon_rate", "放弃率", "rate"),
    ("wait_mean", "平均等候（秒）", "seconds"),
    ("wait_p50", "等候 50%分位", "seconds"),
    ("wait_p90", "等候 90%分位", "seconds"),
    ("wait_p95", "等候 95%分位", "seconds"),
    ("wait_p99", "等候 99%分位", "seconds"),
    ("answered", "坐席接听", "count"),
    ("abandoned", "放弃", "count"),
    ("callback", "转回拨", "count"),
    ("message", "转留言", "count"),
    ("line", "转外线", "count"),
    ("left_over", "无人可接", "count"),
)
_FAIR = (
    ("jain", "坐席负荷均衡（Jain，1最均）", "plain"),
    ("gini", "接听量差距（Gini，0最均）", "plain"),
    ("answer_rate_spread", "各市州接通率最大差", "rate"),
    ("wait_spread_s", "各市州平均等候最大差（秒）", "seconds"),
)
_COLUMNS = ("answer_rate", "service_level", "abandon_rate", "wait_mean", "wait_p95")
_HEADS = {name: head for name, head, _ in _LINES}
_KINDS = {name: kind for name, _, kind in (*_LINES, *_FAIR)}


def screen(result: Mapping[str, Any], by: Iterable[str]) -> Group:
    """The whole: totals, then the tables that `by` names (group, city, hour, seat)."""
    runs = result["runs"]
    parts: list[Table | Text] = [Text(_title(result)), _totals(runs, result.get("difference", {}))]
    for column, title, name in (
        ("group", "按事项", "groups"),
        ("city", "按市州", "cities"),
        ("hour", "按时段", "hours"),
    ):
        if column in by:
            parts.append(_rows(runs, title, name, column))
    if "seat" in by:
        parts.append(_seats(runs))
    return Group(*parts)


def shown(value: Any, kind: str) -> str:
    """A figure as people read it; — for none."""
    if value is None:
        return "—"
    return {
        "rate": f"{value:.2%}",
        "seconds": f"{value:.1f}",
        "count": f"{value:,}",
        "plain": f"{value:.3f}",
    }[kind]


def named(column: str, value: Any) -> str:
    """A group, city or hour in words."""
    if value is None:
        return UNKNOWN
    if column == "group":
        return GROUPS.get(value, str(value))
    if column == "city":
        return name_of(str(value))
    return f"{value:02}时"


def _title(result: Mapping[str, Any]) -> str:
    habits = result["habits"]
    lines = (
        f"模拟 {result['calls']:,} 次人工请求，自 {result['from']} 起，随机种子 {result['seed']}",
        f"耐心 {habits['patience']}  通话 {habits['talk'].get('all', '')}  "
        f"话后 {habits['wrap_up']}  振铃无人接 {habits['no_answer']:.1%}  "
        f"回拨 {habits['callback']:.1%}",
    )
    return "\n".join(lines)


def _table(title: str, *heads: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for n, head in enumerate(heads):
        table.add_column(head, justify="left" if n == 0 else "right", no_wrap=True)
    return table


def _totals(runs: Sequence[Mapping[str, Any]], difference: Mapping[str, Any]) -> Table:
    letters = "AB" if len(runs) > 1 else " "
    names = [
        f"{letter} {run['policy']}（{len(run['seats'])}席）".strip()
        for letter, run in zip(letters, runs, strict=True)
    ]
    heads = ["指标", *names, *(("差（95%区间）",) if len(runs) > 1 else ())]
    table = _table("合计（接通率目标 95%）", *heads)
    for name, head, kind in _LINES:
        values = [run["total"][name] for run in runs]
        if kind == "count" and not any(values):
            continue
        cells = [shown(value, kind) + _verdict(name, value) for value in values]
        if len(runs) > 1:
            cells.append(_differs(difference.get(name), kind))
        table.add_row(head, *cells)
    for name, head, kind in _FAIR:
        cells = [shown(run["fairness"][name], kind) for run in runs]
        table.add_row(head, *cells, *([""] if len(runs) > 1 else []))
    return table


def _verdict(name: str, value: float | None) -> str:
    if name != "answer_rate" or value is None:
        return ""
    return " 达标" if value >= 0.95 else " 未达"


def _differs(found: Mapping[str, float] | None, kind: str) -> str:
    if found is None:
        return ""
    scale, unit = (100, "点") if kind == "rate" else (1, "秒")
    value, low, high = (found[name] * scale for name in ("value", "low", "high"))
    mark = "" if low <= 0 <= high else " *"
    return f"{value:+.2f}{unit} ({low:+.2f}~{high:+.2f}){mark}"


def _rows(runs: Sequence[Mapping[str, Any]], title: str, name: str, column: str) -> Table:
    heads = [title[1:], "请求"]
    for head in (_HEADS[each] for each in _COLUMNS):
        heads += [head] if len(runs) == 1 else [f"{head} A", "B"]
    table = _table(title, *heads)
    keyed = [{row[column]: row for row in run[name]} for run in runs]
    for key, first in keyed[0].items():
        cells = [named(column, key), shown(first["calls"], "count")]
        for each in _COLUMNS:
            cells += [shown(rows[key][each], _KINDS[each]) for rows in keyed]
        table.add_row(*cells)
    return table


def _seats(runs: Sequence[Mapping[str, Any]]) -> Table:
    heads = ["坐席", "归属"]
    for letter in "AB"[: len(runs)]:
        suffix = f" {letter}" if len(runs) > 1 else ""
        heads += [f"接听{suffix}", f"未接{suffix}", f"利用率{suffix}"]
    table = _table("按坐席（利用率=振铃、通话、话后/在班）", *heads)
    keyed = [{row["seat"]: row for row in run["seats"]} for run in runs]
    for number in dict.fromkeys(number for rows in keyed for number in rows):
        rows = [each.get(number) for each in keyed]
        seat = next(row for row in rows if row is not None)
        place = named("city", seat["city"]) if seat["city"] else "省级"
        cells = [number, place]
        for row in rows:
            if row is None:
                cells += ["", "", ""]
            else:
                cells += [shown(row["answered"], "count"), shown(row["missed"], "count")]
                cells.append(shown(row["occupancy"], "rate"))
        table.add_row(*cells)
    return table
