"""The catalogue over HTTP: numbers judged, IINs, schemes."""

import json

import pytest
from rest_framework.test import APIClient

from generation.kernel.luhn import is_valid
from generation.models import IssuerRange
from tests.support.answers import assert_problem
from tests.support.fixtures import register
from tests.support.keys import READ, create_key

VALIDATE = "/api/v1/cards/validate"
LOOKUP = "/api/v1/test-cards/lookup"
CARDS = "/api/v1/test-cards"
GATEWAYS = "/api/v1/cards/gateways"
SEARCH = "/api/v1/cards/search"


def validate(api, *numbers: str) -> list[dict]:
    response = api.post(VALIDATE, {"numbers": list(numbers)}, format="json")
    assert response.status_code == 200, response.content
    return response.json()["results"]


def test_a_number_is_judged_by_what_it_looks_like(api):
    assert validate(api, "378282246310005") == [
        {
            "place": 0,
            "masked": "378282*****0005",
            "luhn_valid": True,
            "luhn_required": True,
            "scheme": "amex",
            "length_valid": True,
            "iin": "378282",
            "tier": "published",
            "range": "378282-15",
            "cvv_length": 4,
            "grouping": "4-6-5",
            "other_groupings": [],
        }
    ]


def test_results_come_in_the_order_asked(api):
    schemes = ["visa", "amex", "visa", "mastercard", None]
    numbers = ["4000000000000000", "340000000000009", "4", "5100000000000008", "9999999999999995"]
    assert [result["scheme"] for result in validate(api, *numbers)] == schemes


def test_spaces_and_dashes_are_taken_out(api):
    plain, spaced, dashed = validate(
        api, "4242424242424242", " 4242 4242 4242 4242 ", "4242-4242-4242-4242"
    )
    assert plain == spaced | {"place": 0} == dashed | {"place": 0}
    assert [one["place"] for one in (plain, spaced, dashed)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("number", "field", "value"),
    [
        ("4242424242424241", "luhn_valid", False),
        ("424242424242424", "length_valid", False),
        ("99999999999", "length_valid", False),
        ("999999999999", "length_valid", True),
        ("99999999999", "scheme", None),
        ("8600000000000000", "cvv_length", 0),
        ("8600000000000000", "luhn_required", False),
        ("5010800000000000", "luhn_required", False),
        ("6390028880000000010", "scheme", "maestro"),
        ("6390028880000000010", "length_valid", True),
        ("3841001111222233334", "scheme", "hipercard"),
        ("3841001111222233334", "length_valid", True),
        ("3841001111222233334", "luhn_required", False),
        ("5895627823453005", "scheme", "naranja"),
        ("5895627823453005", "luhn_required", False),
        ("622202 1234567890128", "grouping", "4-4-4-4-3"),
        ("622202 1234567890128", "other_groupings", ["6-13"]),
        ("6799 9901 00009", "grouping", "4-4-5"),
        ("6756 750000 00000", "grouping", "4-6-5"),
        ("99999999999", "grouping", None),
        ("99999999999", "other_groupings", []),
        ("6205500000000000004", "iin", "62055000"),
        ("0", "luhn_valid", True),
        ("42" * 16, "length_valid", False),
    ],
)
def test_what_is_wrong_with_a_number_is_said(api, number, field, value):
    assert validate(api, number)[0][field] == value


def test_numbers_of_different_lengths_do_not_change_each_others_check_digits(api):
    numbers = ["4242424242424242"[:length] for length in range(1, 17)] + ["42" * 16]
    results = validate(api, *numbers)
    assert [found["luhn_valid"] for found in results] == [is_valid(number) for number in numbers]


@pytest.mark.parametrize(
    ("number", "tier", "name"),
    [
        ("4123450000000000", "scheme_test", "412345-16"),
        ("0000001234567890", "reserved", "000000-16"),
        ("412345000000000", None, None),
        ("4999990000000000", None, None),
        ("4000000000000002", "published", "400000-16"),
    ],
)
def test_the_tier_is_that_of_the_range_unless_the_number_is_published(api, number, tier, name):
    result = validate(api, number)[0]
    assert (result["tier"], result["range"]) == (tier, name)


def test_a_range_with_eight_digits_and_one_switched_off_still_has_its_tier(api):
    register(iin="99999902", pan_length=14, enabled=False)
    assert validate(api, "99999902000000")[0]["tier"] == "owned"


def test_no_answer_repeats_a_number(api):
    numbers = ["4000004462936174", "378282246310005", "5555555555554444", "5019717010103742"]
    for url in (VALIDATE, LOOKUP):
        response = api.post(url, {"numbers": numbers}, format="json")
        assert response.status_code == 200
        assert not [number for number in numbers if number in response.content.decode()]
        assert response["Cache-Control"] == "no-store"


def test_ten_thousand_numbers_take_one_query_for_the_ranges(api, django_assert_max_num_queries):
    numbers = [f"400000{number:010}" for number in range(10_000)]
    with django_assert_max_num_queries(5):
        results = validate(api, *numbers)
    assert sum(result["luhn_valid"] for result in results) == 1_000
    assert {result["scheme"] for result in results} == {"visa"}


BAD_NUMBERS = [
    ({}, "/numbers"),
    ({"numbers": []}, "/numbers"),
    ({"numbers": None}, "/numbers"),
    ({"numbers": "4242424242424242"}, "/numbers"),
    ({"numbers": {"0": "4242424242424242"}}, "/numbers"),
    ({"numbers": ["4"] * 10_001}, "/numbers"),
    ({"numbers": ["4242424242424242", 4242424242424242]}, "/numbers/1"),
    ({"numbers": [None]}, "/numbers/0"),
    ({"numbers": [True]}, "/numbers/0"),
    ({"numbers": [["4242"]]}, "/numbers/0"),
    ({"numbers": [""]}, "/numbers/0"),
    ({"numbers": [" - "]}, "/numbers/0"),
    ({"numbers": ["4242\x004242"]}, "/numbers/0"),
    ({"numbers": ["4242424242424242\n"]}, "/numbers/0"),
    ({"numbers": ["424242424242424½"]}, "/numbers/0"),
    ({"numbers": ["4²"]}, "/numbers/0"),
    ({"numbers": ["4242424242424242x"]}, "/numbers/0"),
    ({"numbers": ["4" * 33]}, "/numbers/0"),
    ({"numbers": [" " * 65 + "4"]}, "/numbers/0"),
    ({"numbers": ["4" * 1_000_000]}, "/numbers/0"),
    ({"numbers": ["4"], "number": "4"}, "/number"),
    (["4242424242424242"], ""),
]


@pytest.mark.parametrize("url", [VALIDATE, LOOKUP])
@pytest.mark.parametrize(("body", "pointer"), BAD_NUMBERS)
def test_what_is_no_list_of_numbers_is_refused_with_its_place(api, url, body, pointer):
    problem = assert_problem(api.post(url, body, format="json"), 400, "invalid_request")
    assert pointer in [error["pointer"] for error in problem["errors"]]


def test_a_lone_surrogate_is_refused(api):
    response = api.post(VALIDATE, r'{"numbers": ["\ud800"]}', content_type="application/json")
    assert_problem(response, 400, "invalid_request")


def test_a_refusal_does_not_repeat_what_was_sent(api):
    body = {"numbers": ["4000004462936174x"] * 10_000}
    response = api.post(VALIDATE, body, format="json")
    problem = assert_problem(response, 400, "invalid_request")
    assert "4000004462936174" not in response.content.decode()
    assert len(problem["errors"]) == 10


@pytest.mark.parametrize("url", [VALIDATE, LOOKUP])
def test_a_reading_key_may_ask_about_numbers(catalogue, user, url):
    client = APIClient()
    client.credentials(HTTP_X_API_KEY=create_key(user=user, name="reader", scopes=READ))
    assert client.post(url, {"numbers": ["4"]}, format="json").status_code == 200


@pytest.mark.parametrize("url", [CARDS, GATEWAYS, SEARCH + "?q=x", "/api/v1/iins/400000"])
def test_the_catalogue_needs_a_key(catalogue, url):
    assert_problem(APIClient().get(url), 401, "not_authenticated")


def test_an_iin_shows_its_scheme_its_ranges_and_the_evidence(api):
    found = api.get("/api/v1/iins/400000").json()
    assert (found["iin"], found["scheme"]) == ("400000", "visa")
    assert [(row["range"], row["tier"], row["enabled"]) for row in found["ranges"]] == [
        ("400000-16", "scheme_test", True)
    ]
    assert found["ranges"][0]["capacity"] == 10**9 > found["ranges"][0]["left"] > 0
    assert "stripe" in found["published"]["gateways"]
    assert found["bin_list"]["status"] == "scheme_or_psp_owned"
    assert found["scheme_owned"]["owner"] == "INTL HDQTRS-CENTER OWNED"
    assert "unofficial" in found["note"]


def test_an_iin_of_a_real_issuer_is_said_to_be_one(api):
    found = api.get("/api/v1/iins/41111111").json()
    assert found["bin_list"]["status"] == "also_real_issuer"
    assert {row["tier"] for row in found["ranges"]} == {"brand_shape"}
    assert found["scheme_owned"] is None


def test_an_iin_nobody_knows_has_nothing(api):
    found = api.get("/api/v1/iins/999999").json()
    assert (found["scheme"], found["also"], found["ranges"]) == (None, [], [])
    assert (found["bin_list"], found["published"]["numbers"]) == (None, 0)


def test_an_iin_names_the_other_schemes_with_numbers_in_it(api):
    found = api.get("/api/v1/iins/622126").json()
    assert (found["scheme"], found["also"]) == ("unionpay", ["discover"])


@pytest.mark.parametrize("iin", ["40000000", "400000"])
def test_an_iin_of_six_or_eight_digits_finds_the_ranges_around_and_inside_it(api, iin):
    IssuerRange.objects.filter(iin="400000").delete()
    register(iin="40000000", pan_length=16)
    ranges = api.get(f"/api/v1/iins/{iin}").json()["ranges"]
    assert [row["range"] for row in ranges] == ["40000000-16"]


@pytest.mark.parametrize(
    "iin", ["4", "40000", "4000000", "400000000", "4242424242424242", "40000a", "٤٠٠٠٠٠",
            "400000%0A", "-40000", "4000 0", "4" * 4000],
)  # fmt: skip
def test_what_is_no_iin_is_refused(api, iin):
    problem = assert_problem(api.get(f"/api/v1/iins/{iin}"), 400, "invalid_request")
    assert [error["pointer"] for error in problem["errors"]] == ["/iin"]


def test_a_scheme_shows_its_lengths_groups_rule_and_prefixes(api):
    rows = {row["scheme"]: row for row in api.get("/api/v1/schemes").json()["results"]}
    amex = rows["amex"]
    assert (amex["pan_lengths"], amex["groupings"]) == ([15], {"15": "4-6-5"})
    assert (amex["luhn"], amex["status"]) == ("required", "active")
    assert [(span["first"], span["last"]) for span in amex["iin_ranges"]] == [
        ("34", "34"),
        ("37", "37"),
    ]
    assert rows["diners"]["groupings"]["14"] == "4-6-4"
    assert rows["unionpay"]["groupings"]["19"] == "4-4-4-4-3"
    assert rows["unionpay"]["other_groupings"] == {"19": ["6-13"]}
    assert amex["other_groupings"] == {}
    assert rows["laser"]["status"] == "ended"
    assert len(rows) == 49


def test_an_iin_needs_the_same_queries_however_many_ranges_lie_in_it(
    api, django_assert_max_num_queries
):
    for number in range(20):
        register(iin=f"999999{number:02}", pan_length=12)
    with django_assert_max_num_queries(4):
        assert len(api.get("/api/v1/iins/999999").json()["ranges"]) == 20


def test_no_log_line_holds_a_number_that_was_asked_about(api, caplog):
    caplog.set_level("DEBUG")
    validate(api, "4000004462936174")
    api.post(
        LOOKUP, json.dumps({"numbers": ["4000004462936174x"]}), content_type="application/json"
    )
    assert "4000004462936174" not in caplog.text
