"""Numbers, places and callers are put together the way a Mandarin speaker says them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows.prompts.texts import load_prompts
from ivr_flows.speech import (
    MOST,
    POSITION_SENTENCES,
    number_clips,
    position_clips,
    seat_number_clips,
    who_clips,
)

PROMPTS = load_prompts()


def spoken(clips: tuple[str, ...]) -> str:
    return "".join(PROMPTS[clip].text for clip in clips)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "零"),
        (1, "一"),
        (2, "二"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (21, "二十一"),
        (99, "九十九"),
        (100, "一百"),
        (103, "一百零三"),
        (110, "一百一十"),
        (113, "一百一十三"),
        (120, "一百二十"),
        (999, "九百九十九"),
        (1000, "一千"),
        (1004, "一千零四"),
        (1013, "一千零一十三"),
        (1110, "一千一百一十"),
        (2030, "两千零三十"),
        (9999, "九千九百九十九"),
    ],
)
def test_a_number_is_read_as_people_say_it(number: int, said: str) -> None:
    assert spoken(number_clips(number)) == said


@given(st.integers(0, MOST), st.integers(0, MOST))
def test_two_numbers_never_sound_the_same(one: int, other: int) -> None:
    assert (spoken(number_clips(one)) == spoken(number_clips(other))) == (one == other)


@pytest.mark.parametrize("number", [-1, MOST + 1])
def test_a_number_without_clips_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match=str(number)):
        number_clips(number)


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (0, "您是下一位，请稍候。"),
        (1, "您前面还有一位来电者，请耐心等待。"),
        (2, "您前面还有两位来电者，请耐心等待。"),
        (12, "您前面还有十二位来电者，请耐心等待。"),
        (102, "您前面还有一百零二位来电者，请耐心等待。"),
        (MOST + 5, "您前面还有九千九百九十九位来电者，请耐心等待。"),
    ],
)
def test_a_waiting_caller_hears_how_many_are_before_him(ahead: int, said: str) -> None:
    assert spoken(position_clips(ahead)) == said


@given(st.integers(1, POSITION_SENTENCES))
def test_a_usual_place_is_one_whole_sentence(ahead: int) -> None:
    assert len(position_clips(ahead)) == 1


def test_nobody_has_fewer_than_no_callers_before_him() -> None:
    with pytest.raises(ValueError, match="-1"):
        position_clips(-1)


def test_a_seat_number_is_read_digit_by_digit_with_yao_for_one() -> None:
    assert spoken(seat_number_clips("8001")) == "工号八零零幺为您服务。"


@pytest.mark.parametrize("seat", ["", "80a1", "８００１", "80 1"])
def test_a_seat_number_that_is_no_number_is_refused(seat: str) -> None:
    with pytest.raises(ValueError, match="digits"):
        seat_number_clips(seat)


@pytest.mark.parametrize(
    ("city", "group", "said"),
    [
        ("220100", "labour", "长春市来电，劳动劳务。"),
        (None, "family", "未知地区来电，婚姻家庭。"),
        ("110000", "service", "未知地区来电，法律服务办理。"),
        ("222400", "a-new-group", "延边州来电，综合法律咨询。"),
    ],
)
def test_a_seat_hears_where_a_call_is_from_and_what_it_is_about(
    city: str | None, group: str, said: str
) -> None:
    assert spoken(who_clips(city, group)) == said
