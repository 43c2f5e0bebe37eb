"""The requests that are measured, as the bytes that clients send."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bench.load.clients import Rush
from bench.service import Service

GENERATE = "/api/v1/cards/generate"
_CHECKED = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request with all the bodies that it is sent with in turns."""

    name: str
    requests: tuple[str, ...]
    status: int

    def rush(self, service: Service, *, clients: int, seconds: float) -> Rush:
        """Let so many clients ask it for so long."""
        address = urlsplit(service.url)
        return Rush(
            host=address.hostname or "",
            port=address.port or 80,
            requests=self.requests,
            status=self.status,
            clients=clients,
            seconds=seconds,
        )


def questions(service: Service) -> list[Question]:
    """Return the yardstick first, then what is held against it.

    The numbers checked have all been issued. Each comes again only after all others.
    """
    many = {"scheme": "visa", "count": _CHECKED}
    cards = service.call(GENERATE, many)["cards"]
    numbers = tuple({"numbers": [card["pan"]]} for card in cards)
    view = _request(service, "GET", "/api/v1/webhooks", None)
    return [
        Question(name="view", requests=(view,), status=200),
        posted(service, "one card", GENERATE, ({"scheme": "visa", "count": 1},), status=201),
        posted(service, "1,000 cards", GENERATE, (many,), status=201),
        posted(service, "check", "/api/v1/cards/check", numbers, status=200),
    ]


def posted(
    service: Service, name: str, path: str, bodies: tuple[dict[str, Any], ...], *, status: int
) -> Question:
    """Make a question of bodies that are posted in turns."""
    requests = tuple(_request(service, "POST", path, body) for body in bodies)
    return Question(name=name, requests=requests, status=status)


def _request(service: Service, method: str, path: str, body: dict[str, Any] | None) -> str:
    text = "" if body is None else json.dumps(body)
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {urlsplit(service.url).netloc}",
        f"X-API-Key: {service.api_key}",
        "Accept: application/json",
    ]
    if text:
        lines += ["Content-Type: application/json", f"Content-Length: {len(text)}"]
    return "\r\n".join([*lines, "", text])
