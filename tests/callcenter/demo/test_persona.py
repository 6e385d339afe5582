"""Who calls in the demo."""

import random
import re
from collections import Counter

from callcenter.demo.persona import draw, number_of

NUMBERS = re.compile(
    r"anonymous|043[12]55501\d{3}|043[3-9]55501\d{2}|1(33|38|50|59|77|86|99)0000\d{4}"
)


def test_numbers_are_of_ranges_nobody_has() -> None:
    dice = random.Random(1)
    numbers = [number_of(dice) for _ in range(2000)]
    assert all(NUMBERS.fullmatch(number) for number in numbers)
    assert len(set(numbers)) > 500


def test_same_dice_draw_the_same_people() -> None:
    assert [draw(random.Random(7)) for _ in range(3)] == [draw(random.Random(7)) for _ in range(3)]


def test_people_differ_in_every_way_that_the_hotline_must_bear() -> None:
    dice = random.Random(2)
    people = [draw(dice) for _ in range(3000)]
    first_keys = Counter(one.menu_keys[0] for one in people)
    assert set(first_keys) == {*"1234567890"} - {"0"} | {"0", None}
    assert any(len(one.menu_keys) == 2 for one in people)
    assert {one.rating for one in people} == {"1", "2", "3", "4", "5", None}
    assert {one.offer for one in people} == {"callback", "message", "wait"}
    early = sum(one.hangs_up_after_s is not None for one in people) / len(people)
    assert 0.02 < early < 0.10
    assert all(one.talks_s is None or one.talks_s < 60 for one in people)


def test_most_judgements_are_kind() -> None:
    dice = random.Random(3)
    ratings = Counter(draw(dice).rating for _ in range(3000))
    rated = sum(count for key, count in ratings.items() if key)
    assert (ratings["1"] + ratings["2"] + ratings["3"]) / rated > 0.9
