"""The seats' secrets as the demo reads them."""

import json
from pathlib import Path

import pytest

from callcenter.demo.seats import SecretsFault, load_secrets
from callcenter.province_secrets import load_secrets as make_secrets


def test_secrets_are_those_that_the_hotline_keeps(tmp_path: Path) -> None:
    kept = make_secrets(tmp_path, ["8002", "8001"])
    accounts = load_secrets(tmp_path / "seats.json")
    assert [(one.user, one.secret) for one in accounts] == sorted(kept.seats.items())
    assert kept.seats["8001"] not in repr(accounts)


@pytest.mark.parametrize("said", ["", "[]", '{"seats": 1}', '{"seats": {"8001": 5}}'])
def test_file_that_does_not_fit_is_a_fault(said: str, tmp_path: Path) -> None:
    path = tmp_path / "seats.json"
    path.write_text(said)
    with pytest.raises(SecretsFault, match="seats.json"):
        load_secrets(path)


def test_missing_file_is_a_fault_that_says_who_makes_it(tmp_path: Path) -> None:
    with pytest.raises(SecretsFault, match="hotline render"):
        load_secrets(tmp_path / "seats.json")


def test_empty_object_has_no_seats(tmp_path: Path) -> None:
    path = tmp_path / "seats.json"
    path.write_text(json.dumps({"seats": {}}))
    assert load_secrets(path) == ()
