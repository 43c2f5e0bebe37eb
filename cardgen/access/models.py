"""API keys, of which only the SHA-256 is kept, and passwords that were handed over."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from toolkit.rights import MEANINGS, Right

MOST_ADDRESSES = 20
LONGEST_KEY_NAME = 100
_SCOPES = sorted(right.value for right in Right)


class Rights(models.Model):  # noqa: DJ008 (there are no rows to name)
    """No table: it carries the permissions that roles and users are given."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = tuple((right.value, meaning) for right, meaning in MEANINGS.items())


class ApiKey(models.Model):
    """A key that acts as its user, within its scopes, from its addresses, until it expires."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_keys"
    )
    name = models.CharField(max_length=LONGEST_KEY_NAME)
    prefix = models.CharField(max_length=16, help_text="first characters, to recognise the key by")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256, hexadecimal")
    scopes = ArrayField(models.CharField(max_length=32), help_text="rights that it may use")
    networks = ArrayField(
        models.CharField(max_length=43),
        default=list,
        blank=True,
        help_text="addresses that it may be used from; none: all",
    )
    rotated_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_from = models.GenericIPAddressField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_until = models.DateTimeField(null=True, blank=True, help_text="null: until lifted")
    suspended_reason = models.CharField(max_length=200, blank=True, db_default="", default="")
    throttled_at = models.DateTimeField(null=True, blank=True, help_text="on a lower rate since")
    throttled_until = models.DateTimeField(null=True, blank=True, help_text="null: until lifted")

    class Meta:
        verbose_name = "API key"
        constraints = [
            models.CheckConstraint(
                name="api_key_keeps_only_a_digest", condition=Q(digest__regex=r"^[0-9a-f]{64}$")
            ),
            models.CheckConstraint(
                name="api_key_has_known_scopes",
                condition=Q(scopes__contained_by=_SCOPES) & ~Q(scopes=[]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.name})"

    @property
    def is_throttled(self) -> bool:
        """Tell whether it is on a lower rate now."""
        return _holds(self.throttled_at, self.throttled_until)

    @property
    def is_suspended(self) -> bool:
        """Tell whether it is suspended now."""
        return _holds(self.suspended_at, self.suspended_until)


class HandedOver(models.Model):
    """Somebody else knows the password of this user, who has to choose another one."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"password of user {self.user_id}"


def _holds(since: datetime | None, until: datetime | None) -> bool:
    return since is not None and (until is None or until > timezone.now())
