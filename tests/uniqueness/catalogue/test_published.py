"""Published test cards over HTTP: found by provider, scheme, behaviour, text or number."""

import csv
from io import StringIO

import pytest

from generation import published
from tests.support.answers import assert_problem

LOOKUP = "/api/v1/test-cards/lookup"
CARDS = "/api/v1/test-cards"
GATEWAYS = "/api/v1/cards/gateways"
SEARCH = "/api/v1/cards/search"


def pages(api, url: str) -> list[dict]:
    rows = []
    while url:
        body = api.get(url).json()
        rows += body["results"]
        url = body["next"]
    return rows


def test_pages_of_test_cards_are_the_whole_catalogue_once(api):
    rows = pages(api, f"{CARDS}?limit=100")
    assert len(rows) == 843
    assert len({(row["number"], row["gateway"]) for row in rows}) == 843


@pytest.mark.parametrize(("limit", "more"), [(86, True), (87, False), (88, False)])
def test_a_last_page_that_is_full_has_no_next(api, limit, more):
    body = api.get(f"{CARDS}?provider=stripe&limit={limit}").json()
    assert (body["next"] is not None) == more


def test_the_next_page_keeps_the_filters_and_holds_no_number(api):
    following = api.get(f"{CARDS}?scheme=visa&limit=10").json()["next"]
    assert "scheme=visa" in following
    assert not any(meaning.number in following for meaning in published.meanings())


def test_a_test_card_shows_what_its_number_means_elsewhere(api):
    rows = pages(api, f"{CARDS}?provider=stripe&limit=1000")
    row = next(row for row in rows if row["number"] == "4000000000000002")
    assert (row["behaviour"], row["tier"], row["luhn_valid"]) == ("declined", "published", True)
    assert row["elsewhere"]
    assert "stripe" not in [other["gateway"] for other in row["elsewhere"]]


@pytest.mark.parametrize(
    ("query", "field", "value"),
    [
        ("provider=stripe", "gateway", "stripe"),
        ("provider=Braintree+(PayPal)", "gateway", "braintree-paypal"),
        ("scheme=amex", "scheme", "amex"),
        ("scheme=AMEX", "scheme", "amex"),
        ("behaviour=declined", "behaviour", "declined"),
        ("q=omise", "gateway", "omise"),
    ],
)
def test_filters_leave_nothing_else(api, query, field, value):
    rows = api.get(f"{CARDS}?{query}&limit=1000").json()["results"]
    assert {row[field] for row in rows} == {value}


def test_luhn_invalid_test_cards_are_marked(api):
    rows = pages(api, f"{CARDS}?limit=1000")
    assert len({row["number"] for row in rows if not row["luhn_valid"]}) == 18


def test_test_cards_download_as_csv_with_everything_that_fits(api):
    response = api.get(f"{CARDS}?provider=stripe&format=csv&limit=1")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(response.content.decode())))
    assert len(rows) == published.gateways()["stripe"].cards
    assert {(row["gateway"], row["tier"]) for row in rows} == {("stripe", "published")}


@pytest.mark.parametrize(
    "url",
    [
        f"{CARDS}?provider=stripe&scheme=visa&behaviour=declined",
        f"{CARDS}?q=424242",
        f"{GATEWAYS}/stripe/cards?scheme=visa",
        f"{SEARCH}?q=3ds&scheme=visa",
    ],
)
def test_csv_has_the_same_cards_as_the_pages_of_json(api, url):
    response = api.get(f"{url}&format=csv", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(StringIO(response.content.decode())))
    names = ("number", "scheme", "gateway", "behaviour", "detail", "use_with", "source")
    cards = pages(api, f"{url}&limit=7")
    assert [[row[name] for name in names] for row in rows] == [
        [card[name] for name in names] for card in cards
    ]
    assert rows


@pytest.mark.parametrize("accept", ["text/csv", "application/json", "text/html", "*/*"])
def test_the_query_names_the_format_and_no_header_contradicts_it(api, accept):
    for form, media_type in (("csv", "text/csv"), ("json", "application/json")):
        response = api.get(f"{CARDS}?format={form}", headers={"Accept": accept})
        assert (response.status_code, response["Content-Type"].split(";")[0]) == (200, media_type)


def test_lookup_tells_every_meaning_of_a_number(api):
    body = {"numbers": ["4000 0000 0000 0002", "4000004462936174"]}
    known, unknown = api.post(LOOKUP, body, format="json").json()["results"]
    expected = {(m.gateway, m.behaviour) for m in published.of_number("4000000000000002")}
    assert {(m["gateway"], m["behaviour"]) for m in known["meanings"]} == expected
    assert (known["tier"], known["masked"]) == ("published", "40000000****0002")
    assert (unknown["tier"], unknown["meanings"], unknown["scheme"]) == (None, [], "visa")


def test_gateways_are_listed_with_their_counts(api):
    rows = api.get(GATEWAYS).json()["results"]
    assert {"gateway": "stripe", "provider": "Stripe", "cards": 87} in rows
    assert sum(row["cards"] for row in rows) == 843


def test_the_cards_of_a_gateway_are_those_of_the_filter(api):
    old = pages(api, f"{GATEWAYS}/stripe/cards?behaviour=declined")
    assert old == pages(api, f"{CARDS}?provider=stripe&behaviour=declined")
    assert old


def test_a_gateway_that_is_not_there_is_not_found(api):
    assert_problem(api.get(f"{GATEWAYS}/nobody/cards"), 404, "not_found")


def test_the_old_search_finds_the_same_as_the_filter(api):
    assert pages(api, f"{SEARCH}?q=3ds+visa") == pages(api, f"{CARDS}?q=3ds+visa") != []


@pytest.mark.parametrize(
    "url",
    [
        f"{SEARCH}?q=4242424242424242",
        f"{SEARCH}?q=visa+4242+4242+4242+4242",
        f"{CARDS}?q=4242-4242-42",
        f"{CARDS}?scheme=378282246310005",
        f"{CARDS}?4242424242424242=1",
        f"{CARDS}?after=4242424242424242",
        f"{GATEWAYS}/stripe/cards?behaviour=76009244561",
    ],
)
def test_a_number_in_a_query_is_refused_with_the_way_to_ask(api, url):
    response = api.get(url)
    problem = assert_problem(response, 422, "pan_in_url")
    assert problem["lookup"] == LOOKUP
    assert "4242" not in response.content.decode()


@pytest.mark.parametrize(
    ("url", "pointer"),
    [
        (f"{CARDS}?scheme=vsa", "/scheme"),
        (f"{CARDS}?provider=nobody", "/provider"),
        (f"{CARDS}?limit=0", "/limit"),
        (f"{CARDS}?limit=1001", "/limit"),
        (f"{CARDS}?limit=x", "/limit"),
        (f"{CARDS}?limit=5.0", "/limit"),
        (f"{CARDS}?limit=٥", "/limit"),
        (f"{CARDS}?after=-1", "/after"),
        (f"{CARDS}?after=x", "/after"),
        (f"{CARDS}?format=xml", "/format"),
        (f"{CARDS}?shceme=visa", "/shceme"),
        (f"{CARDS}?q={'x' * 201}", "/q"),
        (SEARCH, "/q"),
        (f"{SEARCH}?q=", "/q"),
        (f"{SEARCH}?q=+", "/q"),
        (f"{GATEWAYS}/stripe/cards?provider=adyen", "/provider"),
    ],
)
def test_a_wrong_filter_is_refused_with_its_name(api, url, pointer):
    problem = assert_problem(api.get(url), 400, "invalid_request")
    assert pointer in [error["pointer"] for error in problem["errors"]]
