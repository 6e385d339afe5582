"""Every action that the program writes down has words for people."""

from __future__ import annotations

import ast
from pathlib import Path

import callcenter
from callcenter.web.audit_words import ACTIONS, action_words

PACKAGE = Path(callcenter.__file__).parent
MOVES = {"flow_": ("review", "publish", "withdraw")}  # put together of two parts


def _named() -> set[str]:
    """What stands in the source as `action="…"` or as a constant ACTION."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.keyword(arg="action", value=ast.Constant(value=str(action))):
                    found.add(action)
                case ast.Assign(
                    targets=[ast.Name(id="ACTION")], value=ast.Constant(value=str(action))
                ):
                    found.add(action)
    return found


def test_each_action_has_words_in_both_languages() -> None:
    named = _named() | {f"{kind}{move}" for kind, moves in MOVES.items() for move in moves}
    assert "log_in" in named and "seats_changed" in named
    assert named - ACTIONS.keys() == set()
    assert all(zh and en and zh.strip() != en.strip() for zh, en in ACTIONS.values())


def test_words_are_told_once_each_and_unknown_ones_as_they_are() -> None:
    for language in (0, 1):
        words = [pair[language] for pair in ACTIONS.values()]
        assert sorted(words) == sorted(set(words))
    assert action_words("log_in") == "登录"
    assert action_words("of_tomorrow") == "of_tomorrow"
