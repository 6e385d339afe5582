from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.facts import Attempt, Stint, Survey
from reports.metrics import COLUMNS, COUNT_NAMES, Counts, answering_seat, asked_at, tally
from reports.rates import COUNTS, RATES, results
from tests.reports.made import T0, answered, at, call, calls, queued, unhurried

ANSWERED = Attempt(seat="8001", offered_at=at(6), outcome="answered", answered_at=at(9))


def counted(conversation):
    """Names of the counts that this call raises."""
    counts = tally(conversation).counts
    return {name for name in COUNT_NAMES if getattr(counts, name) and not name.endswith("_ms")}


def rates(*conversations):
    total = reduce(Counts.__add__, (tally(each).counts for each in conversations), Counts())
    return {result.metric: result for result in results(total, RATES.values())}


def test_the_names_are_those_of_the_contract():
    assert set(RATES) == {
        "answer_rate_gross",
        "answer_rate_agent",
        "answer_rate_net_in",
        "answer_rate_net_agent",
        "sl_15",
        "sl_20",
        "timely_15",
        "abandon_rate",
        "rated_rate",
        "satisfaction",
    }
    assert {"n_in", "n_blocked", "n_ivr_end", "n_req", "n_ans", "n_abandon", "n_overflow"} < set(
        COUNTS
    )


SERVED = {"n_in", "n_req", "n_ans", "n_in_15", "n_in_20", "n_invited", "n_rated", "n_satisfied"}
LOST = {"n_in", "n_req", "n_abandon"}


@pytest.mark.parametrize(
    ("conversation", "expected"),
    [
        (call(), {"n_in", "n_ivr_end"}),
        (call(end_stage="blocked", ended_at=at(1)), {"n_in", "n_blocked"}),
        # short is less than 5 s: 5.000 s is not
        (call(ended_at=at(4.999)), {"n_in", "n_ivr_end", "n_short_in"}),
        (call(ended_at=at(5)), {"n_in", "n_ivr_end"}),
        (call(ended_at=at(2), ended_by="system"), {"n_in", "n_ivr_end"}),
        (queued(lasted_s=30), LOST),
        (queued(lasted_s=4.999), LOST | {"n_short_req"}),
        (queued(lasted_s=5), LOST),
        # asked at once and hung up at once: short by both clocks
        (queued(asked_at=T0, ended_at=at(1)), LOST | {"n_short_req", "n_short_in"}),
        # after the start of the talk nothing is short
        (answered(waited_s=1, ended_at=at(7)), SERVED),
        # nobody to be had and we ended it: asked and lost, but the caller did not give up
        (queued(ended_by="system"), {"n_in", "n_req", "n_busy"}),
        # taken over: neither abandoned nor short, however quick
        (queued(overflow="callback", lasted_s=2), {"n_in", "n_req", "n_overflow", "n_callback"}),
        (queued(overflow="message"), {"n_in", "n_req", "n_overflow", "n_message"}),
        # a message out of hours was no request for a person
        (call(overflow="message"), {"n_in", "n_ivr_end", "n_message"}),
        # answered in the very moment of asking to be called back: answered
        (answered(overflow="callback"), SERVED | {"n_callback"}),
        # 15 and 20 s: exactly is within
        (answered(waited_s=15), SERVED),
        (answered(waited_s=15.001), SERVED - {"n_in_15"}),
        (answered(waited_s=20), SERVED - {"n_in_15"}),
        (answered(waited_s=20.001), SERVED - {"n_in_15", "n_in_20"}),
        # the survey: not asked, asked and gone, not content
        (answered(survey=None), SERVED - {"n_invited", "n_rated", "n_satisfied"}),
        (answered(survey=Survey(invited_at=at(99))), SERVED - {"n_rated", "n_satisfied"}),
        (answered(survey=Survey(invited_at=at(99), answer=3)), SERVED),
        (answered(survey=Survey(invited_at=at(99), answer=4)), SERVED - {"n_satisfied"}),
        (queued(survey=Survey(invited_at=at(9), answer=1)), LOST),
        # a seat was rung: a person was asked for, whatever asked_at says
        (call(attempts=(Attempt(seat="8001", offered_at=at(6)),)), LOST),
        (call(stints=(Stint(group="labour", asked_at=at(6)),)), LOST),
        # the fallback queue answered while the controller was away: waited since arrival
        (
            answered(asked_at=None, attempts=(), answered_at=at(16)),
            SERVED - {"n_in_15"},
        ),
        # a transfer is one request and one answer
        (
            answered(attempts=(ANSWERED, ANSWERED.model_copy(update={"seat": "8901"}))),
            SERVED,
        ),
    ],
)
def test_each_kind_of_call_counts_as_what_it_is(conversation, expected):
    assert counted(conversation) == expected


def test_a_call_that_is_going_on_does_not_count_yet():
    assert tally(call(ended_at=None)) is None


def test_a_call_belongs_to_the_shanghai_day_and_hour_of_its_arrival():
    before = tally(call(arrived_at=datetime(2026, 2, 28, 15, 59, 59, 999_000, tzinfo=UTC)))
    after = tally(call(arrived_at=datetime(2026, 2, 28, 16, 0, tzinfo=UTC)))
    assert (before.day, before.hour) == (20260228, 23)
    assert (after.day, after.hour) == (20260301, 0)
    midnight = datetime(2026, 3, 1, 15, 59, tzinfo=UTC)
    long = answered(arrived_at=midnight, ended_at=midnight + timedelta(hours=2))
    assert (tally(long).day, tally(long).hour) == (20260301, 23)


def test_the_seat_of_a_call_is_the_first_that_answered():
    missed = Attempt(seat="8101", offered_at=at(5), outcome="no_answer")
    second = Attempt(seat="8901", offered_at=at(50), outcome="answered", answered_at=at(55))
    assert answering_seat(answered(attempts=(second, missed, ANSWERED))) == "8001"
    assert answering_seat(answered(attempts=())) is None
    assert answering_seat(queued(attempts=(missed,))) is None


def test_wait_and_talk_are_measured_without_menu_and_survey():
    counts = tally(answered(waited_s=12.5)).counts
    assert (counts.wait_ms, counts.talk_ms) == (12_500, 100_000)
    unknown_leg = tally(answered(attempts=(), ended_at=at(115))).counts
    assert unknown_leg.talk_ms == 100_000
    told = tally(answered(talk_ended_at=at(75))).counts
    assert told.talk_ms == 60_000
    assert tally(queued()).counts.talk_ms == 0
    [wait, talk] = results(counts, [COUNTS["wait_mean_s"], COUNTS["talk_mean_s"]])
    assert (wait.value, talk.value) == (12.5, 100.0)


def test_ninety_five_of_a_hundred_meets_the_target_and_one_less_does_not():
    good = [answered(f"a-{n}") for n in range(95)]
    bad = [queued(f"q-{n}") for n in range(5)]
    result = rates(*good, *bad)["answer_rate_agent"]
    assert (result.numerator, result.denominator, result.value) == (95, 100, 0.95)
    assert (result.target, result.met) == (0.95, True)
    assert rates(*good[1:], *bad, queued("q-5"))["answer_rate_agent"].met is False


def test_the_four_answer_rates_differ_as_their_definitions_do():
    found = rates(
        *[answered(f"a-{n}") for n in range(6)],
        queued("q-1", lasted_s=2),
        queued("q-2"),
        queued("o-1", overflow="callback"),
        call("i-1"),
        call("i-2", ended_at=at(3)),
        call("b-1", end_stage="blocked", ended_at=at(0)),
    )
    parts = {name: (result.numerator, result.denominator) for name, result in found.items()}
    assert parts["answer_rate_gross"] == (6, 11)
    assert parts["answer_rate_agent"] == (6, 9)
    assert parts["answer_rate_net_in"] == (6, 10)
    assert parts["answer_rate_net_agent"] == (6, 8)
    assert parts["abandon_rate"] == (2, 9)
    assert parts["rated_rate"] == (6, 6)


def test_nothing_to_count_is_neither_good_nor_bad():
    assert {(r.value, r.met) for r in rates().values()} == {(None, None)}


@unhurried
@given(st.lists(calls, max_size=30))
def test_the_invariants_hold_for_any_facts_possible_or_not(conversations):
    tallies = [found for each in conversations if (found := tally(each))]
    c = reduce(Counts.__add__, (each.counts for each in tallies), Counts())
    assert c.n_in == c.n_blocked + c.n_ivr_end + c.n_req
    assert c.n_req == c.n_ans + c.n_abandon + c.n_overflow + c.n_busy
    found = {result.metric: result for result in results(c, RATES.values())}
    assert all(0 <= r.numerator <= r.denominator for r in found.values())
    _in_order(found, "answer_rate_gross", "answer_rate_agent", "answer_rate_net_agent")
    _in_order(found, "answer_rate_gross", "answer_rate_net_in")
    _in_order(found, "sl_15", "sl_20", "answer_rate_agent")
    for column in COLUMNS:  # additive over any column
        parts = {}
        for each in tallies:
            key = getattr(each, column)
            parts[key] = parts.get(key, Counts()) + each.counts
        assert reduce(Counts.__add__, parts.values(), Counts()) == c


def _in_order(found, *names):
    # where the larger one has nothing to count, so has the smaller no answered call
    values = [found[name].value for name in names if found[name].value is not None]
    assert values == sorted(values)


@unhurried
@given(calls)
def test_whoever_was_answered_had_asked(conversation):
    if conversation.answered_at:
        assert asked_at(conversation) is not None


def test_a_call_that_we_made_is_counted_nowhere():
    assert tally(answered()) is not None
    assert tally(answered("cb-1-a-1", callback_of="a-1")) is None
