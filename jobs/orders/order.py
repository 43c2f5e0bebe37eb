"""What a caller asks for, checked and ready to be submitted: plain values."""

from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import User

from generation.kernel.defects import Defect
from generation.kernel.details import PLAIN, Details
from jobs.quotas import Limits, Orderer

MAX_COUNT = 100_000_000
MAX_INLINE = 1_000
MAX_ITEMS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who asks, and by which request: what a retry of the same request has in common with it.

    :param api_key_id: of the key that the request came with; sessions and commands have none
    :param key: the `Idempotency-Key`; without one the next two say nothing
    :param route: name of the route that the key was sent to
    :param fingerprint: SHA-256 of the body
    :param limits: the quotas' that held as the request came; without them they are read
    """

    owner: User
    api_key_id: int | None = None
    key: str | None = None
    route: str = ""
    fingerprint: bytes = b""
    limits: Limits | None = field(default=None, compare=False)

    @property
    def orderer(self) -> Orderer:
        """Whose quotas it uses."""
        return Orderer(user_id=self.owner.pk, api_key_id=self.api_key_id, limits=self.limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemOrder:
    """So many cards of a scheme, or of a named issuer range; exactly one of the two is set."""

    count: int
    scheme: str | None = None
    range: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A whole request. Months count as year * 12 + month - 1.

    :param month: the one that has begun everywhere: expired cards have expired before it
    :param tell_webhooks: of a small order's end, even if the cards are the answer
    """

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
    team: str = ""
    fields: tuple[str, ...] = ()
    priority: str = "normal"
    deadline: datetime | None = None
    tell_webhooks: bool = False

    @property
    def count(self) -> int:
        """Cards asked for in all."""
        return sum(item.count for item in self.items)
