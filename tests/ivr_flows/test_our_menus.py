"""What our menus promise a caller: the same keys as ever, few and short, a person soon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from ivr_flows import engine
from ivr_flows.load import load_flows
from ivr_flows.model import LANGUAGES, Menu, prompts_of
from ivr_flows.prompts.make import load_manifest
from ivr_flows.prompts.texts import folder_of, load_prompts
from ivr_flows.turn import Collect, JoinQueue, Key, NoKey, Turn
from ivr_flows.verbs import fact

OURS = load_flows()
OPEN = {"hours": "open", "city": "220100", "language_hint": "chinese", "caller_known": "yes"}
LONGEST_TO_A_PERSON_S = 40.0  # of a caller who presses nothing (it was 58 s once)


def seconds(prompts: tuple[str, ...]) -> float:
    made = load_manifest(folder_of("zh-CN"))["prompts"]
    return float(sum(made[prompt]["duration_s"] for prompt in prompts))


def silent_s(facts: Mapping[str, str]) -> tuple[float, Turn]:
    """Seconds that somebody hears and waits who presses nothing, and what he comes to."""
    turn, passed_s = engine.start(OURS, facts), 0.0
    while isinstance(turn.act, Collect):
        passed_s += seconds(turn.say) + turn.act.wait_s
        turn = engine.resume(OURS, turn.session, NoKey(), facts)
    return passed_s, turn


@pytest.mark.parametrize("city", ["220100", "unknown", "other"])
def test_a_silent_caller_is_soon_with_a_person(city: str) -> None:
    passed_s, turn = silent_s({**OPEN, "city": city})
    assert passed_s <= LONGEST_TO_A_PERSON_S
    assert turn.act == JoinQueue(
        "general",
        offer_say=("queue_offer",),
        offers={"*": "callback", "#": "message"},
    )


def test_a_silent_caller_from_yanbian_waits_only_for_the_word_on_korean_longer() -> None:
    facts = {**OPEN, "city": "222400", "language_hint": "korean"}
    assert silent_s(facts)[0] <= LONGEST_TO_A_PERSON_S + seconds(("korean_offer",))


@pytest.mark.parametrize(
    ("key", "group"),
    [("1", "family"), ("2", "labour"), ("3", "contract"), ("4", "general"), ("0", "general")],
)
@pytest.mark.parametrize("city", ["220100", "222400", "other"])
def test_the_first_keys_lead_where_they_always_led(key: str, group: str, city: str) -> None:
    facts = {**OPEN, "city": city}
    turn = engine.resume(OURS, engine.start(OURS, facts).session, Key(key), facts)
    assert isinstance(turn.act, JoinQueue) and turn.act.group == group


def test_five_leads_to_the_desk_that_it_always_led_to_even_without_another_key() -> None:
    menu = engine.resume(OURS, engine.start(OURS, OPEN).session, Key("5"), OPEN)
    for answer in (NoKey(), Key("0"), Key("9")):
        turn = engine.resume(OURS, menu.session, answer, OPEN)
        assert isinstance(turn.act, JoinQueue) and turn.act.group == "service"


def test_who_has_chosen_a_place_is_of_that_place() -> None:
    facts = {**OPEN, "city": "unknown"}
    turn = engine.start(OURS, facts)
    for key in "23":
        turn = engine.resume(OURS, turn.session, Key(key), facts)
    assert (turn.session.city, turn.act) == (
        "222400",
        JoinQueue("labour", offer_say=("queue_offer",), offers={"*": "callback", "#": "message"}),
    )


@pytest.mark.parametrize(
    ("keys", "chosen", "source"),
    [
        ("21", "220300", "menu"),  # he says that it is so
        ("224", "cbs", "menu"),
        ("20", None, "mobile_hint"),
    ],
)
def test_a_mobile_numbers_place_is_said_and_may_be_changed(
    keys: str, chosen: str | None, source: str
) -> None:
    facts = {**OPEN, "city": "220300", "city_source": "mobile_hint"}
    turn = engine.start(OURS, facts)
    heard: tuple[str, ...] = ()
    for key in keys:
        turn = engine.resume(OURS, turn.session, Key(key), facts)
        heard += turn.say
    assert heard[:3] == ("place_before", "place_220300", "place_keys")
    assert (turn.session.city, fact("city_source", turn.session, facts)) == (chosen, source)
    assert isinstance(turn.act, JoinQueue) and turn.act.group == "labour"


def menus() -> Iterator[tuple[str, Menu]]:
    for flow in OURS.by_name.values():
        for name, step in flow.steps.items():
            if isinstance(step, Menu):
                yield f"{flow.flow}.{name}", step


def test_every_menu_has_at_most_six_keys_and_zero_among_them() -> None:
    wrong = [name for name, menu in menus() if len(menu.keys) > 6 or "0" not in menu.keys]
    assert wrong == ["blocked.blocked_menu"]  # for refused numbers, who have the key to 110


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_all_that_our_flows_say(language: str) -> None:
    said = {
        prompt
        for flow in OURS.by_name.values()
        for step in flow.steps.values()
        for _, prompt in prompts_of(step)
    }
    assert said <= load_prompts(folder_of(language)).keys()
