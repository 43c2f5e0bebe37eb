"""Roles in place of staff and superusers; keys with scopes by resource that are never empty."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q

from toolkit.rights import MEANINGS, Right, Role

_SCOPES = [
    "admin:read",
    "all-cards:read",
    "all-jobs:control",
    "all-jobs:read",
    "anomalies:read",
    "audit:read",
    "cards:mint",
    "cards:read",
    "catalogue:read",
    "check",
    "exclusions:read",
    "exclusions:write",
    "jobs:control",
    "jobs:read",
    "keys",
    "orders:large",
    "queue:control",
    "quotas:write",
    "ranges:write",
    "test-keys:read",
    "users:write",
    "webhooks",
]
_READ = (Right.CATALOGUE, Right.JOBS, Right.CARDS, Right.CHECK, Right.EXCLUSIONS)
_MINT = (Right.MINT, Right.CONTROL, Right.WEBHOOKS, Right.TEST_KEYS)
_MEANT_BY_ADMINISTER = (
    *(Right.ADMIN, Right.QUEUE, Right.EXCLUDE, Right.RANGES, Right.QUOTAS, Right.AUDIT),
)


def give_roles(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Make superusers administrators and all others testers."""
    using = editor.connection.alias
    users = apps.get_model("auth", "User").objects.using(using)
    groups = apps.get_model("auth", "Group").objects.using(using)
    for role, found in (
        (Role.ADMINISTRATOR, users.filter(is_superuser=True)),
        (Role.TESTER, users.filter(is_superuser=False)),
    ):
        group, _made = groups.get_or_create(name=role)
        group.user_set.add(*found)


def write_scopes(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Write the old scopes as the new ones they stood for."""
    for key in apps.get_model("access", "ApiKey").objects.using(editor.connection.alias):
        key.scopes = sorted({new for old in key.scopes for new in _new_scopes(old)})
        key.save(update_fields=["scopes"])


def _new_scopes(old: str) -> tuple[Right, ...]:
    return {"read": _READ, "mint": _MINT, "administer": _MEANT_BY_ADMINISTER}.get(old, ())


def _adds(name: str, field: models.Field) -> migrations.AddField:  # type: ignore[type-arg]
    return migrations.AddField(model_name="apikey", name=name, field=field)


def _alters(name: str, field: models.Field) -> migrations.AlterField:  # type: ignore[type-arg]
    return migrations.AlterField(model_name="apikey", name=name, field=field)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_suspension"),
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Rights",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                )
            ],
            options={
                "managed": False,
                "default_permissions": (),
                "permissions": tuple((right.value, text) for right, text in MEANINGS.items()),
            },
        ),
        _alters(
            "user",
            models.ForeignKey(
                settings.AUTH_USER_MODEL,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="api_keys",
            ),
        ),
        _alters(
            "scopes",
            ArrayField(models.CharField(max_length=32), help_text="rights that it may use"),
        ),
        _adds(
            "networks",
            ArrayField(
                models.CharField(max_length=43),
                default=list,
                blank=True,
                help_text="addresses that it may be used from; none: all",
            ),
        ),
        _adds(
            "rotated_from",
            models.ForeignKey(
                "access.apikey",
                null=True,
                blank=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
            ),
        ),
        _adds("last_used_from", models.GenericIPAddressField(null=True, blank=True)),
        migrations.RunPython(give_roles, migrations.RunPython.noop),
        migrations.RunPython(write_scopes, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.CheckConstraint(
                name="api_key_has_known_scopes",
                condition=Q(scopes__contained_by=_SCOPES) & ~Q(scopes=[]),
            ),
        ),
    ]
