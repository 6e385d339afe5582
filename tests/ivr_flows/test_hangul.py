"""Korean prompts are spoken by the rules of standard pronunciation, not letter by letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows.prompts.hangul import phonemes, pronounced

SYLLABLES = st.characters(min_codepoint=ord("가"), max_codepoint=ord("힣"))


@pytest.mark.parametrize(
    ("written", "sounds"),
    [
        ("법률", "범뉼"),
        ("독립", "동닙"),
        ("안녕하십니까", "안녕하심니까"),
        ("없습니다", "업씀니다"),
        ("좋은", "조은"),
        ("많습니다", "만씀니다"),
        ("괜찮아요", "괜차나요"),
        ("같이", "가치"),
        ("굳이", "구지"),
        ("입력", "임녁"),
        ("입학", "이팍"),
        ("앉히다", "안치다"),
        ("좋다", "조타"),
        ("연락", "열락"),
        ("일년", "일련"),
        ("읽다", "익따"),
        ("값이", "갑씨"),
        ("닫는", "단는"),
        ("놓는", "논는"),
        ("종로", "종노"),
        ("육십", "육씹"),
        ("앞에", "아페"),
        ("번호", "번호"),
        ("강아지", "강아지"),
    ],
)
def test_a_word_is_spoken_as_koreans_say_it(written: str, sounds: str) -> None:
    assert pronounced(written) == sounds


def test_consonants_ring_between_vowels_and_only_there() -> None:
    assert phonemes("가가, 다.") == "kaɡa, ta."
    assert phonemes("눌러") == "nullɔ"
    assert phonemes("시사 희망") == "ɕisa himaŋ"


def test_what_is_no_hangul_is_left_out() -> None:
    assert phonemes("1번 A를") == "pɔn ɾɯl"
    assert phonemes("") == ""


@given(st.text(SYLLABLES, min_size=1, max_size=8))
def test_every_word_keeps_its_syllables_and_ends_in_a_sound_of_korean(word: str) -> None:
    sounds = pronounced(word)
    assert len(sounds) == len(word)
    # Said once more nothing changes but what now meets: no last consonant is left that cannot end.
    lasts = {(ord(sign) - ord("가")) % 28 for sign in sounds}
    assert lasts <= {0, 1, 4, 7, 8, 16, 17, 21}  # none, ㄱ ㄴ ㄷ ㄹ ㅁ ㅂ ㅇ
