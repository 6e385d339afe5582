"""The life of versions and releases: the table of moves, and what holds after any of them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows.book import (
    MAX_NAME,
    MAX_NOTE,
    STATE_NAMES,
    Book,
    Change,
    Move,
    MoveRefused,
    State,
    is_same_person,
    person,
    remark,
)
from ivr_flows.versions import (
    MOVES,
    opened,
    published,
    restored,
    reviewed,
    rolled_back,
    submitted,
    target_of_rollback,
    withdrawn,
)

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
FIRST = opened({"main": 3, "aid": 1}, NOW)


class Desk:
    """Makes moves on one book, each by somebody who has just looked."""

    def __init__(self) -> None:
        self.book = FIRST
        self.log: list[Change] = []

    @property
    def seen(self) -> int:
        return self.book.releases[-1].release

    def write(self, change: Change) -> Change:
        self.book = self.book.after(change)
        self.log.append(change)
        return change

    def submit(self, flow: str = "main", author: str = "李梅", number: int | None = None) -> int:
        version = self.book.next_version(flow) if number is None else number
        self.write(submitted(self.book, flow, version, author=author, note="改", now=NOW))
        return version

    def review(self, flow: str, version: int, by: str = "王强") -> Change:
        return self.write(reviewed(self.book, flow, version, by=by, note="", now=NOW))

    def publish(self, flow: str, version: int, by: str = "王强", seen: int | None = None) -> Change:
        seen = self.seen if seen is None else seen
        given: dict[str, Any] = {"by": by, "note": "上线", "now": NOW, "seen": seen}
        return self.write(published(self.book, flow, version, **given))

    def withdraw(self, flow: str, version: int, by: str = "王强") -> Change:
        given: dict[str, Any] = {"by": by, "note": "有误", "now": NOW, "seen": self.seen}
        return self.write(withdrawn(self.book, flow, version, **given))

    def roll_back(self, to: int | None = None, by: str = "王强") -> Change:
        given: dict[str, Any] = {"by": by, "note": "", "now": NOW, "seen": self.seen}
        return self.write(rolled_back(self.book, to, **given))

    def live(self, flow: str = "main") -> int:
        version = self.submit(flow)
        self.review(flow, version)
        self.publish(flow, version)
        return version

    @property
    def heard(self) -> dict[str, int]:
        return self.book.releases[-1].flows


def refusal(work: Any) -> str:
    with pytest.raises(MoveRefused) as caught:
        work()
    assert str(caught.value).endswith("。")
    return caught.value.reason


def test_the_files_of_the_repository_are_release_0() -> None:
    assert FIRST.in_force and FIRST.in_force.release == 0
    assert FIRST.in_force.flows == {"main": 3, "aid": 1}
    assert {one.state for one in FIRST.versions.values()} == {"published"}
    assert FIRST.next_version("main") == 4
    assert FIRST.next_version("new") == 1


def test_a_text_goes_from_draft_to_review_to_published_beside_the_other_flows() -> None:
    desk = Desk()
    version = desk.submit()
    states = [desk.book.versions["main", version].state]
    desk.review("main", version)
    states.append(desk.book.versions["main", version].state)
    change = desk.publish("main", version)
    states.append(desk.book.versions["main", version].state)
    assert states == ["draft", "in_review", "published"]
    assert desk.book.versions["main", version].reviewer == "王强"
    assert change.release and change.release.flows == {"main": 4, "aid": 1}
    assert (change.entry.release, change.entry.by, change.entry.note) == (1, "王强", "上线")


@pytest.mark.parametrize(
    ("move", "state"), [*itertools.product(("review", "publish", "withdraw"), get_args(State))]
)
def test_every_move_from_every_state_is_as_the_table_says(move: Move, state: State) -> None:
    desk = Desk()
    version = desk.submit()
    ways = {
        "draft": (),
        "in_review": ("review",),
        "published": ("review", "publish"),
        "withdrawn": ("withdraw",),
    }
    for step in ways[state]:
        getattr(desk, step)("main", version)
    after = MOVES.get((move, state))
    if after is None:
        assert refusal(lambda: getattr(desk, move)("main", version)) == "wrong_state"
    else:
        getattr(desk, move)("main", version)
        assert desk.book.versions["main", version].state == after


@pytest.mark.parametrize("name", ["李梅", " 李梅 ", "李梅\n"])
def test_nobody_reviews_or_publishes_his_own_text(name: str) -> None:
    desk = Desk()
    version = desk.submit(author="李梅")
    assert refusal(lambda: desk.review("main", version, by=name)) == "own_text"
    desk.review("main", version)
    assert refusal(lambda: desk.publish("main", version, by=name)) == "own_text"
    desk.withdraw("main", version, by=name)  # his own he may take back


def test_names_are_the_same_however_they_are_typed() -> None:
    assert is_same_person("Li  Mei", " li mei")
    assert is_same_person("Ｌｉ", "li")
    assert not is_same_person("李梅", "李美")


@pytest.mark.parametrize("name", ["", "  ", "x" * (MAX_NAME + 1), "a\x07b"])
def test_a_name_must_be_one(name: str) -> None:
    assert refusal(lambda: person(name)) == "bad_name"


def test_a_note_is_one_line_and_short() -> None:
    assert remark(" 新增\n法援 ") == "新增 法援"
    assert remark("", needed=False) == ""
    assert refusal(lambda: remark(" ")) == "bad_note"
    assert refusal(lambda: remark("字" * (MAX_NOTE + 1))) == "bad_note"


def test_numbers_of_versions_follow_each_other() -> None:
    desk = Desk()
    assert refusal(lambda: desk.submit(number=3)) == "number_taken"
    assert refusal(lambda: desk.submit(number=6)) == "number_taken"
    assert refusal(lambda: desk.review("main", 9)) == "not_found"
    assert desk.submit() == 4
    assert desk.submit("new") == 1


def test_of_two_who_publish_at_once_one_wins_and_the_other_is_told() -> None:
    desk = Desk()
    one, other = desk.submit(), desk.submit("aid")
    for flow, version in (("main", one), ("aid", other)):
        desk.review(flow, version)
    seen = desk.seen
    desk.publish("main", one, seen=seen)
    with pytest.raises(MoveRefused, match="王强 刚刚完成了第 1 次发布") as caught:
        desk.publish("aid", other, seen=seen)
    assert caught.value.reason == "conflict"
    assert desk.heard == {"main": 4, "aid": 1}
    assert desk.book.versions["aid", other].state == "in_review"


def test_rolling_back_goes_back_one_and_again_one_more() -> None:
    desk = Desk()
    desk.live()
    desk.live()
    assert desk.roll_back().release.since == 1  # type: ignore[union-attr]
    assert desk.heard["main"] == 4
    desk.roll_back()
    assert desk.heard["main"] == 3
    assert refusal(desk.roll_back) == "nothing_before"
    desk.roll_back(2)
    assert desk.heard["main"] == 5
    assert [one.release for one in desk.book.releases] == [0, 1, 2, 3, 4, 5]


def test_a_rollback_must_lead_somewhere_that_may_be_heard() -> None:
    desk = Desk()
    assert refusal(desk.roll_back) == "nothing_before"
    assert refusal(lambda: Desk.roll_back(desk, 7)) == "not_found"
    first, _ = desk.live(), desk.live()
    desk.withdraw("main", first)
    assert refusal(lambda: desk.roll_back(1)) == "withdrawn"
    assert refusal(lambda: desk.roll_back(2)) == "nothing_to_do"
    assert target_of_rollback(desk.book, None).release == 0
    assert refusal(lambda: target_of_rollback(Book({}, ()), None)) == "nothing_before"


def test_one_text_goes_back_without_the_others() -> None:
    desk = Desk()

    def back(to: int | None) -> dict[str, int]:
        change = restored(desk.book, "own", to, by="赵云", note="", now=NOW, seen=desk.seen)
        desk.write(change)
        return desk.book.releases[-1].flows

    for number in (1, 2):
        version = desk.submit("own")
        desk.write(reviewed(desk.book, "own", version, by="王强", note="", now=NOW))
        seen = desk.seen
        desk.write(published(desk.book, "own", version, by="王强", note="x", now=NOW, seen=seen))
        assert desk.book.releases[-1].flows["own"] == number
    assert refusal(lambda: back(2)) == "nothing_to_do"
    assert refusal(lambda: back(3)) == "not_found"
    draft = desk.submit("own")
    assert refusal(lambda: back(draft)) == "wrong_state"
    assert back(None) == {"main": 3, "aid": 1, "own": 1}
    assert back(None) == {"main": 3, "aid": 1}
    assert refusal(lambda: back(None)) == "nothing_before"
    assert refusal(lambda: back(0)) == "nothing_to_do"
    assert back(2) == {"main": 3, "aid": 1, "own": 2}
    entry = desk.log[-1].entry
    assert (entry.move, entry.flow, entry.version) == ("rollback", "own", 2)
    assert entry.release == desk.seen
    with pytest.raises(MoveRefused, match="刚刚完成"):
        restored(desk.book, "own", 1, by="赵云", note="", now=NOW, seen=desk.seen - 1)


def test_withdrawing_what_is_in_force_brings_back_the_one_before() -> None:
    desk = Desk()
    desk.live()
    version = desk.live()
    change = desk.withdraw("main", version)
    assert change.release and change.release.release == 3
    assert desk.heard == {"main": 4, "aid": 1}
    desk.live("new")
    desk.withdraw("new", 1)  # there was none before
    assert desk.heard == {"main": 4, "aid": 1}


def test_withdrawing_what_is_not_heard_makes_no_release() -> None:
    desk = Desk()
    version = desk.submit()
    assert desk.withdraw("main", version).release is None
    assert desk.seen == 0


PEOPLE = st.sampled_from(["李梅", "王强", "赵云"])
OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["submit", "review", "publish", "withdraw", "roll_back", "live"]),
        st.sampled_from(["main", "aid", "new"]),
        st.integers(1, 8),
        PEOPLE,
    ),
    max_size=40,
)


@given(OPERATIONS)
def test_whatever_people_do_only_reviewed_texts_are_heard_and_nothing_is_lost(
    operations: list[tuple[str, str, int, str]],
) -> None:
    desk = Desk()
    for operation, flow, number, by in operations:
        before = desk.book
        try:
            if operation == "submit":
                desk.submit(flow, by)
            elif operation == "roll_back":
                desk.roll_back(number % 4 or None, by)
            elif operation == "live":
                desk.live(flow)
            else:
                getattr(desk, operation)(flow, number, by)
        except MoveRefused:
            assert desk.book == before
        assert_sound(before, desk.book)
    moved = [one for one in desk.log if one.release]
    assert len(desk.book.releases) == 1 + len(moved)
    assert msgspec.json.decode(msgspec.json.encode(desk.book.releases))


def assert_sound(before: Book, after: Book) -> None:
    assert [one.release for one in after.releases] == list(range(len(after.releases)))
    assert after.releases[: len(before.releases)] == before.releases
    for key, one in before.versions.items():
        now = after.versions[key]
        assert (now.author, now.note, now.created_at) == (one.author, one.note, one.created_at)
        legal = {end for (_, start), end in MOVES.items() if start == one.state}
        # `live` and a withdrawal make several moves, or none
        assert now.state == one.state or now.state in legal
    for one in after.versions.values():
        assert one.state in STATE_NAMES
        if one.reviewer:
            assert not is_same_person(one.reviewer, one.author)
    for flow, version in after.releases[-1].flows.items():
        heard = after.versions[flow, version]
        assert heard.state == "published"
        assert heard.reviewer or after.releases[0].flows.get(flow) == version
