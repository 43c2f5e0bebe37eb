"""One POST to one webhook, over at most a few seconds, to a checked address."""

import re
import socket
import ssl
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection

from jobs.webhooks import addresses
from jobs.webhooks.addresses import AddressRefused, Target
from jobs.webhooks.networks import Address

SECONDS = 5.0
"""For connecting, for TLS, for each of two writes and for the answer; see `delivery.LEASE`."""

_MOST_ADDRESSES = 3
_MOST_ANSWER = 4_096
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([0-9]{3})[ \r\n]")
_UNPROVEN = "The answer did not hold the challenge: see docs/webhooks.md."
_REASONS: list[tuple[type[Exception], str]] = [
    (addresses.UrlRefused, "The URL is no longer allowed."),
    (AddressRefused, "The host has an address that is not public: nothing was sent."),
    (socket.gaierror, "The host name is not known."),
    (TimeoutError, f"No answer within {SECONDS:.0f} seconds."),
    (ssl.SSLCertVerificationError, "The certificate of the host is not valid."),
    (ssl.SSLError, "No TLS connection could be made."),
    (ConnectionRefusedError, "The connection was refused."),
    (OSError, "The connection failed."),
    (HTTPException, "The answer was not HTTP."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What became of an attempt: an HTTP status, or why there is none."""

    status: int | None
    error: str

    @property
    def arrived(self) -> bool:
        """Only 2xx says that the message has arrived; a redirect is not followed."""
        return not self.error and self.status is not None and 200 <= self.status < 300


def send(url: str, *, body: bytes, headers: dict[str, str], expects: bytes = b"") -> Sending:
    """POST the body and say what became of it.

    :param expects: what the answer must hold; without it, the answer beyond its status is ignored
    """
    try:
        status, answer = _post(addresses.parse(url), body=body, headers=headers, expects=expects)
    except (addresses.UrlRefused, OSError, HTTPException) as error:
        reason = next(text for kind, text in _REASONS if isinstance(error, kind))
        return Sending(status=None, error=reason)
    outcome = Sending(status=status, error="")
    if not outcome.arrived:
        return Sending(status=status, error=_told(status))
    return outcome if expects in answer else Sending(status=status, error=_UNPROVEN)


def _post(
    target: Target, *, body: bytes, headers: dict[str, str], expects: bytes
) -> tuple[int, bytes]:
    kind = HTTPSConnection if target.secure else HTTPConnection
    with _connect(target) as raw:
        connection = kind(target.host, target.port)
        connection.sock = _secured(raw, target) if target.secure else raw
        try:
            connection.request("POST", target.path, body=body, headers=headers)
            return _answer(connection.sock, until=expects)
        finally:
            connection.close()


def _connect(target: Target) -> socket.socket:
    """Connect to the first of the checked addresses that answers."""
    failure: OSError = ConnectionRefusedError()
    until = time.monotonic() + SECONDS
    for address in addresses.resolve(target)[:_MOST_ADDRESSES]:
        try:
            return _connected(address, target.port, until=until)
        except OSError as error:
            failure = error
    raise failure


def _connected(address: Address, port: int, *, until: float) -> socket.socket:
    found = socket.create_connection((str(address), port), timeout=_left(until))
    found.settimeout(SECONDS)
    return found


def _secured(raw: socket.socket, target: Target) -> ssl.SSLSocket:
    return ssl.create_default_context().wrap_socket(raw, server_hostname=target.host)


def _answer(sock: socket.socket, *, until: bytes) -> tuple[int, bytes]:
    """Read the status line, and on until something has come: a dribble has as long as silence."""
    deadline, answer = time.monotonic() + SECONDS, b""
    while (b"\n" not in answer or until not in answer) and len(answer) < _MOST_ANSWER:
        sock.settimeout(_left(deadline))
        piece = sock.recv(_MOST_ANSWER - len(answer))
        if not piece:
            break
        answer += piece
    match = _STATUS_LINE.match(answer)
    if match is None:
        raise HTTPException
    return int(match[1]), answer


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _told(status: int) -> str:
    redirect = ": redirects are not followed" if status in _REDIRECTS else ""
    return f"The host answered {status}{redirect}."
