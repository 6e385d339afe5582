"""Days of a query as moments: the hotline's day is that of Asia/Shanghai."""

from datetime import UTC, date, datetime, time, timedelta

from callcenter.web.errors import ApiFault
from reports.metrics import ZONE


def midnight(day: date, *, days: int = 0) -> datetime:
    """When the day so many days later begins, in UTC; ApiFault 422 beyond what a date can say."""
    try:
        return datetime.combine(day + timedelta(days=days), time(), ZONE).astimezone(UTC)
    except OverflowError:
        raise ApiFault(422, "invalid", "日期超出范围。") from None
