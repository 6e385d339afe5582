"""Words become turns, what is no speech goes, and errors are counted as people would."""

import pytest

from stt.pinyin import syllable_error_rate
from stt.transcript import Turn, Word, cer, comparable, error_rate, is_noise, turns


def words(*said: tuple[str, float, float]) -> tuple[Word, ...]:
    return tuple(Word(text=text, start_s=start, end_s=end) for text, start, end in said)


def test_a_pause_ends_a_turn() -> None:
    channel = words(("您", 0.0, 0.2), ("好", 0.2, 0.5), ("再见", 1.4, 1.9))
    assert turns({"caller": channel}) == (
        Turn("caller", 0.0, 0.5, "您好"),
        Turn("caller", 1.4, 1.9, "再见"),
    )


def test_a_short_breath_does_not_end_a_turn() -> None:
    channel = words(("您", 0.0, 0.2), ("好", 0.9, 1.2))
    assert [turn.text for turn in turns({"caller": channel})] == ["您好"]


def test_two_speakers_are_interleaved_by_time() -> None:
    said = {
        "caller": words(("喂", 0.0, 0.4), ("我问一下", 2.0, 3.0)),
        "seat": words(("您好", 0.6, 1.1), ("请说", 3.2, 3.6)),
    }
    assert [(turn.speaker, turn.text) for turn in turns(said)] == [
        ("caller", "喂"),
        ("seat", "您好"),
        ("caller", "我问一下"),
        ("seat", "请说"),
    ]


def test_a_word_of_the_other_speaker_cuts_a_turn_without_a_pause() -> None:
    said = {
        "caller": words(("三个月", 0.0, 0.6), ("没发工资", 0.9, 1.6)),
        "seat": words(("嗯", 0.65, 0.8)),
    }
    assert [turn.text for turn in turns(said)] == ["三个月", "嗯", "没发工资"]


def test_speech_at_the_same_time_keeps_both() -> None:
    said = {"caller": words(("不是", 1.0, 1.4)), "seat": words(("那么", 1.0, 1.5))}
    assert {(turn.speaker, turn.text) for turn in turns(said)} == {
        ("caller", "不是"),
        ("seat", "那么"),
    }


def test_two_who_speak_at_once_are_not_chopped_into_words() -> None:
    said = {
        "caller": words(("我", 0.0, 0.2), ("爱人", 0.2, 0.6), ("受伤", 0.7, 1.1)),
        "seat": words(("请", 0.1, 0.3), ("您", 0.3, 0.5), ("慢慢说", 0.55, 1.2)),
    }
    assert [turn.text for turn in turns(said)] == ["我爱人受伤", "请您慢慢说"]


def test_made_up_turns_go() -> None:
    assert turns({"caller": words(("。。。", 0, 1)), "seat": words(("谢谢观看", 5, 6))}) == ()


@pytest.mark.parametrize(
    "text",
    ["", "。。。。", "…… ，", "有的" * 28, "4" * 15, "请不吝点赞 订阅", "作词作曲编曲", "中文字幕"],
)
def test_what_whisper_makes_up_is_noise(text: str) -> None:
    assert is_noise(text)


@pytest.mark.parametrize(
    "text",
    ["嗯", "好的好的好的", "我想请您看一下这个作曲合同的字幕版权归谁", "一二三四五六七八九十"],
)
def test_what_people_say_is_no_noise(text: str) -> None:
    assert not is_noise(text)


def test_an_echo_of_the_prompt_is_noise_but_a_common_word_of_it_is_not() -> None:
    prompt = "律师您好，我想咨询劳动合同、劳动仲裁。"
    assert is_noise("我想咨询，劳动合同", prompt=prompt)
    assert not is_noise("劳动合同", prompt=prompt)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12348热线", "幺二三四八热线"),
        ("12位", "十二位"),
        ("两位", "二位。"),
        ("一百零三", "103"),
        ("两千零三十", "2030"),
        ("二十", "20"),
        ("OK，好", "ok好"),
        ("八零零幺", "8001"),
    ],
)
def test_the_same_thing_written_otherwise_compares_equal(one: str, other: str) -> None:
    assert comparable(one) == comparable(other)


@pytest.mark.parametrize(
    ("expected", "heard", "rate"),
    [
        ("abcd", "abcd", 0),
        ("abcd", "abd", 0.25),
        ("abcd", "abxd", 0.25),
        ("ab", "", 1),
        ("a", "bcd", 3),
    ],
)
def test_error_rate_counts_the_fewest_changes(expected: str, heard: str, rate: float) -> None:
    assert error_rate(expected, heard) == pytest.approx(rate)


def test_error_rate_of_nothing_expected() -> None:
    assert error_rate("", "") == 0
    assert error_rate("", "x") == 1


def test_a_homophone_is_wrong_in_characters_and_right_in_syllables() -> None:
    assert cer("请支付报酬", "请支付报仇") == pytest.approx(0.2)
    assert syllable_error_rate("请支付报酬", "请支付报仇") == 0
    assert syllable_error_rate("请支付报酬", "请支付工钱") == pytest.approx(0.4)
