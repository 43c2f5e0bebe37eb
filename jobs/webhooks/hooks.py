"""Register and delete webhooks, look at their deliveries, send one again."""

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from jobs.models import CHALLENGE, TEST, Delivery, DeliveryState, Event, Webhook
from jobs.webhooks import addresses, signing
from toolkit.refusals import Refusal
from toolkit.rights import Right, has_right

MOST = 10
_CHALLENGE_BYTES = 32
_ANEW = {
    "state": DeliveryState.WAITING,
    "attempts": 0,
    "epoch": F("epoch") + 1,
    "not_before": Now(),
    "finished_at": None,
}
"""What makes a delivery due now, with all its attempts before it."""
_GOING_ON = {"stopped_at": None, "failed": 0}


class TooManyWebhooks(Refusal):
    """A user has as many webhooks as anybody may have."""

    code = "too_many_webhooks"


class DeliveryWaiting(Refusal):
    """A delivery that is to be sent again is still being sent."""

    code = "delivery_waiting"


class EventReserved(Refusal):
    """Only operators are told of such events."""

    code = "event_reserved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A new webhook and its secret, which cannot be shown again."""

    webhook: Webhook
    secret: str


@transaction.atomic
def register(*, owner: User, url: str, events: list[Event], secret: str = "") -> Registered:
    """Have the owner's jobs reported to a URL, signed with the secret or a new one.

    Its first message is a challenge; nothing else is sent until the answer to it proves that the
    owner controls the URL.

    :raises UrlRefused: if no webhook may have that URL
    :raises TooManyWebhooks: if the owner has ten
    :raises EventReserved: if an event is for operators, and the owner is none
    """
    if Event.ANOMALY_FOUND in events and not has_right(owner, Right.ANOMALIES):
        raise EventReserved(f"Only operators are told of {Event.ANOMALY_FOUND.value}.")
    addresses.parse(url)
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)  # two at once must not make eleven
    if Webhook.objects.filter(owner=owner).count() >= MOST:
        raise TooManyWebhooks(f"You have {MOST} webhooks: delete one first.", most=MOST)
    secret = secret or signing.new_secret()
    webhook = Webhook.objects.create(
        owner=owner, url=url, events=events, sealed_secret=signing.seal(secret)
    )
    proof = {"challenge": token_hex(_CHALLENGE_BYTES)}
    Delivery.objects.create(webhook=webhook, event=CHALLENGE, message=proof)
    webhook.refresh_from_db()
    return Registered(webhook=webhook, secret=secret)


@transaction.atomic
def send_test(webhook_id: UUID, *, owner: User) -> Delivery | None:
    """Send a webhook of the owner a message that is about no job; None if there is no such webhook.

    It is signed and tried again like any other. A test that still waits for its next attempt is
    sent at once. Before the owner has shown to control the URL it is the challenge that is sent
    again. A webhook that was stopped goes on.
    """
    webhook = _held(webhook_id, owner=owner)
    if webhook is None:
        return None
    event = TEST if webhook.verified_at else CHALLENGE
    unread = webhook.deliveries.filter(event=event)
    if webhook.verified_at:
        unread = unread.filter(state=DeliveryState.WAITING)
    delivery = unread.last() or Delivery.objects.create(
        webhook=webhook, event=TEST, message={"test": token_hex(8)}
    )
    Delivery.objects.filter(pk=delivery.pk).update(**_ANEW)
    Webhook.objects.filter(pk=webhook.pk).update(**_GOING_ON)
    delivery.refresh_from_db()
    return delivery


def _held(webhook_id: UUID, *, owner: User) -> Webhook | None:
    held = Webhook.objects.select_for_update(no_key=True)
    return held.filter(id=webhook_id, owner=owner).first()


@transaction.atomic
def delete(webhook_id: UUID, *, owner: User) -> bool:
    """Delete a webhook of the owner with its deliveries; tell whether there was one."""
    # The full lock keeps `states.enqueue` from adding a delivery while this deletes them.
    found = Webhook.objects.select_for_update().filter(id=webhook_id, owner=owner).first()
    if found is None:
        return False
    found.delete()
    return True


def tell_operators(message: Mapping[str, object]) -> int:
    """Have the webhooks of operators told of an anomaly; call it in a transaction.

    :returns: how many will be told
    """
    wanted = Webhook.objects.filter(
        events__contains=[Event.ANOMALY_FOUND], owner__is_active=True, stopped_at=None
    )
    # As in `states.enqueue`: a webhook that is being deleted is left out.
    locked = wanted.select_for_update(no_key=True, of=("self",)).select_related("owner")
    told = [
        webhook for webhook in locked.order_by("id") if has_right(webhook.owner, Right.ANOMALIES)
    ]
    Delivery.objects.bulk_create(
        [Delivery(webhook=one, event=Event.ANOMALY_FOUND, message=message) for one in told]
    )
    return len(told)


def webhooks_of(owner: User) -> QuerySet[Webhook]:
    """The owner's webhooks, oldest first: ten at most."""
    return Webhook.objects.filter(owner=owner).order_by("created_at", "id")


def stopped(owner: User) -> list[Webhook]:
    """The owner's webhooks that were stopped because nothing arrived."""
    return list(webhooks_of(owner).filter(stopped_at__isnull=False))


def deliveries(
    webhook: Webhook, *, limit: int, after: int | None = None
) -> tuple[list[Delivery], str]:
    """Return up to `limit` deliveries, newest first, and the cursor of the next page, if any."""
    found = Delivery.objects.filter(webhook=webhook).order_by("-id")
    rows = list((found.filter(id__lt=after) if after is not None else found)[: limit + 1])
    more = len(rows) > limit
    return rows[:limit], str(rows[limit - 1].pk) if more else ""


def resend(delivery_id: int, *, owner: User) -> Delivery | None:
    """Send a delivery once more, with all its attempts before it; None if the owner has none such.

    A webhook that was stopped goes on with it.

    :raises DeliveryWaiting: if it is still to be sent anyway
    """
    own = Delivery.objects.filter(id=delivery_id, webhook__owner=owner)
    again = own.exclude(state=DeliveryState.WAITING).update(**_ANEW)
    delivery = own.first()
    if delivery and again:
        Webhook.objects.filter(pk=delivery.webhook_id).update(**_GOING_ON)
    if delivery and not again:
        raise DeliveryWaiting(
            "This delivery has not ended: it will be sent by itself.",
            next_attempt_at=delivery.not_before.isoformat(),
        )
    return delivery
