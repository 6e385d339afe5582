"""AGI commands as typed functions: the only way by which bytes for Asterisk are made.

Every argument is quoted. Refused in any argument: `"`, a backslash and control characters, because
the quoted-argument parser of res_agi.c writes past its array for crafted quotes (4174, 22.10.1)
and a line end would begin another command. Applications come from a closed list: AGI runs them
with the channel's own rights, `MixMonitor` with a command would be a shell.
Prove with `sync` where the stream stands; see README.md here for what interrupts what.
"""

import re

from callcenter.asterisk.protocol.agi import AgiReply
from callcenter.asterisk.protocol.ami import BadValue

MAX_ARGUMENT = 1000  # bytes; Asterisk's line buffer is 2048
APPLICATIONS = frozenset(
    {"MSet", "Playback", "QueueLog", "StartMusicOnHold", "StopMusicOnHold", "UserEvent", "Wait"}
)

_UNSAFE = re.compile(r"[\x00-\x1f\x7f\"\\]")
_WORD = re.compile(r"[0-9A-Za-z_-]{1,80}")
_PATH = re.compile(r"[\w./-]{1,400}")  # \w: a folder may bear a Chinese name
_OUTSIDE = re.compile(r"[0-9*#+]{2,32}")
_DIGITS = re.compile(r"[0-9*#]{0,12}")
_VARIABLE = re.compile(r"[A-Za-z_]\w{0,79}(?:\([\w,:.-]{0,80}\))?", re.ASCII)


def _command(words: str, *arguments: str) -> bytes:
    line = words
    for argument in arguments:
        if _UNSAFE.search(argument):
            raise BadValue(f"{words}: a quote, a backslash or a control character")
        line += f' "{argument}"'
    try:
        encoded = line.encode() + b"\n"
    except UnicodeEncodeError as fault:
        raise BadValue(f"{words}: not encodable as UTF-8") from fault
    if len(encoded) > MAX_ARGUMENT:
        raise BadValue(f"{words}: {len(encoded)} bytes; {MAX_ARGUMENT} are the most")
    return encoded


def _checked(shape: re.Pattern[str], value: str, what: str) -> str:
    if not shape.fullmatch(value):
        raise BadValue(f"no {what}")
    return value


def _number(value: int, least: int, most: int, what: str) -> str:
    if not least <= value <= most:
        raise BadValue(f"{what} is not within {least} to {most}")
    return str(value)


def answer() -> bytes:
    """Answer the channel."""
    return _command("ANSWER")


def hangup() -> bytes:
    """Hang the channel up; the session stays for what needs no channel."""
    return _command("HANGUP")


def noop() -> bytes:
    """Do nothing; answers `200 result=0`."""
    return _command("NOOP")


def stream_file(path: str, escape_digits: str = "") -> bytes:
    """Play a sound file, `path` without its ending; a key of `escape_digits` ends it.

    A missing file ends the AGI session: check prompts when they are published.
    """
    return _command(
        "STREAM FILE",
        _checked(_PATH, path, "path of a sound file"),
        _checked(_DIGITS, escape_digits, "set of keys"),
    )


def wait_for_digit(ms: int) -> bytes:
    """Wait so many milliseconds for one key; `result` is its ASCII code, 0 for none."""
    return _command("WAIT FOR DIGIT", _number(ms, 1, 3_600_000, "the wait in ms"))


def set_music(on: bool, music_class: str = "hold") -> bytes:
    """Music on hold, on or off; it goes on under WAIT FOR DIGIT."""
    if not on:
        return _command("SET MUSIC OFF")
    return _command("SET MUSIC ON", _checked(_WORD, music_class, "class of music"))


def set_variable(name: str, value: str) -> bytes:
    """Set a channel variable or a function such as TIMEOUT(absolute)."""
    return _command("SET VARIABLE", _checked(_VARIABLE, name, "name of a variable"), value)


def get_variable(name: str) -> bytes:
    """Ask for a variable: `result` 1 and its value in `text`, or 0 when it is not set."""
    return _command("GET VARIABLE", _checked(_VARIABLE, name, "name of a variable"))


def get_full_variable(expression: str) -> bytes:
    """Ask for an expression with `${…}` filled in; never hand in a caller's words."""
    return _command("GET FULL VARIABLE", expression)


def record_file(
    path: str,
    *,
    limit_s: int,
    escape_digits: str = "#",
    file_format: str = "wav",
    beep: bool = True,
    silence_s: int = 0,
) -> bytes:
    """Record the caller; `result` is the ending key or 0, `endpos` the samples at 8 kHz.

    `silence_s` seconds of silence end it too; 0: they do not.
    Nothing but a key, silence, the limit or a hang-up ends it; a following command does not.
    """
    arguments = [
        _checked(_PATH, path, "path of a recording"),
        _checked(_WORD, file_format, "file format"),
        _checked(_DIGITS, escape_digits, "set of keys"),
        _number(limit_s * 1000, 1000, 3_600_000, "the limit in ms"),
    ]
    line = _command("RECORD FILE", *arguments).removesuffix(b"\n")
    if beep:
        line += b" BEEP"
    if silence_s:
        line += f" s={_number(silence_s, 1, 600, 'the silence in s')}".encode()
    return line + b"\n"


def exec_app(app: str, *arguments: str) -> bytes:
    """Run an application of APPLICATIONS; arguments are joined by commas and may hold none."""
    if app not in APPLICATIONS:
        raise BadValue(f"{app!r} is not on the list of applications")
    if any("," in argument for argument in arguments):
        raise BadValue(f"{app}: a comma inside an argument")
    return _command("EXEC", app, ",".join(arguments))


def ring_seat(
    context: str,
    seat: str,
    *,
    who: str | None,
    greeting: str | None,
    attempt: int,
    ring_s: int,
    node: str = "",
    is_back: bool = False,
) -> bytes:
    """Ring a seat and talk, by the dialplan's own `context`; DIALSTATUS says how it went.

    `who` and `greeting` (paths without endings) are played to the seat and to the caller, at the
    same time, when the seat picks up. Comes back when the talk is over: `result` -1 when the
    caller hung up. `node`: where the seat's phone is registered, empty for here. `is_back`: the
    phone is told that a talk goes on.
    """
    clips = [
        _checked(_PATH, clip, "path of a sound file") if clip else "" for clip in (who, greeting)
    ]
    number = _number(attempt, 0, 9999, "the attempt")
    ring = _number(ring_s, 1, 600, "the ringing in s")
    far = f",{_checked(_WORD, node, 'node') if node else ''}" if node or is_back else ""
    back = ",1" if is_back else ""
    return _command(
        "GOSUB",
        _checked(_WORD, context, "context"),
        _checked(_WORD, seat, "seat"),
        "1",
        f"{clips[0]},{number},{ring},{clips[1]}{far}{back}",
    )


def ring_line(context: str, number: str, trunk: str, *, ring_s: int, leg: int = 0) -> bytes:
    """Ring an outside number through a trunk and talk, by the dialplan's own `context`.

    `leg`: recorded as this leg of a talk; 0 for none. Comes back when the talk is over or nobody
    answered; DIALSTATUS says how it went.
    """
    arguments = (
        _checked(_OUTSIDE, number, "number of an outside line"),
        _checked(_WORD, trunk, "trunk"),
        _number(ring_s, 1, 600, "the ringing in s"),
        *([_number(leg, 1, 9999, "the leg")] if leg else []),
    )
    return _command("GOSUB", _checked(_WORD, context, "context"), "s", "1", ",".join(arguments))


def join_room(context: str) -> bytes:
    """Come into the call's room, by the dialplan's own `context`; back when out of it."""
    return _command("GOSUB", _checked(_WORD, context, "context"), "s", "1", "")


def sync(number: int) -> bytes:
    """A barrier: its reply proves that every command written before it is over.

    The reply's text is `sync-<number>` and no command of ours answers so by chance.
    """
    return get_full_variable(f"sync-{_number(number, 0, 10**12, 'the number of a barrier')}")


def is_sync(reply: AgiReply, number: int) -> bool:
    """Whether this is the reply to `sync(number)`."""
    return reply.text == f"sync-{number}"
