"""Does the version that serves do its work? A card, a job, its live page: `manage.py smoke`."""

import base64
import http.client
import json
import os
import socket
import time
from http import HTTPStatus
from typing import Any

from django.conf import settings

_PATIENCE = 30.0  # seconds, for one answer
_JOB = 60.0  # seconds, for one card by the workers
_MOST_HEAD = 16_384
_TEXT_FRAME = 0x81  # RFC 6455: a whole message of text
_ONE_CARD = {"scheme": "visa", "count": 1}


class DoesNotWork(Exception):
    """The version that serves does not do what it should; the message holds no card."""


def smoke(address: str) -> None:
    """Ask for everything once, with the first API key, as a proxy would.

    :param address: host and port of the web processes
    :raises DoesNotWork: at the first thing that is not as it should be
    """
    _ask(address, "/health/ready", wanted=HTTPStatus.OK)
    _ask(address, "/api/v1/cards/generate", wanted=HTTPStatus.CREATED, body=_ONE_CARD)
    made = "/api/v1/cards/generate-async"
    job = _ask(address, made, wanted=HTTPStatus.ACCEPTED, body=_ONE_CARD)["id"]
    _await_job(address, job)
    _watch(address, job)


def _headers() -> dict[str, str]:
    headers = {
        "Host": settings.ALLOWED_HOSTS[0],
        "X-API-Key": settings.CARDGEN_BOOTSTRAP_KEY,
        "Content-Type": "application/json",
    }
    return headers | ({"X-Forwarded-Proto": "https"} if settings.HTTPS else {})


def _ask(
    address: str, path: str, *, wanted: HTTPStatus, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    connection = http.client.HTTPConnection(address, timeout=_PATIENCE)
    sent = None if body is None else json.dumps(body)
    try:
        connection.request("GET" if sent is None else "POST", path, sent, _headers())
        answer = connection.getresponse()
        text = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise DoesNotWork(f"{path}: {type(error).__name__}") from None
    finally:
        connection.close()
    if answer.status != wanted:
        raise DoesNotWork(f"{path} answers {answer.status}, not {wanted}")
    found: dict[str, Any] = json.loads(text)
    return found


def _await_job(address: str, job: str) -> None:
    path, until = f"/api/v1/cards/jobs/{job}/status", time.monotonic() + _JOB
    while (status := _ask(address, path, wanted=HTTPStatus.OK)["status"]) != "succeeded":
        if time.monotonic() > until:
            raise DoesNotWork(f"job {job} is {status} after {_JOB:.0f} s")
        time.sleep(0.2)


def _watch(address: str, job: str) -> None:
    """Open the live page's socket (RFC 6455), and wait for its first figures."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), _PATIENCE) as web:
            web.sendall(_handshake(job))
            head, rest = _head(web)
            first = rest or web.recv(1)
    except OSError as error:
        raise DoesNotWork(f"the live page: {type(error).__name__}") from None
    line = head.partition(b"\r\n")[0].decode(errors="replace")
    if f" {HTTPStatus.SWITCHING_PROTOCOLS} " not in line or first[:1] != bytes([_TEXT_FRAME]):
        raise DoesNotWork(f"the live page answers {line!r}")


def _handshake(job: str) -> bytes:
    headers = _headers() | {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
    }
    lines = [f"GET /ws/jobs/{job} HTTP/1.1", *(f"{name}: {headers[name]}" for name in headers)]
    return "\r\n".join([*lines, "", ""]).encode()


def _head(web: socket.socket) -> tuple[bytes, bytes]:
    """Read to the end of an answer's headers; return them, and what came behind."""
    got = b""
    while b"\r\n\r\n" not in got and len(got) < _MOST_HEAD and (piece := web.recv(4096)):
        got += piece
    head, _, rest = got.partition(b"\r\n\r\n")
    return head, rest
