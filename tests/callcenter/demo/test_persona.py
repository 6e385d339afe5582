"""Who calls in the demo."""

import random
import re
from collections import Counter

from callcenter.demo.citizens import KNOWN
from callcenter.demo.persona import ERRANDS, draw, number_of
from ivr_flows.load import load_flows
from ivr_flows.model import Ask, Menu

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


def test_now_and_then_somebody_uses_what_the_machine_offers() -> None:
    dice = random.Random(4)
    people = [draw(dice) for _ in range(3000)]
    for prompt in ("order_code", "booking_day", "complaint_menu", "special_menu", "emergency_menu"):
        share = sum(prompt in one.answers for one in people) / len(people)
        assert 0.005 < share < 0.12, prompt
    errands = [one for one in people if one.menu_keys[0] == "5" and len(one.answers) > 2]
    assert all(one.patience_s >= 150 for one in errands)


def test_some_from_yanbian_choose_korean_and_then_a_topic() -> None:
    dice = random.Random(5)
    people = [draw(dice) for _ in range(3000)]
    korean = [one for one in people if one.answers["service_menu"] == "5"]
    yanbian = [one for one in people if one.number.startswith("0433")]
    assert sum(one.number.startswith("0433") for one in korean) > len(yanbian) / 3
    assert {one.menu_keys for one in korean} == {("5", key) for key in "1234"}


def test_what_people_press_is_offered_where_they_press_it() -> None:
    steps = [step for flow in load_flows().by_name.values() for step in flow.steps.values()]
    dice = random.Random(6)
    pressed = {(prompt, keys) for _ in range(1000) for prompt, keys in draw(dice).answers.items()}
    assert {prompt for prompt, _ in pressed} <= set(KNOWN)
    assert {prompt for errand in ERRANDS.values() for prompt in errand} <= {p for p, _ in pressed}
    for prompt, keys in pressed:
        asking = [one for one in steps if prompt in (getattr(one, "say", None) or ())]
        assert asking, prompt
        for step in asking:
            if isinstance(step, Menu):
                assert keys in step.keys, prompt
            elif isinstance(step, Ask):
                fewest, most = step.digits
                assert fewest <= len(keys.removesuffix("#")) <= most, prompt
