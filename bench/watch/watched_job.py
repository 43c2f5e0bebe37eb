"""A job that a thousand sockets and two hundred event streams watch, against one nobody watches.

All sockets are of one user, whom the service gives a thousand at most by default. Of the 200 places
for streams a quarter is kept for users who have none, so the streams are of 102 users.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import psutil
from django.contrib.auth.models import Group, User

from bench.row import Row
from bench.service import Service, finish
from cardgen.access.keys.making import KeyOrder, create_key
from jobs.control import set_queue
from jobs.models import Job
from jobs.work import bell
from toolkit.actor import Actor, Via
from toolkit.rights import Right, Role

SOCKETS, STREAMS = 1_000, 200
_STREAMS_OF_ONE = 50
_AIM_SECONDS, _AIM_RATE = 5.0, 0.9
_REASON = "all watch before the first card"
_ACTOR = Actor(name="bench", via=Via.COMMAND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Cards a second; seconds of the web processes' time; seconds until the last one knew."""

    rate: float
    web: float
    late: float = 0.0


def measure(
    service: Service, *, cards: int, rounds: int, sockets: int = SOCKETS, streams: int = STREAMS
) -> list[Row]:
    """Run both in turns."""
    keys = _keys(streams)
    alone, watched = list[Run](), list[Run]()
    for _ in range(rounds):
        alone.append(_alone(service, cards))
        watched.append(_watched(service, cards, keys=keys, sockets=sockets))
    return _rows(alone, watched, who=f"{sockets:,} sockets and {streams} streams")


def _rows(alone: list[Run], watched: list[Run], *, who: str) -> list[Row]:
    return [
        Row(
            key="watchers/rate",
            name=f"a job that {who} watch",
            against="a job that nobody watches",
            unit="cards a second",
            ours=[run.rate for run in watched],
            theirs=[run.rate for run in alone],
            aim=_AIM_RATE,
        ),
        Row(
            key="watchers/late",
            name=f"{who}: from the job's end until the last one saw it",
            unit="s",
            ours=[run.late for run in watched],
            aim=_AIM_SECONDS,
            smaller=True,
        ),
        *(
            Row(key=key, name=name, unit="s", ours=[run.web for run in runs], smaller=True)
            for key, name, runs in (
                ("watchers/web", f"{who}: web processes' time during the job", watched),
                ("watchers/web alone", "nobody: web processes' time during the job", alone),
            )
        ),
    ]


def _alone(service: Service, cards: int) -> Run:
    with _waiting_job(service, cards) as job_id:
        before = _web_seconds()
    finish(service, job_id)
    return Run(rate=_rate(job_id), web=_web_seconds() - before)


def _watched(service: Service, cards: int, *, keys: list[str], sockets: int) -> Run:
    with _waiting_job(service, cards) as job_id:
        requests = [_socket(service, job_id)] * sockets
        requests += [_stream(service, job_id, key) for key in keys]
        crowd = _crowd(service, requests)
        _answer(crowd)
        before = _web_seconds()
    with crowd:
        seen = _answer(crowd)["last_seen"]
    used = _web_seconds() - before
    ended = Job.objects.get(id=job_id).finished_at
    if ended is None:
        raise SystemExit("a job was seen to end before it did")
    return Run(rate=_rate(job_id), web=used, late=seen - ended.timestamp())


@contextmanager
def _waiting_job(service: Service, cards: int) -> Iterator[str]:
    """Have a job wait until the block ends, so that all watch before the first card."""
    set_queue(paused=True, reason=_REASON, actor=_ACTOR, ring=lambda: None)
    body = {"scheme": "visa", "count": cards}
    yield service.call("/api/v1/cards/generate-async", body)["id"]
    set_queue(paused=False, reason=_REASON, actor=_ACTOR, ring=bell.ring_all)


def _rate(job_id: str) -> float:
    job = Job.objects.get(id=job_id)
    if job.finished_at is None or job.started_at is None or job.produced != job.requested:
        raise SystemExit(f"the job ended {job.status} with {job.produced} cards")
    return job.produced / (job.finished_at - job.started_at).total_seconds()


def _keys(streams: int) -> list[str]:
    """Give a key for each stream: two users have most, others one each, as places are shared out.

    They may see every job.
    """
    shared = [key for key in (_key("a"), _key("b")) for _ in range(_STREAMS_OF_ONE)]
    return shared[:streams] + [_key(str(number)) for number in range(streams - len(shared))]


def _key(name: str) -> str:
    user = User.objects.create_user(f"bench-{name}")
    user.groups.add(Group.objects.get(name=Role.OPERATOR))
    order = KeyOrder(name="watchers", scopes=frozenset({Right.JOBS, Right.ALL_JOBS}))
    return create_key(user=user, order=order, actor=_ACTOR).key


def _socket(service: Service, job_id: str) -> str:
    upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    nonce = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"  # the one of RFC 6455
    return _request(service, f"/ws/jobs/{job_id}", service.api_key, upgrade + nonce)


def _stream(service: Service, job_id: str, key: str) -> str:
    return _request(service, f"/api/v1/cards/jobs/{job_id}/events", key, "")


def _request(service: Service, path: str, key: str, more: str) -> str:
    host = urlsplit(service.url).netloc
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nX-API-Key: {key}\r\n{more}\r\n"


def _crowd(service: Service, requests: list[str]) -> subprocess.Popen[str]:
    address = urlsplit(service.url)
    order = {"host": address.hostname, "port": address.port, "requests": requests}
    order |= {"final": '"status": "succeeded"'}
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "bench.watch.crowd"]
    crowd = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
    if crowd.stdin is None:
        raise SystemExit("the watchers have no pipe")
    crowd.stdin.write(json.dumps(order) + "\n")
    crowd.stdin.flush()
    return crowd


def _answer(crowd: subprocess.Popen[str]) -> dict[str, float]:
    line = crowd.stdout.readline() if crowd.stdout else ""
    if not line:
        raise SystemExit("the watchers ended: see above")
    answer: dict[str, float] = json.loads(line)
    return answer


def _web_seconds() -> float:
    """Add up the processor time of the web processes."""
    found = [
        one.cpu_times()
        for one in psutil.Process().children(recursive=True)
        if "daphne" in one.cmdline()
    ]
    return sum(times.user + times.system for times in found)
