"""Webhooks over HTTP."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from jobs import states
from jobs.models import Delivery, Status, Webhook
from jobs.webhooks import hooks
from jobs.webhooks.signing import key_of, unseal
from tests.support.keys import READ, create_key
from tests.support.threads import at_once
from tests.support.webhooks import deliver, register

URL = "/api/v1/webhooks"
PUBLIC = "https://hooks.example.com/cardgen"


@pytest.fixture
def deliveries(webhook, submit) -> list[int]:
    """Ids of five waiting deliveries, newest first."""
    for _ in range(5):
        states.move(submit(count=1).id, to=Status.CANCELLED)
    return sorted(Delivery.objects.values_list("pk", flat=True), reverse=True)


@pytest.fixture
def stranger(other_user) -> APIClient:
    """A client of another user."""
    client = APIClient()
    client.credentials(HTTP_X_API_KEY=create_key(user=other_user, name="test"))
    return client


def test_a_webhook_is_registered_and_its_secret_shown_once(api):
    answer = api.post(URL, {"url": PUBLIC})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["url"], made["events"]) == (PUBLIC, ["job.finished"])
    assert made["secret"].startswith("whsec_")
    assert len(key_of(made["secret"])) == 32
    assert (made["verified_at"], made["stopped_at"]) == (None, None)
    assert answer["Cache-Control"] == "no-store"
    (listed,) = api.get(URL).json()["results"]
    assert listed == {name: value for name, value in made.items() if name != "secret"}


def test_the_secret_is_kept_encrypted(api):
    secret = api.post(URL, {"url": PUBLIC}).json()["secret"]
    sealed = Webhook.objects.get().sealed_secret
    assert secret not in sealed
    assert unseal(sealed) == secret


def test_a_secret_of_ones_own_is_taken(api):
    made = api.post(URL, {"url": PUBLIC, "secret": "my own 16 chars.".replace(" ", "-")}).json()
    assert made["secret"] == unseal(Webhook.objects.get().sealed_secret) == "my-own-16-chars."


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/"])
def test_an_address_that_is_not_public_is_refused(api, url):
    answer = api.post(URL, {"url": url})
    assert (answer.status_code, answer.json()["code"]) == (422, "webhook_url_refused")
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"url": ["https://hooks.example.com"]},
        {"url": ""},
        {"url": PUBLIC, "secret": "short"},
        {"url": PUBLIC, "secret": "with a space in the middle"},
        {"url": PUBLIC, "secret": "ä" * 20},
        {"url": PUBLIC, "events": []},
        {"url": PUBLIC, "events": ["job.started"]},
        {"url": PUBLIC, "sekret": "0123456789abcdef"},
    ],
)
def test_a_wrong_body_is_refused(api, wrong):
    answer = api.post(URL, wrong)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert not Webhook.objects.exists()


def test_ten_is_the_most(api):
    for _ in range(10):
        assert api.post(URL, {"url": PUBLIC}).status_code == 201
    answer = api.post(URL, {"url": PUBLIC})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_webhooks")


@pytest.mark.django_db(transaction=True)
def test_ten_is_the_most_for_many_at_once_too(user):
    made = at_once(14, lambda _: register(user, PUBLIC))
    assert sum(isinstance(one, hooks.TooManyWebhooks) for one in made) == 4
    assert Webhook.objects.count() == 10


def test_a_webhook_is_deleted_with_its_deliveries(api, webhook, deliveries):
    assert api.delete(f"{URL}/{webhook.pk}").status_code == 204
    assert not Delivery.objects.exists()
    assert api.delete(f"{URL}/{webhook.pk}").status_code == 404


def test_deliveries_are_listed_newest_first_in_pages(api, webhook, deliveries):
    Delivery.objects.exclude(id__in=deliveries[-2:]).update(
        not_before=timezone.now() + timedelta(hours=1)
    )
    deliver()
    seen, following = [], f"{URL}/{webhook.pk}/deliveries?limit=2"
    while following:
        page = api.get(following).json()
        seen += page["results"]
        following = page["next"]
    assert [one["id"] for one in seen] == deliveries
    oldest, newest = seen[-1], seen[0]
    assert (oldest["state"], oldest["attempts"], oldest["last_status"]) == ("delivered", 1, 200)
    assert oldest["next_attempt_at"] is None
    assert (newest["state"], newest["finished_at"], newest["error"]) == ("waiting", None, "")
    assert newest["next_attempt_at"] is not None


def test_a_page_takes_as_many_queries_however_long_it_is(api, webhook, deliveries):
    api.get(URL)  # the first use of a key is written down
    counts = []
    for limit in (1, 5):
        with CaptureQueriesContext(connection) as queries:
            api.get(f"{URL}/{webhook.pk}/deliveries?limit={limit}")
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "after=x", "after=-1", "page=2"])
def test_a_wrong_query_is_refused(api, webhook, query):
    assert api.get(f"{URL}/{webhook.pk}/deliveries?{query}").status_code == 400


def test_a_delivery_that_has_ended_is_sent_again(api, receiver, deliveries):
    deliver()
    answer = api.post(f"{URL}/deliveries/{deliveries[0]}/resend")
    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["attempts"]) == ("waiting", 0)
    assert deliver() == 1
    assert receiver.requests[-1].headers["X-Cardgen-Delivery"] == str(deliveries[0])
    assert Delivery.objects.get(pk=deliveries[0]).state == "delivered"


def test_a_delivery_that_waits_is_left_alone(api, deliveries):
    answer = api.post(f"{URL}/deliveries/{deliveries[0]}/resend")
    assert (answer.status_code, answer.json()["code"]) == (409, "delivery_waiting")
    assert answer.json()["next_attempt_at"]


def test_other_peoples_webhooks_do_not_exist(stranger, webhook, deliveries):
    deliver()
    assert stranger.get(URL).json()["results"] == []
    assert stranger.get(f"{URL}/{webhook.pk}/deliveries").status_code == 404
    assert stranger.delete(f"{URL}/{webhook.pk}").status_code == 404
    assert stranger.post(f"{URL}/deliveries/{deliveries[0]}/resend").status_code == 404
    assert Delivery.objects.filter(state="delivered").count() == 5


def test_an_id_beyond_all_numbers_is_not_found(api):
    assert api.post(f"{URL}/deliveries/{10**30}/resend").status_code == 404


def test_a_key_without_the_scope_sees_registers_and_deletes_nothing(user, webhook):
    client = APIClient()
    client.credentials(HTTP_X_API_KEY=create_key(user=user, name="reader", scopes=READ))
    assert client.get(URL).status_code == 403
    assert client.post(URL, {"url": PUBLIC}).status_code == 403
    assert client.delete(f"{URL}/{webhook.pk}").status_code == 403
    assert APIClient().get(URL).status_code == 401
