import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from setup import python_env
from setup.step import Fault, Place, last_error, need_space, run_command, run_step
from tests.setup.test_debian import fake

CHECKOUT = Path(__file__).parents[2]
PINNED = re.compile(r"^([\w.-]+)(?:\[[\w,]+\])?==(\S+)(?: ; (.*?))? \\$", re.MULTILINE)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.delenv("HOTLINE_PYTHON", raising=False)
    for name in ("pyproject.toml", "run.lock", "test.lock"):
        (tmp_path / name).write_text(name)
    return Place(checkout=tmp_path, cache=tmp_path / "cache", home=tmp_path / "home")


@pytest.fixture
def commands(place: Place, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would have been run; a venv appears as it would."""
    ran: list[str] = []

    def run(argv: list[str | Path], **_: object) -> bool:
        ran.append(" ".join(str(word) for word in argv))
        place.venv.mkdir(exist_ok=True)
        return True

    monkeypatch.setattr(python_env, "run_command", run)
    return ran


def test_the_environment_is_made_once_and_again_when_a_lock_changes(
    place: Place, commands: list[str]
) -> None:
    assert python_env.make_venv(place, group="run").startswith("made with Python 3.")
    assert "-m venv" in commands[0]
    assert "--require-hashes" in commands[1] and commands[1].endswith("run.lock")
    assert commands[2].endswith(f"-e {place.checkout}") and "--no-deps" in commands[2]
    assert python_env.make_venv(place, group="run").startswith("up to date")
    assert len(commands) == 3
    (place.checkout / "test.lock").write_text("changed")
    assert python_env.make_venv(place, group="run").startswith("up to date")
    (place.checkout / "run.lock").write_text("changed")
    assert python_env.make_venv(place, group="run").startswith("made")


def test_tests_need_both_locks(place: Place, commands: list[str]) -> None:
    python_env.make_venv(place, group="run")
    commands.clear()
    python_env.make_venv(place, group="test")
    assert [line.rpartition("/")[2] for line in commands if ".lock" in line] == [
        "run.lock",
        "test.lock",
    ]


def test_an_install_that_failed_is_tried_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = place.log

    def run(argv: list[str | Path], **_: object) -> bool:
        place.venv.mkdir(exist_ok=True)
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("\n$ pip\nlooking\nERROR: No matching distribution found for x==1\n")
        return "venv" in argv

    monkeypatch.setattr(python_env, "run_command", run)
    for _ in range(2):
        with pytest.raises(Fault, match=r"^pip failed \(ERROR: No matching .* mirror") as told:
            python_env.make_venv(place, group="run")
        assert "\n" not in str(told.value)


def test_an_old_python_is_passed_over(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path / "bin", "python3", "echo 3 10 True")
    fake(tmp_path / "bin", "python3.12", "echo 3 12 False")
    fake(tmp_path / "bin", "python3.11", "echo 3 11 True")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(python_env, "NAMES", python_env.NAMES[1:])
    found = python_env.find_python()
    assert found is not None
    assert found.version == (3, 11)
    assert python_env.packages_needed() == []
    (tmp_path / "bin" / "python3.11").unlink()
    assert python_env.packages_needed() == ["python3.12-venv"]
    (tmp_path / "bin" / "python3.12").unlink()
    assert python_env.packages_needed() == ["python3.11", "python3.11-venv"]


def test_a_wrong_choice_of_python_is_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_PYTHON", "/nowhere/python")
    with pytest.raises(Fault, match="^HOTLINE_PYTHON "):
        python_env.packages_needed()


def test_the_program_says_a_fault_in_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "setup", "run"],
        cwd=CHECKOUT,
        env={"PATH": "/usr/bin:/bin", "HOTLINE_PYTHON": "/nowhere", "HOTLINE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == "[1/4] Debian packages … not done\n"
    assert done.stderr.startswith("set-up: HOTLINE_PYTHON names no Python 3.11")
    assert done.stderr.count("\n") == 1


def test_old_pythons_can_read_what_tells_them_so() -> None:
    main = (CHECKOUT / "setup" / "__main__.py").read_text()
    ast.parse(main, feature_version=(3, 6))
    assert main.index("sys.exit(") < main.index("import argparse")
    for module in (CHECKOUT / "setup").glob("*.py"):
        ast.parse(module.read_text(), feature_version=(3, 10))


def test_a_step_is_one_line_with_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    run_step(number=2, of=3, title="Asterisk", work=lambda: "there")
    assert re.fullmatch(r"\[2/3\] Asterisk … there \(\d+\.\d s\)\n", capsys.readouterr().out)


def test_the_last_error_is_that_of_the_last_command(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert not run_command(["sh", "-c", "echo 'E: old'; exit 1"], log=log)
    assert not run_command(["sh", "-c", "echo 'E: why'; echo more; exit 1"], log=log)
    assert last_error(log) == "E: why"
    assert not run_command(["/nowhere"], log=log)
    assert "/nowhere" in last_error(log)
    assert run_command(["true"], log=log)
    assert last_error(log) == "no output"


def test_space_is_looked_for_where_the_folder_will_be(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "yet"
    need_space(folder, megabytes=0, for_what="x", setting="y")
    assert folder.is_dir()
    with pytest.raises(Fault, match="x needs 1000000000 MB in .* are free: free some, or y"):
        need_space(folder, megabytes=10**9, for_what="x", setting="y")


def pinned(lock: str) -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for name, version, marker in PINNED.findall((CHECKOUT / lock).read_text()):
        found.setdefault(name.lower(), set()).add((version, marker))
    return found


def test_the_locks_pin_every_dependency_by_hash_and_name_no_registry() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    run, test = pinned("run.lock"), pinned("test.lock")

    def names(requirements: list[str]) -> set[str]:
        return {re.match(r"[\w.-]+", text)[0].lower() for text in requirements}  # type: ignore[index]

    assert names(project["dependencies"]) <= run.keys()
    assert names(project["optional-dependencies"]["test"]) <= test.keys()
    for name, pins in run.items():  # a test may need on more systems what the program needs on few
        assert {version for version, _ in pins} == {version for version, _ in test[name]}, name
    for lock in ("run.lock", "test.lock"):
        text = (CHECKOUT / lock).read_text()
        assert "://" not in text
        blocks = re.split(r"\n(?=[\w])", text)[1:]
        assert len(blocks) == sum(len(versions) for versions in pinned(lock).values())
        assert all("--hash=sha256:" in block for block in blocks)
