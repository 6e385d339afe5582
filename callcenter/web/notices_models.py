"""What the API says and hears of emergency notices."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from callcenter.english.said import Said
from callcenter.notice_desk import LONGEST_TEXT, State
from callcenter.web.account_models import Printable, Reason
from callcenter.web.models import ApiModel

Text = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT), Printable]
Language = Literal["zh-CN", "ko-KR", "en"]


class ListedNotice(ApiModel):
    """A notice that callers hear right after the greeting. `by`: who set or changed it last."""

    id: str
    language: str
    text: str
    since: AwareDatetime
    until: AwareDatetime
    set_at: AwareDatetime
    by: str = Field(description="empty: somebody at a shell")
    state: State
    heard: bool = Field(description="callers of this language hear it now")
    duration_s: float


class NoticesAnswer(ApiModel):
    """All notices, the newest first."""

    notices: list[ListedNotice]
    can_speak: bool = Field(description="a text alone is enough: the voice is installed")
    most_at_once: int = Field(description="so many are played, the newest")


class NoticeWords(ApiModel):
    """A text to be spoken."""

    text: Text
    language: Language = "zh-CN"


class RecordedNotice(ApiModel):
    """What a recording says."""

    text: Text
    language: Language = "zh-CN"


class TriedNotice(ApiModel):
    """A notice to be heard before it is set: the newest few are remembered."""

    id: str
    done: list[Said]
    duration_s: float
    audio: str = Field(description="WAV, 8 kHz, base64")


class NoticeTimes(ApiModel):
    """From when until when, and why."""

    since: AwareDatetime | None = Field(default=None, description="null: now")
    until: AwareDatetime
    reason: Reason


class NoticeSet(NoticeTimes):
    """What was tried is to be heard."""

    tried: Annotated[str, StringConstraints(max_length=40), Printable]


class NoticeChange(NoticeTimes):
    """Other times, or switched off or on."""

    is_on: bool


class NoticeSaved(ApiModel):
    """Done here."""

    missing: list[str] = Field(description="nodes that did not take it: their callers differ")


class NoticeCopy(ApiModel):
    """A notice as another node has it; its audio is fetched there."""

    node: Annotated[str, StringConstraints(max_length=40)]
    language: Language
    text: Annotated[str, StringConstraints(max_length=LONGEST_TEXT), Printable]
    since: AwareDatetime
    until: AwareDatetime
    set_at: AwareDatetime
    by: Annotated[str, StringConstraints(max_length=100), Printable]
    is_on: bool


class NoticeClear(ApiModel):
    """Why it is taken back."""

    reason: Reason
