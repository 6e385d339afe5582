"""Stored calls for people: who may see which, and who gave a reason to hear one."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from callcenter.web.errors import ApiFault
from callcenter.web.person import Person
from callcenter.web.rights import Right
from reports import audit
from reports.facts import Conversation
from reports.queries import find
from reports.store import DatabaseAway, Store

MAY_HEAR_FOR = timedelta(hours=1)
_NEVER = datetime.min.replace(tzinfo=UTC)


class CallsDesk:
    """Stored calls for people, and who gave a reason to hear which."""

    def __init__(
        self, store: Store, *, home: Path, line_titles: Callable[[], Mapping[str, str]] = dict
    ) -> None:
        """`home`: HOTLINE_HOME; joined recordings lie in it for an hour. `line_titles`: what the
        lines outside are called now, by name.
        """
        self.store = store
        self.line_titles = line_titles
        self.folder = home / "listening"
        self._heard: dict[tuple[str, str], tuple[datetime, str]] = {}

    async def call(self, call_id: str, person: Person) -> Conversation:
        """One call that this person may see; raises ApiFault 404, DatabaseAway."""
        found = await find(self.store, call_id)
        # Whoever may not see a call is not told that there is one.
        if found is None or not _may_see(person, found):
            raise ApiFault(404, "call_unknown", "没有这通来电，或您无权查看。")
        return found

    async def note(self, person: Person, action: str, call_id: str, reason: str) -> None:
        """Write down who did what and why; ApiFault 503 when that cannot be."""
        at = datetime.now(UTC)
        entry = audit.Entry(at=at, by=person.name, action=action, subject=call_id, reason=reason)
        try:
            await audit.write(self.store, entry)
        except DatabaseAway:
            raise ApiFault(503, "database_away", "数据库暂不可用，无法留痕。") from None

    def let_hear(self, person: Person, call_id: str, reason: str) -> None:
        """This person has given a reason to hear this call."""
        now = datetime.now(UTC)
        self._heard = {key: one for key, one in self._heard.items() if one[0] > now}
        self._heard[person.name, call_id] = now + MAY_HEAR_FOR, reason

    def reason_of(self, person: Person, call_id: str) -> str:
        """Why this person hears this call; ApiFault 403 unless he said so lately."""
        until, reason = self._heard.get((person.name, call_id), (_NEVER, ""))
        if until < datetime.now(UTC):
            raise ApiFault(403, "reason_needed", "请先说明调听事由。")
        return reason


def _may_see(person: Person, call: Conversation) -> bool:
    if person.may(Right.CALLS_SEE):
        return person.sees_city(call.city)
    return person.seat is not None and any(
        one.seat == person.seat and one.answered_at is not None for one in call.attempts
    )
