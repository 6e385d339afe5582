from __future__ import annotations

import pytest

from ivr_flows.wording import keys_named


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("婚姻家庭请按1，劳动劳务请按2。", "12"),
        ("请按 0 转人工", "0"),
        ("请按数字键3，请按下4，请按5键", "345"),
        ("请按“6”，请按「7」", "67"),
        ("请按一，请按零，请按〇", "10"),
        ("请按星号键，请按井号键", "*#"),
        ("请按*，请按＃", "*#"),
        ("请按1到5，或按7至9键", "12345789"),
        ("按1号键到3号键", "123"),
        ("请按1-3", "123"),
        ("请按一下", ""),
        ("请按12348", ""),
        ("按照规定，一律免费", ""),
        ("请按1或2，或按3或者按4", "1234"),
        ("한국어는 1번을 눌러 주십시오.", "1"),
        ("장춘시는 1번, 길림시는 2번, 그 밖의 지역은 0번을 눌러 주십시오.", "012"),
        ("상담원은 영 번을 눌러 주십시오.", "0"),
        ("상담원은 0을 누르십시오.", "0"),
        ("1번부터 5번까지, 또는 7번 또는 9번을 누르십시오.", "1234579"),
        ("다시 들으시려면 별표를 누르십시오.", "*"),
        ("번호를 입력하시고 우물 정자를 눌러 주십시오.", "#"),
        ("이번 상담은 12348번, 1번째, 한 번 더, 번호, 별도", ""),
        ("For legal aid, press 1. To speak to a person, press 0.", "01"),
        ("Press the star key, then the number; press pound at the end.", "*#"),
        ("press zero, dial number 4, or press the hash key", "04#"),
        ("press 1 to 5, or press 7 through 9", "12345789"),
        ("press 1 or 2", "12"),
        ("Press 1 for family, 2 for work, or 0 to speak to a person in 2 to 3 minutes.", "012"),
        ("Press 1 to be connected to the police on 110.", "1"),
        ("press any key, enter 0305, dial 110, one moment", ""),
        ("法律咨询请按1。한국어는 8번을 눌러 주십시오. For English, press 9.", "189"),
    ],
)
def test_keys_are_found_in_what_is_said(text: str, keys: str) -> None:
    assert keys_named(text) == frozenset(keys)
