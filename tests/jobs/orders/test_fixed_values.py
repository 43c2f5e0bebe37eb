"""Values that an order fixes for all its cards: on every card, in every download, for ever."""

import csv
import io
import json
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.utils import timezone

from generation.kernel.details import PLAIN, Details
from generation.months import month_number
from jobs import results, work
from jobs.models import Job
from jobs.orders import Origin, renew_cards
from tests.support.answers import LATER, NOW, assert_problem, body_of
from uniqueness.models import Pool, Reservation

RENEW = "/api/v1/cards/renew"
FIXED = {"address": "1 TEST WAY", "postcode": "SW1A 2AA", "service_code": "620", "pin_length": 12}
SHOWN = ["pan", "address", "postcode", "service_code", "pin", "pvv", "issuer_cvv", "track2"]
ORDER = {"scheme": "visa", "count": 3}


def fixed(card: dict) -> tuple[str, str, str, int]:
    return card["address"], card["postcode"], card["service_code"], len(card["pin"])


@pytest.mark.parametrize(
    "url", [NOW, "/api/v1/cards/generate-from-bin"], ids=["by scheme", "by IIN"]
)
def test_fixed_values_are_on_every_card_and_stay_with_the_job(api, url):
    order = ORDER if url == NOW else {"iin": "476173", "count": 3}
    answer = api.post(url, order | FIXED | {"fields": SHOWN}).json()
    assert [fixed(card) for card in answer["cards"]] == [tuple(FIXED.values())] * 3
    result = f"/api/v1/cards/jobs/{answer['job']}/result"
    assert api.get(result).json()["results"] == answer["cards"]
    text = body_of(api.get(f"{result}?format=csv")).decode()
    assert list(csv.DictReader(io.StringIO(text))) == answer["cards"]


def test_the_track_carries_the_fixed_service_code_and_its_own_cvv(api):
    for card in api.post(NOW, ORDER | FIXED | {"fields": SHOWN}).json()["cards"]:
        data = card["track2"].split("=")[1]
        assert (data[4:7], data[7:15]) == ("620", f"1{card['pvv']}{card['issuer_cvv']}")


@pytest.mark.parametrize(
    ("name", "written"),
    [("DOE/JOHN.MR", "DOE/JOHN.MR"), (" /", " /"), ("ANN LEE", "LEE/ANN")],
)
def test_a_name_in_the_order_of_the_stripe_stays_so_on_the_track(api, name, written):
    order = ORDER | {"cardholder_name": name, "fields": ["cardholder_name", "track1_data"]}
    for card in api.post(NOW, order).json()["cards"]:
        assert card["cardholder_name"] == name
        assert card["track1_data"].split("^")[1] == written.ljust(26)


@pytest.mark.parametrize("name", ["cvv", "cardholder_name", "address", "postcode", "service_code"])
def test_null_leaves_a_value_to_each_card(api, name):
    cards = api.post(NOW, ORDER | {name: None, "count": 50, "fields": [name]}).json()["cards"]
    assert len({card[name] for card in cards}) > 1


def test_an_order_without_fixed_values_has_a_job_without_them(submit):
    assert submit().recipe.details == PLAIN


def test_the_job_gives_its_recipe_what_the_order_fixed(submit):
    details = Details(**FIXED)
    job = submit(details=details)
    assert Job.objects.get(id=job.id).recipe.details == details


def test_renewed_cards_have_the_fixed_values_too(api, submit, user):
    job = submit(details=Details(**FIXED), count=2)
    work.work(duration=timedelta(seconds=60))
    cards, _ = results.page(job, limit=9, fields=SHOWN)
    numbers = [card["pan"] for card in cards]
    body = {"numbers": numbers, "fields": [*SHOWN, "psn"]}
    renewed = api.post(RENEW, body).json()["results"]
    same = ("pan", "address", "postcode", "service_code", "pin", "pvv")
    assert [[card[name] for name in same] for card in renewed] == [
        [card[name] for name in same] for card in cards
    ]
    assert {card["psn"] for card in renewed} == {"01"}
    assert all(card["track2"].split("=")[1][4:7] == "620" for card in renewed)
    again = renew_cards(numbers=numbers, origin=Origin(owner=user), fields=["address", "pin"])
    assert again == [{"address": card["address"], "pin": card["pin"]} for card in cards]


@pytest.mark.parametrize("fields", [["pan", "pan"], ["pin_code"], [], "pan"])
def test_unknown_fields_of_a_renewal_are_refused(api, fields):
    response = api.post(RENEW, {"numbers": ["4" * 16], "fields": fields})
    assert_problem(response, 400, "invalid_request")


def test_cards_with_fixed_values_verify(submit):
    job = submit(details=Details(**FIXED), cvv="123", count=100)
    work.work(duration=timedelta(seconds=60))
    call_command("verify_cards", job=job.id)


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("address", "A\nB", "job_has_a_plain_address"),
        ("address", "1 ROAD\n", "job_has_a_plain_address"),
        ("postcode", "１２３４５", "job_has_a_plain_postcode"),
        ("service_code", "999", "job_has_a_service_code_of_iso_7813"),
        ("pin_length", 3, "job_has_a_pin_length_of_iso_9564"),
        ("pin_length", 13, "job_has_a_pin_length_of_iso_9564"),
    ],
)
def test_the_database_refuses_what_no_card_can_have(submit, column, value, constraint):
    job = submit()
    with pytest.raises(IntegrityError, match=constraint), connection.cursor() as cursor:
        cursor.execute(f"UPDATE jobs_job SET {column} = %s WHERE id = %s", [value, job.id])


TEXTS = {
    "cvv": "3 or 4 digits",
    "cardholder_name": "2 to 26 characters of ISO/IEC 7813",
    "address": "1 to 40 characters",
    "postcode": "1 to 10 characters",
    "service_code": "first 1, 2, 5, 6, 7 or 9, second 0, 2 or 4, third 0 to 7",
}
NOT_A_TEXT = [620, 620.0, True, [], ["620"], {}, {"a": 1}]
NO_TEXT_AT_ALL = ["", " ", "\0", "62\0", "６２０", "٦٢٠", "620\n", " 620 ", "\ud800", "=1+1"]
WRONG_TEXTS = {
    "cvv": ["12", "12345", "12x"],
    "cardholder_name": ["//", "/", "/ ", "  /", "/A", "A", "ann", "A%B", "A^B", "X" * 27],
    "address": ["A, B", 'A"B', "A;B", "-A", "A ", "http://a", "X" * 41],
    "postcode": ["-1", "1-", "1_1", "X" * 11],
    "service_code": ["000", "999", "301", "211", "208", "62", "6200"],
}
WRONG_LENGTHS: list[object] = [
    None,
    "",
    "6",
    "６",
    "\0",
    3,
    13,
    0,
    -4,
    10**30,
    6.0,
    6.5,
    True,
    [],
    [6],
    {},
]


def refusal(api, name: str, value: object, url: str = NOW) -> str:
    """What the caller is told about one wrong value."""
    body = json.dumps(ORDER | {name: value})
    response = api.post(url, body, content_type="application/json")
    problem = assert_problem(response, 400, "invalid_request")
    assert {error["pointer"] for error in problem["errors"]} == {f"/{name}"}
    assert len(response.content) < 2_000
    return " ".join(error["detail"] for error in problem["errors"])


@pytest.mark.parametrize("url", [NOW, LATER])
@pytest.mark.parametrize("name", TEXTS)
def test_a_wrong_text_is_told_what_is_allowed_and_reserves_nothing(api, name, url):
    for value in NOT_A_TEXT + NO_TEXT_AT_ALL + WRONG_TEXTS[name] + ["x" * 10**6]:
        assert TEXTS[name] in refusal(api, name, value, url), ascii(value)[:20]
    assert_nothing_reserved()


@pytest.mark.parametrize("url", [NOW, LATER])
def test_a_wrong_pin_length_is_told_what_is_allowed_and_reserves_nothing(api, url):
    for value in WRONG_LENGTHS:
        assert "from 4 to 12" in refusal(api, "pin_length", value, url), value
    assert_nothing_reserved()


def test_a_number_of_a_million_digits_is_refused(api):
    body = f'{{"scheme": "visa", "count": 3, "pin_length": {"9" * 10**6}}}'
    assert_problem(api.post(NOW, body, content_type="application/json"), 400, "malformed_json")
    assert_nothing_reserved()


def test_cards_are_good_until_the_end_of_this_month_at_the_least(api):
    window = {"min_months": 0, "max_months": 0}
    card = api.post(NOW, ORDER | {"expiry": window}).json()["cards"][0]
    month = card["expiry_year"] * 12 + card["expiry_month"] - 1
    assert month_number(timezone.now().date()) - month in (0, 1)  # 1: a month ended just now
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(expiry), max(expiry) FROM uniqueness_ledger")
        earliest, latest = cursor.fetchone()
    assert earliest == latest == _first_day(month + 1) - timedelta(days=1)


@pytest.mark.parametrize("expiry", ["last month", {"min_months": -1, "max_months": 5}])
def test_a_past_expiry_is_refused_and_the_way_to_ask_for_it_named(api, expiry):
    if expiry == "last month":
        year, month = divmod(month_number(timezone.now().date()) - 1, 12)
        expiry = f"{year}-{month + 1:02d}"
    assert '"defect": "expired"' in refusal(api, "expiry", expiry)
    assert_nothing_reserved()


def _first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def assert_nothing_reserved() -> None:
    for model in (Job, Reservation, Pool):
        assert not model.objects.exists()
