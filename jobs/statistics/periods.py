"""Days from one to another, in UTC."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

MOST_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days in UTC, first and last included."""

    first: date
    last: date

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def days(self) -> Iterator[date]:
        """Yield each day, the first one first."""
        return (self.first + timedelta(days=number) for number in range(len(self)))


EVER = Period(first=date.min, last=date.max)
