"""Counts that begin at nothing, and rules that need less."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from cardgen.access.models import ApiKey
from cardgen.anomalies import looking
from cardgen.anomalies.models import Anomaly
from toolkit import tally

Look = Callable[[], list[Anomaly]]


@pytest.fixture
def look(db: None) -> Look:
    """Send what was counted, then apply the rules."""

    def found() -> list[Anomaly]:
        tally.flush()
        return looking.look()

    return found


@pytest.fixture
def key(api: object, user: User) -> ApiKey:
    """The key that `api` sends."""
    return ApiKey.objects.get(user=user)


@pytest.fixture
def operator(catalogue: None) -> User:
    """Somebody who runs the service."""
    return User.objects.create_superuser("root")
