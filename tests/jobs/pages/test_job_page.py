"""The page of one job: what was ordered, and every file it can be had as."""

import re
from dataclasses import replace

import pytest
from django.test import Client

from generation import tiers
from generation.kernel.defects import Defect
from generation.kernel.details import Details
from generation.models import Tier
from jobs.models import Job
from jobs.orders import ItemOrder
from jobs.results.file_forms import FILE_FORMS
from jobs.results.forms import FORMS, PURPOSES
from jobs.results.room import Room
from tests.support.actors import somebody
from tests.support.fixtures import FIRST_MONTH, Submit
from tests.support.work import mint_one_chunk
from uniqueness import registry


@pytest.fixture
def finished(submit: Submit) -> Job:
    """A job of ten cards."""
    job = submit(count=10)
    mint_one_chunk(job)
    return job


def text_of(browser: Client, job: Job) -> str:
    """The page's text, with single spaces."""
    page = browser.get(f"/jobs/{job.id}").content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_every_form_has_a_link_and_a_phrase_that_says_what_it_is_for(
    browser: Client, finished: Job
) -> None:
    assert set(PURPOSES) == set(FORMS)
    page = browser.get(f"/jobs/{finished.id}").content.decode()
    for form, (name, purpose) in PURPOSES.items():
        assert f"/result?format={form}" in page, name
        assert purpose in page


@pytest.mark.parametrize("form", FORMS)
def test_every_link_gives_a_file(browser: Client, finished: Job, form: str) -> None:
    response = browser.get(f"/api/v1/cards/jobs/{finished.id}/result?format={form}")
    assert response.status_code == 200
    assert f".{FORMS[form].ending}" in response["Content-Disposition"]


def test_a_form_that_cannot_hold_the_cards_says_why_and_is_no_link(
    browser: Client, finished: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = replace(
        FILE_FORMS["xlsx"], room=Room(rows=5, reader="A worksheet holds", instead="choose csv, or ")
    )
    monkeypatch.setitem(FORMS, "xlsx", small)
    page = browser.get(f"/jobs/{finished.id}").content.decode()
    assert "format=xlsx" not in page
    assert "A worksheet holds" in page


def test_an_unfinished_job_offers_no_file(browser: Client, submit: Submit) -> None:
    page = browser.get(f"/jobs/{submit(count=10).id}").content.decode()
    assert "format=csv" not in page


def test_the_order_is_told_in_words(browser: Client, submit: Submit) -> None:
    details = Details(address="12 MAPLE STREET", postcode="90210", service_code="201", pin_length=6)
    job = submit(
        count=5,
        defect=Defect.LUHN,
        distinct_last_four=True,
        cvv="123",
        cardholder_name="TEST CARD",
        fields=("pan", "pvv"),
        details=details,
    )
    text = text_of(browser, job)
    for words in (
        *("Negative cards wrong check digit", "Last four digits no two cards alike", "CVV 123"),
        *("Name TEST CARD", "Address 12 MAPLE STREET", "Postcode 90210", "Service code 201"),
        *("PIN 6 digits", "Fields pan, pvv", "Expiry January 2030 to December 2031"),
    ):
        assert words in text


def test_a_plain_order_tells_its_expiry_alone(browser: Client, submit: Submit) -> None:
    text = text_of(browser, submit(count=5, first_month=FIRST_MONTH + 10, months=1))
    assert "Expiry November 2030" in text
    assert not re.search("Negative cards|Last four|Order of|Fields|PIN ", text)


def test_a_sequential_order_says_so(browser: Client, submit: Submit) -> None:
    assert "Order of the numbers sequential" in text_of(browser, submit(count=5, sequential=True))


def test_each_line_of_an_order_has_its_range_tier_and_promise(
    browser: Client, submit: Submit
) -> None:
    registry.switch_tier(
        tier=Tier.BRAND_SHAPE, on=True, reason="for this very test", actor=somebody("root")
    )
    items = (ItemOrder(count=3, scheme="iso_test"), ItemOrder(count=4, range="340000-15"))
    text = text_of(browser, submit(items=items))
    reserved = f"reserved {tiers.PROMISES['reserved']}"
    assert f"3 Test IIN (ISO/TC 68) from range 000000-16 {reserved}" in text
    shape = f"brand_shape {tiers.PROMISES['brand_shape']}"
    assert f"4 American Express from range 340000-15 {shape}" in text
