import os
import stat
from pathlib import Path

import pytest

from setup import debian
from setup.debian import Program
from setup.step import Fault, Place

NOT_HERE = Program("surely-not-installed", "some-package")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(checkout=tmp_path, cache=tmp_path / "cache", home=tmp_path / "home")


def fake(folder: Path, name: str, script: str) -> None:
    """A program of that name that runs a line of shell."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only programs beside the shell's own; `apt-get` writes down what it was asked."""
    folder = tmp_path / "bin"
    fake(folder, "apt-get", f'echo "$*" >> {tmp_path}/asked')
    fake(folder, "env", 'shift; exec "$@"')
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_nothing_missing_asks_for_nothing(place: Place, programs: Path, tmp_path: Path) -> None:
    shell = Program("sh", "dash", "bin/sh")
    assert debian.install_missing(place, [shell]) == "all there"
    assert not (tmp_path / "asked").exists()


def test_root_installs_what_is_missing_once(
    place: Place, programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    said = debian.install_missing(place, [NOT_HERE, NOT_HERE], ["python3.11-venv"])
    assert said == "installed python3.11-venv, some-package"
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[0].endswith(" update")
    assert asked[1].endswith(" install -y --no-install-recommends python3.11-venv some-package")


def test_without_root_the_person_is_told_what_to_type(
    place: Place, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Fault) as told:
        debian.install_missing(place, [NOT_HERE])
    assert str(told.value) == (
        "packages are missing and this user is not root; type once: "
        "sudo apt-get install -y --no-install-recommends some-package"
    )


def test_sudo_without_a_password_is_used(
    place: Place, programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    fake(programs, "sudo", '[ "$1" = -n ] && shift; [ "$1" = true ] || exec "$@"')
    assert debian.install_missing(place, [NOT_HERE]) == "installed some-package"
    assert "some-package" in (tmp_path / "asked").read_text()


def test_a_failing_apt_is_one_line_with_its_own_last_error(
    place: Place, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    fake(programs, "apt-get", "echo working; echo 'E: Unable to locate package'; exit 100")
    with pytest.raises(Fault) as told:
        debian.install_missing(place, [NOT_HERE])
    assert "E: Unable to locate package" in str(told.value)
    assert "type: sudo apt-get install" in str(told.value)
    assert "\n" not in str(told.value)


def test_a_machine_without_apt_is_told_the_names(
    place: Place, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (programs / "apt-get").unlink()
    with pytest.raises(Fault, match="no apt-get here: .*some-package"):
        debian.install_missing(place, [NOT_HERE])


def test_settings_decide_what_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    def packages(*, for_tests: bool) -> set[str]:
        return {program.package for program in debian.wanted(for_tests=for_tests)}

    monkeypatch.delenv("REDIS_URL", raising=False)
    assert packages(for_tests=False) == {"redis-server"}
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1")
    assert packages(for_tests=False) == set()
    assert packages(for_tests=True) > {"redis-server", "postgresql", "sip-tester"}
