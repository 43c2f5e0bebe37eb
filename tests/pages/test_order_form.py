"""The form on the dashboard: what is taken, what is refused, and how that is said."""

from typing import Any

import pytest
from django.test import Client

from generation.models import IssuerRange
from jobs.models import Job


def post(browser: Client, **fields: str) -> Any:
    """Send the form as a browser does: every field, empty ones too."""
    empty = dict.fromkeys(("label", "expiry_min", "expiry_max", "cvv", "cardholder_name"), "")
    return browser.post("/", {"scheme": "visa", "count": "10"} | empty | fields)


def test_an_order_becomes_a_job_and_leads_to_its_page(browser: Client) -> None:
    response = post(browser, count="1,000", label="nightly")
    job = Job.objects.get()
    assert response["Location"] == f"/jobs/{job.id}"
    assert (job.requested, job.label, job.owner.username) == (1000, "nightly", "tester")


@pytest.mark.parametrize("typed", ["100,000", "100 000", "100.000", "100_000", "100000"])
def test_a_count_may_have_separators(browser: Client, typed: str) -> None:
    post(browser, count=typed)
    assert Job.objects.get().requested == 100_000


def test_more_options_reach_the_job(browser: Client) -> None:
    post(browser, expiry_min="1", expiry_max="3", cvv="123", cardholder_name="test card")
    job = Job.objects.get()
    assert (job.months, job.cvv, job.cardholder_name) == (3, "123", "TEST CARD")


def test_one_end_of_the_expiry_is_enough(browser: Client) -> None:
    post(browser, expiry_max="20")
    assert Job.objects.get().months == 9  # 12, the usual earliest, to 20


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"count": ""}, "Write a whole number"),
        ({"count": "many"}, "Write a whole number"),
        ({"count": "-5"}, "Write a whole number"),
        ({"count": "0"}, "Write a number from 1 to 100,000,000."),
        ({"count": "100,000,001"}, "Write a number from 1 to 100,000,000."),
        ({"count": "9" * 400}, "Write a whole number"),
        ({"scheme": ""}, "Choose a scheme."),
        ({"scheme": "monopoly"}, "There is no scheme"),
        ({"label": "x" * 201}, "no more than 200 characters"),
        ({"expiry_min": "40", "expiry_max": "20"}, "The earliest is larger than the latest."),
        ({"expiry_min": "soon"}, "Write a whole number"),
        ({"expiry_max": "241"}, "less than or equal to 240"),
        ({"cvv": "12"}, "Write 3 or 4 digits."),
        ({"cvv": "1234"}, "has 3 digits"),
        ({"cardholder_name": "Zoë"}, "Write 2 to 26 characters"),
    ],
)
def test_a_wrong_order_is_explained_and_starts_nothing(
    browser: Client, fields: dict[str, str], message: str
) -> None:
    response = post(browser, **fields)
    assert response.status_code == 422
    assert message in response.content.decode().replace("&#x27;", "'")
    assert not Job.objects.exists()


def test_too_few_numbers_left_is_explained_at_the_count(browser: Client) -> None:
    IssuerRange.objects.exclude(iin="000000").update(enabled=False)
    IssuerRange.objects.create(
        scheme="visa",
        iin="99999901",
        pan_length=12,
        tier="owned",
        source="a test",
        key_check_value="000000",
    )
    response = post(browser, count="5000")
    assert "1000 numbers left" in response.context["form"].errors["count"].replace(",", "")


def test_what_was_typed_is_kept(browser: Client) -> None:
    page = post(browser, count="none", label="keep <me>", cvv="999").content.decode()
    assert 'value="none"' in page
    assert 'value="keep &lt;me&gt;"' in page
    assert 'value="999"' in page
    assert "<details open>" in page


def test_a_scheme_without_an_enabled_range_is_not_offered(browser: Client) -> None:
    IssuerRange.objects.filter(scheme="visa").update(enabled=False)
    page = browser.get("/").content.decode()
    assert 'value="mastercard"' in page
    assert 'value="visa"' not in page


def test_a_form_without_its_token_is_refused(browser: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    assert post(strict).status_code == 403
    assert not Job.objects.exists()
