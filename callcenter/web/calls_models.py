"""What the API says of calls that were: shapes of the search and of one call."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from callcenter.web.masking import mask_number
from callcenter.web.models import ApiModel
from reports import facts, search
from reports.records import CallRecord
from seats.places import seat_places

Outcome = Literal["answered", "abandoned", "overflow", "ivr", "blocked", "running"]
RecordState = Literal["open", "filed"]
Place = tuple[str | None, str | None]


class CallsQuery(ApiModel):
    """What the calls must have in common; days are those of Asia/Shanghai, both included."""

    first: date | None = None
    last: date | None = None
    number: str = Field(default="", pattern=r"^[0-9]{0,20}$", description="its last digits")
    seat: str = Field(default="", pattern=r"^[0-9]{0,8}$")
    city: str = Field(default="", pattern=r"^([0-9]{6})?$")
    group: str = Field(default="", pattern=r"^([a-z][a-z0-9_]{0,30})?$")
    category: str = Field(default="", pattern=r"^[0-9]{0,4}$", description="item, or category")
    outcome: Outcome | None = None
    record: RecordState | None = Field(default=None, description="the lawyer's: open or filed")
    rated: int | None = Field(default=None, ge=1, le=5)
    words: str = Field(default="", max_length=100, description="said in the call")
    page: int = Field(default=1, ge=1, le=10_000)
    size: int = Field(default=20, ge=1, le=100)


class CallRow(ApiModel):
    """A call in a list."""

    call_id: str
    arrived_at: datetime
    ended_at: datetime | None
    caller: str = Field(description="masked")
    city: str | None
    city_name: str | None
    city_source: str | None
    group: str | None
    language: str | None
    seats: list[str] = Field(description="who talked in it")
    outcome: Outcome
    waited_s: float | None
    talk_s: float | None
    rating: int | None
    category: str | None
    category_name: str | None = None
    record: RecordState | None = Field(default=None, description="none: nobody answered")
    has_recording: bool
    spoken: str | None = Field(description="where the words asked for were said")


class CallsPage(ApiModel):
    """One page of calls, newest first."""

    rows: list[CallRow]
    total: int
    page: int


class Moment(ApiModel):
    """One thing that happened to a call, for its time line; `what` and `how` are ids."""

    at: datetime
    until: datetime | None = None
    what: str
    who: str | None = None
    how: str | None = None


class TrackAnswer(ApiModel):
    """One file of the recording. `who`: the seat, line or number that is heard in it alone; of
    what the caller left the name of the note, `callback` or `message`."""

    name: str
    who: str | None
    duration_s: float


class TurnAnswer(ApiModel):
    """What one side said in one go."""

    speaker: str
    start_s: float
    end_s: float
    text: str


class CallOutAnswer(ApiModel):
    """A call that a lawyer made: `by` whom, from which seat, why."""

    seat: str
    by: str | None
    reason: str | None


class CallDetail(ApiModel):
    """One call, whole. `callback_of`: the call whose caller was called back in this one;
    `called_back`: calls in which this caller was."""

    row: CallRow
    trunk: str | None
    dialled: str | None
    special: list[str]
    flow: str | None
    flow_version: str | None
    ended_by: str | None
    talk_from_s: float | None
    talk_to_s: float | None
    callback_of: str | None
    called_back: list[str]
    call_out: CallOutAnswer | None
    is_kept: bool = Field(description="somebody asked for help: the recording is to be kept")
    moments: list[Moment]
    tracks: list[TrackAnswer]
    said: list[TurnAnswer]


class Waveform(ApiModel):
    """Outlines of both sides: loudness 0 to 100 of equal parts of `duration_s`."""

    duration_s: float
    caller: list[int]
    heard: list[int]


class WaveformQuery(ApiModel):
    """How finely."""

    points: int = Field(default=1000, ge=10, le=4000)


class Because(ApiModel):
    """Why somebody needs to hear or see what is kept back; it is written down."""

    reason: str = Field(min_length=2, max_length=400)


class SoundQuery(ApiModel):
    """`download`: with a file's name, to keep."""

    download: bool = False


class PlaceAnswer(ApiModel):
    """A place that callers come from: `code` as in GB/T 2260, or of an organisation's own."""

    code: str
    name: str


class PlacesAnswer(ApiModel):
    """Every place, provinces left out."""

    places: list[PlaceAnswer]


class NumberAnswer(ApiModel):
    """A number that was asked for with a reason."""

    number: str


def outcome_of(call: facts.Conversation) -> Outcome:
    """What became of a call, in one word."""
    if call.ended_at is None:
        return "running"
    if call.end_stage == "blocked":
        return "blocked"
    if call.answered_at is not None:
        return "answered"
    if call.overflow is not None:
        return "overflow"
    return "ivr" if call.asked_at is None else "abandoned"


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else round((end - start).total_seconds(), 1)


def record_state(record: CallRecord | None) -> RecordState | None:
    """How far the lawyer's record of a call is."""
    if record is None:
        return None
    return "filed" if record.is_filed else "open"


def call_row(
    call: facts.Conversation,
    spoken: search.Turn | None = None,
    *,
    record: CallRecord | None = None,
    category_name: str | None = None,
) -> CallRow:
    """A stored call as a row of a list, its number masked."""
    place = seat_places().get(call.city or "")
    return CallRow(
        call_id=call.call_id,
        arrived_at=call.arrived_at,
        ended_at=call.ended_at,
        caller=mask_number(call.caller),
        city=call.city,
        city_name=place.name if place else None,
        city_source=call.city_source,
        group=call.group,
        language=call.language,
        seats=list(dict.fromkeys(a.seat for a in call.attempts if a.answered_at is not None)),
        outcome=outcome_of(call),
        waited_s=_between(call.asked_at, call.answered_at or call.ended_at),
        talk_s=_between(call.answered_at, call.talk_ended_at or call.ended_at),
        rating=call.survey.answer if call.survey else None,
        category=call.category,
        category_name=category_name,
        record=record_state(record),
        has_recording=call.recording is not None,
        spoken=spoken.text if spoken else None,
    )


def heard_in(call: facts.Conversation, track: str) -> str | None:
    """Who is heard alone in `seat-1` (the first that was rung) or `leg-2` (the second leg), and
    what `voice-4` is: the name of a note, `callback` or `message`."""
    kind, _, number = track.partition("-")
    if not number.isdigit():
        return None
    if kind == "voice":
        return _left_in(call, track)
    parts = [one.seat for one in call.attempts]
    if kind == "leg":
        parts = [(one.target or one.by or "").rpartition(" ")[2] for one in call.legs]
    return parts[int(number) - 1] if 0 < int(number) <= len(parts) else None


def _left_in(call: facts.Conversation, track: str) -> str | None:
    for note in call.notes:
        if note.audio.endswith(f"-{track}"):
            return note.name
    request = call.overflow_request
    return call.overflow if request and (request.audio or "").endswith(f"-{track}") else None


def called_back(call: facts.Conversation) -> list[str]:
    """The calls in which this caller was called back; one that he did not take is none."""
    tries = call.callbacks.tries if call.callbacks else ()
    return [rung.call_id for rung in tries if rung.outcome == "answered"]


def called_out(call: facts.Conversation) -> CallOutAnswer | None:
    """Why a lawyer made this call; None for one that came in."""
    out = call.call_out
    return CallOutAnswer(seat=out.seat, by=out.by, reason=out.reason) if out else None
