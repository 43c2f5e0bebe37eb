"""What testers, harnesses and scanners do, as Locust users. No card number stands in a name."""

import json
import os
import random
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

from locust import HttpUser, between, events, task
from locust.clients import ResponseContextManager
from locust.env import Environment
from locust.stats import StatsEntry

_HEADERS = {"X-API-Key": os.environ["CARDGEN_LOAD_KEY"]}
_OUT = Path(os.environ["CARDGEN_LOAD_OUT"])
_SCHEMES = ("visa", "mastercard")
_BULK, _SUITE, _CHECKED, _KNOWN = 20_000, 20, 200, 20_000
_SKEW = 0.1
"""Of the Pareto distribution; as a Zipf exponent it is 1.1, that of docs/cache.md."""

_TRIES, _PAUSE, _LONGEST = 10, 1.0, 5.0
_BAD = 400  # HTTP statuses from here on are refusals and failures

made = {"cards": 0, "twice": 0}
accepted: dict[str, int] = {}
"""Cards that each job was accepted with: none of them may be missing in the end."""
refused: Counter[str] = Counter()
"""Requests that were told when to come again, by name."""
failed: list[tuple[float, str]] = []
"""When requests failed, by the clock that all processes of this machine share, and how."""
brought: set[str] = set()
seen: list[str] = []
"""The first numbers of this load: those that stand in logs, some of them very often."""


class Tester(HttpUser):
    """What all have in common: a client that keeps to the rules."""

    abstract = True
    wait_time = between(0.1, 0.5)

    def ask(
        self, path: str, *, name: str, body: dict[str, Any] | None = None, key: str = ""
    ) -> ResponseContextManager | None:
        """GET, or POST a body, until it is answered; return the answer if it is a good one."""
        for _ in range(_TRIES):
            answer = self._once(path, name=name, body=body, key=key)
            if answer.status_code and not told_to_come_again(answer):
                return answer if answer.status_code < _BAD else None
            time.sleep(min(float(answer.headers.get("Retry-After", _PAUSE)), _LONGEST))
        return None

    def _once(
        self, path: str, *, name: str, body: dict[str, Any] | None, key: str
    ) -> ResponseContextManager:
        headers = _HEADERS | ({"Idempotency-Key": key} if key else {})
        method = "GET" if body is None else "POST"
        answer: ResponseContextManager = self.client.request(
            method, path, name=name, json=body, headers=headers, catch_response=True
        )
        with answer:
            if told_to_come_again(answer):
                refused[name] += 1
                # Not as it should be, and not failed: counted apart.
                answer.success()  # type: ignore[no-untyped-call]
            elif not 0 < answer.status_code < _BAD:
                failed.append((time.monotonic(), f"{name}: {_how(answer)}"))
        return answer

    def post(self, path: str, body: dict[str, Any], *, key: str = "") -> Any:
        """Send until it is answered, and return the answer; none if it was refused."""
        answer = self.ask(f"/api/v1/cards/{path}", name=path, body=body, key=key)
        return answer.json() if answer else None

    def order(self, count: int) -> list[str]:
        """Have cards made at once."""
        body = {"scheme": random.choice(_SCHEMES), "count": count}
        found = self.post("generate", body, key=str(uuid.uuid4()))
        if not found:
            return []
        numbers = [card["pan"] for card in found["cards"]]
        accepted[found["job"]] = made_of(numbers)
        seen.extend(numbers[: _KNOWN - len(seen)])
        return numbers


def told_to_come_again(answer: ResponseContextManager) -> bool:
    """Tell whether it is a refusal that says when to ask anew."""
    return answer.status_code >= _BAD and "Retry-After" in answer.headers


def _how(answer: ResponseContextManager) -> str:
    """Tell how a request failed, without what it asked for."""
    return str(answer.status_code) if answer.status_code else "cut off"


def made_of(numbers: list[str]) -> int:
    """Count cards that came, and those of them that came before; return how many they are."""
    made["cards"] += len(numbers)
    made["twice"] += len(brought.intersection(numbers)) + len(numbers) - len(set(numbers))
    brought.update(numbers)
    return len(numbers)


class SingleCard(Tester):
    """Somebody who needs one card now."""

    weight = 8

    @task
    def one(self) -> None:
        """Order one."""
        with self.environment.events.request.measure("CARD", "one card"):
            self.order(1)


class Harness(Tester):
    """A test suite: cards in the set-up, each looked at later."""

    weight = 4

    @task
    def suite(self) -> None:
        """Order some, validate them, find them again."""
        if numbers := self.order(_SUITE):
            self.post("validate", {"numbers": numbers})
            self.post("check", {"numbers": numbers})


class Scanner(Tester):
    """A scanner that has found numbers in logs: some stand there again and again."""

    weight = 4

    @task
    def check(self) -> None:
        """Look up what was issued."""
        if seen:
            places = (int(random.paretovariate(_SKEW)) % len(seen) for _ in range(_CHECKED))
            self.post("check", {"numbers": [seen[place] for place in places]})


class Bulk(Tester):
    """A load test of somebody else: many cards in a file."""

    weight = 1
    wait_time = between(1, 3)

    @task
    def job(self) -> None:
        """Order a job, wait for it, fetch its file."""
        order = {"scheme": "visa", "count": _BULK}
        job = self.post("generate-async", order, key=str(uuid.uuid4()))
        if not job:
            return
        accepted[job["id"]] = _BULK
        if self.done(f"/api/v1/cards/jobs/{job['id']}/status"):
            url = f"/api/v1/cards/jobs/{job['id']}/result?format=csv"
            made["cards"] += _BULK if self.ask(url, name="result") else 0

    def done(self, url: str) -> bool:
        """Wait for the end of a job, for two minutes at most."""
        for _ in range(12):
            answer = self.ask(f"{url}?wait=10", name="status?wait")
            status = answer.json()["status"] if answer else ""
            if status not in {"", "queued", "running"}:
                return bool(status == "succeeded")
        return False


class Watcher(Tester):
    """Somebody who looks at the list of jobs."""

    weight = 3
    wait_time = between(0.5, 2)

    @task
    def jobs(self) -> None:
        """Read the list, and how long the queue is."""
        self.ask("/api/v1/cards/jobs?limit=20", name="jobs")
        self.ask("/api/v1/cards/queue", name="queue")


def write(environment: Environment, **_: object) -> None:
    """Leave the figures for the summary."""
    rows = [_row(entry) for entry in environment.stats.entries.values()]
    told = {"accepted": accepted, "requests": rows, "failed": failed}
    _OUT.write_text(json.dumps(made | told))


events.test_stop.add_listener(write)  # type: ignore[no-untyped-call]


def _row(entry: StatsEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "method": entry.method,
        "requests": entry.num_requests,
        "refused": refused[entry.name],
        "failures": entry.num_failures,
        "p50": entry.get_response_time_percentile(0.5),
        "p99": entry.get_response_time_percentile(0.99),
    }
