"""Who else is in a talk, as a desk shows it."""

from typing import cast

import pytest

from callcenter import events as ev
from callcenter.desk_guest import Brought, Guest, brought_by, guest_of, supervisor_of
from callcenter.province import Province, load_province
from callcenter.settings import DEMO_PROVINCE
from tests.callcenter.call_in_hand import COURT, GROUP, SEAT, at_a_seat, consulting
from tests.callcenter.test_call_supervised import supervise

NAMES = {"8001": "长春一席", "8002": "长春二席"}


@pytest.fixture(scope="module")
def province() -> Province:
    return load_province(DEMO_PROVINCE)


def test_nobody_is_there_before_anyone_was_asked_for(province: Province) -> None:
    assert guest_of(at_a_seat().call, "8001", province, NAMES) is None
    assert guest_of(None, "8001", province, NAMES) is None


@pytest.mark.parametrize(
    ("to", "name"),
    [
        (COURT, "诉讼服务热线 12368"),
        (SEAT, "8002 长春二席"),
        (GROUP, "8002 长春二席"),
        (ev.Target(kind="line", name="gone", number="1", trunk="demo"), "gone"),
        (ev.Target(kind="number", name="04315550123", number="1", trunk="demo"), "04315550123"),
    ],
)
def test_a_guest_is_named_for_people(province: Province, to: ev.Target, name: str) -> None:
    talk = consulting(to)
    rung = cast(Guest, guest_of(talk.call, "8001", province, NAMES))
    assert (rung.kind, rung.target, rung.name, rung.answered_at) == ("consult", to.kind, name, None)
    talk.guest_comes()
    there = cast(Guest, guest_of(talk.call, "8001", province, NAMES))
    assert there.answered_at == talk.call.legs[-1].answered_at is not None


def test_a_supervisor_is_shown_beside_whom_the_seat_called_in(province: Province) -> None:
    talk = consulting()
    talk.guest_comes()
    names = NAMES | {"7001": "省级班长席"}
    assert supervisor_of(talk.call, "8001", province, names) is None
    supervise(talk, "barge")
    rung = cast(Guest, supervisor_of(talk.call, "8001", province, names))
    assert (rung.name, rung.target, rung.answered_at) == ("7001 省级班长席", "supervisor", None)
    assert cast(Guest, guest_of(talk.call, "8001", province, names)).target == "line"
    talk.ask("cancel")
    comes_as_guest = cast(Guest, supervisor_of(talk.call, "8001", province, names))
    assert comes_as_guest.kind == "barge"
    assert guest_of(talk.call, "8001", province, names) is None
    assert supervisor_of(talk.call, "8002", province, names) is None


def test_a_guest_is_told_only_to_the_seat_that_leads(province: Province) -> None:
    talk = consulting(SEAT)
    assert guest_of(talk.call, "8002", province, NAMES) is None


def test_a_consulted_seat_is_told_by_whom() -> None:
    talk = consulting(SEAT)
    assert brought_by(talk.call, "8002", NAMES) == Brought(kind="consult", by="8001 长春一席")
    assert brought_by(talk.call, "8001", NAMES) is None
    assert brought_by(None, "8002", NAMES) is None


def test_who_was_consulted_and_let_go_is_brought_by_nobody() -> None:
    talk = consulting(SEAT)
    talk.ask("cancel")
    assert brought_by(talk.call, "8002", NAMES) is None


def test_who_got_the_caller_knows_from_whom_as_long_as_he_talks() -> None:
    talk = consulting(SEAT)
    talk.guest_comes()
    talk.ask("complete")
    assert brought_by(talk.call, "8002", {}) == Brought(kind="consult", by="8001")
