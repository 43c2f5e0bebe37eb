"""Do the parts of an audit, several at once: a thread each, with a connection that sees one moment.

Threads are enough: PostgreSQL does most of the work, and NumPy and AES let other threads run.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

from django.db import connection
from psycopg import Connection

from uniqueness.proof.findings import Check, Offenders, damage_noted
from uniqueness.proof.moment import join

Task = Callable[[], Offenders]


def work(tasks: Iterable[Task], *, threads: int, snapshot: str | None) -> Iterator[Offenders]:
    """Do the tasks and yield what each finds, in any order; few are in memory at a time.

    :param snapshot: the moment that other connections can join; without one, all is done here
    """
    if threads == 1 or snapshot is None:
        yield from (_done(task) for task in tasks)
        return
    with _pool(threads, snapshot) as submit:
        pending: set[Future[Offenders]] = set()
        for task in tasks:
            pending.add(submit(task))
            if len(pending) >= 2 * threads:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        yield from (future.result() for future in pending)


@contextmanager
def _pool(threads: int, snapshot: str) -> Iterator[Callable[[Task], Future[Offenders]]]:
    opened: list[Connection] = []

    def in_moment(task: Task) -> Offenders:
        if connection.connection is None:
            connection.ensure_connection()
            opened.append(connection.connection)  # type: ignore[arg-type]  # it is open now
            join(snapshot)
        return _done(task)

    pool = ThreadPoolExecutor(threads)
    try:
        yield lambda task: pool.submit(in_moment, task)
    except BaseException:  # Ctrl-C among them: a count may take minutes
        for one in opened:
            one.cancel()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        for one in opened:
            one.close()


def _done(task: Task) -> Offenders:
    """Do one; whatever it cannot read, the others are done all the same."""
    found = Offenders()
    with damage_noted(found, Check.CHUNKS):
        return task()
    return found
