"""From a RenderInput to Asterisk's files: `render` is pure, `write` touches only what changed."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

import jinja2

from sip_config.model import BadValue, RenderInput

_TEMPLATES = Path(__file__).parent / "templates"
_ENDING = ".j2"


def render(given: RenderInput) -> dict[str, str]:
    """Every file of the configuration folder, name to text; BadValue names what does not fit."""
    given.check()
    context = {
        "given": given,
        "v": f"v{given.dialplan_version}",
        "seat_ways": lambda peer: [f"{phone.number}@{peer}" for phone in given.phones],
        "supervisors": {one.number for one in given.supervisors},
        "fallback_seats": [s for s in given.seats if s.level == "provincial"],
        # The caller hears 8 kHz: narrow codecs first, so nothing is transcoded on the trunk leg.
        "trunk_codecs": _codecs(given, ("alaw", "ulaw", "g722")),
        # The lawyer's own voice is recorded at 16 kHz for recognition: wide codecs first.
        "seat_codecs": _codecs(given, ("g722", "alaw", "ulaw")),
    }
    environment = _environment()
    return {
        name.removesuffix(_ENDING): environment.get_template(name).render(context)
        for name in sorted(environment.list_templates())
    }


def write(folder: Path, files: dict[str, str]) -> tuple[str, ...]:
    """Put files into a folder, each whole or not at all; the names of those that changed."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    changed = []
    for name, text in files.items():
        place = folder / name
        if place.is_file() and place.read_text(encoding="utf-8") == text:
            continue
        _replace(place, text)
        changed.append(name)
    return tuple(changed)


def _replace(place: Path, text: str) -> None:
    # mkstemp gives mode 0600: pjsip.conf and manager.conf hold secrets.
    handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, place)
    except BaseException:
        os.unlink(temporary)
        raise


def _codecs(given: RenderInput, names: tuple[str, ...]) -> str:
    return ",".join(names + (("opus",) if given.tree.opus_module else ()))


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        undefined=jinja2.StrictUndefined,
        finalize=_one_line,
        autoescape=False,  # not HTML: _one_line and RenderInput.check are the escaping
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _one_line(value: object) -> object:
    """The last net under RenderInput.check: no value may leave its line or its section."""
    text = str(value)
    if any(c in ";[]" or ord(c) < 0x20 or ord(c) == 0x7F for c in text):
        raise BadValue("template", "a value holds a newline, ';', a bracket or a control character")
    return value
