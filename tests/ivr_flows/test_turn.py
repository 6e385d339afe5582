from __future__ import annotations

import json

import pytest

from ivr_flows.turn import Session, SessionUnreadable


def test_a_session_survives_json_whole() -> None:
    session = Session(
        "main", 3, "rate", "key", 1, 7, 0, is_served=True, rating=2, pii_digits="04", pii_number="1"
    )
    assert Session.from_json(json.loads(json.dumps(session.to_json()))) == session


def test_what_is_at_its_default_is_not_saved() -> None:
    session = Session("main", 1, "menu", "key")
    assert session.to_json() == {"flow": "main", "version": 1, "step": "menu", "awaits": "key"}
    assert Session.from_json(session.to_json()) == session


@pytest.mark.parametrize(
    ("saved", "named"),
    [
        ({}, "flow"),
        ({"flow": "main", "version": 1, "step": "a", "awaits": "rain"}, "awaits"),
        ({"flow": "main", "version": "x", "step": "a"}, "version"),
        ({"flow": "main", "version": 1, "step": "a", "colour": "red"}, "colour"),
        ({"flow": "main", "version": 1, "step": "a", "pii_digits": ["13812345678"]}, "pii_digits"),
        ([], "not an object"),
    ],
)
def test_what_is_no_session_is_refused_by_name_and_without_its_values(
    saved: dict[str, object], named: str
) -> None:
    with pytest.raises(SessionUnreadable, match=named) as refused:
        Session.from_json(saved)
    assert "13812345678" not in str(refused.value)
