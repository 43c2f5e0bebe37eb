"""What the database's rows say, as metrics: the same whichever process asks."""

import shutil
from collections.abc import Callable, Iterator, Mapping

from django.conf import settings
from django.db import connection, transaction
from prometheus_client.core import GaugeMetricFamily, Metric

from generation.models import IssuerRange
from jobs import watching
from toolkit.database import AWAY
from uniqueness.stats import figures

Family = GaugeMetricFamily
_LIMIT = "SET LOCAL statement_timeout = '2s'"
_OF_A_RANGE = ("issued", "reserved", "left", "capacity")


def families() -> Iterator[Metric]:
    """Read everything: a dozen queries, none of which counts cards, each of two seconds at most.

    A group that the database does not answer in time is left out, and `cardgen_read` says so.
    """
    read = Family("cardgen_read", "1 if these metrics could be read.", labels=["what"])
    for what, group in _GROUPS.items():
        found = _in_time(group)
        read.add_metric([what], bool(found))
        yield from found
    yield read


def _in_time(group: Callable[[], Iterator[Family]]) -> list[Family]:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_LIMIT)
            return list(group())
    except AWAY:
        return []


def _queue() -> Iterator[Family]:
    found = watching.look()
    chunks = {"waiting": found.waiting_chunks, "running": found.running_chunks}
    yield _by("cardgen_chunks", "Chunks of jobs that are queued or running.", "state", chunks)
    yield Family(
        "cardgen_oldest_chunk_seconds",
        "Seconds for which a chunk has been due that nobody has taken.",
        value=found.oldest_waiting_seconds or 0,
    )
    processes = {"worker": found.workers, "reconciler": found.reconcilers}
    yield _by("cardgen_processes", "Processes heard of in the last 30 s.", "role", processes)
    yield Family("cardgen_queue_paused", "1 while the queue is paused.", value=found.paused)


def _load() -> Iterator[Family]:
    found = watching.load()
    jobs = {status.value: count for status, count in found.jobs.items()}
    yield _by("cardgen_jobs", "Jobs that have not ended.", "status", jobs)
    for name, text, value in (
        ("leases_expired", "Chunks whose lease has run out.", found.expired_leases),
        ("oldest_lease_seconds", "Age of the oldest lease.", found.oldest_lease_seconds),
        ("webhook_deliveries", "Messages that wait to be sent.", found.waiting_deliveries),
        (
            "oldest_webhook_delivery_seconds",
            "Seconds for which a message has been due.",
            found.oldest_delivery_seconds,
        ),
        ("webhooks_stopped", "Webhooks that failed too often.", found.stopped_webhooks),
    ):
        yield Family(f"cardgen_{name}", text, value=value)


def _numbers() -> Iterator[Family]:
    found = figures.database()
    yield _by("cardgen_numbers", "Numbers of all ranges.", "state", found["cardgen_numbers"])
    yield _ranges(found["cardgen_range_numbers"])
    windows, excluded = found["cardgen_bloom_windows"], found["cardgen_exclusions"]
    yield _by("cardgen_bloom_windows", "Windows that hold cards.", "state", windows)
    yield _by("cardgen_exclusions", "Numbers that are never minted.", "reason", excluded)


def _ranges(counts: Mapping[str, Mapping[str, int]]) -> Family:
    text = "Numbers of each range that is switched on, by IIN and length."
    family = Family("cardgen_range_numbers", text, labels=["range", "state"])
    for one in IssuerRange.objects.filter(enabled=True):
        for state in _OF_A_RANGE:
            if one.name in counts:
                family.add_metric([one.name, state], counts[one.name][state])
    return family


def _database() -> Iterator[Family]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        (size,) = cursor.fetchone()
    yield Family("cardgen_database_bytes", "Size of the database.", value=size)
    if settings.CARDGEN_DATABASE_VOLUME is not None:
        free = shutil.disk_usage(settings.CARDGEN_DATABASE_VOLUME).free
        yield Family("cardgen_database_free_bytes", "Room on its disk.", value=free)


def _by(name: str, text: str, label: str, counts: Mapping[str, int]) -> Family:
    family = Family(name, text, labels=[label])
    for value, count in counts.items():
        family.add_metric([str(value)], count)
    return family


_GROUPS: Mapping[str, Callable[[], Iterator[Family]]] = {
    "queue": _queue,
    "load": _load,
    "numbers": _numbers,
    "database": _database,
}
