"""The trail is searched by actor, action, subject, time and request."""

import pytest
from django.utils import timezone

from tests.support.answers import assert_problem
from toolkit.actor import Actor, Via
from uniqueness.models import AuditEntry
from uniqueness.trail import note

PAGE = "/api/v1/audit"


@pytest.fixture
def written(catalogue):
    for name, action, subject, request_id in [
        ("ann", "enable_tier", "owned", "r-1"),
        ("bob", "enable_tier", "brand_shape", "r-2"),
        ("ann", "pause_queue", "queue", "r-3"),
    ]:
        who = Actor(name=name, via=Via.API, request_id=request_id)
        note(actor=who, action=action, subject=subject, reason="a test of the search")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("actor=ann", ["pause_queue", "enable_tier"]),
        ("action=enable_tier", ["enable_tier", "enable_tier"]),
        ("subject=queue", ["pause_queue"]),
        ("request_id=r-2", ["enable_tier"]),
        ("actor=an", []),
        ("actor=ann&action=enable_tier&limit=1", ["enable_tier"]),
        ("since=2020-01-01T00:00:00Z&until=2020-01-02T00:00:00Z", []),
    ],
)
def test_entries_are_found_newest_first(written, administrator, query, found):
    rows = administrator.get(f"{PAGE}?{query}").json()["results"]
    assert [row["action"] for row in rows if not row["action"].startswith("sign_")] == found


def test_the_time_counts_from_the_first_moment_to_before_the_last(written, administrator):
    now = timezone.now().isoformat().replace("+00:00", "Z")
    assert administrator.get(f"{PAGE}?actor=ann&until={now}").json()["results"] != []
    assert administrator.get(f"{PAGE}?actor=ann&since={now}").json()["results"] == []


@pytest.mark.parametrize(
    "query", ["actr=ann", "after=x", "limit=0", "limit=1001", "since=soon", "actor=%00", "after=-1"]
)
def test_a_wrong_search_is_told(administrator, query):
    assert_problem(administrator.get(f"{PAGE}?{query}"), 400, "invalid_request")


def test_a_card_number_is_not_searched_for(administrator):
    answer = administrator.get(f"{PAGE}?subject=4242424242424242")
    assert_problem(answer, 422, "pan_in_url")


def test_the_admin_finds_whole_names(written, admin_browser):
    page = "/admin/uniqueness/auditentry/?q=pause_queue"
    assert admin_browser.get(page).context["cl"].result_count == 1
    assert AuditEntry.objects.count() > 1
