"""What the API says and hears of earlier versions of the province's documents."""

from datetime import datetime

from pydantic import Field

from callcenter.documents.rows import FieldFault
from callcenter.english.said import Said
from callcenter.web.account_models import Reason
from callcenter.web.models import ApiModel
from callcenter.web.province_models import Revision


class DocumentVersion(ApiModel):
    """A text of the document, and who made it of the one before."""

    id: str | None = Field(description="null: what holds now")
    since: datetime | None = Field(description="null: the first one that was kept")
    by: str
    reason: str
    changes: Said = Field(description="what the change did, in words")


class DocumentHistory(ApiModel):
    """All versions, what holds now first; `revision` is to be named when one is restored."""

    revision: str
    versions: list[DocumentVersion]


class VersionCompared(ApiModel):
    """What would change if an earlier version held again, and what would be wrong with it."""

    faults: list[FieldFault]
    changes: list[Said]
    lines: list[str] = Field(description="a unified diff from now to then")


class VersionRestore(ApiModel):
    """The revision that was looked at, and why the earlier version takes its place."""

    revision: Revision
    reason: Reason
