"""What a caller asks for, checked and ready to be submitted: plain values."""

from dataclasses import dataclass
from datetime import datetime

from generation.kernel.defects import Defect
from generation.kernel.details import PLAIN, Details

MAX_COUNT = 100_000_000
MAX_INLINE = 1_000
MAX_ITEMS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemOrder:
    """So many cards of a scheme, or of a named issuer range; exactly one of the two is set."""

    count: int
    scheme: str | None = None
    range: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A whole request. Months count as year * 12 + month - 1."""

    items: tuple[ItemOrder, ...]
    first_month: int
    months: int
    month: int = 0
    defect: Defect | None = None
    distinct_last_four: bool = False
    sequential: bool = False
    cvv: str | None = None
    cardholder_name: str | None = None
    details: Details = PLAIN
    label: str = ""
    fields: tuple[str, ...] = ()
    priority: str = "normal"
    deadline: datetime | None = None

    @property
    def count(self) -> int:
        """Cards asked for in all."""
        return sum(item.count for item in self.items)
