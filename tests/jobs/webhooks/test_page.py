"""The pages of webhooks, as a browser without JavaScript has them."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from jobs.models import Delivery, Webhook

PAGE = "/webhooks"
URL = "https://hooks.example.com/cardgen"


def registered(client: Client, **typed: object) -> str:
    """What the form answers."""
    return client.post(PAGE, {"url": URL, "events": ["job.finished"]} | typed).content.decode()


def test_one_is_registered_and_its_secret_shown_once(browser: Client, user: User) -> None:
    assert "whsec_" in registered(browser)
    assert Webhook.objects.get().owner == user
    page = browser.get(PAGE).content.decode()
    assert URL in page
    assert "not proven" in page
    assert "whsec_" not in page


@pytest.mark.parametrize(
    "typed", [{"url": ""}, {"url": "ftp://x"}, {"events": []}, {"events": ["anomaly.found"]}]
)
def test_what_is_wrong_is_told_and_registers_nothing(
    browser: Client, typed: dict[str, object]
) -> None:
    answer = browser.post(PAGE, {"url": URL, "events": ["job.finished"]} | typed)
    assert answer.status_code == 422
    assert not Webhook.objects.exists()


def test_deliveries_are_shown_and_sent_again(browser: Client) -> None:
    registered(browser)
    Delivery.objects.update(
        state="failed", finished_at="2026-11-28T10:00Z", last_status=500, error="It answered 500."
    )
    delivery, webhook = Delivery.objects.get(), Webhook.objects.get()
    assert "It answered 500." in browser.get(f"{PAGE}/{webhook.id}").content.decode()

    again = browser.post(f"{PAGE}/deliveries/{delivery.pk}/resend", follow=True)
    assert "It is sent again within seconds." in again.content.decode()
    assert Delivery.objects.get().state == "waiting"
    twice = browser.post(f"{PAGE}/deliveries/{delivery.pk}/resend", follow=True)
    assert "it will be sent by itself" in twice.content.decode()


def test_a_test_is_sent(browser: Client) -> None:
    registered(browser)
    Webhook.objects.update(verified_at="2026-11-28T10:00Z")
    browser.post(f"{PAGE}/{Webhook.objects.get().id}/test")
    assert Delivery.objects.latest("id").event == "webhook.test"


def test_one_is_deleted(browser: Client) -> None:
    registered(browser)
    assert browser.post(f"{PAGE}/{Webhook.objects.get().id}/delete")["Location"] == PAGE
    assert not Webhook.objects.exists()


def test_those_of_others_do_not_exist(browser: Client, other_user: User) -> None:
    registered(browser)
    webhook, delivery = Webhook.objects.get(), Delivery.objects.get()
    other = Client()
    other.force_login(other_user)
    assert other.get(f"{PAGE}/{webhook.id}").status_code == 404
    assert other.post(f"{PAGE}/{webhook.id}/delete").status_code == 404
    assert other.post(f"{PAGE}/{webhook.id}/test").status_code == 404
    assert other.post(f"{PAGE}/deliveries/{delivery.pk}/resend").status_code == 404
