"""The tree of packages, from .deb files made here: nothing is fetched."""

import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from setup import asterisk
from setup.step import Fault, Place
from tests.setup.test_debian import fake


def deb(folder: Path, name: str, files: dict[str, str]) -> Path:
    """A Debian package with these files, each of them executable."""
    root = folder / name
    for path, text in {**files, "DEBIAN/control": control(name)}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
        (root / path).chmod(0o755)
    made = folder / f"{name}_1_all.deb"
    subprocess.run(["dpkg-deb", "--build", root, made], check=True, capture_output=True)
    return made


def control(name: str) -> str:
    return (
        f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: test\n"
    )


def asterisk_debs(folder: Path, version: str) -> list[Path]:
    """Packages with a loader that says what that Asterisk would."""
    loader = f"#!/bin/sh\necho Asterisk {version}\n"
    return [
        deb(folder, "libc6", {"usr/lib64/ld-linux-x86-64.so.2": loader}),
        deb(
            folder,
            "asterisk",
            {"usr/sbin/asterisk": "x", "usr/lib/x86_64-linux-gnu/asterisk/modules/app.so": "x"},
        ),
    ]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setattr(asterisk, "debian_mirror", lambda: None)
    monkeypatch.setattr(asterisk, "find_program", lambda name: shutil.which(name))
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    return Place(checkout=tmp_path, cache=tmp_path / "cache", home=tmp_path / "home")


class FakeApt:
    """Hands out packages made here instead of a mirror's; counts how often."""

    fetched = 0

    def __init__(self, version: str, folder: Path) -> None:
        self.debs = asterisk_debs(folder, version)

    def __call__(self, **_: object) -> "FakeApt":
        return self

    def update(self) -> None:
        pass

    def download(self, *_: str) -> list[Path]:
        self.fetched += 1
        return self.debs


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeApt:
    apt = FakeApt("22.10.1+dfsg", tmp_path / "debs")
    monkeypatch.setattr(asterisk, "PrivateApt", apt)
    return apt


def test_a_tree_is_fetched_once_and_used_again(place: Place, mirror: FakeApt) -> None:
    trees = place.cache / "asterisk"
    assert asterisk.provide(place) == f"22.10.1 fetched into {trees}"
    assert asterisk.usable_tree(trees / "current") == (22, 10, 1)
    assert asterisk.provide(place) == f"22.10.1 in {trees}"
    assert mirror.fetched == 1
    assert not [path for path in trees.iterdir() if path.name.startswith((".half", ".fetch"))]


@pytest.mark.parametrize("harm", ["file lost", "file cut", "manifest cut", "link lost"])
def test_a_harmed_tree_is_made_anew(place: Place, mirror: FakeApt, harm: str) -> None:
    asterisk.provide(place)
    current = place.cache / "asterisk" / "current"
    if harm == "file lost":
        (current / "usr/sbin/asterisk").unlink()
    elif harm == "file cut":
        (current / "usr/sbin/asterisk").write_text("")
    elif harm == "manifest cut":
        (current / asterisk.MANIFEST).write_text('{"files')
    else:
        current.unlink()
    assert "fetched" in asterisk.provide(place)
    assert (current / "usr/sbin/asterisk").read_text() == "x"


def test_an_unpacking_that_fails_leaves_no_tree(
    place: Place, mirror: FakeApt, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.deb"
    broken.write_bytes(b"cut off")
    mirror.debs.append(broken)
    with pytest.raises(Fault, match=r"^broken.deb cannot be unpacked .*check the disk"):
        asterisk.provide(place)
    assert [path.name for path in (place.cache / "asterisk").iterdir()] == [".lock"]


def test_two_at_once_fetch_once(place: Place, mirror: FakeApt) -> None:
    said: list[str] = []
    both = [threading.Thread(target=lambda: said.append(asterisk.provide(place))) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert mirror.fetched == 1
    assert sorted("fetched" in line for line in said) == [False, True]


def test_the_machines_own_asterisk_goes_first(place: Place, tmp_path: Path) -> None:
    fake(tmp_path / "bin", "asterisk", "echo Asterisk 22.11.0")
    assert asterisk.provide(place) == "this machine's own 22.11.0"
    assert not place.cache.exists()


def test_an_older_one_is_used_with_a_warning_where_there_is_no_mirror(
    place: Place, tmp_path: Path
) -> None:
    fake(tmp_path / "bin", "asterisk", "echo 'Asterisk certified/20.7-cert1'")
    assert asterisk.provide(place).startswith("WARNING: this machine's own 20.7.0, older than")


def test_a_distribution_with_20_is_unpacked_with_a_warning_and_kept(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apt = FakeApt("20.6.0", tmp_path / "debs")
    monkeypatch.setattr(asterisk, "PrivateApt", apt)
    assert asterisk.provide(place).startswith("WARNING, older than 22.10")
    assert asterisk.provide(place).startswith("WARNING: 20.6.0 in ")
    assert apt.fetched == 1


def test_a_distribution_with_18_is_too_old(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asterisk, "PrivateApt", FakeApt("18.10.0", tmp_path / "debs"))
    with pytest.raises(Fault, match="18.10.0 is too old: set HOTLINE_DEBIAN_MIRROR"):
        asterisk.provide(place)
    assert not (place.cache / "asterisk" / "current").exists()


def test_a_full_disk_is_told_before_anything_is_fetched(
    place: Place, mirror: FakeApt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asterisk, "SPACE_MB", 10**9)
    with pytest.raises(Fault, match="set HOTLINE_CACHE to another folder"):
        asterisk.provide(place)
    assert mirror.fetched == 0


def test_a_cache_that_cannot_be_made_names_the_setting(place: Place) -> None:
    place.cache.write_text("a file")
    with pytest.raises(Fault, match="set HOTLINE_CACHE"):
        asterisk.provide(place)
