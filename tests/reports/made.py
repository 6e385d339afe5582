"""Calls made up for tests: one in words, any at all by Hypothesis, many by a seed."""

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from reports.facts import (
    Alarm,
    Attempt,
    Conversation,
    Note,
    OverflowRequest,
    Passed,
    Recording,
    Stint,
    Survey,
    Transfer,
)

# A busy machine is no fault of the code: no test of ours is about its own speed.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

T0 = datetime(2026, 3, 2, 1, 2, 3, 400_000, tzinfo=UTC)  # 09:02:03.4 in Shanghai


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def call(call_id: str = "a-1", **facts: Any) -> Conversation:
    """A call that ended in the menu after 60 s, but for what is said otherwise."""
    given = {"ended_at": at(60), "ended_by": "caller", "end_stage": "ivr", **facts}
    return Conversation(call_id=call_id, arrived_at=given.pop("arrived_at", T0), **given)


def answered(call_id: str = "a-1", *, waited_s: float = 10, **facts: Any) -> Conversation:
    """Asked at 5 s, answered by seat 8001 `waited_s` later, talked 100 s, rated 满意."""
    up = 5 + waited_s
    attempt = Attempt(
        seat="8001",
        level="municipal",
        offered_at=at(5),
        rang_at=at(5.2),
        answered_at=at(up),
        ended_at=at(up + 100),
        outcome="answered",
    )
    given = {
        "group": "labour",
        "city": "220100",
        "asked_at": at(5),
        "answered_at": at(up),
        "ended_at": at(up + 110),
        "end_stage": "survey",
        "attempts": (attempt,),
        "survey": Survey(invited_at=at(up + 100), answer=2),
        **facts,
    }
    return call(call_id, **given)


def queued(call_id: str = "a-1", *, lasted_s: float = 30, **facts: Any) -> Conversation:
    """Asked at 5 s, hung up in the queue `lasted_s` after asking."""
    given = {"asked_at": at(5), "ended_at": at(5 + lasted_s), "end_stage": "queue", **facts}
    return call(call_id, **given)


times = st.datetimes(
    datetime(2025, 12, 30), datetime(2026, 1, 3), timezones=st.just(UTC)
)  # few enough days that several calls share one
text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | text
)
extras = st.dictionaries(
    st.sampled_from(["x_note", "zz", "编号"]), scalars | st.lists(scalars), max_size=2
)
stages = st.sampled_from(["blocked", "ivr", "queue", "ringing", "talking", "survey"])
enders = st.sampled_from(["caller", "seat", "system"])
outcomes = st.sampled_from(["answered", "no_answer", "declined", "unreachable", "caller_gone"])
seats = st.sampled_from(["8001", "8101", "8901"])


def _fact(kind: type, **fields: Any) -> st.SearchStrategy[Any]:
    named = st.fixed_dictionaries(fields)
    return st.builds(lambda given, more: kind(**{**more, **given}), named, extras)


attempts = _fact(
    Attempt,
    seat=seats,
    level=st.none() | text,
    offered_at=times,
    rang_at=st.none() | times,
    answered_at=st.none() | times,
    ended_at=st.none() | times,
    outcome=st.none() | outcomes,
)
stints = _fact(
    Stint, group=text, asked_at=times, left_at=st.none() | times, outcome=st.none() | text
)
transfers = _fact(
    Transfer,
    line=text,
    at=times,
    answered_at=st.none() | times,
    ended_at=st.none() | times,
    outcome=st.sampled_from([None, "answered", "no_answer", "busy", "closed"]),
)
notes = _fact(Note, name=text, audio=text, duration_s=st.none() | st.floats(0, 1e6))
alarms = _fact(Alarm, name=text, at=times)
ways = _fact(Passed, at=times, flow=text, version=st.integers(1, 9), step=text, way=text)
surveys = _fact(Survey, invited_at=times, answer=st.none() | st.integers(1, 5))
recordings = _fact(
    Recording, path=text, started_at=st.none() | times, duration_s=st.none() | st.floats(0, 1e6)
)
requests = _fact(
    OverflowRequest,
    number=st.none() | text,
    audio=st.none() | text,
    duration_s=st.none() | st.floats(0, 1e6),
    requested_at=times,
    done_at=st.none() | times,
)
calls = _fact(
    Conversation,
    call_id=st.text("abc1-.", min_size=1, max_size=6),
    arrived_at=times,
    caller=st.none() | text,
    city=st.sampled_from([None, "220100", "222400"]),
    group=st.sampled_from([None, "labour", "family"]),
    special=st.lists(text, max_size=2).map(tuple),
    asked_at=st.none() | times,
    answered_at=st.none() | times,
    ended_at=st.none() | times,
    ended_by=st.none() | enders,
    end_stage=st.none() | stages,
    overflow=st.sampled_from([None, None, "callback", "message"]),
    attempts=st.lists(attempts, max_size=3).map(tuple),
    stints=st.lists(stints, max_size=2).map(tuple),
    transfers=st.lists(transfers, max_size=2).map(tuple),
    notes=st.lists(notes, max_size=2).map(tuple),
    alarms=st.lists(alarms, max_size=1).map(tuple),
    path=st.lists(ways, max_size=2).map(tuple),
    survey=st.none() | surveys,
    category=st.sampled_from([None, "0702"]),
    recording=st.none() | recordings,
    overflow_request=st.none() | requests,
    source=st.sampled_from([None, "controller", "journal", "import"]),
    reconciled=st.booleans(),
    talk_ended_at=st.none() | times,
    flow_version=st.none() | text,
    revision=st.integers(0, 5),
)


async def until(is_so: Callable[[], object], *, within_s: float = 60) -> None:
    """Wait until it is so; a fault of the test when it never is."""
    async with asyncio.timeout(within_s):
        while not is_so():  # noqa: ASYNC110 - what is waited for lies outside this process too
            await asyncio.sleep(0.01)


def likely(seed: int, count: int, *, per_day: int = 1200) -> list[Conversation]:
    """Calls as a day brings them: most answered, some in the menu, some lost or taken over."""
    dice = random.Random(seed)
    return [_likely(dice, n, per_day) for n in range(count)]


def _likely(dice: random.Random, n: int, per_day: int) -> Conversation:
    arrived = T0 + timedelta(days=n // per_day, milliseconds=dice.randrange(86_400_000))
    given: dict[str, Any] = {
        "arrived_at": arrived,
        # a digit short of a real number in Changchun: nobody has it
        "caller": f"+86431555{dice.randrange(10**4):04}",
        "trunk": "demo",
        "dialled": "12348",
        "city": dice.choice(["220100", "220200", "222400", None]),
        "group": dice.choice(["labour", "family", "contract", "general"]),
        "language": "zh-CN",
        "category": dice.choice([None, "0702", "0101"]),
        "revision": 6,
    }
    later = lambda s: arrived + timedelta(seconds=s)  # noqa: E731
    kind = dice.random()
    if kind < 0.15:
        return call(f"n-{n}", **given, ended_at=later(dice.uniform(1, 40)))
    given["asked_at"] = later(8)
    if kind < 0.25:
        overflow = dice.choice([None, "callback", "message"])
        return call(
            f"n-{n}",
            **given,
            end_stage="queue",
            overflow=overflow,
            ended_at=later(dice.uniform(9, 90)),
        )
    up, down = 8 + dice.uniform(1, 30), dice.uniform(60, 900)
    attempt = Attempt(
        seat=dice.choice(["8001", "8002", "8101"]),
        level="municipal",
        offered_at=later(8),
        rang_at=later(8.2),
        answered_at=later(up),
        ended_at=later(up + down),
        outcome="answered",
    )
    survey = Survey(invited_at=later(up + down), answer=dice.choice([None, 1, 2, 3, 4, 5]))
    return call(
        f"n-{n}",
        **given,
        answered_at=later(up),
        ended_at=later(up + down + 8),
        attempts=(attempt,),
        survey=survey,
        end_stage="survey",
    )
