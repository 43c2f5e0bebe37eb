"""Names in a search of the trail: one that nobody and nothing has finds nothing, and is told so."""

from django.contrib.auth.models import User
from django.db import connection

from toolkit.near import did_you_mean
from uniqueness.models import AuditEntry

ACTIONS = frozenset(
    {
        *("register_range", "enable_range", "disable_range", "enable_tier", "disable_tier"),
        *("import_exclusions", "remove_exclusions", "read_exclusions"),
        *("import_cards", "finish_import_cards"),
        *("set_quota", "pause_queue", "resume_queue", "advance_cursors"),
        *("pause_job", "resume_job", "retry_job", "cancel_job", "download"),
        *("make_key", "rotate_key", "revoke_key", "suspend_key", "throttle_key"),
        *("lift_suspension", "read_test_keys", "read_hash_key"),
        *("make_team", "rename_team", "change_team"),
        *("make_user", "change_user", "deactivate_user", "activate_user"),
        *("sign_in", "sign_in_failed", "sign_out", "change_password"),
    }
)
"""What is written down; a trail may have others, of an earlier version."""
_MOST_COMPARED = 1_000
# From name to name along the index: the trail has many rows, and few names.
_ACTORS = """
    WITH RECURSIVE named AS (
        (SELECT actor FROM uniqueness_auditentry ORDER BY actor LIMIT 1)
        UNION ALL
        SELECT (SELECT actor FROM uniqueness_auditentry WHERE actor > named.actor
            ORDER BY actor LIMIT 1)
        FROM named WHERE named.actor IS NOT NULL
    )
    SELECT actor FROM named WHERE actor IS NOT NULL LIMIT %(most)s
"""


def wrong_actor(name: str) -> str:
    """Say that there is nobody of that name; empty if there is, or the trail has one."""
    users = User.objects.order_by("pk").values_list("username", flat=True)
    if AuditEntry.objects.filter(actor=name).exists() or users.filter(username=name).exists():
        return ""
    meant = did_you_mean(name, [*_actors(), *users[:_MOST_COMPARED]])
    return f"Nobody of that name is a user, or stands in the trail.{meant}"


def wrong_action(name: str) -> str:
    """Say that nothing is written down under that name; empty if something is."""
    if name in ACTIONS or AuditEntry.objects.filter(action=name).exists():
        return ""
    return f"Nothing is written down under that name.{did_you_mean(name, ACTIONS)}"


def _actors() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_ACTORS, {"most": _MOST_COMPARED})
        return [actor for (actor,) in cursor.fetchall()]
