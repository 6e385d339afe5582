"""What the API says and hears of prompts."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from callcenter.english.said import Said
from callcenter.prompt_shelf import LONGEST_TEXT
from callcenter.web.account_models import Printable, Reason
from callcenter.web.models import ApiModel

Wording = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), Printable]


class PromptAnswer(ApiModel):
    """Something that is said. `source`: whose voice is heard now."""

    id: str
    kind: Literal["sentence", "clip"]
    text: str
    own_text: str | None = Field(description="this site's own wording")
    source: Literal["own", "packaged", "missing"]
    duration_s: float
    recorded_at: datetime | None = Field(description="UTC, of the site's own recording")
    is_due: bool = Field(description="worded anew and not recorded since")
    flows: list[str] = Field(description="flows in force that say it")
    earlier: int = Field(description="recordings of the site's own that were heard before")


class PromptsAnswer(ApiModel):
    """All prompts of a language, in the order of its script."""

    language: str
    prompts: list[PromptAnswer]


class PromptsQuery(ApiModel):
    """Which language."""

    language: Literal["zh-CN", "ko-KR", "en"] = "zh-CN"


class RecordingQuery(ApiModel):
    """`reason` with a recording that is to be heard; without it the recording is only tried."""

    reason: Reason | None = None


class RecordingAnswer(ApiModel):
    """A recording as callers hear it, and what was done to it, a line each."""

    done: list[Said]
    duration_s: float
    saved: bool
    heard: bool = Field(description="from its next time on; else from the next start")
    audio: str = Field(description="WAV, 8 kHz, base64")


class EarlierRecording(ApiModel):
    """A recording that was heard once, and who brought it."""

    id: str
    recorded_at: datetime
    by: str
    reason: str


class EarlierRecordings(ApiModel):
    """The newest first."""

    recordings: list[EarlierRecording]


class PromptWording(ApiModel):
    """This site's own text; empty for the packaged one."""

    text: Wording
    reason: Reason


class PromptBack(ApiModel):
    """Why the packaged voice, or an earlier recording, shall be heard again."""

    reason: Reason


class WordingsQuery(PromptsQuery):
    """`reason` with wordings that are to be kept; without it they are only checked."""

    reason: Reason | None = None
