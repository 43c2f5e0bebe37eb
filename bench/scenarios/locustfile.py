"""What testers, harnesses and scanners do, as Locust users. No card number stands in a name."""

import json
import os
import random
import uuid
from pathlib import Path
from typing import Any

from locust import HttpUser, between, events, task
from locust.env import Environment
from locust.stats import StatsEntry

_HEADERS = {"X-API-Key": os.environ["CARDGEN_LOAD_KEY"]}
_OUT = Path(os.environ["CARDGEN_LOAD_OUT"])
_SCHEMES = ("visa", "mastercard")
_BULK, _SUITE, _CHECKED, _KNOWN = 20_000, 20, 200, 20_000
_SKEW = 0.1
"""Of the Pareto distribution; as a Zipf exponent it is 1.1, that of docs/cache.md."""

made = {"cards": 0}
seen: list[str] = []
"""The first numbers of this load: those that stand in logs, some of them very often."""


class Tester(HttpUser):
    """What all have in common."""

    abstract = True
    wait_time = between(0.1, 0.5)

    def post(self, path: str, body: dict[str, Any], **headers: str) -> Any:
        """Send, and return the answer; none if it was refused."""
        url = f"/api/v1/cards/{path}"
        answer = self.client.post(url, json=body, headers=_HEADERS | headers, name=path)
        return answer.json() if answer.ok else None

    def order(self, count: int) -> list[str]:
        """Have cards made at once, as a client that would repeat itself."""
        body = {"scheme": random.choice(_SCHEMES), "count": count}
        found = self.post("generate", body, **{"Idempotency-Key": str(uuid.uuid4())})
        numbers = [card["pan"] for card in found["cards"]] if found else []
        made["cards"] += len(numbers)
        seen.extend(numbers[: _KNOWN - len(seen)])
        return numbers


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
        job = self.post("generate-async", {"scheme": "visa", "count": _BULK})
        if job and self.done(f"/api/v1/cards/jobs/{job['id']}/status"):
            url = f"/api/v1/cards/jobs/{job['id']}/result?format=csv"
            answer = self.client.get(url, headers=_HEADERS, name="result")
            made["cards"] += _BULK if answer.ok else 0

    def done(self, url: str) -> bool:
        """Wait for the end of a job, for two minutes at most."""
        for _ in range(12):
            answer = self.client.get(f"{url}?wait=10", headers=_HEADERS, name="status?wait")
            status = answer.json()["status"] if answer.ok else ""
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
        self.client.get("/api/v1/cards/jobs?limit=20", headers=_HEADERS, name="jobs")
        self.client.get("/api/v1/cards/queue", headers=_HEADERS, name="queue")


def write(environment: Environment, **_: object) -> None:
    """Leave the figures for the summary."""
    rows = [_row(entry) for entry in environment.stats.entries.values()]
    _OUT.write_text(json.dumps({"cards": made["cards"], "requests": rows}))


events.test_stop.add_listener(write)  # type: ignore[no-untyped-call]


def _row(entry: StatsEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "method": entry.method,
        "requests": entry.num_requests,
        "failures": entry.num_failures,
        "p50": entry.get_response_time_percentile(0.5),
        "p99": entry.get_response_time_percentile(0.99),
    }
