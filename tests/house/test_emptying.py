"""Tests that commit leave the database as Django's own way to empty it would."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection

from tests.support import emptying
from tests.support.fixtures import Submit
from tests.support.work import mint_one_chunk

pytestmark = pytest.mark.django_db(transaction=True)
ROLES = (
    "SELECT g.name, p.codename FROM auth_group g, auth_group_permissions m, auth_permission p"
    " WHERE g.id = m.group_id AND p.id = m.permission_id"
)


def rows() -> dict[str, int]:
    """How many rows each table has."""
    with connection.cursor() as cursor:
        names = connection.introspection.django_table_names(only_existing=True)
        return {name: _first(cursor, f"SELECT count(*) FROM {name}") for name in names}


def _first(cursor: Any, statement: str) -> int:
    cursor.execute(statement)
    return int(cursor.fetchone()[0])


def roles() -> set[tuple[str, str]]:
    """Which role has which permission."""
    with connection.cursor() as cursor:
        cursor.execute(ROLES)
        return set(cursor.fetchall())


def test_tables_are_left_as_django_leaves_them(submit: Submit) -> None:
    mint_one_chunk(submit(count=3))
    emptying.empty()
    ours, our_roles = rows(), roles()
    call_command("flush", verbosity=0, interactive=False)
    assert (ours, our_roles) == (rows(), roles())


def test_what_a_test_changes_of_the_roles_is_put_back() -> None:
    before = roles()
    Group.objects.get(name="viewer").permissions.clear()
    Permission.objects.filter(codename__startswith="add").delete()
    ContentType.objects.create(app_label="gone", model="gone")
    counted = rows()
    emptying.empty()
    assert roles() == before
    assert rows() != counted
    assert not ContentType.objects.filter(app_label="gone").exists()
