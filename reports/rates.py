"""The named rates: each one a function that divides two sums of `metrics.Counts`.

Sources in brackets are those of the domain notes: [W10] 市民热线工作标准, [W11] and [W12]
call-centre practice, [W13] a 12345 product, [W15] Anhui 12348.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from reports.metrics import Counts, SoFar

Kind = Literal["rate", "count", "mean"]
Parts = tuple[int, int]  # numerator, denominator


@dataclass(frozen=True, slots=True)
class Measure:
    """A name, its Chinese label, how it is worked out, and what must be reached, if anything.

    `waits_for_rating`: an answered call belongs to it when it is known whether it was rated.
    """

    metric: str
    label: str
    kind: Kind
    parts: Callable[[Counts], Parts]
    target: float | None = None
    waits_for_rating: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """One measure of one group of calls. A mean's value is in seconds, its numerator too."""

    metric: str
    label: str
    kind: Kind
    numerator: float
    denominator: int
    target: float | None

    @property
    def value(self) -> float | None:
        """None where nothing was to be counted: neither 0 % nor 100 %."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None without a target or without a value."""
        if self.target is None or self.value is None:
            return None
        return self.value >= self.target


RATES: dict[str, Measure] = {}
COUNTS: dict[str, Measure] = {}


def _rate(
    label: str, target: float | None = None, *, waits_for_rating: bool = False
) -> Callable[[Callable[[Counts], Parts]], Callable[[Counts], Parts]]:
    def register(parts: Callable[[Counts], Parts]) -> Callable[[Counts], Parts]:
        RATES[parts.__name__] = Measure(
            parts.__name__, label, "rate", parts, target, waits_for_rating
        )
        return parts

    return register


@_rate("接通率（呼入口径）")
def answer_rate_gross(c: Counts) -> Parts:
    """A: answered of all calls that were let in; calls that ended in the menu weigh on it."""
    return c.n_ans, c.n_in - c.n_blocked


@_rate("接通率（人工口径）", target=0.95)
def answer_rate_agent(c: Counts) -> Parts:
    """B, the one assessed: answered of those who asked for a person, one request per call
    however often the key was pressed [W11]. Callbacks and messages stay in the denominator."""
    return c.n_ans, c.n_req


@_rate("接通率（呼入净口径）")
def answer_rate_net_in(c: Counts) -> Parts:
    """C: as A without calls hung up less than 5 s after arriving [W13]."""
    return c.n_ans, c.n_in - c.n_blocked - c.n_short_in


@_rate("接通率（人工净口径）")
def answer_rate_net_agent(c: Counts) -> Parts:
    """B′: as B without calls hung up less than 5 s after asking for a person."""
    return c.n_ans, c.n_req - c.n_short_req


@_rate("15秒服务水平")
def sl_15(c: Counts) -> Parts:
    """Answered within 15 s (15.000 s is within) of those who asked; the clock covers waiting
    and ringing, from the key press for a person [W12]."""
    return c.n_in_15, c.n_req


@_rate("20秒服务水平")
def sl_20(c: Counts) -> Parts:
    """Answered within 20 s of those who asked."""
    return c.n_in_20, c.n_req


@_rate("15秒应答及时率", target=0.80)
def timely_15(c: Counts) -> Parts:
    """Answered within 15 s of those answered at all [W10]."""
    return c.n_in_15, c.n_ans


@_rate("放弃率")
def abandon_rate(c: Counts) -> Parts:
    """Asked, and neither answered nor taken over as callback or message, of those who asked;
    calls that we ended ourselves are in it, for the caller got nobody all the same."""
    return c.n_req - c.n_ans - c.n_overflow, c.n_req


@_rate("测评率", waits_for_rating=True)
def rated_rate(c: Counts) -> Parts:
    """Rated of answered: not of invited, so that not asking cannot better it [W15]."""
    return c.n_rated, c.n_ans


@_rate("满意率", target=0.90)
def satisfaction(c: Counts) -> Parts:
    """Rated 非常满意, 满意 or 基本满意 (1 to 3) of rated; no key pressed is not a rating."""
    return c.n_satisfied, c.n_rated


def _count(metric: str, label: str) -> None:
    COUNTS[metric] = Measure(metric, label, "count", lambda c: (getattr(c, metric), 1))


_count("n_in", "呼入量")
_count("n_blocked", "拦截量")
_count("n_ivr_end", "自助结束量")
_count("n_req", "人工请求量")
_count("n_ans", "人工接通量")
_count("n_overflow", "溢出量")
_count("n_abandon", "放弃量")
_count("n_busy", "未能受理量")
_count("n_invited", "邀评量")
_count("n_callback", "回拨请求量")
_count("n_message", "语音留言量")
COUNTS["wait_mean_s"] = Measure(
    "wait_mean_s", "平均等待（秒）", "mean", lambda c: (c.wait_ms, c.n_ans)
)
COUNTS["talk_mean_s"] = Measure(
    "talk_mean_s", "平均通话（秒）", "mean", lambda c: (c.talk_ms, c.n_ans)
)


def results(counts: Counts, measures: Iterable[Measure]) -> tuple[Result, ...]:
    """Work out each measure of these sums."""
    return tuple(_result(counts, measure) for measure in measures)


def results_so_far(known: SoFar, measures: Iterable[Measure]) -> tuple[Result, ...]:
    """Work out each measure of calls some of which still go on: of those whose fate is known."""
    decided = replace(known.settled, n_ans=known.settled.n_ans - known.unrated)
    return tuple(
        _result(decided if measure.waits_for_rating else known.settled, measure)
        for measure in measures
    )


def _result(counts: Counts, measure: Measure) -> Result:
    above, below = measure.parts(counts)
    numerator = above / 1000 if measure.kind == "mean" else above
    return Result(measure.metric, measure.label, measure.kind, numerator, below, measure.target)
