"""The Celery application: a bell, never a store of work."""

import os
from functools import partialmethod

from celery import Celery
from celery.app.amqp import AMQP
from kombu import Connection
from kombu.transport import redis, virtual

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cardgen.settings")


class _SteadyConnection(Connection):
    """Tries a broker that is away again each second, however long it was away.

    Kombu waits two seconds longer each time, up to half a minute; jobs stood still after the broker
    was back. Celery has no setting for it.
    """

    ensure_connection = partialmethod(
        Connection.ensure_connection, interval_start=1, interval_step=0, interval_max=1
    )


class _Places(redis.QoS):
    """Frees the place of a message that could not be acknowledged because the broker died.

    Kombu leaves it taken. When all places are, the worker asks the broker for nothing, so it never
    sees that the connection is gone, and no bell wakes it again.
    """

    def ack(self, delivery_tag: str) -> None:
        """Acknowledge a message.

        :raises redis.ConnectionError: if the broker does not answer
        """
        try:
            super().ack(delivery_tag)
        finally:
            virtual.QoS.ack(self, delivery_tag)


redis.Channel.QoS = _Places


class _Amqp(AMQP):
    Connection = _SteadyConnection


app = Celery("cardgen", amqp=_Amqp)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
