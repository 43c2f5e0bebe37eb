"""PostgreSQL through a pool, for which one request waits only so long, however often it asks.

Django waits for the pool's `timeout` at each opening of a connection, and one request may open
several: leaving an atomic block whose connection was lost opens another, so does writing down why
it failed, so does telling watchers. Measured with none left: four waits, 36 s.
"""

import select
import time
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool, PoolTimeout


class DatabaseWrapper(base.DatabaseWrapper):
    """Begins no wait once `timeout` seconds have been waited: less than twice that in all.

    Under ASGI each request has a thread, and so a wrapper, of its own. The count begins again where
    Django lets go of old connections: as a request or a WebSocket's read begins or ends, and when a
    stream gives its connection back.
    """

    _waited = 0.0

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Wait for a connection of the pool, and for another one if that is dead.

        What ended it mostly ended those that lie beside it: all are looked at and replaced. The
        pool would look at one, pause for a second, at the next, pause for two: after a restart of
        PostgreSQL two requests were refused after ten seconds each.

        :raises PoolTimeout: if none came in time, or at once if there was no time left
        """
        found = self._wait(conn_params)
        if self.pool and not _is_alive(found):
            self.pool.putconn(found)
            self.pool.check()
            found = self._wait(conn_params)
        return found

    def _wait(self, conn_params: dict[str, Any]) -> Any:
        if self.pool and self._waited >= self.pool.timeout:
            raise PoolTimeout(f"waited {self._waited:.1f} s for connections already")
        began = time.monotonic()
        try:
            return super().get_new_connection(conn_params)
        finally:
            self._waited += time.monotonic() - began

    def close_if_unusable_or_obsolete(self) -> None:
        """Let go of an old connection; what comes next may wait anew."""
        super().close_if_unusable_or_obsolete()
        self._waited = 0.0


def _is_alive(found: Connection) -> bool:
    """Ask only where there is something to read: whoever ended it said so, or hung up."""
    waiting = select.poll()
    waiting.register(found.fileno(), select.POLLIN)
    if not waiting.poll(0):
        return True
    try:
        ConnectionPool.check_connection(found)
    except OperationalError:
        return False
    return True
