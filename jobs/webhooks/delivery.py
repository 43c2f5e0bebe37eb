"""What is due: take rows in turn, write the letters, record what became of each.

Sending itself happens in between, outside of any transaction (`jobs.webhooks.courier`).
"""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from rest_framework.utils.encoders import JSONEncoder

from jobs.models import CHALLENGE, Delivery, DeliveryState
from jobs.watching.representation import job_dict
from jobs.webhooks.sending import Sending
from jobs.webhooks.signing import (
    SecretUnreadable,
    signature,
    standard_signature,
    unseal,
)
from toolkit.totals import Total

MAX_ATTEMPTS = 8
MOST_FAILED = 5
"""Deliveries in a row that fail for good, and the webhook is stopped."""
ATTEMPTS = Total(
    name="cardgen_webhook_attempts_total",
    help="Attempts to deliver to a webhook, by what became of them.",
    labels=("outcome",),
    shown=("arrived", "failed"),
)
LEASE = timedelta(seconds=120)
"""Far longer than an attempt can take: 5 s for each of five steps, and the look-up of a name."""

_SILENT = "The process that sent it died."
# The first of each webhook: a backlog costs one row of an index, however long it is. Nobody who may
# not sign in any more is told of jobs, and nobody who has not answered the challenge.
_HEADS = """
    SELECT d.id, w.id, w.owner_id, w.url
    FROM jobs_webhook w JOIN auth_user u ON u.id = w.owner_id AND u.is_active
        AND w.stopped_at IS NULL
    CROSS JOIN LATERAL (
        SELECT id, not_before FROM jobs_delivery
        WHERE webhook_id = w.id AND state = 'waiting' AND not_before <= statement_timestamp()
            AND (w.verified_at IS NOT NULL OR event = %(challenge)s)
        ORDER BY not_before, id LIMIT 1) d
    ORDER BY d.not_before, d.id
"""
# The webhook is locked first, as whoever deletes it does.
_RECORD = """
    WITH hook AS (SELECT id FROM jobs_webhook WHERE id = %(webhook)s FOR NO KEY UPDATE),
    told AS (UPDATE jobs_delivery SET
        state = CASE WHEN %(arrived)s THEN 'delivered'
                     WHEN attempts < %(most)s THEN 'waiting' ELSE 'failed' END,
        finished_at = CASE WHEN %(arrived)s OR attempts >= %(most)s THEN clock_timestamp() END,
        not_before = clock_timestamp()
            + make_interval(secs => 10 * 3.0 ^ (attempts - 1) * (0.8 + 0.4 * random())),
        last_status = %(status)s, error = %(error)s
    FROM hook
    WHERE jobs_delivery.id = %(id)s AND webhook_id = hook.id AND epoch = %(epoch)s
        AND state = 'waiting'
    RETURNING state, event)
    UPDATE jobs_webhook w SET
        verified_at = CASE WHEN told.state = 'delivered' AND told.event = %(challenge)s
            THEN clock_timestamp() ELSE verified_at END,
        failed = CASE told.state WHEN 'delivered' THEN 0 ELSE failed + 1 END,
        stopped_at = CASE WHEN told.state = 'failed' AND failed + 1 >= %(most_failed)s
            THEN clock_timestamp() END
    FROM told WHERE w.id = %(webhook)s AND told.state <> 'waiting'
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
    webhook_id: UUID
    epoch: int
    owner_id: int
    url: str
    body: bytes
    headers: dict[str, str]
    expects: bytes

    @property
    def host(self) -> str:
        """The host and port it goes to."""
        return _host(self.url)


def heads() -> list[Head]:
    """Return the first due delivery of each webhook that has one, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_HEADS, {"challenge": CHALLENGE})
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
    try:
        secret = unseal(delivery.webhook.sealed_secret)
    except SecretUnreadable:
        lost = Sending(status=None, error="The secret is of another master key.")
        record(_addressed(delivery, body=b"", headers={}, expects=""), lost)
        return None
    told = job_dict(delivery.job) if delivery.job else delivery.message or {}
    expects = told["challenge"] if delivery.event == CHALLENGE else ""
    body = json.dumps(told, cls=JSONEncoder).encode()
    headers = _headers(delivery) | _signatures(secret, delivery=delivery, body=body)
    return _addressed(delivery, body=body, headers=headers, expects=expects)


def _addressed(delivery: Delivery, *, body: bytes, headers: dict[str, str], expects: str) -> Letter:
    return Letter(
        delivery_id=delivery.pk,
        webhook_id=delivery.webhook_id,
        epoch=delivery.epoch,
        owner_id=delivery.webhook.owner_id,
        url=delivery.webhook.url,
        body=body,
        headers=headers,
        expects=expects.encode(),
    )


def _signatures(secret: str, *, delivery: Delivery, body: bytes) -> dict[str, str]:
    """Sign in our own way, and in that of Standard Webhooks 1.0."""
    at, message = int(time.time()), str(delivery.pk)
    return {
        "X-Cardgen-Signature": signature(secret, body=body, at=at),
        "webhook-id": message,
        "webhook-timestamp": str(at),
        "webhook-signature": standard_signature(secret, message=message, body=body, at=at),
    }


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
    parameters: dict[str, Any] = {
        "id": letter.delivery_id,
        "webhook": str(letter.webhook_id),
        "epoch": letter.epoch,
        "most": MAX_ATTEMPTS,
        "most_failed": MOST_FAILED,
        "challenge": CHALLENGE,
        "arrived": outcome.arrived,
        "status": outcome.status,
        "error": outcome.error,
    }
    ATTEMPTS.add("arrived" if outcome.arrived else "failed")
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, parameters)
