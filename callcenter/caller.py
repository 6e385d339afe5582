"""Who calls, from what the trunk shows."""

from __future__ import annotations

from seats.locate import Place, e164, origin

LONGEST = 32  # characters kept of a number that is none of ours


def caller_of(shown: str, *, dialled: str | None = None) -> tuple[str | None, Place]:
    """The number as it is stored (+86… where it can be told, None when withheld), and the place.

    `dialled`: the place that the trunk, or the number dialled, stands for.
    """
    kept = "".join(c for c in shown if c in "+0123456789")[:LONGEST]
    if not kept.strip("+"):
        return None, origin(None, dialled=dialled)
    return e164(kept) or kept, origin(kept, dialled=dialled)
