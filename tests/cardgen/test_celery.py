"""How the worker waits for its broker."""

import pytest
import redis
from kombu.exceptions import OperationalError

from cardgen.celery import app


def test_a_broker_that_is_away_is_tried_again_each_second(tmp_path):
    waits: list[float] = []
    nowhere = app.connection_for_read(url=f"redis+socket://{tmp_path}/no.sock")
    with pytest.raises(OperationalError):
        nowhere.ensure_connection(lambda _, wait: waits.append(wait), max_retries=3)
    assert waits == [1, 1, 1]


def test_a_message_of_a_broker_that_died_takes_no_place(tmp_path):
    with app.connection_for_read() as connection:
        with connection.SimpleQueue("places") as queue:
            queue.put({})
            message = queue.get(block=False)
        message.channel.basic_qos(0, 1, False)
        assert not message.channel.qos.can_consume()
        pool = message.channel.pool
        pool.reset()
        pool.connection_kwargs["path"] = f"{tmp_path}/no.sock"
        with pytest.raises(redis.ConnectionError):
            message.ack()
        assert message.channel.qos.can_consume()
