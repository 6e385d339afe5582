"""Numbers, places, times, money and callers are put together the way people say them."""

import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows.names import LANGUAGES
from ivr_flows.prompts.texts import folder_of, load_prompts
from ivr_flows.speech import (
    MOST,
    MOST_AHEAD,
    POSITION_SENTENCES,
    digits_clips,
    every_clip,
    money_clips,
    number_clips,
    position_clips,
    seat_number_clips,
    time_clips,
    who_clips,
)

PROMPTS = {language: load_prompts(folder_of(language)) for language in LANGUAGES}
NUMBERS = st.integers(0, MOST) | st.integers(0, 9999)
MINUTES = st.integers(0, 24 * 60 - 1)


def spoken(clips: tuple[str, ...], language: str = "zh-CN") -> str:
    gap = "" if language == "zh-CN" else " "
    return gap.join(PROMPTS[language][clip].text for clip in clips)


def at(minute: int) -> datetime:
    return datetime(2026, 11, 22, minute // 60, minute % 60)


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
        (10_000, "一万"),
        (10_003, "一万零三"),
        (12_000, "一万两千"),
        (20_500, "两万零五百"),
        (100_010, "十万零一十"),
        (1_020_304, "一百零二万零三百零四"),
        (MOST, "九千九百九十九万九千九百九十九"),
    ],
)
def test_a_number_is_read_as_people_say_it(number: int, said: str) -> None:
    assert spoken(number_clips(number)) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "영"),
        (10, "십"),
        (16, "십육"),
        (35, "삼십 오"),
        (100, "백"),
        (110, "백 십"),
        (1200, "천 이 백"),
        (10_000, "만"),
        (15_003, "만 오 천 삼"),
        (230_000, "이십 삼 만"),
    ],
)
def test_koreans_count_in_sino_korean_and_leave_out_one_before_a_size(
    number: int, said: str
) -> None:
    assert spoken(number_clips(number, "ko-KR"), "ko-KR") == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "zero"),
        (21, "twenty one"),
        (100, "one hundred"),
        (103, "one hundred and three"),
        (1_050, "one thousand and fifty"),
        (12_345, "twelve thousand three hundred and forty five"),
        (2_000_000, "two million"),
    ],
)
def test_a_number_in_english(number: int, said: str) -> None:
    assert spoken(number_clips(number, "en"), "en") == said


SIZES = {
    "zh-CN": {"十": 10, "百": 100, "千": 1000, "万": 10_000},
    "ko-KR": {"십": 10, "백": 100, "천": 1000, "만": 10_000},
    "en": {"hundred": 100, "thousand": 1000, "million": 1_000_000},
}
ONES = {
    "zh-CN": {sign: n for n, sign in enumerate("零一二三四五六七八九")} | {"两": 2},
    "ko-KR": {sign: n for n, sign in enumerate("영일이삼사오육칠팔구")},
    "en": {PROMPTS["en"][f"number_{n}"].text: n for n in (*range(21), *range(30, 91, 10))},
}


def understood(text: str, language: str) -> int:
    """The number that a listener makes of the words."""
    signs = text.split() if language == "en" else text.replace(" ", "")
    total = group = digit = 0
    for sign in signs:
        size = SIZES[language].get(sign)
        if size is None:
            digit += ONES[language].get(sign, 0)
        elif size == 1000 and language == "en" or size >= 10_000:
            total, group, digit = total + (group + digit or 1) * size, 0, 0
        else:
            group, digit = group + (digit or 1) * size, 0
    return total + group + digit


@pytest.mark.parametrize("language", LANGUAGES)
@given(number=NUMBERS)
def test_every_number_has_its_clips_and_is_understood(language: str, number: int) -> None:
    assert understood(spoken(number_clips(number, language), language), language) == number


@pytest.mark.parametrize("language", LANGUAGES)
def test_small_numbers_are_understood_one_by_one(language: str) -> None:
    for number in range(2100):
        assert understood(spoken(number_clips(number, language), language), language) == number


def test_a_language_without_rules_is_spoken_as_the_home_language() -> None:
    assert number_clips(2003, "fr-FR") == number_clips(2003)
    assert position_clips(2003, "fr-FR") == position_clips(2003)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_can_be_asked_for_has_a_prompt(language: str) -> None:
    assert every_clip(language) <= set(PROMPTS[language])


@pytest.mark.parametrize("language", LANGUAGES)
@given(number=NUMBERS, minute=MINUTES, fen=st.integers(0, MOST))
def test_nothing_is_asked_for_beyond_what_is_told(
    language: str, number: int, minute: int, fen: int
) -> None:
    asked = number_clips(number, language) + position_clips(number, language)
    asked += time_clips(at(minute), language) + money_clips(fen, language)
    asked += seat_number_clips(str(number), language)
    assert set(asked) <= every_clip(language)


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
        (MOST_AHEAD + 5, "您前面还有九千九百九十九位来电者，请耐心等待。"),
    ],
)
def test_a_waiting_caller_hears_how_many_are_before_him(ahead: int, said: str) -> None:
    assert spoken(position_clips(ahead)) == said


@pytest.mark.parametrize(
    ("ahead", "language", "said"),
    [
        (0, "ko-KR", "다음 차례이십니다. 잠시만 기다려 주십시오."),
        (3, "ko-KR", "앞에 세 명이 기다리고 있습니다."),
        (20, "ko-KR", "앞에 스무 명이 기다리고 있습니다."),
        (23, "ko-KR", "앞에 이십 삼 명이 기다리고 있습니다."),
        (0, "en", "You are next. Please wait."),
        (1, "en", "There is one caller ahead of you."),
        (112, "en", "There are one hundred and twelve callers ahead of you."),
    ],
)
def test_a_waiting_caller_hears_his_place_in_his_language(
    ahead: int, language: str, said: str
) -> None:
    assert spoken(position_clips(ahead, language), language) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_usual_place_is_one_whole_sentence(language: str) -> None:
    for ahead in range(1, POSITION_SENTENCES[language] + 1):
        [clip] = position_clips(ahead, language)
        assert PROMPTS[language][clip].kind == "sentence"


def test_nobody_has_fewer_than_no_callers_before_him() -> None:
    with pytest.raises(ValueError, match="-1"):
        position_clips(-1)


def test_a_seat_number_is_read_digit_by_digit_with_yao_for_one() -> None:
    assert spoken(seat_number_clips("8001")) == "工号八零零幺为您服务。"


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh-CN", "幺二三四八"), ("ko-KR", "일 이 삼 사 팔"), ("en", "one two three four eight")],
)
def test_what_was_typed_is_read_one_by_one(language: str, said: str) -> None:
    assert spoken(digits_clips("12348", language), language) == said


@pytest.mark.parametrize("language", LANGUAGES)
@given(typed=st.text("0123456789", min_size=1, max_size=20))
def test_no_digit_is_lost(language: str, typed: str) -> None:
    names = {PROMPTS[language][f"digit_{n}"].text: str(n) for n in range(10)}
    clips = digits_clips(typed, language)
    assert "".join(names[PROMPTS[language][clip].text] for clip in clips) == typed


@pytest.mark.parametrize(
    ("time", "language", "said"),
    [
        ("00:00", "zh-CN", "凌晨零点"),
        ("02:05", "zh-CN", "凌晨两点零五分"),
        ("09:30", "zh-CN", "上午九点半"),
        ("11:02", "zh-CN", "上午十一点零二分"),
        ("12:00", "zh-CN", "中午十二点"),
        ("13:12", "zh-CN", "下午一点十二分"),
        ("18:45", "zh-CN", "晚上六点四十五分"),
        ("00:00", "ko-KR", "밤 열두 시"),
        ("09:30", "ko-KR", "오전 아홉 시 반"),
        ("12:05", "ko-KR", "낮 열두 시 오 분"),
        ("17:16", "ko-KR", "오후 다섯 시 십육 분"),
        ("00:00", "en", "twelve midnight."),
        ("09:30", "en", "nine thirty in the morning."),
        ("12:00", "en", "twelve noon."),
        ("12:05", "en", "twelve oh five p.m."),
        ("17:16", "en", "five sixteen p.m."),
    ],
)
def test_a_time_is_said_as_people_say_it(time: str, language: str, said: str) -> None:
    moment = datetime.strptime(f"2026-11-22 {time}", "%Y-%m-%d %H:%M")
    assert spoken(time_clips(moment, language), language) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_minutes_of_the_day_sound_the_same(language: str) -> None:
    said = {spoken(time_clips(at(minute), language), language) for minute in range(24 * 60)}
    assert len(said) == 24 * 60


@pytest.mark.parametrize(
    ("fen", "language", "said"),
    [
        (0, "zh-CN", "零元"),
        (5, "zh-CN", "五分"),
        (30, "zh-CN", "三角"),
        (200, "zh-CN", "两元"),
        (205, "zh-CN", "两元零五分"),
        (10_250, "zh-CN", "一百零二元五角"),
        (1_234_567, "zh-CN", "一万两千三百四十五元六角七分"),
        (0, "ko-KR", "영 원"),
        (5, "ko-KR", "오 전"),
        (10_250, "ko-KR", "백 이 원 오십 전"),
        (0, "en", "zero yuan"),
        (205, "en", "two yuan and five fen."),
        (10_000, "en", "one hundred yuan"),
    ],
)
def test_an_amount_is_said_as_people_say_it(fen: int, language: str, said: str) -> None:
    assert spoken(money_clips(fen, language), language) == said


COINS = {
    "zh-CN": (("元", 100), ("角", 10), ("分", 1)),
    "ko-KR": (("원", 100), ("전", 1)),
    "en": (("yuan", 100), ("fen.", 1)),
}


def counted(text: str, language: str) -> Iterator[int]:
    """The fen that a listener adds up."""
    for coin, worth in COINS[language]:
        found = re.match(rf"(.*?){re.escape(coin)}", text)
        if found:
            yield understood(found[1], language) * worth
            text = text[found.end() :]


@pytest.mark.parametrize("language", LANGUAGES)
@given(fen=st.integers(0, MOST * 100 + 99) | st.integers(0, 2000))
def test_every_amount_is_understood(language: str, fen: int) -> None:
    assert sum(counted(spoken(money_clips(fen, language), language), language)) == fen


@pytest.mark.parametrize("fen", [-1, (MOST + 1) * 100])
def test_an_amount_that_cannot_be_said_is_refused(fen: int) -> None:
    with pytest.raises(ValueError, match="no clips"):
        money_clips(fen)


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
