"""What one call counts as: plain functions over facts (domain notes §1.2, contract "Rates").

First each finished call is tallied by itself (`tally`), then tallies are added up, then a
rate (`rates.py`) divides two sums. Each word has one definition, here; the database keeps the
tallies and adds them, so SQL cannot come to mean anything else.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from operator import add, attrgetter
from zoneinfo import ZoneInfo

from reports.facts import Attempt, Conversation

ZONE = ZoneInfo("Asia/Shanghai")  # days, hours and months of every report
SHORT = timedelta(seconds=5)  # a hang-up sooner than this is "short": contract.md "Rates"
RULES = 1  # raise it when a tally of the same facts would differ: stored tallies are then stale

COLUMNS = ("city", "group", "hour", "day", "seat", "category")


@dataclass(frozen=True, slots=True)
class Counts:
    """What one call, or many added up, come to. `wait_ms`, `talk_ms`: of answered calls."""

    n_in: int = 0  # every finished call
    n_blocked: int = 0  # turned away before the menu, and never asked for a person
    n_ivr_end: int = 0  # neither blocked nor asked: ended in the menu, or after hours
    n_req: int = 0  # asked for a person, once per call
    n_ans: int = 0  # a person answered
    n_overflow: int = 0  # asked, not answered, taken over as callback or message
    n_abandon: int = 0  # asked, not answered, not taken over, and the caller hung up
    n_busy: int = 0  # asked, not answered, not taken over, and ended by us
    n_in_15: int = 0  # answered within 15 s of asking
    n_in_20: int = 0  # answered within 20 s of asking
    n_short_in: int = 0  # hung up < 5 s after arriving
    n_short_req: int = 0  # hung up < 5 s after asking for a person
    n_invited: int = 0  # answered and asked to rate
    n_rated: int = 0  # answered and rated
    n_satisfied: int = 0  # answered and rated 1, 2 or 3
    n_callback: int = 0  # left a callback request, whether or not in the queue
    n_message: int = 0  # left a message, whether or not in the queue
    wait_ms: int = 0
    talk_ms: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*map(add, _all(self), _all(other)))


COUNT_NAMES = tuple(field.name for field in fields(Counts))
_all = attrgetter(*COUNT_NAMES)


@dataclass(frozen=True, slots=True)
class SoFar:
    """What calls come to that may still be going on.

    `happened`: each count as soon as it is so. `settled`: the same of those calls whose fate is
    known (answered, taken over or ended): a rate of these does not fall because somebody waits.
    `unrated`: how many of the answered may still be rated.
    """

    happened: Counts = Counts()
    settled: Counts = Counts()
    unrated: int = 0

    def __add__(self, other: "SoFar") -> "SoFar":
        return SoFar(
            self.happened + other.happened,
            self.settled + other.settled,
            self.unrated + other.unrated,
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """One call's counts and the columns it is counted under; `day` is YYYYMMDD."""

    day: int
    hour: int
    city: str | None
    group: str | None
    seat: str | None
    category: str | None
    counts: Counts


def asked_at(call: Conversation) -> datetime | None:
    """When the caller first asked for a person; None when never.

    Missing in the facts, it is the first stint's start or the first ringing of a seat: nobody
    is rung for a caller who has not asked. An answered call with none of these (the fallback
    queue while the controller was away) has waited since it arrived: never flatter a wait.
    """
    if call.asked_at:
        return call.asked_at
    hints = [stint.asked_at for stint in call.stints]
    hints += [attempt.offered_at for attempt in call.attempts]
    return min(hints, default=call.arrived_at if call.answered_at else None)


def answering_seat(call: Conversation) -> str | None:
    """The seat that answered the request: the first to answer, so that a transfer between
    seats neither adds a request nor moves it. None when no seat answered."""
    if call.answered_at is None:
        return None
    answered = [a for a in call.attempts if a.outcome == "answered"]
    return min(answered, key=_answer_time).seat if answered else None


def tally(call: Conversation) -> Tally | None:
    """Count one call; None while it is still going on, or when it was us who called. A call
    belongs to the Shanghai day and hour of its arrival, however long it lasts. Impossible facts
    keep the invariants: an answered call counts as asked; a time that runs backwards counts as
    no time.
    """
    if call.ended_at is None or call.is_ours:
        return None
    local = call.arrived_at.astimezone(ZONE)
    return Tally(
        day=day_number(local),
        hour=local.hour,
        city=call.city,
        group=call.group,
        seat=answering_seat(call),
        category=call.category,
        counts=_counts(call, asked_at(call), call.ended_at),
    )


def so_far(call: Conversation) -> SoFar:
    """What the call comes to now. Once it has ended, that is its tally; nothing when it was us who
    called. Whatever is counted before is in the tally as well, but for `wait_ms` and `talk_ms` that
    grow, and for one who was taken over and is answered after all.
    """
    if call.is_ours:
        return SoFar()
    asked, answered = asked_at(call), call.answered_at
    if call.ended_at is not None:
        counts = _counts(call, asked, call.ended_at)
        return SoFar(counts, counts)
    if answered is None and (asked is None or call.overflow is None):
        return SoFar(Counts(n_in=1, n_req=asked is not None))
    counts = _counts(call, asked, answered or call.arrived_at)
    return SoFar(counts, counts, unrated=counts.n_ans - counts.n_rated)


def day_number(day: date) -> int:
    """YYYYMMDD."""
    return day.year * 10000 + day.month * 100 + day.day


def _counts(call: Conversation, asked: datetime | None, ended: datetime) -> Counts:
    answered = call.answered_at
    is_blocked = asked is None and call.end_stage == "blocked"
    # Answered and taken over both (a seat free in the very moment): answered is the better
    # service, and one call has one end.
    is_left = answered is None and call.overflow is None
    is_lost = asked is not None and is_left
    hung_up = is_left and call.ended_by == "caller"
    answer = call.survey.answer if call.survey and answered else None
    waited = max(answered - asked, timedelta()) if answered and asked else None
    return Counts(
        n_in=1,
        n_blocked=is_blocked,
        n_ivr_end=asked is None and not is_blocked,
        n_req=asked is not None,
        n_ans=answered is not None,
        n_overflow=asked is not None and answered is None and call.overflow is not None,
        n_abandon=is_lost and call.ended_by == "caller",
        n_busy=is_lost and call.ended_by != "caller",
        n_in_15=waited is not None and waited <= timedelta(seconds=15),
        n_in_20=waited is not None and waited <= timedelta(seconds=20),
        # a blocked call is already out of the denominator: not taken out twice
        n_short_in=hung_up and not is_blocked and ended - call.arrived_at < SHORT,
        n_short_req=hung_up and asked is not None and ended - asked < SHORT,
        n_invited=call.survey is not None and answered is not None,
        n_rated=answer is not None,
        n_satisfied=answer is not None and answer <= 3,
        n_callback=call.overflow == "callback",
        n_message=call.overflow == "message",
        wait_ms=_ms(waited) if waited else 0,
        talk_ms=_ms(max(_talk_end(call, ended) - answered, timedelta())) if answered else 0,
    )


def _talk_end(call: Conversation, ended: datetime) -> datetime:
    # The survey is no talk: the talk's own end is, or the answering leg's, where known.
    if call.talk_ended_at:
        return call.talk_ended_at
    ends = [a.ended_at for a in call.attempts if a.outcome == "answered" and a.ended_at]
    return max(ends, default=ended)


def _answer_time(attempt: Attempt) -> datetime:
    return attempt.answered_at or attempt.offered_at


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
