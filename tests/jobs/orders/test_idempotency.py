"""A retrying client never makes two jobs."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from jobs import control, orders, upkeep, work
from jobs.models import Job, Status
from tests.support.actors import somebody
from tests.support.fixtures import silent
from tests.support.threads import at_once
from tests.support.work import LONG
from uniqueness.models import Card

ASYNC, NOW = "/api/v1/cards/generate-async", "/api/v1/cards/generate"
BODY = {"scheme": "visa", "count": 5}


def post(api: APIClient, url: str, body: dict[str, object], key: str = "k-1"):
    return api.post(url, body, headers={"Idempotency-Key": key})


def test_the_same_request_gives_the_same_job(api):
    first, second = post(api, ASYNC, BODY), post(api, ASYNC, BODY)
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json()["id"] == second.json()["id"]
    assert Job.objects.count() == 1


def test_the_same_small_request_gives_the_same_cards(api):
    first, second = post(api, NOW, BODY), post(api, NOW, BODY)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert Card.objects.count() == 5


def test_the_order_of_names_in_the_body_does_not_matter(api):
    post(api, ASYNC, BODY)
    assert post(api, ASYNC, dict(reversed(BODY.items()))).status_code == 200


def test_another_body_with_the_same_key_is_refused(api):
    first = post(api, ASYNC, BODY).json()["id"]
    answer = post(api, ASYNC, BODY | {"count": 6})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert answer.json()["job"] == first
    assert Job.objects.count() == 1


def test_a_request_still_being_answered_is_told_so(api):
    post(api, NOW, BODY)
    Job.objects.update(status=Status.SUCCEEDED)
    job = Job.objects.get()
    Job.objects.filter(id=job.id).delete()
    job.status, job.produced, job.counted_before = Status.RUNNING, 0, 0
    job.save(force_insert=True)
    answer = post(api, NOW, BODY)
    assert (answer.status_code, answer.json()["code"]) == (409, "request_in_flight")


def test_the_query_of_the_old_route_is_its_body(api):
    headers, url = {"Idempotency-Key": "k-1"}, "/api/v1/cards/generate"
    first = api.get(url, {"vendor": "visa", "count": 1}, headers=headers)
    assert api.get(url, {"count": 1, "vendor": "visa"}, headers=headers).json() == first.json()
    answer = api.get(url, {"vendor": "mastercard", "count": 3}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_a_repeat_after_its_deadline_gives_the_same_job(api):
    soon = timezone.now() + timedelta(minutes=1)
    body = BODY | {"deadline": soon.isoformat()}
    first = post(api, ASYNC, body).json()["id"]
    with time_machine.travel(soon + timedelta(minutes=1), tick=False):
        answer = post(api, ASYNC, body)
    assert (answer.status_code, answer.json()["id"]) == (200, first)


def test_a_small_order_that_waits_in_a_paused_queue_is_answered_alike_each_time(api):
    control.set_queue(paused=True, reason="maintenance", actor=somebody("root"), ring=silent)
    first, second = post(api, NOW, BODY), post(api, NOW, BODY)
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]


def test_a_repeat_of_a_cancelled_order_says_so(api):
    control.set_queue(paused=True, reason="maintenance", actor=somebody("root"), ring=silent)
    post(api, NOW, BODY)
    control.cancel(Job.objects.get(), actor=somebody())
    answer = post(api, NOW, BODY)
    assert (answer.status_code, answer.json()["code"]) == (409, "job_cancelled")
    assert "was cancelled" in answer.json()["detail"]


def test_a_repeat_after_the_cards_were_deleted_says_so(api):
    post(api, NOW, BODY)
    list(upkeep.purge_cards(Job.objects.get()))
    answer = post(api, NOW, BODY)
    assert (answer.status_code, answer.json()["code"]) == (410, "cards_purged")


def test_other_routes_and_callers_are_independent(api, other_user):
    post(api, ASYNC, BODY)
    assert post(api, NOW, BODY).status_code == 201
    api.force_authenticate(other_user)
    assert post(api, ASYNC, BODY).status_code == 202
    assert Job.objects.count() == 3


def test_a_refused_request_leaves_its_key_free(api):
    assert post(api, ASYNC, {"range": "999999", "count": 5}).status_code == 422
    assert post(api, ASYNC, BODY).status_code == 202


def test_a_key_is_forgotten_after_its_lifetime(api, settings):
    post(api, ASYNC, BODY)
    Job.objects.update(created_at=timezone.now() - settings.CARDGEN_IDEMPOTENCY * 2)
    assert orders.forget(older_than=settings.CARDGEN_IDEMPOTENCY) == 1
    assert post(api, ASYNC, BODY | {"count": 6}).status_code == 202


@pytest.mark.parametrize("key", ["", " ", "k" * 256, "ключ", "a b"])
def test_malformed_keys_are_refused(api, key):
    answer = post(api, ASYNC, BODY, key)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_idempotency_key")
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_makes_the_job(api, user):
    def request(_: int) -> tuple[int, str]:
        client = APIClient()
        client.force_authenticate(user)
        answer = post(client, ASYNC, BODY)
        return answer.status_code, answer.json()["id"]

    results = [found for found in at_once(8, request) if isinstance(found, tuple)]
    assert sorted(code for code, _ in results) == [200] * 7 + [202]
    assert len({job for _, job in results}) == 1
    work.work(duration=LONG)
    assert Card.objects.count() == 5
