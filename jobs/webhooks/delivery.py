"""Send what is due: take rows, send outside of any transaction, record what became of it."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from rest_framework.utils.encoders import JSONEncoder

from jobs.representation import job_dict
from jobs.webhook_models import Delivery, DeliveryState
from jobs.webhooks.sending import Outcome, send
from jobs.webhooks.signing import SecretUnreadable, signature, unseal

MAX_ATTEMPTS = 8
AT_ONCE = 16
LEASE = timedelta(seconds=120)
"""Far longer than an attempt can take: 5 s for each of five steps, and the look-up of a name."""

_SILENT = "The process that sent it died."
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
class Letter:
    """A delivery ready to be sent, good while its epoch is this one."""

    delivery_id: int
    epoch: int
    url: str
    body: bytes
    headers: dict[str, str]


def due() -> bool:
    """Tell whether something can be sent now."""
    return _due().exists()


def deliver_due(*, limit: int = AT_ONCE) -> int:
    """Send up to `limit` due deliveries at the same time and record each; return how many.

    Any number of processes may do this at once. Whoever dies between sending and recording leaves a
    row that is due again after `LEASE`, so a message can come twice, with the same delivery id.
    """
    letters = [letter for delivery in _claim(limit) if (letter := _letter(delivery))]
    if not letters:
        return 0
    with ThreadPoolExecutor(len(letters)) as pool:
        sent = {pool.submit(_sender(letter)): letter for letter in letters}
        for future in as_completed(sent):
            _record(sent[future], future.result())
    return len(letters)


def _due() -> QuerySet[Delivery]:
    """What waits and may be sent; nobody who may not sign in any more is told of jobs."""
    return Delivery.objects.filter(
        state=DeliveryState.WAITING, not_before__lte=Now(), webhook__owner__is_active=True
    )


@transaction.atomic
def _claim(limit: int) -> list[Delivery]:
    rows = _due().select_for_update(skip_locked=True, no_key=True, of=("self",))
    ids = [row.pk for row in rows.order_by("not_before", "id")[:limit]]
    taken = Delivery.objects.filter(id__in=ids)
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
    body = json.dumps(job_dict(delivery.job), cls=JSONEncoder).encode()
    letter = Letter(
        delivery_id=delivery.pk,
        epoch=delivery.epoch,
        url=delivery.webhook.url,
        body=body,
        headers=_headers(delivery),
    )
    try:
        secret = unseal(delivery.webhook.sealed_secret)
    except SecretUnreadable:
        _record(letter, Outcome(status=None, error="The secret is of another master key."))
        return None
    letter.headers["X-Cardgen-Signature"] = signature(secret, body=body, at=int(time.time()))
    return letter


def _headers(delivery: Delivery) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "User-Agent": "cardgen",
        "Connection": "close",
        "X-Cardgen-Event": delivery.event,
        "X-Cardgen-Delivery": str(delivery.pk),
    }


def _sender(letter: Letter) -> Callable[[], Outcome]:
    return lambda: send(letter.url, body=letter.body, headers=letter.headers)


def _record(letter: Letter, outcome: Outcome) -> None:
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
