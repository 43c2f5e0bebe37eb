"""R17: WebSockets that no server should keep: of strangers, shouters, ended keys, deaf readers."""

import contextlib
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import psutil
from django.utils import timezone

from cardgen.access.models import ApiKey
from chaos.outcome import Outcome
from chaos.world.meters import Meters
from chaos.world.victims import Victim
from chaos.world.web import CLOSE, Web, read_frame, shake_hands
from chaos.world.world import World

_FEED = "/ws/jobs"
_CLOSED_WITHIN = 60.0
_MORE_MEMORY = 50.0  # MB
_GREAT = 1_000_000  # bytes of a frame; 4,096 are allowed
_TOO_BIG, _NO_KEY = 1009, 4401
_CARDS = 500  # of the jobs that the deaf are told of
_NO_JOB = "/ws/jobs/00000000-0000-4000-8000-000000000000"


def stand_in_doors(world: World, outcome: Outcome, count: int) -> None:
    """R17: knock as strangers do; have so many readers go deaf while jobs run."""
    web, process = world.start_web_process()
    world.start_clocks()
    world.start("worker")
    _knock(web, outcome)
    _shout(web, outcome)
    _end_key(world, web, outcome)
    _go_deaf(world, web, process, outcome, count)
    world.finish(seconds=180)


def _knock(web: Web, outcome: Outcome) -> None:
    """Come from another site, without a key, and for a job that is not there: all get 403."""
    stranger = replace(web, api_key="no-key")
    for caller, path, lines in [
        (web, _FEED, ["Origin: https://evil.example"]),
        (stranger, _FEED, []),
        (web, _NO_JOB, []),
    ]:
        told = _told(caller, path, lines)
        outcome.expect(" 403 " in told, f"a stranger at {path} was told: {told}")
        outcome.faults["strangers at the door"] += 1


def _told(web: Web, path: str, lines: list[str]) -> str:
    try:
        shake_hands(web, path, *lines).close()
    except ConnectionError as refused:
        return str(refused)
    return "come in"


def _closed(opened: socket.socket) -> int:
    """Read until the server closes; return its code, 0 if it hung up without one."""
    opened.settimeout(_CLOSED_WITHIN)
    with contextlib.suppress(OSError):
        while True:
            opcode, body = read_frame(opened)
            if opcode == CLOSE:
                return cast("int", struct.unpack("!H", body[:2])[0])
    return 0


def _shout(web: Web, outcome: Outcome) -> None:
    """Send a frame of a megabyte; the server may hang up before it has all."""
    with shake_hands(web, _FEED) as opened:
        head = struct.pack("!BBQ", 0x81, 0x80 | 127, _GREAT) + bytes(4)
        with contextlib.suppress(OSError):
            opened.sendall(head + b"x" * _GREAT)
        code = _closed(opened)
    outcome.expect(code in {_TOO_BIG, 0}, f"a frame of a megabyte was answered {code}")
    outcome.faults["frames of a megabyte"] += 1


def _end_key(world: World, web: Web, outcome: Outcome) -> None:
    """Revoke the key of a socket that is open."""
    leaving = replace(web, api_key=world.new_key())
    with shake_hands(leaving, _FEED) as opened:
        newest = ApiKey.objects.latest("id")
        ApiKey.objects.filter(id=newest.pk).update(revoked_at=timezone.now())
        begun = time.monotonic()
        code = _closed(opened)
    outcome.recovered(time.monotonic() - begun, within=_CLOSED_WITHIN, what="a revoked key's end")
    outcome.expect(code == _NO_KEY, f"the socket of a revoked key was closed with {code}")
    outcome.faults["keys revoked"] += 1


def _go_deaf(world: World, web: Web, process: Victim, outcome: Outcome, count: int) -> None:
    """Open sockets and never read; the server must hang up, and hold little meanwhile."""
    meters = Meters(programs={"web": process})
    meters.read()
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(_deaf(web))
        begun = time.monotonic()
        held = _held(process)
        while _held(process) > held - count and time.monotonic() < begun + 2 * _CLOSED_WITHIN:
            world.submit(_CARDS)
            meters.read()
            time.sleep(0.5)
        seconds = time.monotonic() - begun
    outcome.recovered(seconds, within=_CLOSED_WITHIN, what="hanging up on deaf readers")
    outcome.faults["readers gone deaf"] += count
    memory = [reading.megabytes for reading in meters.readings["web"]]
    outcome.facts["more_megabytes"] = round(max(memory) - memory[0], 1)
    outcome.expect(max(memory) - memory[0] < _MORE_MEMORY, f"the web process grew: {memory}")


@contextlib.contextmanager
def _deaf(web: Web) -> Iterator[None]:
    with shake_hands(web, _FEED):
        yield


def _held(process: Victim) -> int:
    """Count the connections that the web process has accepted and not closed."""
    web = psutil.Process(process.pid)
    return sum(1 for found in web.net_connections("tcp") if found.status == "ESTABLISHED")
