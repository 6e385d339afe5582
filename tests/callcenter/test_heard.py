"""What AMI events mean to the hotline."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from callcenter.asterisk import heard
from callcenter.asterisk.protocol import AmiMessage

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
AT = datetime.fromtimestamp(1763780001.25, UTC)


def event(name: str, **headers: str) -> AmiMessage:
    lines = [f"Event: {name}", "Timestamp: 1763780001.250000"]
    lines += [f"{header}: {value}" for header, value in headers.items()]
    return AmiMessage("\r\n".join(lines).encode(), name)


@pytest.mark.parametrize(
    ("message", "news"),
    [
        (
            event("QueueCallerJoin", Queue="fallback", Uniqueid="c1", CallerIDNum="0431"),
            heard.FallbackJoined("c1", "0431", AT),
        ),
        (event("QueueCallerLeave", Queue="fallback", Uniqueid="c1"), heard.FallbackLeft("c1")),
        (event("QueueCallerJoin", Queue="other", Uniqueid="c1", CallerIDNum="0431"), None),
        (
            event(
                "DialState", Uniqueid="c1", DestChannel="PJSIP/8001@phone-01", DialStatus="RINGING"
            ),
            heard.SeatRings("c1", "8001", AT),
        ),
        (
            event("DialState", Uniqueid="c1", DestChannel="PJSIP/8001-01", DialStatus="PROGRESS"),
            None,
        ),
        (
            event("DialState", Uniqueid="c1", DestChannel="Local/8901@x-1", DialStatus="RINGING"),
            None,
        ),
        (
            event("Newstate", Channel="PJSIP/8001-01", Linkedid="c1", ChannelState="6"),
            heard.SeatPickedUp("c1", "8001", AT),
        ),
        (event("Newstate", Channel="PJSIP/8001-01", Linkedid="c1", ChannelState="5"), None),
        (
            event(
                "Newstate", Channel="PJSIP/demo-01", Uniqueid="c1", Linkedid="c1", ChannelState="6"
            ),
            None,
        ),
        (
            event(
                "Newstate", Channel="PJSIP/demo-02", Uniqueid="c2", Linkedid="c1", ChannelState="6"
            ),
            heard.LinePickedUp("c1", AT),
        ),
        (
            event(
                "Newstate", Channel="PJSIP/demo-02", Uniqueid="c2", Linkedid="c1", ChannelState="5"
            ),
            None,
        ),
        (
            event("Newstate", Channel="Local/s@x", Uniqueid="c2", Linkedid="c1", ChannelState="6"),
            None,
        ),
        (
            event("Hangup", Uniqueid="c1", Channel="PJSIP/demo-01"),
            heard.ChannelGone("c1", "PJSIP/demo-01", AT),
        ),
        (
            event("ContactStatus", AOR="8001", ContactStatus="Reachable"),
            heard.PhoneSeen("8001", True),
        ),
        (
            event("ContactStatus", AOR="8001", ContactStatus="Removed"),
            heard.PhoneSeen("8001", False, is_removed=True),
        ),
        (event("ContactStatus", AOR="demo", ContactStatus="Reachable"), None),
        (event("ContactStatus", AOR="8001", ContactStatus="Strange"), None),
        (event("UserEvent", UserEvent="HotlineEnded", CallId="c1"), heard.AudioClosed("c1")),
        (
            event("UserEvent", UserEvent="HotlineSeat", Seat="8001", Want="ready"),
            heard.SeatWants("8001", True),
        ),
        (
            event("UserEvent", UserEvent="HotlineSeat", Seat="8001", Want="not_ready"),
            heard.SeatWants("8001", False),
        ),
        (
            event("UserEvent", UserEvent="HotlineLeg", Leg="c1-leg-2"),
            heard.LegPickedUp("c1", 2, AT),
        ),
        (event("UserEvent", UserEvent="HotlineLeg", Leg="c1"), None),
        (
            event(
                "DialState",
                Uniqueid="c1-leg-2-out",
                DestChannel="PJSIP/demo-03",
                DialStatus="RINGING",
            ),
            heard.LegRings("c1", 2),
        ),
        (
            event(
                "DialState",
                Uniqueid="c1-leg-2-out",
                DestChannel="PJSIP/demo-03",
                DialStatus="PROGRESS",
            ),
            None,
        ),
        (event("UserEvent", UserEvent="Other"), None),
        (event("VarSet", Variable="x"), None),
    ],
)
def test_an_event_is_translated_or_passed_over(
    message: AmiMessage, news: heard.Heard | None
) -> None:
    assert heard.translate(message, NOW) == news


def test_an_event_without_a_readable_time_happened_now() -> None:
    message = AmiMessage(b"Event: Hangup\r\nUniqueid: c1\r\nTimestamp: soon", "Hangup")
    gone = heard.translate(message, NOW)
    assert isinstance(gone, heard.ChannelGone) and gone.at == NOW


def test_every_name_that_is_translated_is_asked_for() -> None:
    assert {
        *("DialState", "Newstate", "Hangup", "ContactStatus", "UserEvent"),
        *("ConfbridgeJoin", "OriginateResponse", "QueueCallerJoin", "QueueCallerLeave"),
    } == heard.WANTED
