"""API keys. The key itself is shown once; only its SHA-256 is kept."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Scope(models.TextChoices):
    """What a key may do."""

    READ = "read", "read jobs, results and the catalogue"
    MINT = "mint", "mint cards"
    ADMINISTER = "administer", "register ranges and switch tiers, if the user may"


def every_scope() -> list[str]:
    """Scopes of a key made without naming any."""
    return list(Scope.values)


class ApiKey(models.Model):
    """A key that acts as its user, within its scopes."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys"
    )
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16, help_text="first characters, to recognise the key by")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256, hexadecimal")
    scopes = ArrayField(models.CharField(max_length=16, choices=Scope.choices), default=every_scope)
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_until = models.DateTimeField(null=True, blank=True, help_text="null: until lifted")
    suspended_reason = models.CharField(max_length=200, blank=True, db_default="", default="")

    class Meta:
        verbose_name = "API key"
        constraints = [
            models.CheckConstraint(
                name="api_key_keeps_only_a_digest", condition=Q(digest__regex=r"^[0-9a-f]{64}$")
            )
        ]

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.name})"
