"""The page of published test cards, as a browser without JavaScript has it."""

import re

import pytest
from django.test import Client

from generation import published

PAGE = "/test-cards"
STRIPES = "4000000000009995"  # insufficient funds at Stripe


def links(page: bytes) -> dict[str, str]:
    """The links of the choices, by what they say."""
    found = re.findall(r'<a href="(\?[^"]*)"[^>]*>([^<]*)<span class="of">', page.decode())
    return {text.strip(): href.replace("&amp;", "&") for href, text in found}


def test_declined_at_a_provider_for_a_reason_is_two_clicks_away(browser: Client) -> None:
    at_stripe = browser.get(PAGE + links(browser.get(PAGE).content)["Stripe"])
    for_funds = browser.get(PAGE + links(at_stripe.content)["Insufficient funds"])
    (card,) = for_funds.context["cards"]
    assert card.meaning.number == STRIPES
    assert "any CVC of 3 digits, any future expiry" in for_funds.content.decode()
    assert 'href="https://docs.stripe.com/testing' in for_funds.content.decode()


def test_a_choice_is_taken_back_by_the_same_link(browser: Client) -> None:
    page = browser.get(f"{PAGE}?provider=stripe&behaviour=declined")
    back = {choice.name: choice for choice in page.context["facets"]["Provider"]}["Stripe"]
    assert (back.chosen, back.query) == (True, "behaviour=declined")


def test_pages_show_every_card_once(browser: Client) -> None:
    seen: list[int] = []
    query = "provider=adyen"
    while query:
        page = browser.get(f"{PAGE}?{query}").context
        seen += [card.meaning.id for card in page["cards"]]
        query = page["next"]
    wanted = published.find(published.Wanted(gateway="adyen"))
    assert seen == [meaning.id for meaning in wanted]


def test_words_are_kept_in_the_address_with_what_was_chosen(browser: Client) -> None:
    answer = browser.post(f"{PAGE}?provider=stripe", {"q": "debit"})
    assert answer["Location"] == f"{PAGE}?provider=stripe&q=debit"
    assert all(
        "debit" in card.meaning.detail for card in browser.get(answer["Location"]).context["cards"]
    )


@pytest.mark.parametrize(
    "typed", ["4000 0000 0000 9995", "4000000000009995", "4000-0000-0000-9995"]
)
def test_a_number_is_looked_up_and_gets_into_no_address(browser: Client, typed: str) -> None:
    page = browser.post(PAGE, {"q": typed})
    assert page.status_code == 200
    assert {card.meaning.number for card in page.context["cards"]} == {STRIPES}


def test_a_number_that_nobody_publishes_is_not_repeated(browser: Client) -> None:
    page = browser.post(PAGE, {"q": "4929 1234 5678 9012"})
    assert "No provider publishes this number" in page.content.decode()
    assert "9012" not in page.content.decode()


def test_a_number_in_the_address_is_refused(browser: Client) -> None:
    answer = browser.get(f"{PAGE}?q={STRIPES}")
    assert answer.status_code == 422
    assert STRIPES not in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("provider=nobody", ["There is no provider of that name."]),
        ("provider=strip", ["There is no provider of that name. Did you mean Stripe?"]),
        (
            "behaviour=insuficient_funds&scheme=y",
            [
                "There is no behaviour of that name. Did you mean Insufficient funds?",
                "There is no scheme of that name.",
            ],
        ),
        ("scheme=MasterCard", ["There is no scheme of that name. Did you mean Mastercard?"]),
    ],
)
def test_a_choice_that_is_not_there_is_told_with_the_one_meant(
    browser: Client, query: str, told: list[str]
) -> None:
    answer = browser.get(f"{PAGE}?{query}")
    assert answer.status_code == 400
    assert re.findall(r'<p class="wrong" role="alert">([^<]*)</p>', answer.content.decode()) == told


@pytest.mark.parametrize("query", ["after=-1", "after=a"])
def test_an_address_that_nobody_made_is_no_error(browser: Client, query: str) -> None:
    assert browser.get(f"{PAGE}?{query}").status_code == 200


def test_a_number_with_several_meanings_shows_all(browser: Client) -> None:
    several = next(one for one in published.meanings() if len(published.of_number(one.number)) > 2)
    page = browser.post(PAGE, {"q": several.number}).content.decode()
    for other in published.of_number(several.number):
        assert published.in_words(other.behaviour) in page


def test_every_behaviour_and_source_can_be_read(browser: Client) -> None:
    assert published.in_words("3ds_then_declined") == "3-D Secure then declined"
    for meaning in published.meanings():
        assert "_" not in published.in_words(meaning.behaviour)
