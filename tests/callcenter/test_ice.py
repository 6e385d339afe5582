"""STUN and TURN servers as they are set, and what a telephone shows them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from callcenter.ice import IcePlan, IceServer, parse_servers
from callcenter.settings import SettingsFault, load_settings

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        ("", ()),
        ("stun:stun.example.cn:3478", (IceServer("stun:stun.example.cn:3478"),)),
        (
            "stun:s.example, turn:desk:p%40ss@t.example:3478?transport=udp",
            (
                IceServer("stun:s.example"),
                IceServer("turn:t.example:3478?transport=udp", "desk", "p@ss"),
            ),
        ),
        ("turns:[2001:db8::1]:5349", (IceServer("turns:[2001:db8::1]:5349"),)),
    ],
)
def test_servers_are_read(text: str, servers: tuple[IceServer, ...]) -> None:
    assert parse_servers(text) == servers
    assert parse_servers(servers) is servers


@pytest.mark.parametrize(
    "text",
    [
        *("http://x", "stun:", "stun:a b", "stun:name:word@host", "stun:host?transport=udp"),
        *("turn:name@host", "turn:host?transport=sctp", "turn:host:123456"),
    ],
)
def test_what_is_no_server_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="none of"):
        parse_servers(text)


def test_a_password_is_made_from_the_secret_and_ends() -> None:
    plan = IcePlan((IceServer("stun:s"), IceServer("turn:t")), secret="shared", lasts_s=3600)
    stun, turn = plan.for_phone("8001", NOW)
    assert stun == IceServer("stun:s")
    assert turn.user == f"{int(NOW.timestamp()) + 3600}:8001"
    made = hmac.new(b"shared", turn.user.encode(), hashlib.sha1).digest()
    assert turn.password == base64.b64encode(made).decode()
    assert turn.password not in repr(turn) and "shared" not in repr(plan)


def test_a_password_of_its_own_is_left_as_it_is() -> None:
    fixed = IceServer("turn:t", "desk", "word")
    assert IcePlan((fixed,), secret="shared").for_phone("8001", NOW) == (fixed,)


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"HOTLINE_ICE": "turn:t.example"}, "HOTLINE_ICE_SECRET"),
        ({"HOTLINE_ICE": "stun:t.example", "HOTLINE_ICE_RELAY": "1"}, "HOTLINE_ICE_RELAY needs"),
        ({"HOTLINE_ICE": "t.example"}, "HOTLINE_ICE: none of"),
    ],
)
def test_settings_that_do_not_fit_are_told(
    environment: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsFault) as fault:
        load_settings()
    assert says in str(fault.value.faults)


def test_settings_become_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_ICE", "turn:t.example")
    monkeypatch.setenv("HOTLINE_ICE_SECRET", "shared")
    monkeypatch.setenv("HOTLINE_ICE_RELAY", "1")
    monkeypatch.setenv("HOTLINE_SESSION_S", "7200")
    settings = load_settings()
    assert settings.ice_plan == IcePlan((IceServer("turn:t.example"),), "shared", True, 7200)
    assert "shared" not in repr(settings)
