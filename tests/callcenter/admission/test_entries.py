"""The blacklist's rules: two persons, evidence, an end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callcenter.admission.entries import Entry, Refused, appeal, approve, lift, propose

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def proposed(**how: Any) -> Entry:
    given = {
        "reason": "反复骚扰",
        "evidence": ("a", "b", "c"),
        "by": "李梅",
        "until": NOW + 30 * DAY,
        "now": NOW,
        **how,
    }
    number = given.pop("number", "0431-5550123")
    return propose(1, number, **given)


def test_the_way_of_an_entry() -> None:
    entry = proposed()
    assert (entry.number, entry.state(NOW)) == ("+864315550123", "proposed")
    entry = approve(entry, by="王强", now=NOW + DAY)
    assert entry.state(NOW + DAY) == "in_force"
    entry = appeal(entry, note="号码已换人", now=NOW + 2 * DAY)
    assert (entry.state(NOW + 2 * DAY), entry.appeal) == ("in_force", "号码已换人")
    entry = lift(entry, by="赵云", now=NOW + 3 * DAY)
    assert (entry.state(NOW + 3 * DAY), entry.lifted_by) == ("lifted", "赵云")


def test_an_entry_ends_by_itself() -> None:
    entry = approve(proposed(), by="王强", now=NOW)
    assert entry.state(NOW + 30 * DAY - timedelta(seconds=1)) == "in_force"
    assert entry.state(NOW + 30 * DAY) == "over"


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"evidence": ("a", "b")}, "至少要有 3 通"),
        ({"evidence": ("a", "b", "a", "b")}, "至少要有 3 通"),
        ({"until": NOW}, "180 天之内"),
        ({"until": NOW + 181 * DAY}, "180 天之内"),
        ({"number": "110"}, "不是可以限制的"),
        ({"number": "12345"}, "不是可以限制的"),
        ({"number": "anonymous"}, "不是可以限制的"),
        ({"reason": "  "}, "写明理由"),
        ({"by": " "}, "写明经办人"),
    ],
)
def test_what_cannot_be_proposed(how: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused, match=why):
        proposed(**how)


@pytest.mark.parametrize("by", ["李梅", " 李梅 "])
def test_nobody_approves_what_he_proposed(by: str) -> None:
    with pytest.raises(Refused, match="不能批准自己"):
        approve(proposed(), by=by, now=NOW)


def test_what_is_over_is_neither_approved_lifted_nor_appealed() -> None:
    later = NOW + 31 * DAY
    for move in (
        lambda: approve(proposed(), by="王强", now=later),
        lambda: lift(proposed(), by="王强", now=later),
        lambda: appeal(proposed(), note="x", now=later),
        lambda: approve(lift(proposed(), by="王强", now=NOW), by="赵云", now=NOW),
        lambda: approve(approve(proposed(), by="王强", now=NOW), by="赵云", now=NOW),
    ):
        with pytest.raises(Refused):
            move()
