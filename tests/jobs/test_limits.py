"""Settings that must fit each other."""

import os
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from jobs.limits import require_time_limits
from tests.support.commands import MANAGE, secrets


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"CARDGEN_SLICE": timedelta(0)}, "0 < CARDGEN_SLICE_SECONDS"),
        ({"CELERY_TASK_TIME_LIMIT": 301}, "hard limit < visibility timeout"),
        ({"CARDGEN_LEASE": timedelta(seconds=3)}, "CARDGEN_LEASE_SECONDS > CARDGEN_SLICE_SECONDS"),
        ({"CARDGEN_CHUNK_CARDS": 375_001}, "CARDGEN_LEASE_SECONDS >= CARDGEN_CHUNK_CARDS / 12,500"),
    ],
)
def test_a_broken_rule_is_named(settings, changes, rule):
    for name, value in changes.items():
        setattr(settings, name, value)
    with pytest.raises(ImproperlyConfigured, match=re.escape(rule)):
        require_time_limits()


@pytest.mark.parametrize(
    "program",
    [
        [*MANAGE, "queue"],
        [sys.executable, "-m", "celery", "-A", "cardgen.celery", "worker"],
        [sys.executable, "-m", "daphne", "-p", "0", "cardgen.asgi:application"],
    ],
    ids=["command", "worker", "web"],
)
def test_no_process_starts_with_settings_that_break_a_rule(program):
    changes = secrets() | {"CARDGEN_LEASE_SECONDS": "2", "CARDGEN_CHUNK_CARDS": "1000"}
    child = subprocess.run(program, env=os.environ | changes, capture_output=True, timeout=60)
    assert child.returncode != 0
    told = child.stderr.decode().strip().splitlines()[-1]
    assert "settings break the rule CARDGEN_LEASE_SECONDS > CARDGEN_SLICE_SECONDS" in told
