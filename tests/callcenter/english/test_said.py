"""Which language an answer is in."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from callcenter.english.said import LANGUAGE, Said, language_of, said


class Told(BaseModel):
    """An answer."""

    name: str
    changes: list[Said]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "zh"),
        ("*", "zh"),
        ("zh-CN", "zh"),
        ("en", "en"),
        ("EN-us,en;q=0.9", "en"),
        ("en;q=0.4, zh;q=0.5", "zh"),
        ("zh;q=0.4, en-GB;q=0.5", "en"),
        ("en;q=0", "zh"),
        ("ko-KR, en;q=0.5", "en"),
        ("en;q=much", "zh"),
        ("english", "zh"),
    ],
)
def test_the_language_that_is_liked_best_is_taken(accepted: str, language: str) -> None:
    assert language_of(accepted) == language


def test_what_the_server_words_follows_the_language_and_names_do_not() -> None:
    told = Told(name="坐席", changes=["周一、周二", "8001 权重：1 → 2"])
    assert '"changes":["周一、周二","8001 权重：1 → 2"]' in told.model_dump_json()
    asked = LANGUAGE.set("en")
    try:
        assert told.model_dump_json() == (
            '{"name":"坐席","changes":["Mon, Tue","8001 weight: 1 → 2"]}'
        )
        assert told.changes[0] == "周一、周二"
        assert said("来自 127.0.0.1") == "From 127.0.0.1"
    finally:
        LANGUAGE.reset(asked)
