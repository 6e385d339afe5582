"""A simulation drawn for supervisors, in Chinese: one or two policies on the same calls, as SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

import numpy as np

from callcenter.simulating.screen import named, shown
from callcenter.simulating.told import Run
from seats.simulation.figures import TARGET, WITHIN_S
from seats.simulation.played import Outcome

WIDTH: Final = 1080
HEIGHT: Final = 860
COLOURS: Final = ("#1f6f5c", "#c9622d")
FONT: Final = "'Noto Sans CJK SC','Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif"
MOST_SECONDS: Final = 120
_LEAST_HOUR: Final = 0.002  # share of all calls, for an hour to be drawn

_INK, _SOFT, _GRID = "#17211e", "#5b6a65", "#dbe3e0"
_PANELS: Final = (
    (24, 196, 504, 300),
    (552, 196, 504, 300),
    (24, 520, 504, 316),
    (552, 520, 504, 316),
)


def picture(result: Mapping[str, Any], runs: Sequence[Run]) -> str:
    """The whole picture; the same result, the same bytes."""
    told = result["runs"]
    parts = [*_head(result), *_totals(result)]
    parts += _panel(0, "各时段接通率", "虚线：目标 95%", lambda box: _hours(box, told))
    parts += _panel(1, "多少秒内接通", "占全部人工请求", lambda box: _waits(box, runs))
    parts += _panel(2, "各市州接通率", "虚线：目标 95%", lambda box: _cities(box, told))
    parts += _panel(3, "坐席利用率", "每席一柱，由高到低", lambda box: _seats(box, told))
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="{FONT}" role="img">\n{body}\n</svg>\n'
    )


class _Box:
    """A panel's plot area: shares 0..1 of it, from its left and from its bottom, to pixels."""

    def __init__(self, x: float, y: float, width: float, height: float) -> None:
        self.left, self.right = x, x + width
        self.top, self.bottom = y, y + height

    def x(self, share: float) -> float:
        return round(self.left + share * (self.right - self.left), 1)

    def y(self, share: float) -> float:
        return round(self.bottom - share * (self.bottom - self.top), 1)


def _text(x: float, y: float, text: str, size: int = 13, **more: str) -> str:
    given = {"fill": _INK, **more}
    attributes = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in given.items())
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}"{attributes}>{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str = _GRID, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{colour}"{dashed}/>'


def _rect(x: float, y: float, width: float, height: float, colour: str, radius: float = 0) -> str:
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:.1f}" height="{height:.1f}" '
        f'rx="{radius:g}" fill="{colour}"/>'
    )


def _path(points: Sequence[tuple[float, float]], colour: str) -> str:
    line = " ".join(f"{x:g},{y:g}" for x, y in points)
    return f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2.5"/>'


def _head(result: Mapping[str, Any]) -> Iterator[str]:
    runs = result["runs"]
    yield _rect(0, 0, WIDTH, HEIGHT, "#f6f8f7")
    what = "两种派线策略，同样的来电" if len(runs) > 1 else "派线策略模拟"
    yield _text(24, 42, what, 24, font_weight="700")
    calls = f"{result['calls']:,} 次人工请求，自 {result['from']} 起，随机种子 {result['seed']}"
    yield _text(WIDTH - 24, 42, calls, 14, fill=_SOFT, text_anchor="end")


def _totals(result: Mapping[str, Any]) -> Iterator[str]:
    """A line of the main figures for each run, and what differs between them."""
    heads = ("接通率", "20秒接通率", "放弃率", "平均等候", "95%的人等候不超过", "坐席均衡")
    at = (330, 440, 550, 660, 800, 960)
    for x, head in zip(at, heads, strict=True):
        yield _text(x, 78, head, 13, fill=_SOFT)
    for n, run in enumerate(result["runs"]):
        y = 106 + 28 * n
        total, fair = run["total"], run["fairness"]
        yield _rect(24, y - 13, 16, 16, COLOURS[n], 3)
        name = f"{'AB'[n]} {run['policy']}（{len(run['seats'])}席）"
        yield _text(50, y, name, 16, font_weight="700")
        cells = [shown(total[name], "rate") for name in ("answer_rate", "service_level")]
        cells.append(shown(total["abandon_rate"], "rate"))
        cells += [f"{shown(total[name], 'seconds')}秒" for name in ("wait_mean", "wait_p95")]
        cells.append(shown(fair["jain"], "plain"))
        for x, cell in zip(at, cells, strict=True):
            yield _text(x, y, cell, 16, font_weight="700", fill=COLOURS[n])
    difference = result.get("difference")
    if difference:
        yield _text(50, 162, "B − A（95%区间）", 13, fill=_SOFT)
        names = ("answer_rate", "service_level", "abandon_rate", "wait_mean")
        for x, name in zip(at[:4], names, strict=True):
            yield _text(x, 162, _differs(difference[name], name), 13)
            yield _text(x, 179, _interval(difference[name], name), 11, fill=_SOFT)


def _scaled(found: Mapping[str, float], name: str) -> tuple[list[float], str]:
    scale, unit = (1.0, "秒") if name == "wait_mean" else (100.0, "点")
    return [found[key] * scale for key in ("value", "low", "high")], unit


def _differs(found: Mapping[str, float], name: str) -> str:
    (value, low, high), unit = _scaled(found, name)
    return "分不出高下" if low <= 0 <= high else f"{value:+.2f} {unit}"


def _interval(found: Mapping[str, float], name: str) -> str:
    (_, low, high), _ = _scaled(found, name)
    return f"{low:+.2f} ~ {high:+.2f}"


def _panel(n: int, title: str, note: str, draw: Callable[[_Box], Iterator[str]]) -> Iterator[str]:
    x, y, width, height = _PANELS[n]
    yield _rect(x, y, width, height, "#ffffff", 10)
    yield _text(x + 18, y + 30, title, 16, font_weight="700")
    yield _text(x + width - 18, y + 30, note, 12, fill=_SOFT, text_anchor="end")
    yield from draw(_Box(x + 58, y + 52, width - 80, height - 92))


def _scale(box: _Box, low: float) -> Iterator[str]:
    """Lines and figures of rates from `low` to 1."""
    steps = 5 if low in (0.0, 0.5) else 4
    for n in range(steps + 1):
        value = low + (1 - low) * n / steps
        y = box.y(n / steps)
        yield _line(box.left, y, box.right, y)
        yield _text(box.left - 8, y + 4, f"{value:.0%}", 11, fill=_SOFT, text_anchor="end")


def _target(box: _Box, low: float) -> str:
    y = box.y((TARGET - low) / (1 - low))
    return _line(box.left, y, box.right, y, "#b3261e", "6 4")


def _low(rates: Sequence[float]) -> float:
    """Where a scale of rates begins, so that what differs can be seen: 80 %, 60 %, 50 % or 0."""
    least = min(rates, default=0.0)
    return next((low for low in (0.8, 0.6, 0.5) if least >= low), 0.0)


def _hours(box: _Box, told: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    drawn = [
        [row for row in run["hours"] if row["calls"] >= run["total"]["calls"] * _LEAST_HOUR]
        for run in told
    ]
    low = _low([row["answer_rate"] for rows in drawn for row in rows])
    yield from _scale(box, low)
    for hour in range(0, 25, 4):
        yield _text(
            box.x(hour / 24), box.bottom + 20, f"{hour}时", 11, fill=_SOFT, text_anchor="middle"
        )
    yield _target(box, low)
    for n, rows in enumerate(drawn):
        at = {row["hour"]: box.y((row["answer_rate"] - low) / (1 - low)) for row in rows}
        for hour, y in at.items():
            x, before = box.x((hour + 0.5) / 24), box.x((hour - 0.5) / 24)
            if hour - 1 in at:  # over hours with next to no calls nothing is drawn
                yield _path([(before, at[hour - 1]), (x, y)], COLOURS[n])
            yield f'<circle cx="{x:g}" cy="{y:g}" r="3" fill="{COLOURS[n]}"/>'


def _waits(box: _Box, runs: Sequence[Run]) -> Iterator[str]:
    yield from _scale(box, 0.0)
    for seconds in range(0, MOST_SECONDS + 1, 20):
        at = box.x(seconds / MOST_SECONDS)
        yield _text(at, box.bottom + 20, f"{seconds}秒", 11, fill=_SOFT, text_anchor="middle")
    in_time = box.x(WITHIN_S / MOST_SECONDS)
    yield _line(in_time, box.top, in_time, box.bottom, _SOFT, "3 3")
    for n, run in enumerate(runs):
        waits = np.sort(run.played.wait_s[run.played.outcome == Outcome.ANSWERED])
        calls = max(1, len(run.played.calls))
        points = []
        for seconds in range(MOST_SECONDS + 1):
            share = float(np.searchsorted(waits, seconds, side="right")) / calls
            points.append((box.x(seconds / MOST_SECONDS), box.y(share)))
        yield _path(points, COLOURS[n])


def _cities(box: _Box, told: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    cities = [row["city"] for row in told[0]["cities"]][:14]
    rates = [{row["city"]: row["answer_rate"] for row in run["cities"]} for run in told]
    low = _low([rate for rows in rates for rate in rows.values()])
    area = _Box(box.left + 24, box.top, box.right - box.left - 24, box.bottom - box.top)
    for n in range(5):
        x = area.x(n / 4)
        yield _line(x, area.top, x, area.bottom)
        value = f"{low + (1 - low) * n / 4:.0%}"
        yield _text(x, area.bottom + 20, value, 11, fill=_SOFT, text_anchor="middle")
    x = area.x((TARGET - low) / (1 - low))
    yield _line(x, area.top, x, area.bottom, "#b3261e", "6 4")
    for row, city in enumerate(cities):
        y = area.top + (row + 0.5) * (area.bottom - area.top) / max(1, len(cities))
        yield _text(area.left - 10, y + 4, _short(city), 12, text_anchor="end")
        at = [area.x((rate[city] - low) / (1 - low)) for rate in rates]
        yield _line(min(at), y, max(at), y, "#9aa8a3")
        for n, x in enumerate(at):
            yield f'<circle cx="{x:g}" cy="{y:.1f}" r="5.5" fill="{COLOURS[n]}"/>'


def _short(city: str | None) -> str:
    name = named("city", city)
    return f"{name[:2]}州" if name.endswith("自治州") else name[:4]


def _seats(box: _Box, told: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    loads = [
        sorted((row["occupancy"] or 0.0 for row in run["seats"]), reverse=True) for run in told
    ]
    yield from _scale(box, 0.0)
    most = max(map(len, loads))
    width = (box.right - box.left) / max(1, most)
    for n, values in enumerate(loads):
        bar = width * 0.8 / len(loads)
        for at, value in enumerate(values):
            x = box.left + at * width + width * 0.1 + n * bar
            top = box.y(min(1.0, value))
            yield _rect(round(x, 1), top, bar, box.bottom - top, COLOURS[n])
    mean = [math.fsum(values) / len(values) for values in loads]
    words = "，".join(f"{'AB'[n]} 平均 {value:.0%}" for n, value in enumerate(mean))
    yield _text((box.left + box.right) / 2, box.bottom + 22, words, 12, text_anchor="middle")
