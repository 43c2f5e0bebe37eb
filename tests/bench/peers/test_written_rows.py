"""Every way writes the same rows."""

import pytest

from bench.peers import written_rows
from uniqueness.models import Card

pytestmark = pytest.mark.django_db(transaction=True)


def test_all_ways_write_all_cards(catalogue, monkeypatch):
    monkeypatch.setattr(written_rows, "_BLOCK", 50)
    monkeypatch.setattr(written_rows, "_BLOCKS", 3)
    rows = list(written_rows.measure())
    assert [row.against for row in rows] == ["bulk_create", "executemany"]
    assert [len(row.values) for row in rows] == [2, 2]
    assert Card.objects.count() == 3 * 3 * 50
