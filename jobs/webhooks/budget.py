"""How much an owner's webhooks may send in a day (UTC): in all, and half of it to one host.

Nobody makes this server send a flood to others, or look through their hosts one by one.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from jobs.models import WebhookDay
from jobs.webhooks.delivery import Head, Letter

_SPEND = """
    INSERT INTO jobs_webhookday AS d (owner_id, host, day, sent)
    VALUES (%s, %s, %s, 1)
    ON CONFLICT (owner_id, day, host) DO UPDATE SET sent = d.sent + 1
"""


def within(heads: list[Head]) -> list[Head]:
    """Leave out what has to wait until tomorrow."""
    owners: Counter[int] = Counter()
    hosts: Counter[tuple[int, str]] = Counter()
    today = WebhookDay.objects.filter(
        day=timezone.now().date(), owner_id__in={head.owner_id for head in heads}
    )
    for owner, host, sent in today.values_list("owner_id", "host", "sent"):
        owners[owner] += sent
        hosts[owner, host] += sent
    most = settings.CARDGEN_WEBHOOK_MESSAGES
    return [
        head
        for head in heads
        if owners[head.owner_id] < most and hosts[head.owner_id, head.host] < -(-most // 2)
    ]


def spend(letters: Iterable[Letter]) -> None:
    """Count letters that are about to be sent."""
    day = timezone.now().date()
    # In one order: two processes that count at once do not wait for each other for ever.
    spent = sorted((letter.owner_id, letter.host) for letter in letters)
    with connection.cursor() as cursor:
        cursor.executemany(_SPEND, [(owner, host, day) for owner, host in spent])


def forget_days() -> None:
    """Delete the counts of the days before yesterday."""
    WebhookDay.objects.filter(day__lt=timezone.now().date() - timedelta(days=1)).delete()
