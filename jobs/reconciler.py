"""The reconciler's own process: no queue and no broker stands between it and lost work.

As a task it waited behind tasks that mint (measured: 9 s until a killed child's chunk was retried),
never ran without a broker, and expired unread in workers whose clock was fast.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Event, Thread

from django.conf import settings
from django.db import Error as DjangoError
from django.db import close_old_connections, connection
from psycopg import Error as DriverError

from jobs import upkeep, webhooks, work
from jobs.work import bell
from toolkit.database import clock

logger = logging.getLogger(__name__)


def run(*, every: float, stop: Event, beside: Sequence[Callable[..., None]] = ()) -> None:
    """Reconcile every so many seconds until told to stop; while there is work here, without pause.

    A database that does not answer is asked again. Webhooks are told from a thread beside.

    :param beside: what else runs in threads of its own until `stop` is set
    """
    threads = [
        Thread(target=one, kwargs={"stop": stop}, name=one.__module__, daemon=True)
        for one in (webhooks.run_courier, *beside)
    ]
    for thread in threads:
        thread.start()
    pause, turn = 0.0, Turn()
    while not stop.wait(pause):
        try:
            pause = 0.0 if turn.once() else every
        except (DjangoError, DriverError) as error:
            # The driver's message may quote a row.
            logger.warning("reconciler: %s, tries again", type(error).__name__)
            connection.close()
            turn.lost()
            pause = every
    for thread in threads:
        thread.join(2 * webhooks.LAST_SECONDS)


class Turn:
    """One turn after the other; remembers whether workers came when they were last rung for.

    And when the database came back after an outage.
    """

    def __init__(self) -> None:
        self._nobody_came = False
        self._away = False
        self._away_until: datetime | None = None

    def lost(self) -> None:
        """Remember that the database could not be reached."""
        self._away = True

    def once(self) -> bool:
        """Reconcile; where no bell is heard, mint here for a slice. Tell if there may be more.

        A broker may take bells that nobody hears: no worker runs, or it lost the way to them.
        """
        close_old_connections()
        taken: list[bool] = []
        before = self._nobody_came
        self._nobody_came = upkeep.reconcile(
            ring=lambda: taken.append(all(taken) and bell.ring()), away_until=self._back()
        )
        heard = all(taken) and not (before and self._nobody_came)
        return not heard and work.work(duration=settings.CARDGEN_SLICE)

    def _back(self) -> datetime | None:
        """Tell by the database's clock when it was first reached again after an outage."""
        if self._away:
            self._away_until, self._away = clock(), False
        return self._away_until
