"""Whether the audit trail is whole, for auditors who look at it in the browser."""

from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field, StringConstraints, model_validator

from callcenter.web.audit import audit_store
from callcenter.web.models import ApiModel
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_query
from reports.audit_chain import Head, verify

Hash = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class ChainQuery(ApiModel):
    """A head noted earlier, that must still be in the trail; or nothing."""

    n: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    hash: Hash | None = None

    @model_validator(mode="after")
    def _both(self) -> "ChainQuery":
        if (self.n is None) != (self.hash is None):
            raise ValueError("n and hash belong together")
        return self

    def noted(self) -> Head | None:
        """As the trail is asked."""
        return None if self.n is None or self.hash is None else Head(self.n, self.hash)


class ChainAnswer(ApiModel):
    """How many lines are in order, the last of them, and the first that is not with the reason:
    `changed`, `not_next` (lines before it taken out, moved or put in), `cut_off` (the noted head).
    """

    rows: int
    head_n: int
    head_hash: str
    wrong_n: int | None
    why: Literal["changed", "not_next", "cut_off"] | None


async def get_chain(request: web.Request) -> web.Response:
    """Hash every line anew."""
    query = read_query(request, ChainQuery)
    found = await verify(audit_store(request), noted=query.noted())
    return json_answer(
        ChainAnswer(
            rows=found.rows,
            head_n=found.head.n,
            head_hash=found.head.hash,
            wrong_n=found.wrong_n,
            why=found.why,
        )
    )


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/audit/chain",
        handler=get_chain,
        name="audit_chain",
        summary="Whether the audit trail is whole: each line holds the hash of the one before",
        right=Right.AUDIT_SEE,
        query=ChainQuery,
        answer=ChainAnswer,
        faults=(503,),
    ),
)
