"""Which controller answers for which node, and which Asterisk has a call."""

from __future__ import annotations

import pytest

from callcenter.address import Address
from callcenter.asterisk import heard
from callcenter.asterisk.protocol import AmiDecoder
from callcenter.call.callback import node_of
from callcenter.nodes import Nodes, stand_in

ORDER = ("a", "b", "c")


@pytest.mark.parametrize(
    ("gone", "alive", "who"),
    [
        ("a", "bc", "b"),
        ("b", "ac", "c"),
        ("c", "ab", "a"),
        ("a", "c", "c"),
        ("c", "b", "b"),
        ("b", "", None),
    ],
)
def test_the_next_one_that_lives_stands_in(gone: str, alive: str, who: str | None) -> None:
    assert stand_in(ORDER, gone, alive) == who


def test_of_those_that_live_exactly_one_answers_for_each_node() -> None:
    for alive in ("abc", "ab", "ac", "bc", "a", "b", "c"):
        for node in ORDER:
            answering = [name for name in alive if nodes(name, alive).answers_for(node)]
            assert len(answering) == 1, (alive, node)


def test_of_those_that_live_exactly_one_counts_what_is_at_a_node_or_at_none() -> None:
    for alive in ("abc", "bc", "c"):
        for node in (*ORDER, "", "from-earlier"):
            telling = [name for name in alive if nodes(name, alive).tells_of(node)]
            assert len(telling) == 1, (alive, node)


def nodes(own: str, alive: str = "abc", news: list[tuple[heard.Heard, str]] | None = None) -> Nodes:
    async def up() -> None:
        """Never called: no link is opened."""

    def hear(what: heard.Heard, node: str) -> None:
        if news is not None:
            news.append((what, node))

    made = Nodes(
        {name: Address("127.0.0.1", 5038 + n) for n, name in enumerate(ORDER)},
        own=own,
        secret="never-used",
        hear=hear,
        on_up=up,
    )
    made.alive = frozenset(alive)
    return made


def test_a_call_is_told_its_node_by_its_id() -> None:
    assert node_of("node-7-1763806000.12") == "node-7"
    assert node_of("cb-2-node-7-1763806000.12") == "node-7"
    assert node_of("cb-2.b-1.cb-1-node-7-1763806000.12") == "b-1"
    made = nodes("a")
    assert made.of_call("b-1763806000.12") is made.links["b"]
    assert made.of_call("from-earlier-1.2") is made.own


def test_news_of_calls_is_for_all_and_of_seats_for_who_answers_for_their_node() -> None:
    news: list[tuple[heard.Heard, str]] = []
    made = nodes("a", news=news)
    text = (
        "Asterisk Call Manager/11.0.0\r\n"
        "Event: ContactStatus\r\nAOR: 8001\r\nContactStatus: Reachable\r\n\r\n"
        "Event: Hangup\r\nUniqueid: b-1.1\r\nLinkedid: b-1.1\r\nChannel: PJSIP/demo-1\r\n\r\n"
    )

    def told(node: str) -> list[str]:
        news.clear()
        for message in AmiDecoder(heard.WANTED).feed(text.encode()):
            made._ear(node, lambda what, at: news.append((what, at)))(message)
        return [type(what).__name__ for what, at in news if at == node]

    assert told("b") == ["ChannelGone"]
    assert told("a") == ["PhoneSeen", "ChannelGone"]
    made.alive = frozenset("ac")
    assert told("b") == ["ChannelGone"]  # c stands in for b
    made.alive = frozenset("a")
    assert told("b") == ["PhoneSeen", "ChannelGone"]
