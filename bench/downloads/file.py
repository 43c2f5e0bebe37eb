"""One file of a job, fetched over HTTP and thrown away."""

import http.client
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.service import Service

FIELDS = ("pan", "expiry", "cvv")
_PIECE = 1 << 18
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """How long a file took, in seconds, and its bytes on the way."""

    seconds: float
    size: int


def fetch(
    service: Service,
    job_id: str,
    form: str,
    *,
    coding: str = "identity",
    meanwhile: Callable[[], object] = lambda: None,
) -> Fetched:
    """Fetch the whole file.

    :param coding: what `Accept-Encoding` says
    :param meanwhile: done after each quarter of a mebibyte
    """
    where = urlsplit(service.url)
    client = http.client.HTTPConnection(where.hostname or "", where.port, timeout=_PATIENCE)
    path = f"/api/v1/cards/jobs/{job_id}/result?format={form}&fields={','.join(FIELDS)}"
    headers = {"X-API-Key": service.api_key, "Accept-Encoding": coding}
    with closing(client):
        started = time.perf_counter()
        client.request("GET", path, headers=headers)
        size = _thrown_away(client.getresponse(), coding, meanwhile)
        return Fetched(seconds=time.perf_counter() - started, size=size)


def _thrown_away(
    answer: http.client.HTTPResponse, coding: str, meanwhile: Callable[[], object]
) -> int:
    """Read to the end; return how many bytes came."""
    sent = answer.getheader("Content-Encoding", "identity")
    if (answer.status, sent) != (http.client.OK, coding):
        raise SystemExit(f"a file came with {answer.status} and {sent}")
    buffer, size = bytearray(_PIECE), 0
    while count := answer.readinto(buffer):
        size += count
        meanwhile()
    return size
