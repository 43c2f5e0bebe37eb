"""GET /api/v1/uniqueness/stats: true figures, cheap to ask for."""

import pytest
from rest_framework.test import APIClient

from jobs import work
from tests.support.keys import MINT, create_key, make_user
from tests.support.slots import pans, take
from tests.support.threads import at_once
from tests.support.work import LONG
from tests.uniqueness.exclusions.files import bring_in, text_of
from toolkit.counters import Counters
from uniqueness.bloom import sync
from uniqueness.check import check
from uniqueness.models import Card
from uniqueness.stats import figures

URL = "/api/v1/uniqueness/stats"


def get(api: APIClient) -> dict[str, dict]:
    answer = api.get(URL)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def test_the_numbers_of_a_range_add_up(api, submit, small_range):
    submit(range=small_range.name, count=100)
    work.work(duration=LONG)
    take(small_range, 50)
    bring_in(text_of(*pans(small_range, 800, 801)))
    found = get(api)["database"]
    assert found["cardgen_range_numbers"][small_range.name] == {
        "issued": 100, "reserved": 50, "released": 0, "released_sequential": 0,
        "promised": 0, "excluded": 2,
        "left": 848, "capacity": 1000,
    }  # fmt: skip
    ranges = found["cardgen_range_numbers"].values()
    assert found["cardgen_numbers"]["issued"] == 100
    assert found["cardgen_numbers"]["left"] == sum(one["left"] for one in ranges)
    assert found["cardgen_exclusions"]["imported"] == 2
    assert found["cardgen_exclusions"]["published"] > 600
    assert found["cardgen_exclusions"]["claimed"] == 0


@pytest.mark.django_db(transaction=True)
def test_windows_are_sealed_or_not(api, submit, small_range):
    submit(range=small_range.name, count=1_000)
    submit(scheme="visa", count=10)
    work.work(duration=LONG)
    sync(seconds=60)
    assert get(api)["database"]["cardgen_bloom_windows"] == {"sealed": 1, "unsealed": 1}


def test_what_the_layers_did_is_counted(api, submit, small_range):
    submit(range=small_range.name, count=10)
    work.work(duration=LONG)
    numbers = list(Card.objects.values_list("pan", flat=True))
    before = get(api)["process"]
    check([*numbers, "4929123456781236"])
    check([*numbers, "4929123456781236"])
    after = get(api)["process"]

    def grown(metric: str, *path: str) -> int:
        old, new = before[metric], after[metric]
        for name in path:
            old, new = old[name], new[name]
        return new - old

    assert grown("cardgen_check_findings_total", "pool", "issued") == 10
    assert grown("cardgen_check_findings_total", "cache", "issued") == 10
    assert grown("cardgen_check_findings_total", "index", "unknown") == 2
    assert grown("cardgen_cache_events_total", "local_hits") == 10
    assert grown("cardgen_bloom_events_total", "misses") == 2


def test_the_rows_are_counted_once_in_ten_seconds(api, django_assert_num_queries):
    get(api)
    with django_assert_num_queries(0):
        get(api)


def test_figures_are_counted_with_few_queries_however_many_ranges(
    catalogue, django_assert_max_num_queries
):
    with django_assert_max_num_queries(4):
        figures.database()


def test_a_key_needs_the_scope_read(db):
    key = create_key(user=make_user("ann"), name="mints", scopes=MINT)
    client = APIClient()
    assert client.get(URL).status_code == 401
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    assert client.get(URL).status_code == 403


def test_findings_of_many_threads_are_all_counted():
    counters: Counters[tuple[str, str]] = Counters()

    def count(_: int) -> None:
        for _ in range(1_000):
            counters.add_all({("index", "issued"): 1, ("cache", "issued"): 2})

    at_once(8, count)
    assert counters.figures() == {("index", "issued"): 8_000, ("cache", "issued"): 16_000}
