"""The Celery application: a bell, never a store of work."""

import os
from functools import partialmethod

from celery import Celery
from celery.app.amqp import AMQP
from kombu import Connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cardgen.settings")


class _SteadyConnection(Connection):
    """Tries a broker that is away again each second, however long it was away.

    Kombu waits two seconds longer each time, up to half a minute; jobs stood still after the broker
    was back. Celery has no setting for it.
    """

    ensure_connection = partialmethod(
        Connection.ensure_connection, interval_start=1, interval_step=0, interval_max=1
    )


class _Amqp(AMQP):
    Connection = _SteadyConnection


app = Celery("cardgen", amqp=_Amqp)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
