"""The trail is searched by actor, action, subject, time and request."""

import re

import pytest
from django.conf import settings
from django.utils import timezone

from tests.support.answers import assert_problem
from tests.support.keys import make_user
from toolkit.actor import Actor, Via
from uniqueness.models import AuditEntry
from uniqueness.trail import note
from uniqueness.trail.names import ACTIONS

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
        ("action=revoke_key", []),
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
    ("query", "pointer", "told"),
    [
        ("actor=an", "/actor", "Did you mean ann?"),
        ("actor=olgaa", "/actor", "Did you mean olga?"),
        ("actor=4000", "/actor", "Nobody of that name"),
        ("action=enable-teir", "/action", "Did you mean enable_tier?"),
        ("action=nothing_like_it", "/action", "Nothing is written down under that name."),
    ],
)
def test_a_name_that_is_not_there_is_told_with_the_one_meant(
    written, administrator, query, pointer, told
):
    make_user("olga")
    problem = assert_problem(administrator.get(f"{PAGE}?{query}"), 400, "invalid_request")
    assert problem["errors"][0]["pointer"] == pointer
    assert told in problem["detail"]


def test_every_action_that_is_written_down_is_known():
    folders = ("cardgen", "jobs", "uniqueness")
    files = [file for folder in folders for file in (settings.BASE_DIR / folder).rglob("*.py")]
    code = [text for file in files if "note(" in (text := file.read_text())]
    written = {name for text in code for name in re.findall(r'note\([^()]*action="(\w+)"', text)}
    page = (settings.BASE_DIR / "docs/trail.md").read_text()
    rows = page.partition("## What\n")[2].partition("`before`")[0]
    told = set(re.findall(r"`([a-z_]+)`", rows))
    assert len(written) > 10
    assert written <= ACTIONS
    assert told == ACTIONS


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
