"""What somebody types in a hurry is spoken as he means it, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows.prompts.saying import MOST_CHARACTERS, spelled_out
from ivr_flows.prompts.texts import PromptFault, unspeakable


@pytest.mark.parametrize(
    ("written", "language", "said"),
    [
        ("今天18:30起停办。", "zh-CN", "今天晚上六点半起停办。"),
        ("9：00 到 12:05、共3小时", "zh-CN", "上午九点到中午十二点零五分，共三小时"),
        ("请拨12348，急事拨110。", "zh-CN", "请拨幺二三四八，急事拨幺幺零。"),
        ("今天,“大厅”停办!", "zh-CN", "今天，大厅停办！"),
        ("编号0305", "zh-CN", "编号零三零五"),
        ("有103人、2026年", "zh-CN", "有一百零三人，两千零二十六年"),
        ("오늘 18:30부터 3명", "ko-KR", "오늘 오후 여섯 시 반 부터 삼 명"),
        ("Closed until 18:30, call 110.", "en", "Closed until six thirty P M, call one one zero."),
    ],
)
def test_times_numbers_and_telephone_numbers_become_words(
    written: str, language: str, said: str
) -> None:
    assert spelled_out(written, language) == said


@pytest.mark.parametrize(
    ("written", "language", "what"),
    [
        ("", "zh-CN", "没有文字"),
        ("  \n", "zh-CN", "没有文字"),
        (")", "zh-CN", "没有文字"),
        ("……", "zh-CN", "读不出「…」"),
        ("?!", "en", "没有文字"),
        ("好" * (MOST_CHARACTERS + 1), "zh-CN", "最多 200 个"),
        ("请关注APP", "zh-CN", "读不出「A」，请写成汉字"),
        ("오늘 휴무", "zh-CN", "请写成汉字"),
        ("按*键", "zh-CN", "读不出「\\*」"),
        ("【好】", "zh-CN", "读不出「【」"),
        ("今天", "ko-KR", "请写成韩文"),
        ("café", "en", "请写成英文单词"),
        ("好", "fr", "no language fr"),
    ],
)
def test_what_cannot_be_spoken_is_refused(written: str, language: str, what: str) -> None:
    with pytest.raises(PromptFault, match=what):
        spelled_out(written, language)


@given(st.text(max_size=60), st.sampled_from(("zh-CN", "ko-KR", "en")))
def test_any_text_is_spoken_or_refused(written: str, language: str) -> None:
    try:
        said = spelled_out(written, language)
    except PromptFault:
        return
    assert said and not unspeakable(said, language)
