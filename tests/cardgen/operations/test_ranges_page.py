"""The numbers that are left, for whoever orders."""

import re

from django.test import Client
from pytest_django import DjangoAssertNumQueries

from generation.models import IssuerRange
from tests.support.fixtures import Submit, register


def text_of(browser: Client) -> str:
    """The page's text, with single spaces."""
    page = browser.get("/ranges").content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_order_form_and_the_overview_lead_there(browser: Client) -> None:
    for path in ("/", "/overview"):
        assert '<a href="/ranges">Numbers left</a>' in browser.get(path).content.decode()


def test_a_range_that_runs_low_is_marked_and_open(
    browser: Client, submit: Submit, small_range: IssuerRange
) -> None:
    assert "low" not in re.findall(r"\w+", text_of(browser))
    submit(range=small_range.name, count=901)
    assert f"{small_range.name} low owned 99 1,000" in text_of(browser)
    assert browser.get("/ranges").content.decode().count('<details class="more" open>') == 1


def test_ranges_that_nothing_is_minted_in_are_left_out(
    browser: Client, small_range: IssuerRange
) -> None:
    assert small_range.name in text_of(browser)
    IssuerRange.objects.filter(pk=small_range.pk).update(enabled=False)
    assert small_range.name not in text_of(browser)


def test_many_ranges_cost_no_more_queries(
    browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        register(iin=f"999999{number:02}", pan_length=16)
    with django_assert_max_num_queries(8):
        assert browser.get("/ranges").status_code == 200
