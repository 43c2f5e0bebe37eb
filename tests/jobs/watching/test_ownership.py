"""Whose jobs one sees, controls and takes the cards of."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from jobs import work
from jobs.models import Job
from tests.support.keys import create_key, make_user
from tests.support.work import LONG
from toolkit.rights import Right, Role

JOBS = "/api/v1/cards/jobs"
SEEN = ("", "/status")
CARDS = ("/result", "/result/sha256")
CONTROLS = ("/cancel", "/pause", "/resume", "/retry")


@pytest.fixture
def job(submit):
    """A tester's job that has ended."""
    job = submit(count=3)
    work.work(duration=LONG)
    return job


def client_of(name: str, role: Role, scopes=None) -> APIClient:
    user = make_user(name, role=role)
    return APIClient(HTTP_X_API_KEY=create_key(user=user, name="k", scopes=scopes))


def answers(client: APIClient, job: Job, paths, way: str = "get") -> set[int]:
    return {getattr(client, way)(f"{JOBS}/{job.id}{path}").status_code for path in paths}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.TESTER])
def test_other_peoples_jobs_do_not_exist(job, role):
    client = client_of("ann", role)
    assert answers(client, job, SEEN) == {404}
    assert answers(client, job, CARDS) == ({404} if role == Role.TESTER else {403})
    assert answers(client, job, CONTROLS, "post") == ({404} if role == Role.TESTER else {403})
    assert client.get(JOBS).json()["results"] == []


def test_an_operator_sees_and_controls_all_jobs_and_takes_nobodys_cards(job):
    client = client_of("ann", Role.OPERATOR)
    assert answers(client, job, SEEN) == {200}
    assert answers(client, job, CONTROLS, "post") == {409}  # it has ended
    assert answers(client, job, CARDS) == {403}
    assert client.get(JOBS).json()["results"] != []


def test_an_operator_renews_nobodys_cards(job, api):
    (card, *_) = api.get(f"{JOBS}/{job.id}/result").json()["results"]
    body = {"numbers": [card["pan"]]}
    assert client_of("ann", Role.OPERATOR).post("/api/v1/cards/renew", body).status_code == 422
    assert client_of("eve", Role.ADMINISTRATOR).post("/api/v1/cards/renew", body).status_code == 201


def test_an_administrator_sees_all_of_it(job):
    client = client_of("ann", Role.ADMINISTRATOR)
    assert answers(client, job, (*SEEN, *CARDS)) == {200}


def test_a_key_without_the_scope_sees_no_more_than_its_users_own_jobs(job):
    client = client_of("ann", Role.ADMINISTRATOR, scopes=[Right.JOBS, Right.CARDS, Right.CONTROL])
    assert answers(client, job, (*SEEN, *CARDS)) == {404}
    assert answers(client, job, CONTROLS, "post") == {404}


def test_staff_without_a_role_is_nobody(job):
    user = make_user("ann")
    user.is_staff = True
    user.save()
    user.groups.clear()
    client = Client()
    client.force_login(user)
    assert client.get(f"{JOBS}/{job.id}").status_code == 403
    assert client.get("/admin/").status_code == 403


def test_another_owners_job_is_no_place_in_a_list(api, job):
    stranger = client_of("ann", Role.TESTER)
    for after in (job.id, "00000000-0000-0000-0000-000000000000", "x"):
        assert stranger.get(f"{JOBS}?after={after}").status_code == 422
    assert api.get(f"{JOBS}?after={job.id}").status_code == 200


def test_the_page_of_a_job_shows_cards_to_who_may_have_them(job):
    for role, shown in ((Role.OPERATOR, False), (Role.ADMINISTRATOR, True)):
        client = Client()
        client.force_login(make_user(f"a {role}", role=role))
        page = client.get(f"/jobs/{job.id}")
        assert (page.status_code, "cards" in page.context) == (200, shown)


@pytest.mark.parametrize("label", ["a\u202eb", "a\x07b", "\u2066x", "for 4929 1234 5678 1236"])
def test_a_label_that_hides_something_is_refused(api, label):
    body = {"scheme": "visa", "count": 1, "label": label}
    answer = api.post("/api/v1/cards/generate-async", body)
    assert answer.status_code == 400
    assert not Job.objects.exists()


@pytest.mark.parametrize("label", ["naïve 👩‍👩‍👧", "بطاقات", "nightly / 3"])
def test_other_labels_are_kept(api, label):
    body = {"scheme": "visa", "count": 1, "label": label}
    assert api.post("/api/v1/cards/generate-async", body).json()["label"] == label
