"""A client that keeps to the rules: it sends a request again until it is answered."""

import random
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from chaos.world.web import Answer, Web

_ROUTES = {"generate": (1, 40), "generate-async": (50, 400)}
_PAUSE = 0.05
_PATIENCE = 120.0
_DONE = {200, 201, 202}
_IN_HAND = {"request_in_flight", "job_unfinished"}


@dataclass(slots=True, kw_only=True)
class ClientRequest:
    """An order that must be done once, however often it is sent."""

    key: str
    route: str
    count: int
    sent: int = 0
    cut_off_at: float = 0.0  # the last time before it was answered
    answered_at: float = 0.0
    answers: list[dict[str, Any]] = field(default_factory=list)
    problem: str = ""

    @property
    def job_ids(self) -> set[str]:
        """The jobs that its answers name."""
        return {str(answer.get("job", answer.get("id"))) for answer in self.answers}

    @property
    def pans(self) -> list[str]:
        """The numbers of the cards it got with its last answer."""
        return [card["pan"] for card in self.answers[-1].get("cards", [])]


class Client(threading.Thread):
    """Sends request after request to whichever web process; asks twice for what was cut off.

    `untold` counts answers that neither did what was asked nor said as a problem body why not,
    `late` small orders that were answered with a job in place of their cards.
    """

    def __init__(self, webs: Sequence[Web], *, seed: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.requests: list[ClientRequest] = []
        self.cut_off = self.answered = self.untold = self.late = 0
        self.waits_at: Web | None = None
        self._webs, self._stopped = webs, stop
        self._random = random.Random(seed)  # noqa: S311 (it must be repeatable, not secret)

    def run(self) -> None:
        """Order until told to stop; the last request is answered too."""
        while not self._stopped.is_set():
            route, (least, most) = self._random.choice(list(_ROUTES.items()))
            request = self.order(route, count=self._random.randint(least, most))
            if request.cut_off_at and not request.problem:
                self._have_done(request)  # it may never have two effects

    def order(self, route: str, *, count: int) -> ClientRequest:
        """Order so many cards by that route, and wait until that is done."""
        key = str(uuid.UUID(int=self._random.getrandbits(128)))
        request = ClientRequest(key=key, route=route, count=count)
        self.requests.append(request)
        self._have_done(request)
        return request

    def _have_done(self, request: ClientRequest) -> None:
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            answer = self._send(request)
            if answer.status in _DONE:
                self.answered += 1
                request.answers.append(self._with_cards(request, answer.json))
                request.answered_at = request.answered_at or time.monotonic()
                return
            if not _passing(answer):
                request.problem = f"{request.route} was answered {answer.status}"
                return
            time.sleep(_PAUSE)
        request.problem = f"{request.route} was not answered within {_PATIENCE:.0f} s"

    def _with_cards(self, request: ClientRequest, told: dict[str, Any]) -> dict[str, Any]:
        """Fetch the cards of a small order that was answered with a job, when it has ended."""
        if request.route != "generate" or "cards" in told:
            return told
        self.late += 1
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            answer = self._random.choice(self._webs).ask(told["links"]["result"])
            if answer.status == HTTPStatus.OK:
                return told | {"cards": answer.json["results"]}
            if not _passing(answer):
                request.problem = f"the cards of {request.route} were answered {answer.status}"
                return told
            time.sleep(_PAUSE)
        request.problem = f"the cards of {request.route} did not come within {_PATIENCE:.0f} s"
        return told

    def _send(self, request: ClientRequest) -> Answer:
        web = self._random.choice(self._webs)
        body = {"scheme": "visa", "count": request.count}
        request.sent += 1
        self.waits_at = web
        path = f"/api/v1/cards/{request.route}"
        answer = web.ask(path, body=body, idempotency_key=request.key)
        self.waits_at = None
        self.untold += answer.status not in _DONE and not answer.is_problem
        if answer.was_cut_off:
            self.cut_off += 1
            if not request.answered_at:
                request.cut_off_at = time.monotonic()
        return answer


def _passing(answer: Answer) -> bool:
    """Tell whether the rules say: send it again."""
    if answer.status in {0, 503}:
        return True
    return answer.status == 409 and answer.json.get("code") in _IN_HAND
