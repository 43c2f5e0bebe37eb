"""Costs are measured on real chunks."""

import pytest

from bench.simulation import sizes
from bench.simulation.measure import measure
from bench.simulation.model import Load, simulate
from jobs.models import Job
from tests.support.keys import make_user
from uniqueness.models import Card

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_a_real_chunk_costs_is_measured_and_can_be_simulated(catalogue, settings):
    settings.CARDGEN_CHUNK_CARDS = 50_000
    make_user("admin")
    costs = measure(200_000)
    found = simulate(costs, Load(workers=2, cards=1_000_000, chunk=50_000, cores=2, shared=True))
    assert Card.objects.count() == sum(Job.objects.values_list("produced", flat=True)) == 400_000
    assert 0 < costs.mint.worker_each < costs.write.database_each < 1e-3
    assert costs.lease.database > 0
    assert costs.log_bytes_each > 40
    assert 1_000 < found.rate < 10_000_000


def test_the_ledger_is_weighed(submit):
    submit(count=1)
    Card.objects.create(slot=10**12, pan="4" * 16, expiry="2040-01-31", cvv="123")
    weighed = sizes.read()
    assert weighed.cards == 1
    assert min(weighed.each()) >= 8_192
