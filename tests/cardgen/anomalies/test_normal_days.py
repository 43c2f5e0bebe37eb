"""False alarms: 14 normal days of 40 keys, drawn from a seed, looked at each hour.

Work has a peak at ten, some keys are builds at night, a release day has five times the use, and
three keys are new. Scanners find numbers of many prefixes in logs, most of them nobody's. People
mistype passwords and names of ranges. Now and then a laptop is in a network where it never was.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from cardgen.access.models import ApiKey
from cardgen.anomalies import looking, signs
from cardgen.anomalies.models import Anomaly, KeyNetwork
from cardgen.anomalies.signs import Signs
from tests.support.keys import create_key, make_user

DAYS, KEYS = 14, 40
BEGUN = datetime(2026, 9, 1, tzinfo=UTC)  # a Tuesday
ALARMS = {"new_network": 9}
"""What docs/anomalies.md tells of false alarms."""


class Normal:
    """What forty keys do."""

    def __init__(self, keys: list[int]) -> None:
        self._random = np.random.default_rng(20260901)
        self._keys = keys
        self._usual = dict(zip(keys, self._random.lognormal(5, 1.2, KEYS), strict=True))
        self._nightly = set(keys[::5])
        self.key_hours = 0

    def hour(self, now: datetime) -> Signs:
        """What is counted in an hour."""
        counts: Counter[str] = Counter()
        for place, key in enumerate(self._keys[: 37 + (now - BEGUN).days // 5]):
            requests = int(self._random.poisson(self._usual[key] * self._use(key, now)))
            if requests:
                self.key_hours += 1
                counts += self._of_key(key, requests, scans=place % 4 == 1)
        for name in range(self._random.poisson(0.5)):
            counts[f"login-name {name}"] += 1 + self._random.poisson(1)
        return Signs(now=now, recent=counts, hour=counts)

    def _use(self, key: int, now: datetime) -> float:
        if key in self._nightly:
            return 8.0 if now.hour in (1, 2) else 0.2
        if now.weekday() >= 5:
            return 0.02
        release = 5.0 if now.day in (10, 24) else 1.0
        return release * float(np.exp(-(((now.hour - 10) / 3.5) ** 2)))

    def _of_key(self, key: int, requests: int, *, scans: bool) -> Counter[str]:
        counts = Counter({f"request {key}": requests, f"refused k{key}": self._random.poisson(0.2)})
        home = self._random.random() < 0.3
        new = self._random.random() < 1 / 500
        network = f"abroad-{self._random.integers(10**6)}" if new else f"{'home' if home else 'hq'}"
        counts[f"network {key} {network}"] = requests
        if scans:
            for prefix in self._random.integers(400_000, 560_000, 30):
                found = int(self._random.lognormal(3, 1.2))
                counts[f"asked k{key} {prefix}"] += found
                counts[f"missed k{key} {prefix}"] += found
        asked = 100 * self._random.poisson(requests / 10)
        counts[f"asked k{key} 400000"] += asked
        counts[f"missed k{key} 400000"] += int(asked * self._random.beta(2, 8))
        return counts


@pytest.fixture
def keys(db: None) -> list[int]:
    """Forty keys of ten users."""
    users = [make_user(f"tester-{number}") for number in range(10)]
    for number in range(KEYS):
        create_key(user=users[number % 10], name=f"key {number}")
    return list(ApiKey.objects.order_by("pk").values_list("pk", flat=True))


@pytest.mark.timeout(600)
def test_normal_days_raise_the_alarms_that_the_page_tells(keys, monkeypatch):
    normal = Normal(keys)
    for hour in range(DAYS * 24):
        now = BEGUN + timedelta(hours=hour)
        monkeypatch.setattr(signs, "utc_now", lambda now=now: now)
        monkeypatch.setattr(signs, "read", normal.hour)
        looking.look()
        KeyNetwork.objects.filter(first_seen__gt=now).update(first_seen=now)
    told = Counter(Anomaly.objects.values_list("rule", flat=True))
    assert (dict(told), normal.key_hours) == (ALARMS, 9_961)
