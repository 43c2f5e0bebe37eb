"""What a proof takes for a finding."""

import pytest
from django.db import DataError, connection

from uniqueness.proof.findings import Check, Offenders, damage_noted


def test_what_fails_for_another_reason_than_damage_is_no_finding(db):
    with (
        pytest.raises(DataError),
        damage_noted(Offenders(), Check.UNIQUE),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT 1 / 0")
