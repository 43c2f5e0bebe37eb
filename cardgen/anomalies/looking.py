"""Look at the signs each minute, beside the reconciler; write down, tell, slow down, suspend."""

import logging
from datetime import timedelta
from threading import Event

from django.conf import settings
from django.contrib.auth.models import User
from django.db import Error as DjangoError
from django.db import close_old_connections, connection, transaction
from psycopg import Error as DriverError
from redis.exceptions import RedisError

from cardgen.access.keys import suspension
from cardgen.access.models import ApiKey
from cardgen.anomalies import signs
from cardgen.anomalies.models import Anomaly, KeyHour
from cardgen.anomalies.rules import RULES, Finding, Rule
from cardgen.anomalies.signs import Signs
from jobs import webhooks
from toolkit.actor import Actor, Via
from uniqueness.locks import Space

logger = logging.getLogger(__name__)
EVERY_SECONDS = 60.0
_KEPT = timedelta(days=30)
_RULES = Actor(name="rules of anomalies", via=Via.SYSTEM)
_ALONE = "SELECT pg_try_advisory_xact_lock(%s, 0)"


def run(*, stop: Event) -> None:
    """Look until told to stop; what does not answer is asked again a minute later."""
    while not stop.wait(EVERY_SECONDS):
        try:
            close_old_connections()
            look()
        except (DjangoError, DriverError, RedisError, OSError) as error:
            logger.warning("anomalies: %s, looks again", type(error).__name__)
            connection.close()


@transaction.atomic
def look() -> list[Anomaly]:
    """Apply every rule, and return what is new. Of several processes one does it."""
    with connection.cursor() as cursor:
        cursor.execute(_ALONE, [int(Space.ANOMALIES)])
        if not cursor.fetchone()[0]:
            return []
    seen = signs.read(signs.utc_now())
    _keep_history(seen)
    found = [(rule, finding) for rule in RULES for finding in rule.look(seen)]
    return [new for rule, finding in found if (new := _write_down(rule, finding, seen))]


def _keep_history(seen: Signs) -> None:
    """Write down how often each key was used in this hour: the count so far, each time anew."""
    used = {int(key): count for (key,), count in seen.this_hour("request")}
    known = ApiKey.objects.filter(pk__in=used).values_list("pk", flat=True)
    KeyHour.objects.bulk_create(
        [KeyHour(api_key_id=key, hour=seen.begun, requests=used[key]) for key in known],
        update_conflicts=True,
        unique_fields=["api_key", "hour"],
        update_fields=["requests"],
    )
    KeyHour.objects.filter(hour__lt=seen.now - _KEPT).delete()


def _write_down(rule: Rule, finding: Finding, seen: Signs) -> Anomaly | None:
    """Write down, tell and act on what was not said today; None if it was.

    Who goes on after a hold has run out is held again. Who was let go by hand is not.
    """
    key = ApiKey.objects.filter(pk=finding.key_id or 0).select_related("user").first()
    user = key.user if key else User.objects.filter(pk=finding.user_id or 0).first()
    row, new = Anomaly.objects.get_or_create(
        rule=rule.name,
        subject=finding.subject,
        day=seen.now.date(),
        defaults={
            "detail": finding.detail,
            "facts": finding.facts,
            "api_key": key,
            "user": user,
        },
    )
    if key is not None and (new or suspension.has_run_out(key)):
        _act(row, key)
    if not new:
        return None
    row.refresh_from_db()
    logger.warning("anomaly %s of %s", row.rule, row.subject)
    webhooks.tell_operators(anomaly_dict(row))
    return row


def _act(row: Anomaly, key: ApiKey) -> None:
    """Suspend the key, or slow it down, if its rule is set to."""
    keys, reason = ApiKey.objects.filter(pk=key.pk), f"anomaly {row.rule}"
    lasting = settings.CARDGEN_ANOMALY_SUSPENSION
    if row.rule in settings.CARDGEN_ANOMALY_SUSPEND:
        done = suspension.suspend(keys, reason=reason, lasting=lasting, actor=_RULES)
        row.suspended = done == 1
    if row.rule in settings.CARDGEN_ANOMALY_THROTTLE:
        done = suspension.throttle(keys, reason=reason, lasting=lasting, actor=_RULES)
        row.throttled = done == 1
    row.save(update_fields=["suspended", "throttled"])


def anomaly_dict(row: Anomaly) -> dict[str, object]:
    """Show an anomaly, in the API and to webhooks."""
    return {
        "id": row.pk,
        "at": row.at,
        "rule": row.rule,
        "subject": row.subject,
        "detail": row.detail,
        "facts": row.facts,
        "api_key": row.api_key_id,
        "user": row.user_id,
        "suspended": row.suspended,
        "throttled": row.throttled,
    }
