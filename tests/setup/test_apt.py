from pathlib import Path

import pytest

from setup.apt import PrivateApt, Source, debian_mirror, machine_sources
from setup.step import Fault
from tests.setup.test_debian import fake

DEB822 = """\
Types: deb
# a snapshot of that day
URIs: http://mirror.invalid/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/some.gpg

Types: deb
URIs: http://mirror.invalid/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://switched-off.invalid/debian
Suites: bookworm
Components: main

Types: deb
URIs: http://key-inside.invalid/debian
Suites: bookworm
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBGB
"""
ONE_LINE = """\
# deb http://commented-out.invalid/debian bookworm main
deb-src http://mirror.invalid/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/one.gpg] http://one.invalid/debian bookworm main  # x
deb http://plain.invalid/debian bookworm-updates main non-free
"""


@pytest.fixture
def etc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("HOTLINE_DEBIAN_MIRROR", raising=False)
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "debian").write_text('ID=debian\nVERSION_CODENAME=bookworm\nNAME="Debian"\n')
    (tmp_path / "ubuntu").write_text("ID=ubuntu\nVERSION_CODENAME=noble\n")
    return tmp_path


def test_both_styles_of_sources_are_read(etc: Path) -> None:
    (etc / "sources.list").write_text(ONE_LINE)
    (etc / "sources.list.d" / "debian.sources").write_text(DEB822)
    main = ("main",)
    assert list(machine_sources(etc)) == [
        Source("http://one.invalid/debian", ("bookworm",), main, "/usr/share/keyrings/one.gpg"),
        Source("http://plain.invalid/debian", ("bookworm-updates",), ("main", "non-free")),
        Source(
            "http://mirror.invalid/debian",
            ("bookworm", "bookworm-updates"),
            ("main", "contrib"),
            "/usr/share/keyrings/some.gpg",
        ),
        Source("http://mirror.invalid/debian-security", ("bookworm-security",), main),
        Source("http://key-inside.invalid/debian", ("bookworm",), main),
    ]


def test_the_mirror_is_the_machines_own(etc: Path) -> None:
    (etc / "sources.list.d" / "debian.sources").write_text(DEB822)
    assert debian_mirror(etc, etc / "debian") == Source(
        "http://mirror.invalid/debian", ("sid",), ("main",), "/usr/share/keyrings/some.gpg"
    )


def test_other_distributions_have_none_unless_it_is_named(
    etc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (etc / "sources.list.d" / "ubuntu.sources").write_text(DEB822)
    assert debian_mirror(etc, etc / "ubuntu") is None
    monkeypatch.setenv("HOTLINE_DEBIAN_MIRROR", "http://named.invalid/debian")
    named = debian_mirror(etc, etc / "ubuntu")
    assert named is not None
    assert (named.uri, named.suites) == ("http://named.invalid/debian", ("sid",))


def test_the_private_apt_touches_nothing_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path / "bin", "apt-get", f'cp "$2" {tmp_path}/given; shift 2; echo "$*"')
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    folder, log = tmp_path / "apt", tmp_path / "log"
    source = Source("http://mirror.invalid/debian", ("sid",), ("main",), "/keys/k.gpg")
    apt = PrivateApt(folder=folder, log=log, source=source)
    apt.update()
    (folder / "cache/archives/b_2_amd64.deb").touch()
    (folder / "cache/archives/a_1_amd64.deb").touch()
    assert [deb.name for deb in apt.download("a")] == ["a_1_amd64.deb", "b_2_amd64.deb"]
    lines = (tmp_path / "given").read_text().splitlines()
    given = dict(line.rstrip(";").split(" ", 1) for line in lines)
    for name in ("Dir::State::Lists", "Dir::State::status", "Dir::Cache", "Dir::Etc::SourceList"):
        assert given[name].startswith(f'"{folder}/')
    assert given["Dir::Etc::SourceParts"] == '"/dev/null"'
    assert (folder / "sources.list").read_text() == (
        "deb [signed-by=/keys/k.gpg] http://mirror.invalid/debian sid main\n"
    )
    assert "install -y --download-only a" in log.read_text()


@pytest.mark.parametrize(
    ("error", "way_out"),
    [
        ("E: Could not resolve host", "check network and disk"),
        ("E: Release file for sid is expired", "set HOTLINE_DEBIAN_MIRROR to another"),
    ],
)
def test_a_failure_is_one_line_with_its_way_out(
    error: str, way_out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path / "bin", "apt-get", f"echo '{error}'; exit 100")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    apt = PrivateApt(folder=tmp_path / "apt", log=tmp_path / "log", source=None)
    with pytest.raises(Fault) as told:
        apt.update()
    assert str(told.value).startswith(f"apt-get update failed ({error}): ")
    assert way_out in str(told.value)
    assert "\n" not in str(told.value)
