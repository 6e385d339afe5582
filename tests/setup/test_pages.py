"""The pages' build: by content, from the cache, with one clear line when it fails."""

import subprocess
from pathlib import Path

import pytest

from setup import pages
from setup.step import Fault, Place

PROGRAMS = {
    "hotline": 'echo "{\\"v\\": \\"$(cat api.txt)\\"}"\n',
    "npm": 'echo npm >> "$LOG"; mkdir -p "$4/node_modules/openapi-typescript/bin"\n',
    "node": (
        'echo node "${1##*/}" >> "$LOG"\n'
        'case "$1" in\n'
        '*cli.js) echo types > "$4" ;;\n'
        '*) [ -f broken ] && { echo "Error: no such part" >&2; exit 1; }\n'
        '   mkdir -p "$HOTLINE_PAGES_OUT"; cp web/index.html "$HOTLINE_PAGES_OUT" ;;\n'
        "esac\n"
    ),
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A checkout whose Node and npm only note that they were asked."""
    place = Place(checkout=tmp_path / "here", cache=tmp_path / "cache", home=tmp_path / "home")
    (place.venv / "bin").mkdir(parents=True)
    for name, script in PROGRAMS.items():
        program = place.venv / "bin" / name
        program.write_text(f"#!/bin/sh\n{script}")
        program.chmod(0o755)
    for name in ("package.json", "package-lock.json", ".npmrc", "index.html", "src/api/x.ts"):
        file = place.checkout / "web" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    (place.checkout / "callcenter" / "web").mkdir(parents=True)
    (place.checkout / "api.txt").write_text("1")
    monkeypatch.setenv("LOG", str(tmp_path / "log"))
    monkeypatch.chdir(place.checkout)
    return place


def asked(place: Place) -> list[str]:
    log = place.checkout.parent / "log"
    lines = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return lines


def test_pages_are_built_once_for_the_same_sources(place: Place) -> None:
    assert pages.build_pages(place).startswith("built")
    assert asked(place) == ["npm", "node cli.js", "node vite.js"]
    assert (place.checkout / "callcenter/web/built/index.html").read_text() == "index.html"
    assert pages.build_pages(place) == "up to date"
    assert asked(place) == []


def test_a_changed_source_is_built_with_the_modules_that_are_there(place: Place) -> None:
    pages.build_pages(place)
    asked(place)
    (place.checkout / "web" / "index.html").write_text("another")
    pages.build_pages(place)
    assert asked(place) == ["node vite.js"]
    assert (place.checkout / "callcenter/web/built/index.html").read_text() == "another"


def test_a_changed_api_makes_types_and_pages_anew(place: Place) -> None:
    pages.build_pages(place)
    asked(place)
    (place.checkout / "api.txt").write_text("2")
    pages.build_pages(place)
    assert asked(place) == ["node cli.js", "node vite.js"]


def test_what_another_checkout_has_built_is_taken_from_the_cache(place: Place) -> None:
    pages.build_pages(place)
    asked(place)
    built = place.checkout / "callcenter/web/built"
    subprocess.run(["rm", "-r", built], check=True)
    pages.build_pages(place)
    assert asked(place) == []
    assert (built / "index.html").is_file()


def test_pages_that_do_not_build_say_why_and_leave_the_old_ones(place: Place) -> None:
    pages.build_pages(place)
    (place.checkout / "web" / "index.html").write_text("another")
    (place.checkout / "broken").touch()
    with pytest.raises(Fault, match="the pages do not build: Error: no such part"):
        pages.build_pages(place)
    assert (place.checkout / "callcenter/web/built/index.html").read_text() == "index.html"
