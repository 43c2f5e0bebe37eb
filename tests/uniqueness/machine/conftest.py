"""How far the machine goes: a little in every run of the tests, far on request."""

import pytest
from hypothesis import HealthCheck, settings

from jobs.planning import cutting
from uniqueness.bloom import filters

_ALIKE = settings(
    deadline=None,
    database=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
settings.register_profile("deep", _ALIKE, max_examples=300, stateful_step_count=40)
QUICK = settings(_ALIKE, max_examples=8, stateful_step_count=20)


@pytest.fixture
def scale() -> settings:
    """How many runs of how many steps."""
    deep = settings.get_current_profile_name() == "deep"
    return settings.get_profile("deep") if deep else QUICK


@pytest.fixture(autouse=True)
def small_parts(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many chunks, jobs in instalments, and filters that are asked at once."""
    settings.CARDGEN_CHUNK_CARDS = 40
    settings.CARDGEN_WORKERS = 2
    monkeypatch.setattr(filters, "LOAD_AFTER", 1)
    monkeypatch.setattr(cutting, "instalment", lambda: 50)
