"""The rules of accounts, by table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from callcenter.accounts.account import (
    REMEMBERED,
    Account,
    Refused,
    Rules,
    after_log_in,
    after_wrong_try,
    check_display_name,
    check_name,
    check_password,
    check_roles,
    check_seat,
    with_password,
)
from callcenter.web.rights import Role

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
RULES = Rules(lock_after=3, lock_s=600, password_days=90, second_factor=frozenset({Role.ADMIN}))
ONE = Account(
    name="limei",
    display_name="李梅",
    roles=(Role.SUPERVISOR,),
    password="first",
    password_at=NOW,
    created_at=NOW,
)


def test_the_third_wrong_try_locks_for_ten_minutes_and_the_count_begins_anew() -> None:
    second = after_wrong_try(after_wrong_try(ONE, RULES, NOW), RULES, NOW)
    assert not second.is_locked(NOW)
    third = after_wrong_try(second, RULES, NOW)
    assert third.is_locked(NOW) and third.is_locked(NOW + timedelta(seconds=599))
    later = NOW + timedelta(seconds=600)
    assert not third.is_locked(later)
    assert not after_wrong_try(third, RULES, later).is_locked(later)


def test_a_log_in_forgets_wrong_tries_and_remembers_the_codes_half_minute() -> None:
    tried = after_wrong_try(ONE, RULES, NOW)
    made = after_log_in(tried, NOW, step=77)
    assert (made.wrong, made.totp_step, made.last_login_at) == (0, 77, NOW)
    assert after_log_in(made, NOW, step=None).totp_step == 77


def test_who_was_given_a_password_changes_it_and_an_old_one_too() -> None:
    given = with_password(ONE, "second", NOW, by_other=True)
    assert given.must_change_password(RULES, NOW)
    own = with_password(given, "third", NOW, by_other=False)
    assert not own.must_change_password(RULES, NOW + timedelta(days=90))
    assert own.must_change_password(RULES, NOW + timedelta(days=90, seconds=1))
    ageless = msgspec.structs.replace(RULES, password_days=0)
    assert not own.must_change_password(ageless, NOW + timedelta(days=9000))
    assert own.earlier == ("second", "first")


def test_only_the_last_few_passwords_are_remembered() -> None:
    made = ONE
    for n in range(9):
        made = with_password(made, f"p{n}", NOW, by_other=False)
    assert made.earlier == ("p7", "p6", "p5", "p4", "p3")
    assert len(made.earlier) == REMEMBERED


def test_a_role_may_demand_a_second_factor() -> None:
    admin = msgspec.structs.replace(ONE, roles=(Role.ADMIN,))
    assert admin.must_add_second_factor(RULES)
    assert not ONE.must_add_second_factor(RULES)
    begun = msgspec.structs.replace(admin, totp="seed")
    assert begun.must_add_second_factor(RULES) and not begun.has_second_factor
    assert not msgspec.structs.replace(begun, totp_at=NOW).must_add_second_factor(RULES)


@pytest.mark.parametrize("name", ["", "a", "李梅", "a b", "-ab", "a" * 33, "a/b", "a\n"])
def test_a_name_that_cannot_be_typed_everywhere_is_refused(name: str) -> None:
    with pytest.raises(Refused) as refused:
        check_name(name if name != "a\n" else "a\nb")
    assert refused.value.field == "name"


def test_a_name_is_kept_in_small_letters() -> None:
    assert check_name(" Li.Mei-2 ") == "li.mei-2"
    assert check_name("8001") == "8001"


@pytest.mark.parametrize("name", ["", " ", "a" * 41, "a\x00b"])
def test_a_name_to_be_read_must_be_readable(name: str) -> None:
    with pytest.raises(Refused, match="姓名"):
        check_display_name(name)
    assert check_display_name(" 李梅 ") == "李梅"


def test_an_auditor_does_nothing_else() -> None:
    assert check_roles([Role.ADMIN, Role.SEAT, Role.SEAT]) == (Role.SEAT, Role.ADMIN)
    assert check_roles([Role.AUDITOR]) == (Role.AUDITOR,)
    for roles in ([], [Role.AUDITOR, Role.ADMIN]):
        with pytest.raises(Refused) as refused:
            check_roles(roles)
        assert refused.value.field == "roles"


def test_a_seat_person_has_a_seat() -> None:
    assert check_seat("8001", [Role.SEAT]) == "8001"
    assert check_seat(None, [Role.QUALITY]) is None
    for seat, roles in ((None, [Role.SEAT]), ("80x1", [Role.SEAT]), ("8", [Role.ADMIN])):
        with pytest.raises(Refused) as refused:
            check_seat(seat, roles)
        assert refused.value.field == "seat"


@pytest.mark.parametrize(
    "password",
    ["Correct-horse7", "correct horse battery staple", "法律援助 Help-2026", "xK9#mP2$vL"],
)
def test_a_password_hard_to_guess_is_taken(password: str) -> None:
    check_password(password, "limei")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("Ab1-", "10 至 128"),
        ("x" * 129, "10 至 128"),
        ("onlysmalls", "三种"),
        ("small12345", "三种"),
        ("Aa1Aa1Aa1Aa1", "重复"),
        ("Limei-2026-xy", "账号名"),
        ("Password-2026", "常见"),
        ("Hotline-12348", "常见"),
    ],
)
def test_a_password_easy_to_guess_is_refused_with_the_reason(password: str, why: str) -> None:
    with pytest.raises(Refused, match=why) as refused:
        check_password(password, "limei")
    assert refused.value.field == "password"
