"""What is due: take rows in turn, write the letters, record what became of each.

Sending itself happens in between, outside of any transaction (`jobs.webhooks.courier`).
"""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from rest_framework.utils.encoders import JSONEncoder

from jobs.models import Delivery, DeliveryState
from jobs.watching.representation import job_dict
from jobs.webhooks.sending import Sending
from jobs.webhooks.signing import SecretUnreadable, signature, unseal

MAX_ATTEMPTS = 8
LEASE = timedelta(seconds=120)
"""Far longer than an attempt can take: 5 s for each of five steps, and the look-up of a name."""

_SILENT = "The process that sent it died."
# The first of each webhook: a backlog costs one row of an index, however long it is. Nobody who may
# not sign in any more is told of jobs.
_HEADS = """
    SELECT d.id, w.id, w.owner_id, w.url
    FROM jobs_webhook w JOIN auth_user u ON u.id = w.owner_id AND u.is_active
    CROSS JOIN LATERAL (
        SELECT id, not_before FROM jobs_delivery
        WHERE webhook_id = w.id AND state = 'waiting' AND not_before <= statement_timestamp()
        ORDER BY not_before, id LIMIT 1) d
    ORDER BY d.not_before, d.id
"""
_RECORD = """
    UPDATE jobs_delivery SET
        state = CASE WHEN %(arrived)s THEN 'delivered'
                     WHEN attempts < %(most)s THEN 'waiting' ELSE 'failed' END,
        finished_at = CASE WHEN %(arrived)s OR attempts >= %(most)s THEN clock_timestamp() END,
        not_before = clock_timestamp()
            + make_interval(secs => 10 * 3.0 ^ (attempts - 1) * (0.8 + 0.4 * random())),
        last_status = %(status)s, error = %(error)s
    WHERE id = %(id)s AND epoch = %(epoch)s AND state = 'waiting'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The delivery that a webhook is to be sent next."""

    delivery_id: int
    webhook_id: UUID
    owner_id: int
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A delivery ready to be sent, good while its epoch is this one."""

    delivery_id: int
    epoch: int
    owner_id: int
    url: str
    body: bytes
    headers: dict[str, str]

    @property
    def host(self) -> str:
        """The host and port it goes to."""
        return _host(self.url)


def heads() -> list[Head]:
    """Return the first due delivery of each webhook that has one, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_HEADS)
        return [
            Head(delivery_id=delivery, webhook_id=webhook, owner_id=owner, host=_host(url))
            for delivery, webhook, owner, url in cursor.fetchall()
        ]


def take(chosen: Iterable[Head]) -> list[Letter]:
    """Take the deliveries that nobody else has taken meanwhile, and write their letters.

    Any number of processes may do this at once. Whoever dies between sending and recording leaves a
    row that is due again after `LEASE`, so a message can come twice, with the same delivery id.
    """
    taken = _claim([head.delivery_id for head in chosen])
    return [letter for delivery in taken if (letter := _letter(delivery))]


@transaction.atomic
def _claim(ids: list[int]) -> list[Delivery]:
    due = Delivery.objects.filter(id__in=ids, state=DeliveryState.WAITING, not_before__lte=Now())
    rows = due.select_for_update(skip_locked=True, no_key=True, of=("self",)).order_by("id")
    taken = Delivery.objects.filter(id__in=[row.pk for row in rows])
    # A message that kills its sender each time must come to an end too.
    taken.filter(attempts__gte=MAX_ATTEMPTS).update(
        state=DeliveryState.FAILED, finished_at=Now(), error=_SILENT
    )
    taken.filter(state=DeliveryState.WAITING).update(
        attempts=F("attempts") + 1, epoch=F("epoch") + 1, not_before=Now() + LEASE
    )
    found = taken.filter(state=DeliveryState.WAITING).select_related("webhook", "job")
    return list(found.prefetch_related("job__items__issuer_range"))


def _letter(delivery: Delivery) -> Letter | None:
    """Write the letter; without its secret it cannot be signed, and the attempt has failed."""
    told = delivery.message if delivery.job is None else job_dict(delivery.job)
    body = json.dumps(told, cls=JSONEncoder).encode()
    letter = Letter(
        delivery_id=delivery.pk,
        epoch=delivery.epoch,
        owner_id=delivery.webhook.owner_id,
        url=delivery.webhook.url,
        body=body,
        headers=_headers(delivery),
    )
    try:
        secret = unseal(delivery.webhook.sealed_secret)
    except SecretUnreadable:
        record(letter, Sending(status=None, error="The secret is of another master key."))
        return None
    letter.headers["X-Cardgen-Signature"] = signature(secret, body=body, at=int(time.time()))
    return letter


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].partition("?")[0].lower()


def _headers(delivery: Delivery) -> dict[str, str]:
    request = delivery.job.request_id if delivery.job else ""
    return {
        "Content-Type": "application/json",
        "User-Agent": "cardgen",
        "Connection": "close",
        "X-Cardgen-Event": delivery.event,
        "X-Cardgen-Delivery": str(delivery.pk),
        **({"X-Request-ID": request} if request else {}),
    }


def record(letter: Letter, outcome: Sending) -> None:
    """Write down what became of the attempt, unless somebody else has taken the delivery over."""
    parameters = {
        "id": letter.delivery_id,
        "epoch": letter.epoch,
        "most": MAX_ATTEMPTS,
        "arrived": outcome.arrived,
        "status": outcome.status,
        "error": outcome.error,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, parameters)
