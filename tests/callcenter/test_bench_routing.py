"""The pure parts of the routing benchmark, and its router and Redis parts run for a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from callcenter.bench import routing_redis
from callcenter.bench.routing import choosing
from callcenter.bench.routing_rings import gaps_ms

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)


def at(ms: float) -> datetime:
    return NINE + timedelta(milliseconds=ms)


def test_choosing_keeps_the_line_as_long_as_asked_and_makes_pairs() -> None:
    row = choosing(50, 400)
    assert (row["waiting"], row["count"]) == (50, 400)
    assert 50 < row["pairs"] < 400


def test_gaps_are_from_the_end_of_a_try_to_the_next_ring_of_the_same_seat() -> None:
    tries = [
        ("8001", at(490), at(500), None),
        ("8001", at(-9), at(0), at(100)),
        ("8002", at(30), at(40), at(90)),
        ("8001", at(101), at(130), at(480)),
        ("8002", at(92), None, at(95)),
    ]
    assert gaps_ms(tries) == [(1.0, 29.0), (10.0, 10.0)]


def test_a_seat_given_twice_at_one_version_is_counted() -> None:
    of = {"ping_ms": [0.5], "seconds": 1.0}
    one = {**of, "ms": [1.0, 2.0], "given": [["8001", 2], ["8002", 2]], "refused": 0}
    other = {**of, "ms": [3.0], "given": [["8001", 2]], "refused": 4}
    row = routing_redis.account([one, other])
    assert (row["given_twice"], row["granted"], row["refused"]) == (1, 3, 4)
    assert (row["a_second"], row["count"], row["max_ms"]) == (3, 3, 3.0)
    assert routing_redis.account([one])["given_twice"] == 0


async def test_four_controllers_give_no_seat_twice(tmp_path: Path) -> None:
    part = await routing_redis.run(cache=tmp_path, say=lambda line: None, scale=0.125)
    assert [row["controllers"] for row in part.rows] == [4, 4]
    assert all(row["granted"] for row in part.rows)  # how many is the machine's affair
    twice = next(target for target in part.targets if target.name == "seats given twice")
    assert twice.is_met
