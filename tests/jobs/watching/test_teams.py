"""Who is in a job's team does with it what its owner may; nobody else learns that it exists."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import Http404
from django.test import Client
from rest_framework.test import APIClient

from jobs import states, work
from jobs.models import Job, Status, Team
from jobs.models.team import TeamName
from tests.support.actors import entries
from tests.support.answers import LATER, NOW, assert_problem, body_of
from tests.support.keys import create_key, make_user
from tests.support.teams import make_team
from tests.support.work import LONG
from toolkit import rechecking
from toolkit.actor import Via
from toolkit.rights import Right, Role

JOBS = "/api/v1/cards/jobs"
TEAMS = "/api/v1/teams"
READ = ("", "/status", "/events", "/result", "/result/sha256")
PAGES = ("", "/row", "/outcome")


@pytest.fixture
def team(user: User) -> Team:
    """A team of the jobs' owner and of a former member, who has left it."""
    team = make_team("checkout", user, make_user("member"), make_user("former"))
    team.members.remove(User.objects.get(username="former"))
    make_team("others", make_user("stranger"))
    make_user("root", role=Role.ADMINISTRATOR)
    make_user("op", role=Role.OPERATOR)
    return team


def refused(answer: Any) -> str:
    (error,) = assert_problem(answer, 400, "invalid_request")["errors"]
    assert error["pointer"] == "/team"
    return error["detail"]


@pytest.fixture
def done(submit, team) -> Job:
    """A job of the team that has ended."""
    job = submit(count=3, team=team.name, label="shared")
    work.work(duration=LONG)
    return job


def key_of(name: str) -> APIClient:
    user = User.objects.get(username=name)
    return APIClient(HTTP_X_API_KEY=create_key(user=user, name="k"))


def browser_of(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


WHO = {"tester": 200, "member": 200, "former": 404, "stranger": 404, "root": 200}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("what", READ)
def test_what_is_read_of_a_job_by_key(done, who, what):
    assert key_of(who).get(f"{JOBS}/{done.id}{what}").status_code == WHO[who]


@pytest.mark.parametrize("who", WHO)
def test_lists(done, who):
    client, seen = key_of(who), [str(done.id)] if WHO[who] == 200 else []
    assert [job["id"] for job in client.get(JOBS).json()["results"]] == seen
    for query in ("?team=checkout", "?status=succeeded&team=checkout"):
        answer = client.get(f"{JOBS}{query}")
        if seen:
            assert [job["id"] for job in answer.json()["results"]] == seen
        else:
            assert "You are in no team of that name" in refused(answer)


@pytest.mark.parametrize(
    ("who", "team_asked", "told"),
    [
        ("tester", "others", "You are in no team of that name."),
        ("tester", "othars", "You are in no team of that name."),
        ("tester", "chekout", "You are in no team of that name. Did you mean checkout?"),
        ("tester", "till", "The team till is called checkout now: ask for checkout."),
        ("stranger", "till", "You are in no team of that name."),
        ("op", "other", "There is no team of that name. Did you mean others?"),
    ],
)
def test_a_list_of_a_team_that_is_not_there_is_refused(done, team, who, team_asked, told):
    TeamName.objects.create(name="till", team=team)
    assert refused(key_of(who).get(f"{JOBS}?team={team_asked}")) == told


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("action", ["pause", "cancel"])
def test_control_by_key_and_by_page(submit, team, who, action):
    by_key, by_page = (submit(team=team.name) for _ in range(2))
    assert key_of(who).post(f"{JOBS}/{by_key.id}/{action}").status_code == WHO[who]
    page = browser_of(who).post(f"/jobs/{by_page.id}/control", {"action": action})
    assert page.status_code == {200: 302, 404: 404}[WHO[who]]
    moved = {"pause": Status.PAUSED, "cancel": Status.CANCELLED}[action]
    expected = {moved if WHO[who] == 200 else Status.QUEUED}
    assert set(Job.objects.values_list("status", flat=True)) == expected


@pytest.mark.parametrize("who", WHO)
def test_resume_and_retry(submit, team, who):
    paused, failed = (submit(team=team.name) for _ in range(2))
    states.move(paused.id, to=Status.PAUSED)
    states.move(failed.id, to=Status.FAILED, error_code="a_test", error="It broke.")
    assert key_of(who).post(f"{JOBS}/{paused.id}/resume").status_code == WHO[who]
    assert key_of(who).post(f"{JOBS}/{failed.id}/retry").status_code == WHO[who]


@pytest.mark.parametrize(
    ("who", "action"),
    [("member", "pause"), ("member", "cancel"), ("op", "resume"), ("op", "retry")],
)
@pytest.mark.parametrize("way", [Via.API, Via.PAGE])
def test_control_by_another_than_the_owner_stands_in_the_trail(submit, team, who, action, way):
    job = submit(team=team.name)
    if action == "resume":
        states.move(job.id, to=Status.PAUSED)
    elif action == "retry":
        states.move(job.id, to=Status.FAILED, error_code="a_test", error="It broke.")
    if way is Via.API:
        key_of(who).post(f"{JOBS}/{job.id}/{action}")
    else:
        browser_of(who).post(f"/jobs/{job.id}/control", {"action": action})
    (told,) = entries().filter(subject=str(job.id))
    assert (told.actor, told.action, told.via) == (who, f"{action}_job", way)
    assert told.reason == "a job of tester, shared with team checkout"
    assert (told.key_id is not None) is (way is Via.API)


def test_ones_own_jobs_are_controlled_without_a_line(submit, team):
    job = submit(team=team.name)
    assert key_of("tester").post(f"{JOBS}/{job.id}/pause").status_code == 200
    assert key_of("member").post(f"{JOBS}/{job.id}/pause").status_code == 409
    assert not entries().exists()


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("page", PAGES)
def test_pages(done, who, page):
    assert browser_of(who).get(f"/jobs/{done.id}{page}").status_code == WHO[who]


@pytest.mark.parametrize(("who", "shown"), [("member", True), ("former", False), ("root", False)])
def test_a_dashboard_shows_the_jobs_of_ones_teams(done, who, shown):
    page = browser_of(who).get("/").content.decode()
    assert (f'data-job="{done.id}"' in page, "· checkout" in page) == (shown, shown)


def test_cards_are_renewed_and_told_of_by_check(submit, team, small_range):
    job = submit(count=1, range=small_range.name, team=team.name, label="shared")
    work.work(duration=LONG)
    (card,) = key_of("tester").get(f"{JOBS}/{job.id}/result").json()["results"]
    body = {"numbers": [card["pan"]]}
    for who, status in WHO.items():
        renewed = key_of(who).post("/api/v1/cards/renew", body).status_code
        assert renewed == {200: 201, 404: 422}[status]
        (found,) = key_of(who).post("/api/v1/cards/check", body).json()["results"]
        assert found["label"] == {200: "shared", 404: None}[status]


def test_a_member_may_no_more_than_their_role(done, submit, team):
    viewer, queued = make_user("viewer", role=Role.VIEWER), submit(team=team.name)
    team.members.add(viewer)
    client = key_of("viewer")
    assert client.get(f"{JOBS}/{done.id}").status_code == 200
    assert client.get(f"{JOBS}/{done.id}/result").status_code == 403
    assert client.post(f"{JOBS}/{queued.id}/cancel").status_code == 403


def test_an_operator_needs_to_be_a_member_for_the_cards(done, team):
    client = key_of("op")
    assert client.get(f"{JOBS}/{done.id}/result").status_code == 403
    team.members.add(User.objects.get(username="op"))
    assert client.get(f"{JOBS}/{done.id}/result").status_code == 200


def test_a_key_does_for_a_team_what_its_scopes_say(done, team):
    member = User.objects.get(username="member")
    client = APIClient(HTTP_X_API_KEY=create_key(user=member, name="k", scopes=[Right.JOBS]))
    assert client.get(f"{JOBS}/{done.id}").status_code == 200
    assert client.get(f"{JOBS}/{done.id}/result").status_code == 403


def test_who_leaves_keeps_their_own_jobs_and_nothing_else(done, submit, team, user):
    team.members.remove(user)
    assert key_of("tester").get(f"{JOBS}/{done.id}").status_code == 200
    assert key_of("member").get(f"{JOBS}/{done.id}").status_code == 200
    team.members.clear()
    assert key_of("member").get(f"{JOBS}/{done.id}").status_code == 404


def test_who_is_in_several_teams_sees_each_job_once(submit, team, user):
    make_team("second", user, User.objects.get(username="member"))
    jobs = [submit(team=name) for name in ("checkout", "second", "")]
    listed = key_of("member").get(JOBS).json()["results"]
    assert [job["id"] for job in listed] == [str(job.id) for job in reversed(jobs[:2])]
    assert len(key_of("tester").get(JOBS).json()["results"]) == 3


def test_a_job_tells_its_team(done, submit, api):
    private = submit()
    assert api.get(f"{JOBS}/{done.id}").json()["team"] == "checkout"
    assert api.get(f"{JOBS}/{private.id}").json()["team"] is None


@pytest.mark.parametrize(
    ("who", "names"), [("member", ["checkout"]), ("stranger", ["others"]), ("former", [])]
)
def test_ones_teams_are_listed_and_no_others(team, who, names):
    listed = key_of(who).get(TEAMS).json()
    assert listed == {"results": [{"name": name} for name in names], "next": None}


def test_many_teams_come_in_pages(user, api):
    for name in ("c", "a", "b"):
        make_team(name, user)
    first = api.get(f"{TEAMS}?limit=2").json()
    assert [one["name"] for one in first["results"]] == ["a", "b"]
    second = api.get(first["next"]).json()
    assert second == {"results": [{"name": "c"}], "next": None}


@pytest.mark.parametrize("query", ["?after=" + "x" * 41, "?after=%00", "?limit=0", "?limit=1001"])
def test_a_wrong_query_is_refused(api, query):
    assert_problem(api.get(f"{TEAMS}{query}"), 400, "invalid_request")


def test_a_job_without_a_team_stays_its_owners(submit, team):
    private = submit()
    assert key_of("member").get(f"{JOBS}/{private.id}").status_code == 404
    assert key_of("member").get(JOBS).json()["results"] == []


def test_a_list_costs_as_many_queries_with_many_teams(
    submit, team, user, api, django_assert_max_num_queries
):
    for number in range(5):
        submit(team=make_team(f"t{number}", user).name)
    with django_assert_max_num_queries(8):
        assert len(api.get(JOBS).json()["results"]) == 5


def test_a_download_ends_once_its_caller_has_left(done, team, monkeypatch):
    monkeypatch.setattr(rechecking, "RECHECK_SECONDS", 0.0)
    member = User.objects.get(username="member")
    path = f"{JOBS}/{done.id}/result?format=csv"
    assert body_of(key_of("member").get(path)).count(b"\n") == 4
    begun: Any = key_of("member").get(path)
    team.members.remove(member)
    with pytest.raises(Http404):
        body_of(begun)


@pytest.mark.parametrize("route", [NOW, LATER])
def test_quotas_and_idempotency_keys_stay_the_orderers(team, route, catalogue):
    body = {"scheme": "visa", "count": 1, "team": "checkout"}
    for who in ("tester", "member"):
        for _ in range(2):
            answer = key_of(who).post(route, body, HTTP_IDEMPOTENCY_KEY="same")
            assert answer.status_code in (200, 201, 202)
    owners = Job.objects.values_list("owner__username", "team__name")
    assert set(owners) == {("tester", "checkout"), ("member", "checkout")}
    assert len(owners) == 2
    used = key_of("member").get("/api/v1/quota").json()
    assert used == key_of("tester").get("/api/v1/quota").json()
