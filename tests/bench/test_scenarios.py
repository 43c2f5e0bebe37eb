"""The summary of a load says what was answered, and the scenarios run against a service."""

from collections import Counter

import pytest

from bench.scenarios import blame
from bench.scenarios.summary import Summary, text_of

FOUND = {
    "cards": 1_000,
    "requests": [
        {
            "name": "one card",
            "method": "CARD",
            "requests": 10,
            "refused": 0,
            "failures": 0,
            "p50": 20,
            "p99": 90,
        },
        {
            "name": "generate",
            "method": "POST",
            "requests": 990,
            "refused": 1,
            "failures": 2,
            "p50": 9,
            "p99": 80,
        },
        {
            "name": "jobs",
            "method": "GET",
            "requests": 10,
            "refused": 0,
            "failures": 0,
            "p50": 5,
            "p99": 6,
        },
    ],
}
CACHES = {"local_hits": 90, "server_hits": 6, "misses": 4, "rejected": 0, "errors": 0}


def test_the_summary_has_each_criterion_and_each_request():
    found = Summary.of(FOUND, caches=CACHES, seconds=60)
    assert [found.availability, found.hit_rate] == pytest.approx([0.997, 0.96])
    told = text_of(found).splitlines()
    assert "| cards an hour | > 100,000 | 60,000 |" in told
    assert "| availability | 99.9 % | 99.700% of 1,000 requests |" in told
    assert "| generate | 990 | 1 | 2 | 16.5 | 9 ms | 80 ms |" in told
    assert len(told) == 7 + 1 + 2 + 2


def test_a_cache_that_nobody_asked_has_no_rate():
    found = Summary.of(FOUND, caches=dict.fromkeys(CACHES, 0), seconds=60)
    assert "nobody asked" in text_of(found)


def test_a_failure_is_laid_at_the_door_of_what_was_done_last():
    done = [(10.0, "worker killed"), (20.0, "web process killed"), (30.0, "worker killed")]
    failed = [(9.0, "jobs: 502"), (20.0, "generate: cut off"), (29.9, "jobs: 502"), (31.0, "a: 1")]
    assert blame.blamed(failed, done=done) == {
        blame.BEFORE: Counter({"jobs: 502": 1}),
        "web process killed": Counter({"generate: cut off": 1, "jobs: 502": 1}),
        "worker killed": Counter({"a: 1": 1}),
    }


def test_what_cost_no_request_says_so():
    times = Counter({"worker killed": 2, "web process killed": 1})
    told = [*blame.rows(times, {"web process killed": Counter({"jobs: cut off": 1_200})})]
    assert told[2:] == [
        "| web process killed | 1 | 1,200 jobs: cut off |",
        "| worker killed | 2 | none |",
    ]
