"""How the worker waits for its broker."""

import pytest
from kombu.exceptions import OperationalError

from cardgen.celery import app


def test_a_broker_that_is_away_is_tried_again_each_second(tmp_path):
    waits: list[float] = []
    nowhere = app.connection_for_read(url=f"redis+socket://{tmp_path}/no.sock")
    with pytest.raises(OperationalError):
        nowhere.ensure_connection(lambda _, wait: waits.append(wait), max_retries=3)
    assert waits == [1, 1, 1]
